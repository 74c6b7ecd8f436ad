import GRDB

/// A certificate and what is searched for in it.
package struct ProofRecord: Hashable, Sendable {
  package enum Kind: String, CaseIterable, Sendable {
    /// Of one requantization or several.
    case statement
    /// Of two profiles.
    case comparison
    /// Of a kernel that was probed.
    case implementation
    case smallDomain
  }

  package var uuid: String
  package var made: UTCTime
  package var commandLine: String
  package var toolVersion: String
  package var kind: Kind
  /// The profile or the implementation that it is about.
  package var subject: String
  /// In words, one sentence a line.
  package var claim: String
  /// False for a claim of conformance that was not met.
  package var holds: Bool
  /// The text of the certificate's file.
  package var certificate: String

  package init(
    uuid: String = RunRecord.randomUUID(), made: UTCTime, commandLine: String, toolVersion: String,
    kind: Kind, subject: String, claim: String, holds: Bool, certificate: String
  ) {
    (self.uuid, self.made, self.commandLine) = (uuid, made, commandLine)
    (self.toolVersion, self.kind, self.subject) = (toolVersion, kind, subject)
    (self.claim, self.holds, self.certificate) = (claim, holds, certificate)
  }
}

extension ResultStore {
  /// Keeps a proof.
  ///
  /// - Returns: its number.
  /// - Throws: ``StoreError``
  @discardableResult
  package func add(_ proof: ProofRecord) throws(StoreError) -> Int64 {
    try write { db in
      try db.execute(
        sql: """
          INSERT INTO proof (uuid, made, command_line, tool_version, kind, subject, claim, holds,
            certificate)
          VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          proof.uuid, proof.made.description, stored(proof.commandLine),
          stored(proof.toolVersion), proof.kind.rawValue, stored(proof.subject),
          stored(proof.claim), proof.holds, stored(proof.certificate),
        ])
      return db.lastInsertedRowID
    }
  }

  /// Proofs, newest first.
  ///
  /// - Throws: ``StoreError``
  package func proofs(limit: Int = 100) throws(StoreError) -> [ProofRecord] {
    try read { db in try fetchProofs(limit: limit, db) }
  }

  /// How many proofs there are.
  package func proofCount() throws(StoreError) -> Int {
    try read { db in try fetchProofCount(db) }
  }

  func fetchProofCount(_ db: Database) throws -> Int {
    try Int.fetchOne(db, sql: "SELECT count(*) FROM proof") ?? 0
  }

  func fetchProofs(limit: Int, _ db: Database) throws -> [ProofRecord] {
    try Row.fetchAll(
      db, sql: "SELECT * FROM proof ORDER BY made DESC, id DESC LIMIT ?",
      arguments: [max(0, limit)]
    ).map { row in
      try ProofRecord(
        uuid: row.decode(forColumn: "uuid"), made: row.time("made"),
        commandLine: row.decode(forColumn: "command_line"),
        toolVersion: row.decode(forColumn: "tool_version"), kind: row.text("kind"),
        subject: row.decode(forColumn: "subject"), claim: row.decode(forColumn: "claim"),
        holds: row.decode(forColumn: "holds"),
        certificate: row.decode(forColumn: "certificate"))
    }
  }
}
