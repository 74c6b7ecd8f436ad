import Implementations
import JSONLines
package import TestCases

/// Reads what implementations write: version 1 of the line format, from an implementation.
///
/// Unknown keys are ignored, duplicate ones are errors, as in lines of cases.
package struct AnswerReader {
  package init() {}

  /// Reads one line, a JSON object without its line feed.
  ///
  /// - Throws: ``LineFormatError`` saying what was expected.
  package func read(_ line: UnsafeBufferPointer<UInt8>) throws(LineFormatError) -> AdapterLine {
    do {
      var reader = JSONReader(line)
      return try parse(&reader, line)
    } catch let error as LineFormatError {
      throw error
    } catch {
      throw LineFormatError("\(error)")
    }
  }

  private func parse(
    _ reader: inout JSONReader, _ line: UnsafeBufferPointer<UInt8>
  ) throws -> AdapterLine {
    var keys = JSONKeySet()
    var hello: AdapterHello?
    var end: AnswerEnd?
    var id: String?
    var contents: [AnswerLine.Content] = []
    var accumulator: ElementPayload?
    try reader.beginObject()
    while let key = try reader.nextKey() {
      try keys.insert(key)
      switch key {
      case "hello": hello = try readHello(&reader, line)
      case "end": end = try readEnd(&reader)
      case "id": id = try reader.readString()
      case "output": contents.append(.output(try payload(&reader)))
      case "refused": contents.append(.refused(try reader.readString()))
      case "unsupported": contents.append(.unsupported(try reader.readString()))
      case "error": contents.append(.error(try reader.readString()))
      case "accumulator": accumulator = try payload(&reader)
      default: try reader.skipValue()
      }
    }
    try reader.finish()
    let kinds = (hello == nil ? 0 : 1) + (end == nil ? 0 : 1) + (id == nil ? 0 : 1)
    guard kinds == 1 else {
      throw LineFormatError("a line must have exactly one of the keys hello, id and end")
    }
    if let hello { return .hello(hello) }
    if let end { return .end(end) }
    guard let id, contents.count == 1 else {
      throw LineFormatError(
        "an answer must have exactly one of the keys output, refused, unsupported and error, but"
          + " has \(contents.count)")
    }
    return .answer(AnswerLine(id: id, content: contents[0], accumulator: accumulator))
  }

  private func payload(_ reader: inout JSONReader) throws -> ElementPayload {
    if try reader.peek() == .array {
      var integers: [Int64] = []
      try reader.beginArray()
      while try reader.nextElement() { integers.append(try reader.readPortableInt64()) }
      return .integers(integers)
    }
    var bytes: [UInt8] = []
    try reader.readBase64(into: &bytes)
    return .bytes(bytes)
  }

  private func readHello(
    _ reader: inout JSONReader, _ line: UnsafeBufferPointer<UInt8>
  ) throws -> AdapterHello {
    var hello = AdapterHello()
    var format: Int64?
    var keys = JSONKeySet()
    try reader.beginObject()
    while let key = try reader.nextKey() {
      try keys.insert(key)
      switch key {
      case "format": format = try reader.readInt64()
      case "name": hello.name = try reader.readString()
      case "version": hello.version = try reader.readString()
      case "claims": hello.claims = try ClaimReader().read(&reader)
      default: try reader.skipValue()
      }
    }
    guard let format else { throw LineFormatError("hello has no format") }
    guard format == 1 else { throw LineFormatError("format must be 1, but is \(format)") }
    return hello
  }

  private func readEnd(_ reader: inout JSONReader) throws -> AnswerEnd {
    var end = AnswerEnd()
    var keys = JSONKeySet()
    try reader.beginObject()
    while let key = try reader.nextKey() {
      try keys.insert(key)
      switch key {
      case "answers": end.answers = Int(try reader.readInt64())
      case "sha256": end.sha256 = try reader.readString()
      default: try reader.skipValue()
      }
    }
    return end
  }

  /// The id that a line names although it is malformed elsewhere, so that its case can be told.
  package static func guessedID(_ line: UnsafeBufferPointer<UInt8>) -> String? {
    let head = UnsafeBufferPointer(rebasing: line.prefix(512))
    for start in head.indices where matches(head, start, key) {
      var place = start + key.count
      skipSpace(head, &place)
      guard place < head.count, head[place] == UInt8(ascii: ":") else { continue }
      place += 1
      skipSpace(head, &place)
      guard place < head.count, head[place] == UInt8(ascii: "\"") else { continue }
      let text = head[(place + 1)...]
      guard let end = text.firstIndex(of: UInt8(ascii: "\"")), end > text.startIndex,
        !text[..<end].contains(UInt8(ascii: "\\"))
      else { continue }
      return String(decoding: text[..<end], as: UTF8.self)
    }
    return nil
  }

  private static let key = Array("\"id\"".utf8)

  private static func matches(
    _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ key: [UInt8]
  ) -> Bool {
    start + key.count <= bytes.count && key.indices.allSatisfy { bytes[start + $0] == key[$0] }
  }

  private static func skipSpace(_ bytes: UnsafeBufferPointer<UInt8>, _ place: inout Int) {
    while place < bytes.count, bytes[place] == 0x20 || bytes[place] == 0x09 { place += 1 }
  }
}
