/// The database's tables and views, as a list of steps that only ever grows.
///
/// A step that has been released is never edited: databases exist that were made by it. To change
/// the schema, append a ``Migration``; its number is its place in the list, counted from 1, and is
/// kept in `PRAGMA user_version`.
enum Schema {
  /// `qvfy` in ASCII, in `PRAGMA application_id`: tells qverify's files from other programs'.
  static let applicationID: UInt32 = 0x7176_6679

  static let migrations: [Migration] = [
    Migration(name: "tables for runs, counts and failures", sql: firstTables),
    Migration(name: "views run_summary, trend and failures", sql: firstViews),
    Migration(name: "proofs", sql: proofTables),
    Migration(name: "coverage and vacuous cases", sql: coverageAndVacuity),
    Migration(name: "causes of wrong outputs", sql: causeTables),
  ]

  /// The version that this program writes, and the highest that it reads.
  static var version: Int { migrations.count }

  /// What a complete database holds at least.
  static let objects: Set<String> = [
    "run", "run_vectors", "label", "environment", "implementation", "finished_range", "tally",
    "judgement", "failure", "run_summary", "trend", "failures", "proof", "proofs", "cover_group",
    "coverage", "vacuity", "cause", "causes",
  ]
}

/// One step from a version of the schema to the next.
struct Migration {
  /// For a reader of this list only.
  let name: String
  /// Statements, run in one transaction together with those of all later steps.
  let sql: String
}
