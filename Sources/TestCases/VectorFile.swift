import Crypto
import JSONLines

/// Why a file of cases cannot be used.
package struct VectorFileError: Error, Hashable, Sendable, CustomStringConvertible {
  package let path: String
  /// Counted from 1; `nil` where the file as a whole is meant.
  package let line: Int?
  package let reason: String

  package var description: String {
    line.map { "\(path), line \($0): \(reason)" } ?? "\(path): \(reason)"
  }
}

/// Reads a file of cases from its beginning: hello, cases, end.
///
/// The checks of the whole file (its end line, its checksum, ids that occur twice) are made on the
/// way; a reader that reaches the end without an error has read a sound file.
package final class VectorFileReader {
  package let path: String
  /// `nil` before the first line is read, and in a file without one.
  package private(set) var hello: VectorHello?
  /// Of every byte read so far; of the whole file when the end was reached.
  package private(set) var sha256: String?
  package private(set) var caseCount = 0
  /// What the end line says of the bytes before it, once it has been read.
  package var statedSHA256: String? { end?.sha256 }

  private let reader: LineReader
  private let parser = CaseReader()
  private let digest = Digest()
  private var end: VectorEnd?
  private var ids: Set<String> = []
  private var lastIndex: UInt64?

  /// The hash of what has been read; shared with the closure that feeds it.
  private final class Digest {
    var hasher = SHA256()
    var text: String { Hexadecimal.text(hasher.finalize()) }
  }

  /// - Throws: ``VectorFileError`` where the file cannot be opened.
  package init(path: String) throws(VectorFileError) {
    self.path = path
    do throws(LineError) {
      reader =
        path == "-"
        ? LineReader(descriptor: 0, name: "standard input") : try LineReader(path: path)
    } catch {
      throw VectorFileError(path: path, line: nil, reason: "\(error)")
    }
    let digest = digest
    reader.observer = { digest.hasher.update(bufferPointer: $0) }
  }

  /// The next case, or `nil` at the end of a sound file.
  ///
  /// - Throws: ``VectorFileError`` naming the line.
  package func next() throws(VectorFileError) -> ReadCase? {
    while true {
      guard let (line, number) = try nextLine() else {
        try finish()
        return nil
      }
      if end != nil { throw failure(number, "a line follows the end line") }
      switch line {
      case .hello(let hello):
        guard self.hello == nil, caseCount == 0 else {
          throw failure(number, "the hello line must be the first")
        }
        self.hello = hello
      case .testCase(let read):
        try note(read, number)
        return read
      case .end(let end):
        self.end = end
        try check(end, number)
      }
    }
  }

  private func nextLine() throws(VectorFileError) -> (VectorLine, Int)? {
    let line: LineReader.Line?
    do throws(LineError) {
      line = try reader.next()
    } catch {
      throw VectorFileError(path: path, line: nil, reason: "\(error)")
    }
    guard let line else { return nil }
    do throws(LineFormatError) {
      return (try parser.read(line.bytes), line.number)
    } catch {
      throw failure(line.number, error.description)
    }
  }

  /// Ids of generated cases must grow with their indices; others are remembered.
  private func note(_ read: ReadCase, _ number: Int) throws(VectorFileError) {
    caseCount += 1
    guard case .given(let id) = read.testCase.origin else { return }
    if hello?.generator != nil {
      let parts = id.split(separator: "-", omittingEmptySubsequences: false)
      guard parts.count == 3, let index = UInt64(parts[1]) else {
        throw failure(number, "the id of a generated case must be SEED-INDEX-HASH, but is '\(id)'")
      }
      if let lastIndex, index <= lastIndex {
        throw failure(number, "case \(id) occurs twice or out of order")
      }
      lastIndex = index
    } else if !ids.insert(id).inserted {
      throw failure(number, "case \(id) occurs twice")
    }
  }

  private func check(_ end: VectorEnd, _ number: Int) throws(VectorFileError) {
    if let cases = end.cases, cases != caseCount {
      throw failure(number, "the end line counts \(cases) cases, but there are \(caseCount)")
    }
    if let expected = end.sha256, expected != digest.text {
      throw failure(
        number,
        "the checksum is \(digest.text), but the end line says \(expected): the file was changed")
    }
  }

  private func finish() throws(VectorFileError) {
    if hello?.generator != nil, end == nil {
      throw VectorFileError(
        path: path, line: nil, reason: "the file is truncated: it has no end line")
    }
    guard hello != nil || caseCount > 0 else {
      throw VectorFileError(path: path, line: nil, reason: "the file holds no cases")
    }
    sha256 = digest.text
  }

  private func failure(_ line: Int, _ reason: String) -> VectorFileError {
    VectorFileError(path: path, line: line, reason: reason)
  }
}

/// Writes a file of cases: hello, cases, end with count and checksum.
package struct VectorFileWriter {
  private var hasher = SHA256()
  private var cases = 0

  package init() {}

  /// The hello line of a generated file; `generator` is `nil` where cases are not the generator's own.
  package mutating func hello(seed: UInt64, selection: String, generator: Int?) -> [UInt8] {
    var writer = JSONWriter(capacity: 256)
    writer.beginObject()
    writer.key("hello")
    writer.beginObject()
    writer.key("format")
    writer.integer(1)
    if let generator {
      writer.key("generator")
      writer.integer(generator)
    }
    writer.key("seed")
    writer.string(String(seed))
    writer.key("selection")
    writer.string(selection)
    writer.endObject()
    writer.endObject()
    writer.newline()
    return note(writer.bytes, cases: 0)
  }

  /// Counts and hashes lines that are about to be written.
  package mutating func note(_ bytes: [UInt8], cases: Int) -> [UInt8] {
    bytes.withUnsafeBytes { hasher.update(bufferPointer: $0) }
    self.cases += cases
    return bytes
  }

  /// The end line.
  package func end() -> [UInt8] {
    var writer = JSONWriter(capacity: 128)
    writer.beginObject()
    writer.key("end")
    writer.beginObject()
    writer.key("cases")
    writer.integer(cases)
    writer.key("sha256")
    writer.string(Hexadecimal.text(hasher.finalize()))
    writer.endObject()
    writer.endObject()
    writer.newline()
    return writer.bytes
  }
}
