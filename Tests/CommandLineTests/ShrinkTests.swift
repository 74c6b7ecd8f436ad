import Foundation
import Testing

extension CommandLineSuite {
  /// A failing case from `check` to the programs that show it.
  @Suite("shrink") struct ShrinkTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ line: String, input: String? = nil) async throws -> Ended {
      try await Program.run(line, in: folder)
    }

    private func run(tool command: [String]) async throws -> Ended {
      try await Running(command, in: folder.path).wait()
    }

    /// The file of `init-adapter` with a change, as a kernel named `mine`.
    private func plant(
      _ kind: String, _ file: String, _ right: String, _ wrong: String
    ) async throws {
      #expect(try await run("init-adapter \(kind) .").status == 0)
      let text = try folder.text(file)
      try #require(text.contains(right), "\(file) has changed")
      try folder.write(text.utf8, to: "right-\(file)")
      try folder.write(text.replacing(right, with: wrong, maxReplacements: 1).utf8, to: file)
    }

    /// The first failure of `check`, by its id.
    private func firstFailure(_ options: String) async throws -> String {
      let checked = try await run("check --impl mine --jobs 1 --json - \(options)")
      #expect(checked.status == 1, "\(checked.error)")
      let implementations = try checked.object()["implementations"] as? [[String: Any]]
      let failures = try #require(implementations?.first?["failures"] as? [[String: Any]])
      return try #require(failures.first?["id"] as? String)
    }

    /// What `shrink --json` says, of the newest run.
    private func shrunk(_ id: String, _ options: String = "") async throws -> [String: Any] {
      let ended = try await run("shrink newest:\(id) --json \(options)")
      #expect(ended.status == 0, "\(ended.error)\(ended.text)")
      return try ended.object()
    }

    private func folderOf(_ id: String) -> String { "Reports/reproducers/\(id)" }

    @Test(
      "a wrong program: one accumulator, and a Python program that shows it",
      .enabled(if: Tool.python != nil, "python3 is not here"))
    func program() async throws {
      try await plant(
        "python", "mine.py", "value = round(total * scale)", "value = int(total * scale)")
      let id = try await firstFailure("--count 40")
      let result = try await shrunk(id)
      #expect(result["outcome"] as? String == "mismatch" && result["isConfirmed"] as? Bool == true)
      let after = try #require(result["after"] as? [String: Any])
      #expect((after["line"] as? String)?.contains(#""shape":[1,1]"#) == true)
      let python = try #require(Tool.python)
      let reproduce = "\(folderOf(id))/reproduce.py"
      let wrong = try await run(tool: [python, reproduce, python, "mine.py"])
      #expect(wrong.status == 1 && wrong.text.contains("1 of 1 outputs are wrong"), "\(wrong.text)")
      let right = try await run(tool: [python, reproduce, python, "right-mine.py"])
      #expect(right.status == 0 && right.text.contains("0 of 1 outputs are wrong"), "\(right.text)")
      let dead = try await run(tool: [python, reproduce, "sh", "-c", "exit 3"])
      #expect(dead.status == 1 && dead.text.contains("no answer"), "\(dead.text)")
      #expect(try await run(tool: [python, reproduce, "/nowhere"]).status == 2)
      let vectors = "check --impl mine --no-store --vectors \(folderOf(id))/case.jsonl"
      #expect(try await run(vectors).status == 1)
      try folder.write(try folder.contents("right-mine.py"), to: "mine.py")
      #expect(try await run(vectors).status == 0)
      let sound = try await run("shrink newest:\(id)")
      #expect(sound.status == 1 && sound.isOneLine && sound.error.contains("does not fail: pass"))
    }

    @Test(
      "a hang: only what it needs stays",
      .enabled(if: Tool.python != nil, "python3 is not here"))
    func hang() async throws {
      let program = """
        import json, sys, time
        claims = [{"operator": "fullyConnected", "types": ["int8,int8,int8"], "profile": "tflm"}]
        print(json.dumps({"hello": {"format": 1, "claims": claims}}), flush=True)
        for line in iter(sys.stdin.readline, ""):
            case = json.loads(line)
            if "id" in case:
                if case["output"]["shape"][1] > 2:
                    time.sleep(100)
                print(json.dumps({"id": case["id"], "error": "none"}), flush=True)
        """
      try folder.write(program.utf8, to: "mine.py")
      let yaml = """
        implementations:
          mine: {kind: command, run: [python3, mine.py], limits: {seconds: 0.3}}

        """
      try folder.write(yaml.utf8, to: "qverify.yaml")
      let id = try await firstFailure("--cases random --count 1")
      let result = try await shrunk(id)
      #expect(result["outcome"] as? String == "timeout")
      let line = try #require((result["after"] as? [String: Any])?["line"] as? String)
      #expect(line.contains(#""output":{"type":"#) && line.contains(#""shape":[1,3]"#), "\(line)")
    }

    @Test(
      "a wrong library: a program in C that shows it", .enabled(if: Tool.c != nil, "no cc here"))
    func library() async throws {
      try await plant("c", "mine.c", "value = round(", "value = rint(")
      let compiler = try #require(Tool.c)
      func compiled(_ source: String, _ library: String) async throws {
        let ended = try await run(
          tool: [compiler, "-O1", "-shared", "-fPIC", "-o", library, source, "-lm"])
        try #require(ended.status == 0, "\(ended.error)")
      }
      try await compiled("mine.c", "libmine.so")
      try await compiled("right-mine.c", "libright.so")
      let id = try await firstFailure("--class knifeEdge,multiplier.powerOfTwo --count 40")
      let result = try await shrunk(id)
      let after = try #require(result["after"] as? [String: Any])
      #expect((after["line"] as? String)?.contains(#""shape":[1,1]"#) == true)
      try await reproduce(id, compiler, ["libmine.so": 1, "libright.so": 0, "libnone.so": 2])

      // A crash, in layers of three terms and more.
      let text = try folder.text("right-mine.c").replacing(
        "rows = a->input.shape[0];",
        with: "rows = a->input.shape[0]; if (a->input.shape[1] > 2) *(volatile char *)1 = 0;",
        maxReplacements: 1)
      try folder.write(text.utf8, to: "mine.c")
      try await compiled("mine.c", "libmine.so")
      let crashing = try await firstFailure("--cases random --count 8")
      let crash = try await shrunk(crashing)
      #expect(crash["outcome"] as? String == "crash")
      let line = try #require((crash["after"] as? [String: Any])?["line"] as? String)
      #expect(line.contains(#""shape":[1,3]"#) && line.contains(#""shape":[1,1]"#), "\(line)")
      try await reproduce(crashing, compiler, ["libmine.so": 1, "libright.so": 0])
    }

    /// Compiles the program of a case without a warning, and runs it on libraries.
    private func reproduce(_ id: String, _ compiler: String, _ statuses: [String: Int32])
      async throws
    {
      let place = folderOf(id)
      let ended = try await run(
        tool: [
          compiler, "-std=c99", "-Wall", "-Werror", "-o", "reproduce", "\(place)/reproduce.c",
          "-ldl",
        ])
      try #require(ended.status == 0, "\(ended.error)")
      for (library, status) in statuses {
        let shown = try await run(tool: ["./reproduce", "./\(library)"])
        #expect(shown.status == status, "\(library): \(shown.text)\(shown.error)")
      }
    }

    @Test("a stored failure is explained with what came, and where")
    func explained() async throws {
      // A reference that is asked for another arithmetic than its own is wrong where they differ.
      try await recordWrongAnswers()
      let checked = try await run("check --vectors cases.jsonl --answers answers.jsonl")
      #expect(checked.status == 1, "\(checked.error)")
      let explained = try await run("explain newest:one")
      #expect(explained.status == 0, "\(explained.error)")
      for text in [
        "FAILURE     case one of answers, run 1", "outcome   mismatch",
        "output 1 (row 0, channel 1): expected 4, got 5",
        "WHERE       over all stored failures of answers in this run",
        "1 wrong and 1 right outputs in 1 failing case", "got − expected: +1 × 1",
        "case one: output 1 (row 0, channel 1), profile exact-even",
        "  got                      5                          +1 from the expected one",
      ] {
        #expect(explained.text.contains(text), "\(text) is not in \(explained.text)")
      }
      let other = try await run("explain newest:one --output-index 0")
      #expect(other.text.contains("the same"), "\(other.text)")
    }

    @Test("who cannot be asked has its failure shown as it was stored") func recorded() async throws
    {
      try await recordWrongAnswers()
      #expect(try await run("check --vectors cases.jsonl --answers answers.jsonl").status == 1)
      let ended = try await run("shrink newest:one")
      #expect(ended.status == 1 && ended.isOneLine, "\(ended.error)")
      #expect(ended.error.contains("answers cannot be asked"), "\(ended.error)")
      #expect(ended.text.contains("output 1 (row 0, channel 1): expected 4, got 5"))
      let built = try await run("shrink newest:one --impl exact-even")
      #expect(built.status == 1 && built.error.contains("does not fail"), "\(built.error)")
    }

    @Test("bad usage: exit 2, one line") func badUsage() async throws {
      try await recordWrongAnswers()
      for line in [
        "shrink", "shrink cases.jsonl", "shrink cases.jsonl --impl kernels --case two",
        "shrink cases.jsonl --impl nobody", "shrink none.jsonl --impl kernels",
        "shrink 1:x --case y", "shrink cases.jsonl --impl kernels --budget 0",
        "shrink cases.jsonl --impl a,b", "explain cases.jsonl --impl kernels",
      ] {
        let ended = try await run(line)
        #expect(ended.status == 2 && ended.isOneLine, "\(line): \(ended.error)")
      }
      #expect(try await run("shrink 1:x").status == 4)
    }

    private func recordWrongAnswers() async throws {
      let pattern = #"{"type":"int8","shape":[SHAPE],"scale":1,"zeroPoint":0,"data":[DATA]}"#
      func tensor(_ shape: String, _ data: String) -> String {
        pattern.replacing("SHAPE", with: shape).replacing("DATA", with: data)
      }
      let line =
        #"{"id":"one","operator":"fullyConnected","profile":"exact-even","attributes":{},"inputs":{"#
        + "\"input\":\(tensor("1,1", "2")),\"weights\":\(tensor("2,1", "1,2"))},"
        + #""output":{"type":"int8","shape":[1,2],"scale":1,"zeroPoint":0}}"#
      try folder.write("{\"hello\":{\"format\":1}}\n\(line)\n".utf8, to: "cases.jsonl")
      let answers =
        #"{"hello":{"format":1,"name":"board","version":"1"}}"# + "\n"
        + #"{"id":"one","output":[2,5]}"# + "\n" + #"{"end":{"answers":1}}"# + "\n"
      try folder.write(answers.utf8, to: "answers.jsonl")
    }
  }
}
