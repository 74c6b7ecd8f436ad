import GRDB
import GRDBSQLite
import Verdicts

/// Adds counts, judgements and failures to a run, inside a transaction of the caller's.
struct BatchWriter {
  private let db: Database
  private let run: RunID
  private let implementations: [String: Int64]

  init(_ db: Database, run: RunID) throws {
    (self.db, self.run) = (db, run)
    let statement = try db.cachedStatement(
      sql: "SELECT id, name FROM implementation WHERE run = ?")
    var implementations: [String: Int64] = [:]
    let rows = try Row.fetchCursor(statement, arguments: [run.rawValue])
    while let row = try rows.next() {
      implementations[try row.decode(forColumn: "name")] = try row.decode(forColumn: "id")
    }
    self.implementations = implementations
  }

  /// The row number of one of the run's implementations.
  func implementation(named name: String) throws -> Int64 {
    guard let id = implementations[name] else {
      throw StoreError.unknownImplementation(name, run: run)
    }
    return id
  }

  /// Adds all but the ranges.
  func add(_ batch: BatchResult) throws {
    if !batch.tallies.isEmpty {
      let upsert = try db.cachedStatement(sql: Self.upsertTally)
      for tally in batch.tallies { try add(tally, upsert) }
    }
    for judgement in batch.judgements { try add(judgement) }
    for failure in batch.failures { try add(failure) }
    try CoverageWriter(db, run: run).add(batch.coverage)
  }

  // The one statement that runs thousands of times a second: bound and stepped through SQLite's own
  // interface, which is three times faster than through GRDB's arguments.
  private func add(_ tally: Tally, _ statement: Statement) throws {
    let (key, counts) = (tally.key, tally.counts)
    let raw = statement.sqliteStatement
    sqlite3_bind_int64(raw, 1, try implementation(named: key.implementation))
    var column: Int32 = 2
    // SQLITE_TRANSIENT, a cast that Swift does not import: SQLite copies the text.
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    for text in [key.operatorName, key.types, key.profile, key.caseClass] {
      sqlite3_bind_text(raw, column, stored(text), -1, transient)
      column += 1
    }
    func bind(_ value: Int) {
      sqlite3_bind_int64(raw, column, Int64(value))
      column += 1
    }
    bind(counts.cases)
    for count in counts.outcomes.all { bind(count) }
    for count in counts.sumsAfterOutcomes { bind(count) }
    bind(counts.lowestError)
    bind(counts.highestError)
    bind(counts.largestDifference)
    let code = sqlite3_step(raw)
    defer { sqlite3_reset(raw) }
    guard code == SQLITE_DONE else {
      throw DatabaseError(
        resultCode: ResultCode(rawValue: code),
        message: String(cString: sqlite3_errmsg(db.sqliteConnection)))
    }
  }

  private func add(_ judgement: Judgement) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO judgement (run, name, checked, disagreements) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET checked = checked + excluded.checked,
          disagreements = disagreements + excluded.disagreements
        """
    ).execute(arguments: [
      run.rawValue, stored(judgement.check), judgement.checked, judgement.disagreements,
    ])
  }

  private func add(_ failure: FailureRecord) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO failure (implementation, case_id, case_index, operator, types, profile, classes,
          outcome, element_index, expected, got, exact, differing_elements, compared_elements,
          message, case_line, answer, repeat_command)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      try implementation(named: failure.implementation), stored(failure.caseID),
      failure.caseIndex, stored(failure.operatorName), stored(failure.types),
      stored(failure.profile), stored(failure.classes.joined(separator: ",")),
      failure.outcome.rawValue, failure.elementIndex, failure.expected, failure.got,
      failure.exact.map(stored), failure.differingElements, failure.comparedElements,
      stored(failure.message), stored(failure.caseLine), stored(failure.answer),
      stored(failure.repeatCommand),
    ])
  }

  /// Columns that name a tally.
  static let keyColumns = ["implementation", "operator", "types", "profile", "class"]
  /// Columns that are summed: `cases`, then ``Outcome/allCases``, then
  /// ``TallyCounts/sumsAfterOutcomes``.
  static let sumColumns = [
    "cases", "pass", "mismatch", "accepted_invalid", "refused_valid", "error", "unsupported",
    "crash", "timeout", "protocol_error", "memory_error", "nondeterministic", "missing", "extra",
    "duplicate", "not_reached", "waived", "tolerated", "outputs", "mismatched_outputs",
    "departed_outputs", "not_even", "not_away", "not_up", "not_nearest", "not_faithful",
    "vacuous",
  ]
  private static let upsertTally: String = {
    let columns = keyColumns + sumColumns + ["lowest_error", "highest_error", "largest_difference"]
    let marks = columns.map { _ in "?" }.joined(separator: ", ")
    let sums = sumColumns.map { "\($0) = \($0) + excluded.\($0)" }.joined(separator: ", ")
    return """
      INSERT INTO tally (\(columns.joined(separator: ", "))) VALUES (\(marks))
      ON CONFLICT DO UPDATE SET \(sums),
        lowest_error = min(lowest_error, excluded.lowest_error),
        highest_error = max(highest_error, excluded.highest_error),
        largest_difference = max(largest_difference, excluded.largest_difference)
      """
  }()
}

/// The text as it can be stored: SQLite ends a text at its first NUL, so each becomes U+FFFD.
func stored(_ text: String) -> String {
  guard text.utf8.contains(0) else { return text }
  return String(String.UnicodeScalarView(text.unicodeScalars.map { $0 == "\0" ? "\u{FFFD}" : $0 }))
}
