import Synchronization
import TestCases
import Verification

/// Cases read from files, one after another.
final class VectorCases: CaseSource {
  /// A file that has been read once to its end, and is sound.
  struct VerifiedFile {
    let path: String
    /// `nil` for standard input, which can be read only once.
    let sha256: String?
    let count: Int
  }

  private struct State {
    var waiting: [String]
    var reader: VectorFileReader?
    var position = 0
  }

  private let state: Mutex<State>

  var count: Int? { nil }

  init(_ paths: [String]) {
    state = Mutex(State(waiting: paths))
  }

  /// Reads a file through, so that a truncated or changed one is refused before anything is judged.
  ///
  /// - Throws: a ``Failure`` with the line and what was expected.
  static func verified(_ path: String) throws -> VerifiedFile {
    guard path != "-" else { return VerifiedFile(path: path, sha256: nil, count: 0) }
    do throws(VectorFileError) {
      let reader = try VectorFileReader(path: path)
      while try reader.next() != nil {}
      return VerifiedFile(path: path, sha256: reader.sha256, count: reader.caseCount)
    } catch {
      throw Failure(.usage, error.description)
    }
  }

  func next() throws -> CaseChunk? {
    do {
      return try state.withLock { try VectorCases.take(&$0) }
    } catch let error as VectorFileError {
      throw Failure(.usage, error.description)
    }
  }

  private static func take(_ state: inout State) throws -> CaseChunk? {
    var cases: [ReadCase] = []
    while cases.count < GeneratedCases.chunk {
      if state.reader == nil {
        guard !state.waiting.isEmpty else { break }
        state.reader = try VectorFileReader(path: state.waiting.removeFirst())
      }
      if let read = try state.reader?.next() {
        cases.append(read)
      } else {
        state.reader = nil
      }
    }
    guard !cases.isEmpty else { return nil }
    let start = state.position
    state.position += cases.count
    return CaseChunk(range: start..<state.position, cases: cases)
  }
}
