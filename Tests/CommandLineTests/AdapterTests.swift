import Foundation
import Testing

extension CommandLineSuite {
  /// Programs and recorded answers under `check`, from the outside.
  @Suite("adapters", .enabled(if: Tool.python != nil, "python3 is not here"))
  struct AdapterTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Implementations that are Python programs, by name.
    private func configure(_ programs: [(name: String, python: String)]) throws {
      var yaml = "implementations:\n"
      for (name, python) in programs {
        try folder.write(python.utf8, to: "\(name).py")
        yaml +=
          "  \(name):\n    kind: command\n    run: [python3, \(name).py]\n"
          + "    limits: {seconds: 0.5, restarts: 3}\n"
      }
      try folder.write(yaml.utf8, to: "qverify.yaml")
    }

    private static let hello = """
      import os, sys, time
      claim = '{"operator":"fullyConnected","profile":"exact-even","types":["int8,int8,int8"]}'
      def hello():
          os.write(1, ('{"hello":{"format":1,"claims":[' + claim + ']}}\\n').encode())

      """

    @Test("a program that cannot be started: exit 3, one line") func notStarted() async throws {
      try configure([
        ("dies", "import sys; sys.exit('no licence')"), ("chatty", "print('welcome', flush=True)"),
      ])
      for (name, words) in [("dies", "no licence"), ("chatty", "welcome")] {
        for command in ["check --no-store", "smoke"] {
          let ended = try await Program.run("\(command) --impl \(name)", in: folder)
          #expect(ended.status == 3 && ended.isOneLine, "\(ended.error)")
          #expect(ended.error.contains(words), "\(ended.error)")
        }
      }
      let list = try await Program.run("list implementations", in: folder)
      #expect(list.status == 0, "\(list.error)")
      #expect(list.text.contains("available: no: before its hello line it ended"), "\(list.text)")
      #expect(list.text.contains("no licence") && list.text.contains("kernels\n"))
    }

    @Test("a program that is always silent: the rest is not reached, and the run ends")
    func silent() async throws {
      try configure([("silent", Self.hello + "hello()\ntime.sleep(100)")])
      let ended = try await Program.run("check --impl silent --count 300 --jobs 1", in: folder)
      #expect(ended.status == 1, "\(ended.error)")
      #expect(ended.text.contains("timeout") && ended.text.contains(" notReached"))
      #expect(
        ended.text.contains(
          "quarantined after 3 restarts; the last failure: no answer within 0.5 s"),
        "\(ended.text)")
    }

    @Test("floods cost neither memory nor the run") func floods() async throws {
      try configure([
        (
          "flood",
          Self.hello + "hello()\nos.write(2, b'e' * 1000)\nwhile True: os.write(1, b'x' * 65536)"
        ),
        (
          "errors", Self.hello + "hello()\nwhile True: os.write(2, b'x' * 65536)"
        ),
      ])
      // Linux counts what the tests' own process held when the program was started.
      let inherited = try await Program.run("--version", in: folder).peakMemory
      for name in ["flood", "errors"] {
        let ended = try await Program.run(
          "check --impl \(name) --count 20 --jobs 1 --no-store", in: folder)
        #expect(ended.status == 1, "\(ended.text)\(ended.error)")
        #expect(
          ended.peakMemory < 250_000 + inherited, "\(ended.peakMemory), \(inherited) KiB before")
        #expect(ended.error.isEmpty, "\(ended.error)")
      }
    }

    @Test("bad configurations: exit 2, one line with the place") func badConfiguration()
      async throws
    {
      for (yaml, words) in [
        ("implementations:\n  mine: {kind: comand, run: [x]}\n", "qverify.yaml, line 2: "),
        ("implementations:\n  kernels: {kind: answers, file: x}\n", "qverify.yaml, line 2: "),
        ("implementations:\n  mine: {kind: command, run: [x}\n", "qverify.yaml, line 2: "),
        ("implementations:\n  other: {kind: command, run: [x]}\n", "'mine'"),
        ("implementations:\n  mine: {kind: answers, file: x}\n", "--vectors FILE"),
      ] {
        try folder.write(yaml.utf8, to: "qverify.yaml")
        let ended = try await Program.run("check --impl mine --no-store", in: folder)
        #expect(ended.status == 2 && ended.isOneLine, "\(yaml)\(ended.error)")
        #expect(ended.error.contains(words), "\(ended.error)")
      }
      for arguments in ["--impl mine --config none.yaml", "--impl mine,mine", "--impl ,"] {
        let ended = try await Program.run("check --no-store \(arguments)", in: folder)
        #expect(ended.status == 2 && ended.isOneLine, "\(arguments): \(ended.error)")
      }
      try FileManager.default.removeItem(atPath: folder.file("qverify.yaml"))
      let ended = try await Program.run("check --impl mine --no-store", in: folder)
      #expect(ended.status == 2 && ended.isOneLine, "\(ended.error)")
      #expect(ended.error.contains("qverify.yaml, which would name others, is not here"))
    }

    // MARK: Recorded answers

    /// Cases, and the answers of the adapter that init-adapter writes.
    private func record(_ cases: String, _ answers: String, seed: Int) async throws {
      if !FileManager.default.fileExists(atPath: folder.file("mine.py")) {
        #expect(try await Program.run("init-adapter python .", in: folder).status == 0)
      }
      let made = try await Program.run(
        "generate --impl mine --cases random --seed \(seed) --count 30 --output \(cases)",
        in: folder)
      #expect(made.status == 0, "\(made.error)")
      let python = try #require(Tool.python)
      let ended = try await Running(
        [python, "mine.py"], in: folder.path, input: folder.file(cases)
      ).wait()
      #expect(ended.status == 0, "\(ended.error)")
      try folder.write(ended.output, to: answers)
    }

    @Test("answers that were computed elsewhere are judged") func answers() async throws {
      try await record("cases.jsonl", "answers.jsonl", seed: 1)
      let check = "check --no-store --vectors cases.jsonl --answers answers.jsonl"
      let right = try await Program.run(check, in: folder)
      #expect(right.status == 0, "\(right.text)\(right.error)")
      #expect(right.text.contains("30 pass"), "\(right.text)")

      var lines = try folder.text("answers.jsonl").split(separator: "\n").map(String.init)
      let end = lines.removeLast()
      let other = lines[5].replacing(/"id":"[^"]*"/, with: "\"id\":\"1-9999999-00000000\"")
      lines.remove(at: 3)
      lines += [lines[1], other]
      try folder.write((lines.joined(separator: "\n") + "\n").utf8, to: "answers.jsonl")
      let wrong = try await Program.run(check, in: folder)
      #expect(wrong.status == 1)
      #expect(
        wrong.text.contains("29 pass, 1 missing, 1 extra, 1 duplicate"), "\(wrong.text)")

      // Of another file, cut off, of cases that were changed, of cases that can be read only once.
      try await record("others.jsonl", "others.answers", seed: 2)
      for (arguments, words) in [
        ("--vectors cases.jsonl --answers others.answers", "checksum"),
        ("--vectors others.jsonl --answers answers.jsonl", "answers none of the cases given"),
        ("--vectors - --answers answers.jsonl", "--vectors FILE"),
        ("--vectors cases.jsonl --answers none.jsonl", "none.jsonl"),
        ("--answers answers.jsonl", "--vectors FILE"),
      ] {
        let ended = try await Program.run("check --no-store \(arguments)", in: folder)
        #expect(ended.status == 2 && ended.isOneLine, "\(arguments): \(ended.error)")
        #expect(ended.error.contains(words), "\(ended.error)")
      }
      let whole = try folder.contents("answers.jsonl")
      try folder.write(whole.dropLast(9), to: "answers.jsonl")
      let cut = try await Program.run(check, in: folder)
      #expect(cut.status == 2 && cut.error.contains("cut off here"), "\(cut.error)")
      try folder.write(whole, to: "answers.jsonl")
      let changed = try folder.text("cases.jsonl").replacing("\"relu6\"", with: "\"relu\"")
        .replacing("\"none\"", with: "\"relu\"")
      try folder.write(changed.utf8, to: "cases.jsonl")
      let stale = try await Program.run(check, in: folder)
      #expect(stale.status == 2 && stale.error.contains("the file was changed"), "\(stale.error)")
      #expect(end.hasPrefix("{\"end\""))
    }

    @Test("answers may be named in qverify.yaml") func namedAnswers() async throws {
      try await record("cases.jsonl", "answers.jsonl", seed: 3)
      let yaml = try folder.text("qverify.yaml") + "  board: {kind: answers, file: answers.jsonl}\n"
      try folder.write(yaml.utf8, to: "qverify.yaml")
      let ended = try await Program.run(
        "check --no-store --impl board,mine --vectors cases.jsonl", in: folder)
      #expect(ended.status == 0, "\(ended.text)\(ended.error)")
      #expect(ended.text.contains("always agree: {board, mine}"), "\(ended.text)")
    }

    // MARK: Several at once

    @Test("several implementations: who agrees with whom") func differential() async throws {
      #expect(try await Program.run("init-adapter python .", in: folder).status == 0)
      // One output of every case is one too large.
      let wrong = try folder.text("mine.py").replacing(
        "return output", with: "return [min(output[0] + 1, high)] + output[1:]")
      try folder.write(wrong.utf8, to: "other.py")
      let yaml =
        try folder.text("qverify.yaml") + "  other: {kind: command, run: [python3, other.py]}\n"
      try folder.write(yaml.utf8, to: "qverify.yaml")
      let ended = try await Program.run(
        "check --impl exact-even,mine,other --input-type int8 --weight-type int8 --output-type int8"
          + " --class random --count 60 --no-store --json result.json", in: folder)
      #expect(ended.status == 1, "\(ended.text)\(ended.error)")
      #expect(ended.text.contains("always agree: {exact-even, mine}\n"), "\(ended.text)")
      let data = Data(try folder.contents("result.json"))
      let result = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
      #expect(result["clusters"] as? [[String]] == [["exact-even", "mine"], ["other"]])
      let pairs = try #require(result["agreement"] as? [[String: Any]])
      #expect(pairs.count == 3)
      for pair in pairs {
        let isOther = pair["second"] as? String == "other"
        let (compared, differing) = (pair["compared"] as? Int ?? 0, pair["differing"] as? Int ?? 0)
        #expect(compared > 10 && (isOther ? differing > compared / 2 : differing == 0), "\(pair)")
      }
      guard let python = Tool.schemaPython else { return }
      try folder.write(
        try await Program.run("check --schema", in: folder).output, to: "schema.json")
      let script =
        "import json, jsonschema; jsonschema.validate(json.load(open('result.json')),"
        + " json.load(open('schema.json')), jsonschema.Draft202012Validator)"
      let validated = try await Running([python, "-c", script], in: folder.path).wait()
      #expect(validated.status == 0, "\(validated.error)")
    }
  }
}
