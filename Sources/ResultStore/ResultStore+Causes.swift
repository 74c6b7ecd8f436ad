import GRDB

/// Why an implementation's outputs are wrong, as a run found it.
package struct CauseRecord: Hashable, Sendable {
  package enum Conclusion: String, CaseIterable, Sendable {
    /// Predicts every output that was seen.
    case explains
    /// Comes nearest, where nothing explains it.
    case nearest
    /// Nothing explains it; without a cause.
    case unexplained
  }

  package var implementation: String
  package var conclusion: Conclusion
  /// In words; empty for `unexplained`.
  package var cause: String
  /// Of `wrong` outputs, those that it predicts.
  package var explained: Int
  package var wrong: Int
  /// Of `right` outputs, those that it would have wrong.
  package var contradicted: Int
  package var right: Int

  package init(
    implementation: String, conclusion: Conclusion, cause: String, explained: Int, wrong: Int,
    contradicted: Int, right: Int
  ) {
    (self.implementation, self.conclusion, self.cause) = (implementation, conclusion, cause)
    (self.explained, self.wrong) = (explained, wrong)
    (self.contradicted, self.right) = (contradicted, right)
  }
}

extension ResultStore {
  /// Keeps the causes that a run found, in the place of earlier ones of the same run.
  ///
  /// - Throws: ``StoreError/unknownImplementation(_:run:)``, or what the tables refuse.
  package func setCauses(_ run: RunID, _ causes: [CauseRecord]) throws(StoreError) {
    try write { db in
      try db.execute(
        sql: """
          DELETE FROM cause
          WHERE implementation IN (SELECT id FROM implementation WHERE run = ?)
          """, arguments: [run.rawValue])
      let writer = try BatchWriter(db, run: run)
      var positions: [String: Int] = [:]
      for cause in causes {
        let position = positions[cause.implementation, default: 0]
        positions[cause.implementation] = position + 1
        try db.execute(
          sql: "INSERT INTO cause VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
          arguments: [
            try writer.implementation(named: cause.implementation), position,
            cause.conclusion.rawValue, stored(cause.cause), cause.explained, cause.wrong,
            cause.contradicted, cause.right,
          ])
      }
    }
  }

  /// The causes of a run, the most plausible first.
  ///
  /// - Throws: ``StoreError``
  package func causes(_ run: RunID) throws(StoreError) -> [CauseRecord] {
    try read { db in try fetchCauses(run, db) }
  }

  func fetchCauses(_ run: RunID, _ db: Database) throws -> [CauseRecord] {
    try Row.fetchAll(
      db,
      sql: """
        SELECT cause.*, implementation.name AS name FROM cause
        JOIN implementation ON implementation.id = cause.implementation
        WHERE run = ? ORDER BY implementation.id, position
        """, arguments: [run.rawValue]
    ).map { row in
      try CauseRecord(
        implementation: row.decode(forColumn: "name"), conclusion: row.text("conclusion"),
        cause: row.decode(forColumn: "cause"), explained: row.decode(forColumn: "explained"),
        wrong: row.decode(forColumn: "wrong"), contradicted: row.decode(forColumn: "contradicted"),
        right: row.decode(forColumn: "right_outputs"))
    }
  }
}
