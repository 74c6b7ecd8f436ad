import Configuration
import Foundation
import Implementations
import TestSupport
import Testing

@Suite struct ConfigurationTests {
  private func file(_ text: String) throws -> ConfigurationFile {
    try file(bytes: Array(text.utf8))
  }

  private func file(bytes: [UInt8]) throws -> ConfigurationFile {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(
      "qverify-\(UUID().uuidString).yaml")
    try Data(bytes).write(to: path)
    defer { try? FileManager.default.removeItem(at: path) }
    return try ConfigurationFile(path: path.path, reserved: ["kernels"])
  }

  @Test func everyKeyIsUnderstood() throws {
    let file = try file(
      """
      # a comment
      implementations:
        mine:
          kind: library
          library: build/libmine.so
          claims: [{operator: fullyConnected, types: ["int8,int8,int8"], profile: tflm}]
          limits: {seconds: 0.25, restarts: 0}
        board: {kind: answers, file: answers.jsonl}
        runtime:
          kind: command
          run: [python3, adapter.py, 7, "true", ~]
          environment: {OMP_NUM_THREADS: 1, EMPTY: ""}
          limits: {seconds: 5, memoryMiB: 4096}
      """)
    #expect(file.entries.map(\.name) == ["mine", "board", "runtime"])
    let mine = try #require(file.entry("mine"))
    #expect(mine.kind == .library(path: "build/libmine.so"))
    #expect(mine.claims?.first?.profile == "tflm")
    #expect(mine.limits.seconds == 0.25 && mine.limits.restarts == 0)
    #expect(file.entry("board")?.kind == .answers(file: "answers.jsonl"))
    #expect(
      file.entry("runtime")?.kind
        == .command(
          run: ["python3", "adapter.py", "7", "true", "~"],
          environment: ["OMP_NUM_THREADS": "1", "EMPTY": ""]))
    #expect(file.entry("runtime")?.limits.memoryMiB == 4_096)
    #expect(file.entry("kernels") == nil)
    #expect(file.resolved("x/y") == file.folder + "/x/y")
    #expect(file.resolved("/x/y") == "/x/y")
  }

  /// A file that cannot be used, the line that is to blame where there is one, and words of what is
  /// said.
  struct Bad: CustomTestStringConvertible {
    let text: String
    let line: Int?
    let words: String

    init(_ text: String, _ line: Int?, _ words: String) {
      (self.text, self.line, self.words) = (text, line, words)
    }

    var testDescription: String { text }
  }

  private static let head = "implementations:\n  mine:\n    kind: "

  static let bad: [Bad] = [
    Bad("", nil, "has no implementations"), Bad("# nothing\n", nil, "has no implementations"),
    Bad("[1]", 1, "must be a mapping"), Bad("other: 1", 1, "has no key 'other'"),
    Bad("implementations:", 1, "must be a mapping of names"),
    Bad("implementations: {}", 1, "names no implementation"),
    Bad("implementations: [mine]", 1, "must be a mapping of names"),
    Bad("implementations:\n  mine:", 2, "must have a kind"),
    Bad("implementations:\n  mine: {}", 2, "must have a kind"),
    Bad("implementations:\n  kernels: {kind: answers, file: x}", 2, "built-in"),
    Bad("implementations:\n  a b: {kind: answers, file: x}", 2, "a name must be"),
    Bad("implementations:\n  'a,b': {kind: answers, file: x}", 2, "a name must be"),
    Bad("implementations:\n  [a]: {kind: answers, file: x}", 2, "must be text"),
    Bad(
      "implementations:\n  a: {kind: answers, file: x}\n  b: {kind: answers, file: x}\n  a: {kind: answers, file: y}",
      2, "a key occurs twice: a"),
    Bad("\(head)libary\n    library: x", 3, "must be library, command or answers, but is 'libary'"),
    Bad("\(head)library", 3, "library of mine is missing"),
    Bad("\(head)command", 3, "run of mine is missing"),
    Bad("\(head)answers", 3, "file of mine is missing"),
    Bad("\(head)answers\n    file: [x]", 4, "must be text"),
    Bad("\(head)answers\n    file:", 4, "file of mine must not be empty"),
    Bad("\(head)answers\n    file: x\n    file: y", 4, "a key occurs twice: file"),
    Bad("\(head)answers\n    file: x\n    run: [y]", 5, "has no key 'run'"),
    Bad("\(head)answers\n    file: x\n    limits: {seconds: 1}", 5, "has no key 'limits'"),
    Bad("\(head)command\n    run: python3 adapter.py", 4, "must be a list"),
    Bad("\(head)command\n    run: []", 4, "must name a program"),
    Bad("\(head)command\n    run: ['']", 4, "must name a program"),
    Bad("\(head)command\n    run: [[x]]", 4, "must be text"),
    Bad("\(head)command\n    run: [x]\n    environment: [A]", 5, "must be a mapping"),
    Bad("\(head)command\n    run: [x]\n    environment: {A=B: 1}", 5, "name of a variable"),
    Bad("\(head)command\n    run: [x]\n    environment: {A: [1]}", 5, "must be text"),
    Bad("\(head)command\n    run: [x]\n    limits: {seconds: 0}", 5, "more than 0"),
    Bad("\(head)command\n    run: [x]\n    limits: {seconds: soon}", 5, "more than 0"),
    Bad("\(head)command\n    run: [x]\n    limits: {seconds: .nan}", 5, "more than 0"),
    Bad("\(head)command\n    run: [x]\n    limits: {seconds: .inf}", 5, "more than 0"),
    Bad("\(head)command\n    run: [x]\n    limits: {memoryMiB: 1}", 5, "from 16"),
    Bad("\(head)command\n    run: [x]\n    limits: {memoryMiB: 1.5}", 5, "from 16"),
    Bad("\(head)command\n    run: [x]\n    limits: {restarts: -1}", 5, "from 0"),
    Bad("\(head)command\n    run: [x]\n    limits: {hours: 1}", 5, "has no key 'hours'"),
    Bad("\(head)command\n    run: [x]\n    limits: 5", 5, "must be a mapping"),
    Bad("\(head)command\n    run: [x]\n    claims: []", 5, "the list is empty"),
    Bad(
      "\(head)command\n    run: [x]\n    claims: {operator: fullyConnected}", 5, "claims of mine"),
    Bad("\(head)command\n    run: [x]\n    claims: [{operator: convolution}]", 5, "'convolution'"),
    Bad(
      "\(head)command\n    run: [x]\n    claims: [{operator: fullyConnected, profile: ortt}]", 5,
      "'ortt' is not one of"),
    Bad("\(head)command\n    run: [x\n", nil, "expected"), Bad("\tx: 1", 1, "token"),
    Bad("a: b: c", 1, "mapping"),
    Bad("implementations: *nowhere", 1, "alias"), Bad("a: &a [*a]", 1, "alias"),
    Bad("%YAML 9.9\n---\n", nil, "document"),
    Bad("implementations: {}\n---\nimplementations: {}", nil, "document"),
  ]

  @Test(arguments: bad)
  func whatIsWrongIsSaidInOneLine(_ bad: Bad) throws {
    let error = #expect(throws: ConfigurationError.self) { try file(bad.text) }
    let said = try #require(error?.description)
    #expect(said.contains(bad.words), "\(said)")
    #expect(!said.contains { $0.isNewline } && said.count < 800, "\(said)")
    if let line = bad.line { #expect(said.contains(".yaml, line \(line): "), "\(said)") }
  }

  @Test func bytesThatAreNoTextAreRefused() throws {
    let error = #expect(throws: ConfigurationError.self) { try file(bytes: [0x61, 0xFF, 0xFE]) }
    #expect(error?.description.hasSuffix("is not UTF-8") == true)
  }

  @Test(arguments: ["/no/such/file.yaml", "/"])
  func aFileThatIsNotThereIsNamed(_ path: String) throws {
    let error = #expect(throws: ConfigurationError.self) {
      try ConfigurationFile(path: path, reserved: [])
    }
    #expect(error?.description.hasPrefix("\(path): ") == true)
  }

  @Test func whatGrowsWithoutEndIsRefused() throws {
    // Nine levels of nine references each: more than 10^8 nodes if they were written out.
    var text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n"
    for level in 1..<9 {
      let references = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(references)]\n"
    }
    text += "implementations: *a8\n"
    #expect(throws: ConfigurationError.self) { try file(text) }
    let deep = "implementations: " + String(repeating: "[", count: 20_000)
    #expect(throws: ConfigurationError.self) { try file(deep) }
  }

  @Test func aMutatedFileIsAnErrorOrAConfigurationAndNeverATrap() throws {
    let text = Array(
      """
      implementations:
        mine:
          kind: command
          run: [python3, "a.py"]
          environment: {A: "1"}
          claims: [{operator: fullyConnected, types: ["int8,int8,int8"], maxElements: 65536}]
          limits: {seconds: 0.5, memoryMiB: 64, restarts: 3}
        board: {kind: answers, file: x.jsonl}
      """.utf8)
    var mutator = TextMutator(
      seed: 9,
      tokens: [
        ":", " ", "\n", "- ", "[", "]", "{", "}", "&a ", "*a", "!!int ", "|", ">", "'", "\"", "#",
        "~", "<<: ", "? ", "---\n", "\t", "1e999", "0x7fffffffffffffffff", ".nan", "-1", "\u{FEFF}",
        "9223372036854775808", "true", "kind", "!!binary ", "190:20:30",
      ])
    var (taken, refused) = (0, 0)
    for _ in 0..<draws(4_000) {
      if (try? file(bytes: mutator.mutated(text))) != nil { taken += 1 } else { refused += 1 }
    }
    #expect(taken > 0 && refused > 0)
  }
}
