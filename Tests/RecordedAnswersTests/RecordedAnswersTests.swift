import Foundation
import Implementations
import QuantizedArithmetic
import QuantizedLayers
import RecordedAnswers
import TestCases
import Testing
import Verdicts

/// Files in a folder of their own, and what is read from them.
private final class Recording {
  let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent(
      "qverify-answers-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

  func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: folder.appendingPathComponent(name))
  }

  /// Cases named as given, of 1 row, 1 term and 1 channel of int8.
  func cases(_ ids: [String]) -> [TestCase] {
    func tensor(_ data: [UInt8]) -> RawTensor {
      RawTensor(type: .int8, shape: [1, 1], scales: [1], zeroPoints: [0], data: data)
    }
    return ids.map {
      TestCase(
        origin: .given(id: $0), classes: [], profile: "exact-even",
        layer: RawLayer(
          operation: FullyConnected.name, activation: .none, input: tensor([1]),
          weights: tensor([1]), bias: nil, output: tensor([])))
    }
  }

  /// A file of cases as a person writes it, or with the end line that a generator writes.
  func writeCases(_ ids: [String], to name: String, hasChecksum: Bool = false) throws -> String {
    var writer = CaseWriter()
    var file = VectorFileWriter()
    var bytes = file.note(Array("{\"hello\":{\"format\":1}}\n".utf8), cases: 0)
    for testCase in cases(ids) { bytes += file.note(writer.write(testCase), cases: 1) }
    let end = file.end()
    if hasChecksum { bytes += end }
    try Data(bytes).write(to: folder.appendingPathComponent(name))
    let text = String(decoding: end, as: UTF8.self)
    return String(text.split(separator: "\"")[7].prefix(64))
  }

  func answers(_ vectors: String...) throws -> RecordedAnswers {
    try RecordedAnswers(
      name: "answers", path: path("answers.jsonl"), vectors: vectors.map { path($0) })
  }
}

private let hello = #"{"hello":{"format":1,"name":"board","version":"3"}}"# + "\n"
private func line(_ id: String, _ value: Int) -> String {
  "{\"id\":\"\(id)\",\"output\":[\(value)]}\n"
}

@Suite struct RecordedAnswersTests {
  @Test func missingExtraDuplicateAndMalformedAreToldApart() throws {
    let files = try Recording()
    _ = try files.writeCases(["a", "b", "c", "d"], to: "cases.jsonl")
    try files.write(
      hello + line("d", 4) + line("a", 1) + line("x", 9) + line("a", 2)
        + #"{"id":"c","output":"?"}"# + "\n", to: "answers.jsonl")
    let answers = try files.answers("cases.jsonl")
    #expect(answers.version == "board 3")
    let session = try answers.start()
    let found = session.answer(files.cases(["a", "b", "c", "d"]).map { Request($0) })
    #expect(found[0] == .output([1]), "the first answer counts")
    guard case .failed(.missing, _) = found[1] else {
      Issue.record("b is \(found[1])")
      return
    }
    guard case .failed(.protocolError, let reason) = found[2] else {
      Issue.record("c is \(found[2])")
      return
    }
    #expect(reason.contains("malformed"))
    #expect(found[3] == .output([4]))
    let strays = session.takeStrays()
    #expect(Set(strays.map { "\($0.id) \($0.outcome.rawValue)" }) == ["a duplicate", "x extra"])
    #expect(session.takeStrays().isEmpty, "each is told once")
  }

  @Test func severalFilesOfCasesMayShareOneOfAnswers() throws {
    let files = try Recording()
    _ = try files.writeCases(["a"], to: "one.jsonl")
    _ = try files.writeCases(["b"], to: "two.jsonl")
    try files.write(line("b", 2) + line("a", 1), to: "answers.jsonl")
    let session = try files.answers("one.jsonl", "two.jsonl").start()
    #expect(session.takeStrays().isEmpty)
    #expect(
      session.answer(files.cases(["a", "b"]).map { Request($0) }) == [.output([1]), .output([2])])
  }

  @Test(arguments: [true, false])
  func answersMadeForAnotherFileAreRefused(hasChecksum: Bool) throws {
    let files = try Recording()
    let sum = try files.writeCases(["a", "b"], to: "cases.jsonl", hasChecksum: hasChecksum)
    func end(_ sum: String) -> String { "{\"end\":{\"answers\":1,\"sha256\":\"\(sum)\"}}\n" }
    try files.write(hello + line("a", 1) + end(sum), to: "answers.jsonl")
    _ = try files.answers("cases.jsonl")
    let other = String(repeating: "0", count: 64)
    try files.write(hello + line("a", 1) + end(other), to: "answers.jsonl")
    let error = #expect(throws: AnswerFileError.self) { _ = try files.answers("cases.jsonl") }
    #expect(error?.description.contains("answers the cases of a file with checksum 0000") == true)
  }

  private static let bad: [(String, String)] = [
    (line("x", 1), "answers none of the cases given"),
    (hello + hello + line("a", 1), "line 2: the hello line must be the first"),
    (line("a", 1) + hello, "line 2: the hello line must be the first"),
    (hello + line("a", 1) + "{\"end\":{\"answers\":2}}\n", "line 3: the file has 1 answers"),
    (hello + "{\"end\":{}}\n" + line("a", 1), "line 3: nothing may follow the end line"),
    (hello + line("a", 1) + "{\"id\":\"b\",\"out", "line 3: the file is cut off here"),
    (hello + line("a", 1) + "done\n", "line 3: "), (hello + "\n", "line 2: "),
    ("{\"hello\":{\"format\":7}}\n", "line 1: format must be 1, but is 7"),
  ]

  @Test(arguments: bad)
  func aFileThatCannotBeTrustedIsRefused(_ text: String, words: String) throws {
    let files = try Recording()
    _ = try files.writeCases(["a", "b"], to: "cases.jsonl")
    try files.write(text, to: "answers.jsonl")
    let error = #expect(throws: AnswerFileError.self) { _ = try files.answers("cases.jsonl") }
    let said = try #require(error?.description)
    #expect(said.contains(words), "\(said)")
    #expect(!said.contains { $0.isNewline })
  }

  @Test func aFileThatIsNotThereIsNamed() throws {
    let files = try Recording()
    _ = try files.writeCases(["a"], to: "cases.jsonl")
    let error = #expect(throws: AnswerFileError.self) { _ = try files.answers("cases.jsonl") }
    #expect(error?.description.contains("answers.jsonl") == true)
  }

  @Test func aFileOfCasesThatWasChangedIsRefused() throws {
    let files = try Recording()
    _ = try files.writeCases(["a", "b"], to: "cases.jsonl", hasChecksum: true)
    let text = try String(contentsOfFile: files.path("cases.jsonl"), encoding: .utf8)
    try files.write(text.replacing("\"AQ==\"", with: "\"Ag==\""), to: "cases.jsonl")
    try files.write(hello + line("a", 1), to: "answers.jsonl")
    let error = #expect(throws: VectorFileError.self) { _ = try files.answers("cases.jsonl") }
    #expect(error?.description.contains("the file was changed") == true)
  }

  @Test func anEmptyFileLeavesEverythingMissing() throws {
    let files = try Recording()
    _ = try files.writeCases(["a"], to: "cases.jsonl")
    try files.write(hello + "{\"end\":{\"answers\":0}}\n", to: "answers.jsonl")
    let session = try files.answers("cases.jsonl").start()
    guard case .failed(.missing, _)? = session.answer(files.cases(["a"]).map { Request($0) }).first
    else {
      Issue.record("an answer where there is none")
      return
    }
  }
}
