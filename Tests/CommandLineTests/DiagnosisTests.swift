import Foundation
import Testing

extension CommandLineSuite {
  /// The cause of a failure, and the arithmetic of a black box.
  @Suite("causes and identification") struct DiagnosisTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func run(_ line: String) async throws -> Ended {
      try await Program.run(line, in: folder)
    }

    private func plant(_ right: String, _ wrong: String) async throws {
      #expect(try await run("init-adapter python .").status == 0)
      let text = try folder.text("mine.py")
      try #require(text.contains(right), "mine.py has changed")
      try folder.write(
        text.replacing(right, with: wrong, maxReplacements: 1).utf8, to: "mine.py")
    }

    @Test(
      "check names the cause, keeps it, and the report shows it",
      .enabled(if: Tool.python != nil, "python3 is not here"))
    func cause() async throws {
      try await plant("total += int(case.bias.data[channel])", "pass")
      let ended = try await run("check --impl mine --count 400")
      #expect(ended.status == 1)
      #expect(ended.text.contains("CAUSE  the bias is missing"), "\(ended.text)")
      #expect(ended.text.contains("NEXT   qverify shrink 1:"))
      let json = try await run("check --impl mine --count 400 --json -").object()
      let first = (json["implementations"] as? [[String: Any]])?.first
      let causes = try #require(first?["causes"] as? [[String: Any]])
      #expect(causes.first?["cause"] as? String == "the bias is missing")
      #expect(causes.first?["explained"] as? Int == causes.first?["wrong"] as? Int)
      #expect(try await run("report --output report.html").status == 0)
      #expect(try folder.text("report.html").contains("the bias is missing"))
      let id = try #require(
        (first?["failures"] as? [[String: Any]])?.first?["id"] as? String)
      let explained = try await run("explain newest:\(id)")
      #expect(explained.text.contains("CAUSE       the bias is missing"), "\(explained.text)")
      let document = try await run("explain newest:\(id) --json").object()
      let failure = try #require(document["failure"] as? [String: Any])
      #expect(failure["caseID"] as? String == id && failure["outcome"] as? String == "mismatch")
      let stored = try #require((failure["causes"] as? [[String: Any]])?.first)
      #expect(stored["cause"] as? String == "the bias is missing")
      #expect(stored["conclusion"] as? String == "explains" && stored["contradicted"] as? Int == 0)
      let (got, expected) = (document["got"] as? Int, document["expected"] as? Int)
      #expect(got != nil && expected != nil && got != expected)
      #expect((failure["pattern"] as? [String: Any])?["wrong"] as? Int ?? 0 > 0)
    }

    @Test("explain --json of what did not fail") func explainedJSON() async throws {
      let document = try await run("explain --json").object()
      // 20/8 is a tie, which the profile of the worked example rounds to 0.
      #expect(document["expected"] as? Int == 0 && document["profile"] as? String == "tflm")
      #expect(document["failure"] is NSNull && document["got"] is NSNull)
      #expect((document["text"] as? [String])?.isEmpty == false)
      #expect(try await run("explain --derivation --json").status == 2)
    }

    @Test(
      "explain and shrink say what check found, of the same database",
      .enabled(if: Tool.python != nil, "python3 is not here"))
    func oneAnswer() async throws {
      try await plant("for k in range(depth))", "for k in range(depth - (depth % 4 > 0)))")
      let ended = try await run("check --impl mine --count 600 --database own.sqlite")
      let cause = "the last term is dropped, where K is no multiple of 4 only"
      #expect(ended.text.contains("CAUSE  \(cause)"), "\(ended.text)")
      let id = try #require(
        ended.text.firstMatch(of: /qverify shrink (\S+) --database own\.sqlite/))
      let explained = try await run("explain \(id.1) --database own.sqlite")
      #expect(explained.text.contains("CAUSE       \(cause)"), "\(explained.text)")
      #expect(explained.text.contains("as check found it in run 1"), "\(explained.text)")
      #expect(explained.text.contains("qverify shrink \(id.1) --database own.sqlite"))
      let shrunk = try await run("shrink \(id.1) --database own.sqlite --budget 300")
      #expect(shrunk.text.contains("cause, before and after: \(cause)"), "\(shrunk.text)")
    }

    @Test(
      "what check could not explain, explain and shrink do not explain either",
      .enabled(if: Tool.python != nil, "python3 is not here"))
    func noAnswer() async throws {
      try await plant(
        "output.append(min(", "output.append(min(value, low, high) if row == depth else min(")
      let ended = try await run("check --impl mine --count 600")
      #expect(ended.text.contains("CAUSE  unexplained"), "\(ended.text)")
      let id = try #require(ended.text.firstMatch(of: /qverify shrink (\S+)/))
      let explained = try await run("explain \(id.1)")
      #expect(
        explained.text.contains("CAUSE       unexplained: check found no known cause in run 1"),
        "\(explained.text)")
      let shrunk = try await run("shrink \(id.1) --budget 300")
      #expect(shrunk.text.contains("no cause that check found explains it"), "\(shrunk.text)")
    }

    @Test(
      "a crash has no cause, and is to be shrunk nevertheless",
      .enabled(if: Tool.python != nil, "python3 is not here"))
    func crash() async throws {
      try await plant(
        "    output = []", "    output = []\n    if depth % 7 == 3: raise SystemExit(3)")
      let ended = try await run("check --impl mine --count 60")
      #expect(ended.status == 1 && !ended.text.contains("CAUSE"), "\(ended.text)")
      #expect(ended.text.contains("NEXT   qverify shrink 1:"), "\(ended.text)")
    }

    @Test("a built-in arithmetic is identified, and its file is a profile")
    func identify() async throws {
      let found = try await run(
        "identify --impl ort --types int8,int8,int8 --output found.json --budget 80")
      #expect(found.status == 0, "\(found.error)")
      #expect(found.text.contains("ort"))
      #expect(found.text.contains("1. "))
      let checked = try await run(
        "check --impl ort --profile found.json --count 60 --cases edge --no-store")
      #expect(checked.status == 0, "\(checked.text)\(checked.error)")
      #expect(checked.text.contains("identified-ort"))
      let json = try await run(
        "identify --impl ort --types int8,int8,int8 --budget 80 --json"
      ).object()
      let item = try #require((json["items"] as? [[String: Any]])?.first)
      #expect(item["result"] as? String == "named")
      #expect((item["profiles"] as? [String])?.contains("ort") == true)
    }

    @Test(
      "bad usage is one line and status 2",
      arguments: [
        ("identify --impl nobody", "nobody"), ("identify --impl ort --types int8", "--types"),
        ("identify --impl ort --types int16,int16,int16", "not claimed"),
        ("identify --impl kernels", "--claim"), ("identify --impl ort --claim tflm", "--claim"),
        ("identify --impl ort --budget 2", "--budget"),
        ("identify --impl ort,tflm", "one implementation"),
        ("check --profile missing.json", "missing.json"),
      ])
    func badUsage(_ line: String, _ part: String) async throws {
      let ended = try await run(line)
      #expect(ended.status == 2 && ended.isOneLine, "\(ended.error)")
      #expect(ended.error.contains(part), "\(ended.error)")
    }
  }
}
