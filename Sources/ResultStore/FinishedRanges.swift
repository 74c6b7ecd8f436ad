import GRDB

/// The case indices of a run that are stored, as ranges that neither meet nor overlap.
///
/// Neighbours are joined as they come in, so that a run of any length that was judged in order is
/// one row.
struct FinishedRanges {
  enum Standing { case new, stored }

  let run: RunID

  /// Whether the range is wholly new or wholly stored.
  ///
  /// - Throws: ``StoreError/overlappingBatch(run:range:)`` when it is neither.
  func standing(of range: Range<Int>, _ db: Database) throws -> Standing {
    if let before = try neighbour(
      db, "first_index <= ? ORDER BY first_index DESC", range.lowerBound)
    {
      if before.upperBound >= range.upperBound { return .stored }
      guard before.upperBound <= range.lowerBound else { throw overlap(range) }
    }
    if let after = try neighbour(db, "first_index > ? ORDER BY first_index", range.lowerBound) {
      guard after.lowerBound >= range.upperBound else { throw overlap(range) }
    }
    return .new
  }

  /// Adds a range, joined with those that it touches.
  ///
  /// - Throws: ``StoreError/overlappingBatch(run:range:)`` when it is not wholly new.
  func add(_ range: Range<Int>, _ db: Database) throws {
    guard try standing(of: range, db) == .new else { throw overlap(range) }
    var (first, end) = (range.lowerBound, range.upperBound)
    if let before = try neighbour(db, "first_index <= ? ORDER BY first_index DESC", first),
      before.upperBound == first
    {
      try remove(before, db)
      first = before.lowerBound
    }
    if let after = try neighbour(db, "first_index >= ? ORDER BY first_index", end),
      after.lowerBound == end
    {
      try remove(after, db)
      end = after.upperBound
    }
    try db.cachedStatement(
      sql: "INSERT INTO finished_range (run, first_index, count) VALUES (?, ?, ?)"
    ).execute(arguments: [run.rawValue, first, end - first])
  }

  private func remove(_ range: Range<Int>, _ db: Database) throws {
    try db.cachedStatement(
      sql: "DELETE FROM finished_range WHERE run = ? AND first_index = ?"
    ).execute(arguments: [run.rawValue, range.lowerBound])
  }

  private func neighbour(
    _ db: Database, _ condition: String, _ index: Int
  ) throws -> Range<Int>? {
    let statement = try db.cachedStatement(
      sql: "SELECT first_index, count FROM finished_range WHERE run = ? AND \(condition) LIMIT 1")
    return try Row.fetchOne(statement, arguments: [run.rawValue, index]).map(Self.range)
  }

  /// Reads a row of `finished_range`.
  static func range(_ row: Row) throws -> Range<Int> {
    let first: Int = try row.decode(forColumn: "first_index")
    let (end, overflow) = first.addingReportingOverflow(try row.decode(forColumn: "count"))
    return first..<(overflow ? .max : max(first, end))
  }

  private func overlap(_ range: Range<Int>) -> StoreError {
    .overlappingBatch(run: run, range: range)
  }
}
