import GRDB
package import Verdicts

/// Which run is meant.
package enum RunSelector: Hashable, Sendable {
  /// The one that began last.
  case newest
  case id(RunID)
  /// A uuid or its beginning, in either case.
  case uuid(String)

  /// Reads what a user writes: `newest`, a run's number, or the beginning of a uuid.
  ///
  /// Digits alone are a number; a uuid's beginning that is all digits needs its first hyphen.
  package init(_ text: String) {
    if text == "newest" {
      self = .newest
    } else if let number = Int64(text), number >= 0 {
      self = .id(RunID(rawValue: number))
    } else {
      self = .uuid(text)
    }
  }
}

extension ResultStore {
  /// The run that is meant; nil when the database has none at all and the newest was asked for.
  ///
  /// - Throws: ``StoreError/unknownRun(_:)``, ``StoreError/ambiguousRun(_:count:)``.
  package func run(_ selector: RunSelector) throws(StoreError) -> StoredRun? {
    try read { db in try fetchRun(selector, db) }
  }

  /// Summaries, newest run first, the implementations of a run by name.
  ///
  /// - Parameters:
  ///   - limit: of runs, not of rows.
  ///   - offset: runs to skip.
  /// - Returns: a summary for each run and implementation.
  /// - Throws: ``StoreError``.
  package func summaries(limit: Int = 100, offset: Int = 0) throws(StoreError) -> [RunSummary] {
    try read { db in try fetchSummaries(limit: limit, offset: offset, db) }
  }

  /// How one implementation, or each, fared over the latest runs, oldest first.
  ///
  /// - Parameters:
  ///   - implementation: its name; nil for all.
  ///   - limit: of runs.
  /// - Returns: a summary for each run and implementation.
  /// - Throws: ``StoreError``.
  package func trend(
    _ implementation: String? = nil, limit: Int = 500
  ) throws(StoreError) -> [RunSummary] {
    try summaries(limit: limit).reversed().filter {
      implementation == nil || $0.implementation == implementation
    }
  }

  /// How many runs there are.
  package func runCount() throws(StoreError) -> Int {
    try read { db in try Int.fetchOne(db, sql: "SELECT count(*) FROM run") ?? 0 }
  }

  /// The run's implementations, in the order in which it named them.
  package func implementations(_ run: RunID) throws(StoreError) -> [StoredImplementation] {
    try read { db in try fetchImplementations(run, db) }
  }

  /// All the run's counts, by implementation, operator, types, profile and class.
  package func tallies(_ run: RunID) throws(StoreError) -> [Tally] {
    try read { db in try fetchTallies(run, db) }
  }

  /// The judges' checks of each other, by name.
  package func judgements(_ run: RunID) throws(StoreError) -> [Judgement] {
    try read { db in try fetchJudgements(run, db) }
  }

  /// The case indices that are stored, in order, none of them twice.
  package func finishedRanges(_ run: RunID) throws(StoreError) -> [Range<Int>] {
    try read { db in try fetchFinishedRanges(run, db) }
  }

  func fetchRun(_ selector: RunSelector, _ db: Database) throws -> StoredRun? {
    switch selector {
    case .newest:
      let id = try Int64.fetchOne(
        db, sql: "SELECT id FROM run ORDER BY started DESC, id DESC LIMIT 1")
      return try id.map { try fetchRun(RunID(rawValue: $0), db) }
    case .id(let run):
      return try fetchRun(run, db)
    case .uuid(let prefix):
      let ids = try Int64.fetchAll(
        db, sql: "SELECT id FROM run WHERE substr(uuid, 1, length(?1)) = ?1 ORDER BY id",
        arguments: [stored(prefix.lowercased())])
      guard let id = ids.first, !prefix.isEmpty else { throw StoreError.unknownRun(prefix) }
      guard ids.count == 1 else { throw StoreError.ambiguousRun(prefix, count: ids.count) }
      return try fetchRun(RunID(rawValue: id), db)
    }
  }

  func fetchRun(_ run: RunID, _ db: Database) throws -> StoredRun {
    guard
      let row = try Row.fetchOne(
        db, sql: "SELECT * FROM run WHERE id = ?", arguments: [run.rawValue])
    else { throw StoreError.unknownRun("\(run)") }
    let vectors = try Row.fetchAll(
      db, sql: "SELECT name, sha256 FROM run_vectors WHERE run = ? ORDER BY position",
      arguments: [run.rawValue])
    let record = try RunRecord(
      uuid: row.decode(forColumn: "uuid"), started: row.time("started"),
      commandLine: row.decode(forColumn: "command_line"),
      toolVersion: row.decode(forColumn: "tool_version"),
      generatorVersion: row.decode(forColumn: "generator_version"),
      seed: row.decode(forColumn: "seed"), selection: row.decode(forColumn: "selection"),
      plannedCases: row.decodeIfPresent(forColumn: "planned_cases"),
      conformance: row.decodeIfPresent(forColumn: "conformance"),
      vectors: vectors.map {
        VectorsFile(
          name: try $0.decode(forColumn: "name"), sha256: try $0.decode(forColumn: "sha256"))
      },
      labels: pairs("label", run, db), environment: pairs("environment", run, db))
    return try StoredRun(
      id: run, record: record, status: row.text("status"),
      finished: row.timeIfPresent("finished"),
      exitStatus: row.decodeIfPresent(forColumn: "exit_status"),
      judgesDisagree: row.decode(forColumn: "judges_disagree"))
  }

  private func pairs(_ table: String, _ run: RunID, _ db: Database) throws -> [String: String] {
    var pairs: [String: String] = [:]
    let rows = try Row.fetchCursor(
      db, sql: "SELECT key, value FROM \(table) WHERE run = ?", arguments: [run.rawValue])
    while let row = try rows.next() {
      pairs[try row.decode(forColumn: "key")] = try row.decode(forColumn: "value")
    }
    return pairs
  }

  func fetchSummaries(limit: Int, offset: Int, _ db: Database) throws -> [RunSummary] {
    // Only the wanted runs are summed up: the view alone would sum all of them first.
    let rows = try Row.fetchCursor(
      db,
      sql: """
        WITH wanted AS MATERIALIZED
          (SELECT id FROM run ORDER BY started DESC, id DESC LIMIT ? OFFSET ?)
        SELECT run_summary.* FROM run_summary WHERE run_summary.run IN (SELECT id FROM wanted)
        ORDER BY started DESC, run DESC, implementation
        """,
      arguments: [max(0, limit), max(0, offset)])
    var summaries: [RunSummary] = []
    while let row = try rows.next() { summaries.append(try Self.summary(row)) }
    return summaries
  }

  private static func summary(_ row: Row) throws -> RunSummary {
    try RunSummary(
      run: RunID(rawValue: row.decode(forColumn: "run")), uuid: row.decode(forColumn: "uuid"),
      started: row.time("started"), finished: row.timeIfPresent("finished"),
      status: row.text("status"), implementation: row.decode(forColumn: "implementation"),
      implementationVersion: row.decode(forColumn: "implementation_version"),
      toolVersion: row.decode(forColumn: "tool_version"),
      cases: row.decode(forColumn: "cases"), passed: row.decode(forColumn: "passed"),
      failed: row.decode(forColumn: "failed"), tolerated: row.decode(forColumn: "tolerated"),
      outputs: row.decode(forColumn: "outputs"),
      mismatchedOutputs: row.decode(forColumn: "mismatched_outputs"),
      departedOutputs: row.decode(forColumn: "departed_outputs"),
      worstError: row.decode(forColumn: "worst_error"),
      profileResult: row.textIfPresent("profile_result"),
      accuracyClass: row.decodeIfPresent(forColumn: "accuracy_class"),
      verdict: row.text("verdict"))
  }

  func fetchImplementations(_ run: RunID, _ db: Database) throws -> [StoredImplementation] {
    try Row.fetchAll(
      db, sql: "SELECT * FROM implementation WHERE run = ? ORDER BY id", arguments: [run.rawValue]
    ).map { row in
      try StoredImplementation(
        record: ImplementationRecord(
          name: row.decode(forColumn: "name"), version: row.decode(forColumn: "version"),
          kind: row.decode(forColumn: "kind"), path: row.decode(forColumn: "path"),
          claims: row.decode(forColumn: "claims")),
        profileResult: row.textIfPresent("profile_result"),
        accuracyClass: row.decodeIfPresent(forColumn: "accuracy_class"))
    }
  }

  func fetchTallies(_ run: RunID, _ db: Database) throws -> [Tally] {
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT implementation.name, operator, types, profile, class,
          \(BatchWriter.sumColumns.joined(separator: ", ")), lowest_error, highest_error,
          largest_difference
        FROM tally JOIN implementation ON implementation.id = tally.implementation
        WHERE implementation.run = ?
        ORDER BY implementation.id, operator, types, profile, class
        """,
      arguments: [run.rawValue])
    var tallies: [Tally] = []
    while let row = try rows.next() { tallies.append(try Self.tally(row)) }
    return tallies
  }

  // By position, in the order of the statement above: there may be many thousands of these.
  private static func tally(_ row: Row) throws -> Tally {
    let key = try TallyKey(
      implementation: row.decode(atIndex: 0), operatorName: row.decode(atIndex: 1),
      types: row.decode(atIndex: 2), profile: row.decode(atIndex: 3),
      caseClass: row.decode(atIndex: 4))
    var counts = TallyCounts()
    counts.cases = try row.decode(atIndex: 5)
    var column = 6
    for outcome in Outcome.allCases {
      counts.outcomes[outcome] = try row.decode(atIndex: column)
      column += 1
    }
    let sums = try counts.sumsAfterOutcomes.indices.map {
      try row.decode(Int.self, atIndex: column + $0)
    }
    counts.sumsAfterOutcomes = sums
    column += sums.count
    counts.lowestError = try row.decode(atIndex: column)
    counts.highestError = try row.decode(atIndex: column + 1)
    counts.largestDifference = try row.decode(atIndex: column + 2)
    return Tally(key, counts)
  }

  func fetchJudgements(_ run: RunID, _ db: Database) throws -> [Judgement] {
    try Row.fetchAll(
      db, sql: "SELECT name, checked, disagreements FROM judgement WHERE run = ? ORDER BY name",
      arguments: [run.rawValue]
    ).map { row in
      try Judgement(
        check: row.decode(forColumn: "name"), checked: row.decode(forColumn: "checked"),
        disagreements: row.decode(forColumn: "disagreements"))
    }
  }

  func fetchFinishedRanges(_ run: RunID, _ db: Database) throws -> [Range<Int>] {
    try Row.fetchAll(
      db,
      sql: "SELECT first_index, count FROM finished_range WHERE run = ? ORDER BY first_index",
      arguments: [run.rawValue]
    ).map(FinishedRanges.range)
  }
}
