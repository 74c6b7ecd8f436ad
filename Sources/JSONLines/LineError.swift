import Glibc

/// Why lines could not be read from, or written to, a file or a stream.
package enum LineError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A call of the operating system failed with the error number `code`: what was to be done
  /// (`open`, `read`, `write`, …), and to what.
  case system(action: String, path: String, code: Int32)
  /// The line with this number, which begins at this byte, is longer than `limit` bytes.
  case lineTooLong(path: String, number: Int, offset: Int, limit: Int)

  /// One line: `cannot open cases.jsonl: No such file or directory`.
  package var description: String {
    switch self {
    case .system(let action, let path, let code):
      "cannot \(action) \(path): \(String(cString: strerror(code)))"
    case .lineTooLong(let path, let number, let offset, let limit):
      "\(path): line \(number) (from byte \(offset)) is longer than \(limit) bytes"
    }
  }
}
