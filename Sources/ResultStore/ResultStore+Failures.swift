import GRDB
package import Verdicts

extension ResultStore {
  /// The run's stored failures in the order of their cases, whole.
  ///
  /// - Parameters:
  ///   - run: the run.
  ///   - implementation: only this one's; nil for all.
  ///   - limit: at most so many; a case's line may be long, so page through them.
  ///   - offset: failures to skip.
  /// - Returns: them; none for a run that does not exist.
  /// - Throws: ``StoreError``.
  package func failures(
    _ run: RunID, implementation: String? = nil, limit: Int = 100, offset: Int = 0
  ) throws(StoreError) -> [FailureRecord] {
    try read { db in
      try fetchFailures(
        db,
        sql: """
          SELECT failure.*, implementation.name AS name FROM failure
          JOIN implementation ON implementation.id = failure.implementation
          WHERE run = ?1 AND (?2 IS NULL OR name = ?2)
          ORDER BY implementation.id, case_index, failure.id LIMIT ?3 OFFSET ?4
          """,
        arguments: [run.rawValue, implementation, max(0, limit), max(0, offset)])
    }
  }

  /// How many failures are stored of a run.
  package func failureCount(_ run: RunID) throws(StoreError) -> Int {
    try read { db in try fetchFailureCount(run, db) }
  }

  /// The stored failures of one case: of one run, or of all runs, the latest first.
  package func failures(
    caseID: String, run: RunID? = nil, limit: Int = 100
  ) throws(StoreError) -> [FailureRecord] {
    try read { db in
      try fetchFailures(
        db,
        sql: """
          SELECT failure.*, implementation.name AS name FROM failure
          JOIN implementation ON implementation.id = failure.implementation
          WHERE case_id = ?1 AND (?2 IS NULL OR run = ?2)
          ORDER BY run DESC, implementation.id, failure.id LIMIT ?3
          """,
        arguments: [caseID, run?.rawValue, max(0, limit)])
    }
  }

  func fetchFailureCount(_ run: RunID, _ db: Database) throws -> Int {
    try Int.fetchOne(
      db,
      sql: """
        SELECT count(*) FROM failure
        WHERE implementation IN (SELECT id FROM implementation WHERE run = ?)
        """,
      arguments: [run.rawValue]) ?? 0
  }

  /// A choice of failures that shows every kind: the first of each implementation, operator, types
  /// and outcome, then the second of each, and so on; without their cases' lines and answers.
  func fetchSample(_ run: RunID, limit: Int, _ db: Database) throws -> [FailureRecord] {
    try fetchFailures(
      db,
      sql: """
        SELECT * FROM (
          SELECT implementation.id AS place, implementation.name AS name, failure.id AS id, case_id,
            case_index, operator, types, profile, classes, outcome, element_index, expected, got,
            exact, differing_elements, compared_elements, message, '' AS case_line, '' AS answer,
            repeat_command,
            row_number() OVER (PARTITION BY implementation, operator, types, outcome
              ORDER BY case_index, failure.id) AS turn
          FROM failure JOIN implementation ON implementation.id = failure.implementation
          WHERE run = ? ORDER BY turn, place, case_index, failure.id LIMIT ?)
        ORDER BY place, operator, types, case_index, id
        """,
      arguments: [run.rawValue, max(0, limit)])
  }

  private func fetchFailures(
    _ db: Database, sql: String, arguments: StatementArguments
  ) throws -> [FailureRecord] {
    let rows = try Row.fetchCursor(db, sql: sql, arguments: arguments)
    var failures: [FailureRecord] = []
    while let row = try rows.next() { failures.append(try Self.failure(row)) }
    return failures
  }

  private static func failure(_ row: Row) throws -> FailureRecord {
    let classes: String = try row.decode(forColumn: "classes")
    return try FailureRecord(
      implementation: row.decode(forColumn: "name"), caseID: row.decode(forColumn: "case_id"),
      caseIndex: row.decodeIfPresent(forColumn: "case_index"),
      operatorName: row.decode(forColumn: "operator"), types: row.decode(forColumn: "types"),
      profile: row.decode(forColumn: "profile"),
      classes: classes.split(separator: ",").map(String.init), outcome: row.text("outcome"),
      elementIndex: row.decodeIfPresent(forColumn: "element_index"),
      expected: row.decodeIfPresent(forColumn: "expected"),
      got: row.decodeIfPresent(forColumn: "got"), exact: row.decodeIfPresent(forColumn: "exact"),
      differingElements: row.decode(forColumn: "differing_elements"),
      comparedElements: row.decode(forColumn: "compared_elements"),
      message: row.decode(forColumn: "message"), caseLine: row.decode(forColumn: "case_line"),
      answer: row.decode(forColumn: "answer"),
      repeatCommand: row.decode(forColumn: "repeat_command"))
  }
}
