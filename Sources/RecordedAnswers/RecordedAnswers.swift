import AdapterProtocol
import Foundation
package import Implementations
import JSONLines
import QuantizedLayers
import Synchronization
import TestCases
import Verdicts

/// Answers that were computed elsewhere: on a board, in a simulator, on another host.
///
/// Every case without an answer is `missing`, every answer without a case `extra`, every further
/// answer to the same case `duplicate`.
package final class RecordedAnswers: Implementation {
  package let name: String
  package let path: String
  private let configured: [Claim]?
  private let index: AnswerIndex
  private let strays: Mutex<[Stray]>

  /// Reads a file of answers and holds it against the cases that it answers.
  ///
  /// - Parameters:
  ///   - name: under which results are kept.
  ///   - path: of the file of answers.
  ///   - vectors: the files of cases, which are read through and must be sound.
  ///   - claims: in place of those in the hello line.
  /// - Throws: ``AnswerFileError``, or a `VectorFileError` for a file of cases.
  package init(name: String, path: String, vectors: [String], claims: [Claim]? = nil) throws {
    self.name = name
    self.path = path
    configured = claims
    let index = try AnswerIndex(path: path)
    self.index = index
    var strays = index.duplicates.map {
      Stray(id: $0, outcome: .duplicate, message: "\($0) is answered again in \(path)")
    }
    strays += try RecordedAnswers.extras(index, path, vectors)
    self.strays = Mutex(strays)
  }

  package var kind: String { "answers" }
  package var summary: String { "answers recorded in \(path)" }
  package var unavailable: String? { nil }
  package var claims: [Claim] { configured ?? index.hello.claims ?? [Claim()] }

  package var version: String {
    let hello = index.hello
    let words =
      hello.name.isEmpty || hello.name == name ? [hello.version] : [hello.name, hello.version]
    let text = words.filter { !$0.isEmpty }.joined(separator: " ")
    return text.isEmpty ? "unknown" : text
  }

  package func start() throws(StartError) -> any Session {
    guard let file = FileHandle(forReadingAtPath: path) else {
      throw StartError(name: name, reason: "\(path) can no longer be read")
    }
    return RecordedSession(self, file.fileDescriptor, file)
  }

  fileprivate func offset(of id: String) -> Int? { index.offset(of: id) }

  fileprivate func takeStrays() -> [Stray] {
    strays.withLock { strays in
      defer { strays = [] }
      return strays
    }
  }

  /// Answers that no file of cases asks for.
  private static func extras(
    _ index: AnswerIndex, _ path: String, _ vectors: [String]
  ) throws -> [Stray] {
    var asked: Set<Int> = []
    var checksums: [String] = []
    for vector in vectors {
      let reader = try VectorFileReader(path: vector)
      while let read = try reader.next() {
        guard case .given(let id) = read.testCase.origin, let offset = index.offset(of: id) else {
          continue
        }
        asked.insert(offset)
      }
      // An end line without a checksum may stand in a file written by hand; its other lines are
      // what a checksum of answers would be of.
      if let checksum = reader.statedSHA256 ?? reader.sha256 { checksums.append(checksum) }
    }
    if let answered = index.end?.sha256, let given = checksums.first, !checksums.contains(answered)
    {
      throw AnswerFileError.madeForAnother(path: path, answered: answered, given: given)
    }
    if asked.isEmpty, index.count > 0 {
      throw AnswerFileError.nothingFits(path: path, answers: index.count)
    }
    return try index.unasked(asked, path).map {
      Stray(id: $0, outcome: .extra, message: "\($0) is answered, but is none of the cases")
    }
  }
}

/// Reads one answer after another from its place in the file.
private final class RecordedSession: Session {
  private let answers: RecordedAnswers
  private let descriptor: Int32
  /// Keeps the descriptor open.
  private let file: FileHandle
  private var writer = CaseWriter()
  private let reader = AnswerReader()
  private var hasAnswered = false

  init(_ answers: RecordedAnswers, _ descriptor: Int32, _ file: FileHandle) {
    self.answers = answers
    self.descriptor = descriptor
    self.file = file
  }

  /// They are told once, by a session that has answered: another's work may never be stored.
  func takeStrays() -> [Stray] { hasAnswered ? answers.takeStrays() : [] }

  func answer(_ requests: [Request]) -> [Answer] {
    hasAnswered = true
    return requests.map { answer($0) }
  }

  private func answer(_ request: Request) -> Answer {
    let id = writer.identifier(of: request.testCase)
    guard let offset = answers.offset(of: id) else {
      return .failed(.missing, "\(answers.path) has no answer to it")
    }
    guard let line = line(at: offset) else {
      return .failed(.protocolError, "\(answers.path) can no longer be read")
    }
    do throws(LineFormatError) {
      guard case .answer(let found) = try parsed(line) else {
        return .failed(.protocolError, "\(answers.path) has changed while it was read")
      }
      guard found.id == id else { return .failed(.missing, "\(answers.path) has no answer to it") }
      return found.answer(outputType: request.layer.output.type)
    } catch {
      let head = Shown.text(line.prefix(120)) + (line.count > 120 ? "…" : "")
      return .failed(
        .protocolError, "the answer is malformed: \(Shown.words(error.description)): \(head)")
    }
  }

  private func parsed(_ line: [UInt8]) throws(LineFormatError) -> AdapterLine {
    let result = line.withUnsafeBufferPointer { bytes in
      Result { () throws(LineFormatError) in try reader.read(bytes) }
    }
    return try result.get()
  }

  /// The line that begins at a place, without its line feed.
  private func line(at offset: Int) -> [UInt8]? {
    var bytes: [UInt8] = []
    var size = 1 << 12
    while true {
      let count = bytes.count
      bytes.append(contentsOf: repeatElement(0, count: size))
      let got = bytes.withUnsafeMutableBytes {
        pread(descriptor, $0.baseAddress.map { $0 + count }, size, off_t(offset + count))
      }
      guard got >= 0 else { return nil }
      bytes.removeLast(size - got)
      if let end = bytes[count...].firstIndex(of: 0x0A) { return Array(bytes[..<end]) }
      guard got > 0 else { return bytes.isEmpty ? nil : bytes }
      size = min(size * 2, 1 << 22)
    }
  }
}
