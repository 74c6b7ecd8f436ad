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

  private static let head = "implementations:\n  mine:\n    kind: "

  @Test(
    arguments: [
      ("", nil, "has no implementations"), ("# nothing\n", nil, "has no implementations"),
      ("[1]", 1, "must be a mapping"), ("other: 1", 1, "has no key 'other'"),
      ("implementations:", 1, "must be a mapping of names"),
      ("implementations: {}", 1, "names no implementation"),
      ("implementations: [mine]", 1, "must be a mapping of names"),
      ("implementations:\n  mine:", 2, "must have a kind"),
      ("implementations:\n  mine: {}", 2, "must have a kind"),
      ("implementations:\n  kernels: {kind: answers, file: x}", 2, "built-in"),
      ("implementations:\n  a b: {kind: answers, file: x}", 2, "a name must be"),
      ("implementations:\n  'a,b': {kind: answers, file: x}", 2, "a name must be"),
      ("implementations:\n  [a]: {kind: answers, file: x}", 2, "must be text"),
      (
        "implementations:\n  a: {kind: answers, file: x}\n  b: {kind: answers, file: x}\n"
          + "  a: {kind: answers, file: y}", 4, "'a' occurs twice"
      ),
      (head + "libary\n    library: x", 3, "must be library, command or answers, but is 'libary'"),
      (head + "library", 3, "library of mine is missing"),
      (head + "command", 3, "run of mine is missing"),
      (head + "answers", 3, "file of mine is missing"),
      (head + "answers\n    file: [x]", 4, "must be text"),
      (head + "answers\n    file:", 4, "file of mine must not be empty"),
      (head + "answers\n    file: x\n    file: y", 5, "'file' occurs twice"),
      (head + "answers\n    file: x\n    run: [y]", 5, "has no key 'run'"),
      (head + "answers\n    file: x\n    limits: {seconds: 1}", 5, "has no key 'limits'"),
      (head + "command\n    run: python3 adapter.py", 4, "must be a list"),
      (head + "command\n    run: []", 4, "must name a program"),
      (head + "command\n    run: ['']", 4, "must name a program"),
      (head + "command\n    run: [[x]]", 4, "must be text"),
      (head + "command\n    run: [x]\n    environment: [A]", 5, "must be a mapping"),
      (head + "command\n    run: [x]\n    environment: {A=B: 1}", 5, "name of a variable"),
      (head + "command\n    run: [x]\n    environment: {A: [1]}", 5, "must be text"),
      (head + "command\n    run: [x]\n    limits: {seconds: 0}", 5, "more than 0"),
      (head + "command\n    run: [x]\n    limits: {seconds: soon}", 5, "more than 0"),
      (head + "command\n    run: [x]\n    limits: {seconds: .nan}", 5, "more than 0"),
      (head + "command\n    run: [x]\n    limits: {seconds: .inf}", 5, "more than 0"),
      (head + "command\n    run: [x]\n    limits: {memoryMiB: 1}", 5, "from 16"),
      (head + "command\n    run: [x]\n    limits: {memoryMiB: 1.5}", 5, "from 16"),
      (head + "command\n    run: [x]\n    limits: {restarts: -1}", 5, "from 0"),
      (head + "command\n    run: [x]\n    limits: {hours: 1}", 5, "has no key 'hours'"),
      (head + "command\n    run: [x]\n    limits: 5", 5, "must be a mapping"),
      (head + "command\n    run: [x]\n    claims: []", 5, "the list is empty"),
      (head + "command\n    run: [x]\n    claims: {operator: fullyConnected}", 5, "claims of mine"),
      (head + "command\n    run: [x]\n    claims: [{operator: convolution}]", 5, "'convolution'"),
      (
        head + "command\n    run: [x]\n    claims: [{operator: fullyConnected, profile: ortt}]", 5,
        "'ortt' is not one of"
      ),
      (head + "command\n    run: [x\n", nil, ""), ("\tx: 1", 1, ""), ("a: b: c", 1, ""),
      ("implementations: *nowhere", 1, ""), ("a: &a [*a]", 1, ""), ("%YAML 9.9\n---\n", nil, ""),
      ("implementations: {}\n---\nimplementations: {}", nil, ""),
    ] as [(String, Int?, String)])
  func whatIsWrongIsSaidInOneLine(_ text: String, line: Int?, words: String) throws {
    let error = #expect(throws: ConfigurationError.self) { try file(text) }
    let said = try #require(error?.description)
    #expect(said.contains(words), "\(said)")
    #expect(!said.contains { $0.isNewline } && said.count < 400, "\(said)")
    if let line { #expect(said.contains(".yaml, line \(line): "), "\(said)") }
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
    #expect(taken > 10 && refused > 10)
  }
}
