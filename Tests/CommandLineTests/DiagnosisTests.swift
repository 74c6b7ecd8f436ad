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
