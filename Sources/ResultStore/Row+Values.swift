import GRDB

extension Row {
  /// The value of a column.
  ///
  /// - Throws: an error, never a trap, when the column is absent or holds something else.
  func decode<Value: DatabaseValueConvertible>(forColumn column: String) throws -> Value {
    guard let value = try decodeIfPresent(Value.self, forColumn: column) else {
      throw DatabaseError(
        resultCode: .SQLITE_CORRUPT, message: "column '\(column)' is missing or empty")
    }
    return value
  }

  /// The value of a column that may be NULL.
  func decodeIfPresent<Value: DatabaseValueConvertible>(
    _ type: Value.Type = Value.self, forColumn column: String
  ) throws -> Value? {
    guard let stored: DatabaseValue = self[column], !stored.isNull else { return nil }
    guard let value = Value.fromDatabaseValue(stored) else {
      throw DatabaseError(
        resultCode: .SQLITE_CORRUPT, message: "column '\(column)' does not hold a \(type)")
    }
    return value
  }

  /// A column that holds one of an enumeration's texts.
  func text<Value: RawRepresentable>(_ column: String) throws -> Value
  where Value.RawValue == String {
    guard let value: Value = try textIfPresent(column) else {
      throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "column '\(column)' is empty")
    }
    return value
  }

  /// The same for a column that may be NULL.
  func textIfPresent<Value: RawRepresentable>(_ column: String) throws -> Value?
  where Value.RawValue == String {
    guard let text: String = try decodeIfPresent(forColumn: column) else { return nil }
    guard let value = Value(rawValue: text) else {
      throw DatabaseError(
        resultCode: .SQLITE_CORRUPT, message: "column '\(column)' holds '\(text)'")
    }
    return value
  }

  /// A column that holds a ``UTCTime``.
  func time(_ column: String) throws -> UTCTime {
    let text: String = try decode(forColumn: column)
    guard let time = UTCTime(text) else {
      throw DatabaseError(
        resultCode: .SQLITE_CORRUPT, message: "column '\(column)' holds the time '\(text)'")
    }
    return time
  }

  /// The same for a column that may be NULL.
  func timeIfPresent(_ column: String) throws -> UTCTime? {
    try decodeIfPresent(String.self, forColumn: column) == nil ? nil : time(column)
  }
}
