/// Why node test data could not be judged.
package enum VectorError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A file or folder that could not be read.
  case unreadable(path: String, reason: String)
  /// Bytes that are not what they should be. `offset` counts from the start of the file.
  case malformed(path: String, offset: Int, reason: String)
  /// Files that can be read and contradict each other, or the operator's specification.
  case inconsistent(path: String, reason: String)
  /// Sound, and nothing that the references cover; ``NodeTest`` keeps it as its outcome.
  case unsupported(reason: String)
  /// A folder, of which no subfolder is a test of one of the operators.
  case noTests(path: String)

  package var description: String {
    switch self {
    case .unreadable(let path, let reason): "\(path): \(reason)"
    case .malformed(let path, let offset, let reason): "\(path): byte \(offset): \(reason)"
    case .inconsistent(let path, let reason): "\(path): \(reason)"
    case .unsupported(let reason): reason
    case .noTests(let path):
      "\(path) holds no test of \(Operation.allCases.map(\.rawValue).joined(separator: ", ")): it"
        + " must be the folder that holds the folders test_*/ with model.onnx and test_data_set_*/"
    }
  }
}

/// Why a test says nothing of the references, or cannot be one. Its place is known to the caller.
package enum Obstacle: Error, Hashable, Sendable {
  /// Legal, and not covered by the references.
  case unsupported(String)
  /// Against the operator's specification.
  case inconsistent(String)
}
