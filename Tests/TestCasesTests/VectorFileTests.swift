import CaseGeneration
import Crypto
import Foundation
import QuantizedLayers
import TestCases
import TestSupport
import Testing

@Suite struct VectorFileTests {
  /// A generated file of small cases, and where its end line begins.
  private static func file(_ count: Int = 12) throws -> (bytes: [UInt8], end: Int) {
    var (file, writer) = (VectorFileWriter(), CaseWriter())
    var bytes = file.hello(seed: 1, selection: "--cases edge", generator: 1)
    for testCase in try generated(count, classes: ["shape.one"]) {
      bytes += file.note(writer.write(testCase), cases: 1)
    }
    let end = bytes.count
    return (bytes + file.end(), end)
  }

  @Test func aWholeFileIsRead() throws {
    let (bytes, end) = try Self.file()
    let file = try TemporaryFile(bytes)
    let reader = try VectorFileReader(path: file.path)
    #expect(reader.hello == nil)
    var count = 0
    while let read = try reader.next() {
      count += 1
      #expect(reader.caseCount == count)
      #expect(throws: Never.self) { try read.testCase.layer.validated() }
    }
    #expect(count == 12)
    #expect(reader.hello == VectorHello(generator: 1, seed: "1", selection: "--cases edge"))
    let whole = SHA256.hash(data: Data(bytes))
    #expect(reader.sha256 == Hexadecimal.text(whole))
    // The end line holds the digest of all before it.
    let before = Hexadecimal.text(SHA256.hash(data: Data(bytes[..<end])))
    #expect(
      String(decoding: bytes[end...], as: UTF8.self)
        == "{\"end\":{\"cases\":12,\"sha256\":\"\(before)\"}}\n")
  }

  @Test func aFileCutAnywhereIsRefused() throws {
    let (bytes, _) = try Self.file(4)
    // All that may be missing is the last line feed.
    #expect(try refusal(of: bytes.dropLast()) == nil)
    for length in stride(from: 0, to: bytes.count - 1, by: draws(3, debug: 1) == 3 ? 1 : 7) {
      if try refusal(of: bytes[..<length]) == nil { Issue.record("cut after \(length) bytes") }
    }
  }

  @Test func aFileWithoutItsEndLineIsTruncated() throws {
    let (bytes, end) = try Self.file()
    let error = try #require(try refusal(of: bytes[..<end]))
    #expect(error.reason.contains("truncated") && error.line == nil)
  }

  @Test func aChangedByteIsFound() throws {
    let (bytes, end) = try Self.file(4)
    var random = SplitMix64(seed: 1)
    for _ in 0..<draws(2_000) {
      var changed = bytes
      let place = random.below(end)
      changed[place] ^= UInt8(1 << random.below(8))
      if try refusal(of: changed) == nil { Issue.record("byte \(place) was changed unseen") }
    }
  }

  @Test func aChangeThatStillParsesIsAChecksumError() throws {
    let (bytes, _) = try Self.file(4)
    let text = String(decoding: bytes, as: UTF8.self)
    let changed = text.replacingOccurrences(
      of: "\"classes\":[\"shape.one\"]", with: "\"classes\":[\"shape.two\"]")
    #expect(changed != text)
    let error = try #require(try refusal(of: changed.utf8))
    #expect(error.reason.contains("checksum") && error.line == 6)
  }

  @Test func aWrongCountIsFound() throws {
    let (bytes, end) = try Self.file(4)
    let text = String(decoding: bytes[end...], as: UTF8.self)
    let wrong =
      bytes[..<end] + Array(text.replacingOccurrences(of: "\"cases\":4", with: "\"cases\":5").utf8)
    let error = try #require(try refusal(of: wrong))
    #expect(error.reason.contains("5") && error.reason.contains("4") && error.line == 6)
  }

  @Test func linesAfterTheEndAreRefused() throws {
    let (bytes, end) = try Self.file(4)
    #expect(try refusal(of: bytes + bytes[end...]) != nil)
    #expect(try refusal(of: bytes + bytes) != nil)
    #expect(try refusal(of: bytes + Array("\n".utf8)) != nil)
  }

  @Test func generatedIdsMustGrow() throws {
    let (bytes, _) = try Self.file(4)
    var lines = bytes.split(separator: UInt8(ascii: "\n")).map { Array($0) + [UInt8(ascii: "\n")] }
    lines.insert(lines[1], at: 2)
    let twice = try #require(try refusal(of: lines.joined()))
    #expect(twice.reason.contains("twice") && twice.line == 3)
    lines.remove(at: 2)
    lines.swapAt(1, 2)
    #expect(try refusal(of: lines.joined())?.line == 3)
    let named = String(decoding: bytes, as: UTF8.self).replacing(
      /"id":"[^"]*"/, with: "\"id\":\"x\"", maxReplacements: 1)
    #expect(try refusal(of: named.utf8)?.reason.contains("SEED-INDEX-HASH") == true)
  }

  private func line(_ id: String) -> String { "{\"id\":\"\(id)\"," + handWritten + "\n" }
  private let hello = "{\"hello\":{\"format\":1}}\n"

  @Test func aHandWrittenFileNeedsNoEndLine() throws {
    #expect(try ids(of: (hello + line("a") + line("b")).utf8) == ["a", "b"])
    #expect(try ids(of: (line("a") + line("b")).utf8) == ["a", "b"])
    #expect(try ids(of: line("a").dropLast().utf8) == ["a"])
    #expect(try ids(of: (hello + line("a") + "{\"end\":{\"cases\":1}}\n").utf8) == ["a"])
  }

  @Test func idsMustBeUnique() throws {
    let error = try #require(try refusal(of: (hello + line("a") + line("b") + line("a")).utf8))
    #expect(error.reason.contains("a occurs twice") && error.line == 4)
  }

  @Test func theHelloLineMustBeTheFirst() throws {
    #expect(try refusal(of: (line("a") + hello).utf8)?.line == 2)
    #expect(try refusal(of: (hello + hello + line("a")).utf8)?.line == 2)
  }

  @Test func foreignFilesAreRefused() throws {
    for text in [
      "", "\n", "{}\n", "[1,2]\n", "{\"name\":\"qverify\"}\n", "id,operator\na,b\n", "\u{FEFF}{}\n",
    ] {
      #expect(try refusal(of: text.utf8) != nil, "\(text)")
    }
    var random = SplitMix64(seed: 2)
    for _ in 0..<50 {
      let noise = (0..<random.below(3_000)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      #expect(try refusal(of: noise) != nil)
    }
    // A program's first bytes, and a database's.
    #expect(
      try refusal(of: [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1, 0] + Array(repeating: 0, count: 500)) != nil
    )
    #expect(try refusal(of: Array("SQLite format 3\0".utf8)) != nil)
  }

  @Test func filesThatCannotBeOpenedAreNamed() throws {
    #expect(throws: VectorFileError.self) { try VectorFileReader(path: "/nosuch/file") }
    do {
      _ = try VectorFileReader(path: "/nosuch/file")
    } catch { #expect(error.description.contains("/nosuch/file") && error.line == nil) }
  }

  @Test func messagesNameFileAndLine() throws {
    let file = try TemporaryFile((hello + line("a") + "{\"id\":}\n").utf8)
    let reader = try VectorFileReader(path: file.path)
    _ = try reader.next()
    do {
      _ = try reader.next()
      Issue.record("a line that is no JSON was read")
    } catch { #expect(error.description.hasPrefix("\(file.path), line 3: ")) }
  }
}
