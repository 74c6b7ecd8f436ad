import GRDB
import Verdicts

/// Adds what batches have met to what their run has met, group by group.
struct CoverageWriter {
  private let db: Database
  private let run: RunID

  init(_ db: Database, run: RunID) { (self.db, self.run) = (db, run) }

  /// Only groups that gain something are written.
  func add(_ coverage: [CoverageResult]) throws {
    guard !coverage.isEmpty else { return }
    let select = try db.cachedStatement(
      sql: "SELECT met FROM cover_group WHERE run = ? AND name = ?")
    let upsert = try db.cachedStatement(
      sql: """
        INSERT INTO cover_group (run, name, position, bins, covered, met, holes)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET covered = excluded.covered, met = excluded.met,
          holes = excluded.holes
        """)
    for (position, group) in coverage.enumerated() {
      var sum = group
      let row = try Row.fetchOne(select, arguments: [run.rawValue, stored(group.group)])
      if let row {
        let met: String = try row.decode(forColumn: "met")
        let earlier = CoverageResult(group: group.group, bins: group.bins, met: met)
        sum.formUnion(earlier)
        if sum == earlier { continue }
      }
      try upsert.execute(arguments: [
        run.rawValue, stored(group.group), position, sum.bins.count, sum.covered,
        sum.met, stored(sum.holes.joined(separator: "\n")),
      ])
    }
  }
}

/// A group of a stored run.
package struct StoredCoverage: Hashable, Sendable {
  package let group: String
  package let bins: Int
  package let covered: Int
  /// Names of the bins that were not met.
  package let holes: [String]
  /// A character a bin that can be met: 1 where it was, else 0.
  package let met: String

  package init(group: String, bins: Int, covered: Int, holes: [String], met: String) {
    (self.group, self.bins, self.covered) = (group, bins, covered)
    (self.holes, self.met) = (holes, met)
  }
}

extension ResultStore {
  /// What a run has met so far, in the order of the groups.
  package func coverage(_ run: RunID) throws(StoreError) -> [StoredCoverage] {
    try read { db in try fetchCoverage(run, db) }
  }

  func fetchCoverage(_ run: RunID, _ db: Database) throws -> [StoredCoverage] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT name, bins, covered, holes, met FROM cover_group WHERE run = ?
        ORDER BY position, name
        """,
      arguments: [run.rawValue]
    ).map { row in
      let holes: String = try row.decode(forColumn: "holes")
      return try StoredCoverage(
        group: row.decode(forColumn: "name"), bins: row.decode(forColumn: "bins"),
        covered: row.decode(forColumn: "covered"),
        holes: holes.isEmpty ? [] : holes.split(separator: "\n").map(String.init),
        met: row.decode(forColumn: "met"))
    }
  }
}
