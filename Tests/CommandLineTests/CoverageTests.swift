import Foundation
import Testing

extension CommandLineSuite {
  @Suite("coverage") struct CoverageTests {
    private let folder: TemporaryFolder
    #if DEBUG
    private let count = 100
    #else
    private let count = 1_000
    #endif

    init() throws { folder = try TemporaryFolder() }

    /// The member `coverage` of a result: bins, and what was met of them.
    private func coverage(_ ended: Ended) throws -> (bins: Int, covered: Int, holes: Int) {
      let object = try #require(try ended.object()["coverage"] as? [String: Any])
      let groups = try #require(object["groups"] as? [[String: Any]])
      let holes = groups.reduce(0) { $0 + (($1["holes"] as? [String])?.count ?? 0) }
      return (
        try #require(object["bins"] as? Int), try #require(object["covered"] as? Int), holes
      )
    }

    @Test("is shown, stored, and complete with --cover") func complete() async throws {
      let check = "check --impl kernels-portable --profile tflm --seed 2"
      let usual = try await Program.run("\(check) --count \(count) --json - --no-store", in: folder)
      let before = try coverage(usual)
      #expect(before.covered + before.holes == before.bins && before.holes > 0)
      let aimed = try await Program.run(
        "\(check) --count \(count) --cover --json - --database r.sqlite", in: folder)
      let after = try coverage(aimed)
      #expect(after.bins == before.bins && after.covered == after.bins && after.holes == 0)
      #expect(try aimed.object()["cases"] as? Int == count + after.bins)
      let rows = try Rows(
        folder.file("r.sqlite"),
        "SELECT sum(bins) AS bins, sum(covered) AS covered, min(share) AS least FROM coverage"
      ).rows
      #expect(
        rows == [["bins": "\(after.bins)", "covered": "\(after.covered)", "least": "1.0"]])
      let vacuous = try Rows(
        folder.file("r.sqlite"),
        "SELECT count(*) AS n FROM vacuity WHERE vacuous > 0 AND class NOT IN ('random', 'cover')"
      ).rows
      #expect(vacuous == [["n": "0"]])
      let report = try await Program.run("report --database r.sqlite", in: folder)
      #expect(report.status == 0)
      let text = try await Program.run("\(check) --count 20 --no-store", in: folder)
      #expect(text.text.contains("\ncoverage ") && text.text.contains("not met: "))
    }

    @Test("a run that is resumed ends where one that is not does") func resumed() async throws {
      let check =
        "check --impl tflm --conformance correctlyRounded(even) --count \(count) --cover --jobs 1"
        + " --json /dev/null"
      let whole = try await Program.run("\(check) --database whole.sqlite", in: folder)
      let first = try await Program.run(
        "\(check) --database parts.sqlite --max-failures 1", in: folder)
      #expect(whole.status == 1 && first.status == 1)
      let query = "SELECT cover_group, covered, bins, holes FROM coverage ORDER BY position"
      let part = try Rows(folder.file("parts.sqlite"), query).rows
      let second = try await Program.run(
        "\(check) --database parts.sqlite --resume 1", in: folder)
      #expect(second.status == 1, "\(second.error)")
      let expected = try Rows(folder.file("whole.sqlite"), query).rows
      #expect(!expected.isEmpty && part != expected)
      #expect(try Rows(folder.file("parts.sqlite"), query).rows == expected)
      let ranges = "SELECT sum(count) AS n FROM finished_range"
      #expect(
        try Rows(folder.file("parts.sqlite"), ranges).rows
          == Rows(folder.file("whole.sqlite"), ranges).rows)
    }

    @Test("cases of --cover are the same with any number of jobs and shards, and alone")
    func sameCases() async throws {
      let options = "generate --profile ort --input-type uint8 --seed 3 --count 300 --cover"
      func lines(_ more: String) async throws -> [Substring] {
        let ended = try await Program.run("\(options) \(more) --output -", in: folder)
        #expect(ended.status == 0, "\(ended.error)")
        return ended.text.split(separator: "\n").dropFirst().dropLast()
      }
      let whole = try await lines("--jobs 1")
      #expect(whole.count > 600)
      #expect(try await lines("--jobs 3") == whole)
      let parts = try await lines("--shard 1/2") + lines("--shard 2/2")
      #expect(Set(parts) == Set(whole) && parts.count == whole.count)
      let last = try #require(whole.last)
      let id = try #require(last.firstMatch(of: /"id":"([^"]+)"/)?.1)
      #expect(last.contains("\"classes\":[\"cover\"]"))
      let alone = try await Program.run(
        "check --impl ort --profile ort --input-type uint8 --only \(id) --no-store", in: folder)
      #expect(alone.status == 0, "\(alone.error)")
    }

    @Test("list cover names every group, and excluded bins with their reasons")
    func list() async throws {
      let text = try await Program.run("list cover", in: folder)
      let json = try await Program.run("list cover --json", in: folder)
      #expect(text.status == 0 && json.status == 0)
      let value = try JSONSerialization.jsonObject(with: Data(json.output))
      let groups = try #require(value as? [[String: Any]])
      let names = groups.compactMap { $0["group"] as? String }
      let headings = text.text.split(separator: "\n").filter { !$0.hasPrefix(" ") }.map(String.init)
      #expect(names.count > 40 && headings == names)
      let bins = groups.flatMap { $0["bins"] as? [[String: String]] ?? [] }
      let reasons = bins.compactMap { $0["excluded"] }
      #expect(reasons.count > 100 && reasons.allSatisfy { !$0.isEmpty })
      #expect(bins.count - reasons.count > 1_000)
    }

    @Test(
      "what --cover cannot be combined with",
      arguments: ["--vectors x.jsonl", "--only 1-0000001-00000000", "--duration 1s"])
    func refused(_ option: String) async throws {
      let ended = try await Program.run("check --cover \(option)", in: folder)
      #expect(ended.status == 2 && ended.error.contains("--cover"), "\(ended.error)")
    }
  }
}
