import GRDB
package import Verdicts

extension ResultStore {
  /// Adds a run with status `running`, and the implementations that it judges.
  ///
  /// - Throws: ``StoreError/refused(path:detail:)`` when a value breaks a rule of the tables (a uuid
  ///   that is there already, two implementations of one name).
  package func beginRun(
    _ record: RunRecord, implementations: [ImplementationRecord]
  ) throws(StoreError) -> RunID {
    try write { db in
      try db.execute(
        sql: """
          INSERT INTO run (uuid, started, status, command_line, tool_version, generator_version,
            seed, selection, planned_cases, conformance)
          VALUES (?, ?, 'running', ?, ?, ?, ?, ?, ?, ?)
          """,
        arguments: [
          record.uuid, record.started.description, stored(record.commandLine),
          stored(record.toolVersion), record.generatorVersion, stored(record.seed),
          stored(record.selection), record.plannedCases, record.conformance.map(stored),
        ])
      let run = RunID(rawValue: db.lastInsertedRowID)
      for (position, file) in record.vectors.enumerated() {
        try db.execute(
          sql: "INSERT INTO run_vectors (run, position, name, sha256) VALUES (?, ?, ?, ?)",
          arguments: [run.rawValue, position, stored(file.name), file.sha256])
      }
      for (table, pairs) in [("label", record.labels), ("environment", record.environment)] {
        for (key, value) in pairs {
          try db.execute(
            sql: "INSERT INTO \(table) (run, key, value) VALUES (?, ?, ?)",
            arguments: [run.rawValue, stored(key), stored(value)])
        }
      }
      for implementation in implementations {
        try db.execute(
          sql: """
            INSERT INTO implementation (run, name, version, kind, path, claims)
            VALUES (?, ?, ?, ?, ?, ?)
            """,
          arguments: [
            run.rawValue, stored(implementation.name), stored(implementation.version),
            stored(implementation.kind), stored(implementation.path),
            stored(implementation.claims),
          ])
      }
      return run
    }
  }

  /// Stores the results of some cases, in one transaction: all of it or nothing.
  ///
  /// Counts are added to those of earlier batches; errors keep the larger. Each case index is taken
  /// once: a batch whose ranges are stored already changes nothing, so that one may be repeated
  /// after a doubtful end.
  ///
  /// - Throws: ``StoreError/overlappingBatch(run:range:)`` when it is stored in part,
  ///   ``StoreError/emptyBatch(run:)`` when it names no case, ``StoreError/runNotOpen(uuid:status:)``,
  ///   ``StoreError/unknownImplementation(_:run:)``, or what the tables refuse.
  @discardableResult
  package func commitBatch(
    _ run: RunID, _ batch: BatchResult
  ) throws(StoreError) -> CommitOutcome {
    try write { db in
      try requireRunning(run, db)
      let ranges = batch.ranges.filter { !$0.isEmpty }
      guard !ranges.isEmpty else { throw StoreError.emptyBatch(run: run) }
      let finished = FinishedRanges(run: run)
      let standings = try ranges.map { try finished.standing(of: $0, db) }
      if standings.allSatisfy({ $0 == .stored }) { return .alreadyStored }
      for range in ranges { try finished.add(range, db) }
      try BatchWriter(db, run: run).add(batch)
      return .stored
    }
  }

  /// Ends a run: adds what belongs to no range of cases, grades each implementation from its
  /// counts, and sums up the judges' disagreements.
  ///
  /// - Returns: the accuracy class of each implementation that had an output graded.
  /// - Throws: ``StoreError/runNotOpen(uuid:status:)`` when it has ended already,
  ///   ``StoreError/unknownImplementation(_:run:)`` for a name in `end` that it does not know.
  @discardableResult
  package func finishRun(_ run: RunID, _ end: RunEnd) throws(StoreError) -> [String: AccuracyClass]
  {
    try write { db in
      try requireRunning(run, db)
      let writer = try BatchWriter(db, run: run)
      try writer.add(end.remainder)
      for (name, result) in end.profileResults {
        try db.execute(
          sql: "UPDATE implementation SET profile_result = ? WHERE id = ?",
          arguments: [result.rawValue, try writer.implementation(named: name)])
      }
      var classes: [String: AccuracyClass] = [:]
      let tallies = try Dictionary(grouping: fetchTallies(run, db), by: \.key.implementation)
      for (name, group) in tallies {
        guard let accuracy = AccuracyClass(group) else { continue }
        classes[name] = accuracy
        try db.execute(
          sql: "UPDATE implementation SET accuracy_class = ? WHERE id = ?",
          arguments: [accuracy.text, try writer.implementation(named: name)])
      }
      try db.execute(
        sql: """
          UPDATE run SET status = ?, finished = ?, exit_status = ?, judges_disagree =
            (SELECT coalesce(sum(disagreements), 0) FROM judgement WHERE run = run.id)
          WHERE id = ?
          """,
        arguments: [
          end.status.rawValue, end.finished.description, end.exitStatus, run.rawValue,
        ])
      return classes
    }
  }

  /// Makes a run that was killed or interrupted `running` again, so that it can be continued.
  ///
  /// Cases that were counted as not reached are taken out, since they are about to be.
  ///
  /// - Returns: the run; ``finishedRanges(_:)`` says which of its cases are done.
  /// - Throws: ``StoreError/runNotOpen(uuid:status:)`` when it finished, ``StoreError/unknownRun(_:)``.
  package func resumeRun(_ run: RunID) throws(StoreError) -> StoredRun {
    try write { db in
      let stored = try fetchRun(run, db)
      guard stored.status != .finished else {
        throw StoreError.runNotOpen(uuid: stored.record.uuid, status: .finished)
      }
      try db.execute(
        sql: "UPDATE run SET status = 'running', finished = NULL, exit_status = NULL WHERE id = ?",
        arguments: [run.rawValue])
      try db.execute(
        sql: """
          UPDATE tally SET cases = cases - not_reached, not_reached = 0
          WHERE not_reached > 0
            AND implementation IN (SELECT id FROM implementation WHERE run = ?)
          """,
        arguments: [run.rawValue])
      return try fetchRun(run, db)
    }
  }

  private func requireRunning(_ run: RunID, _ db: Database) throws {
    let statement = try db.cachedStatement(sql: "SELECT uuid, status FROM run WHERE id = ?")
    guard let row = try Row.fetchOne(statement, arguments: [run.rawValue]) else {
      throw StoreError.unknownRun("\(run)")
    }
    let status: RunStatus = try row.text("status")
    guard status == .running else {
      throw StoreError.runNotOpen(uuid: try row.decode(forColumn: "uuid"), status: status)
    }
  }
}
