/// Why a line is not the JSON that was expected: where, what was there, what should have been.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Bytes from the start of what the reader was given; the first byte is 0.
  package let offset: Int
  /// What stands at `offset`: `'}'`, `byte 0x1F`, `end of line`.
  package let found: String
  /// What should stand there, with its article: `a string`.
  package let expected: String

  /// An error at `offset`, for callers whose own rules a well-formed value breaks.
  package init(offset: Int, found: String, expected: String) {
    self.offset = offset
    self.found = found
    self.expected = expected
  }

  /// The error of a key that an object has already had.
  package init(duplicate key: JSONText) {
    self.init(offset: key.offset, found: "\(key) again", expected: "every key once")
  }

  /// One line: `byte 17: expected a string, found '}'`.
  package var description: String { "byte \(offset): expected \(expected), found \(found)" }
}
