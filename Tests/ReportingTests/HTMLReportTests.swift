import Foundation
import ResultStore
import Testing

@testable import Reporting

@Suite("the HTML report") struct HTMLReportTests {
  private func page(
    _ snapshot: RunSnapshot?, limits: ReportLimits = ReportLimits()
  ) throws -> String {
    try HTMLReport().render(ReportModel(snapshot, limits: limits))
  }

  @Test("no runs") func empty() throws {
    let text = try page(nil)
    #expect(text.contains("No runs yet"))
    #expect(XMLCheck(text).error == nil)
  }

  @Test("one page by itself, that any XML parser reads") func selfContained() throws {
    let text = try page(Sample.snapshot())
    let check = XMLCheck(text)
    #expect(check.error == nil)
    for name in ["script", "link", "img", "iframe", "object", "a"] {
      #expect(check.count(name) == 0)
    }
    #expect(!text.contains("url(") && !text.contains("@import"))
    #expect(check.elements.filter { $0.name == "th" }.allSatisfy { $0.attributes["scope"] != nil })
    let ids = check.elements.compactMap { $0.attributes["id"] }
    #expect(Set(ids).count == ids.count)
    for element in check.elements {
      if let target = element.attributes["aria-labelledby"] { #expect(ids.contains(target)) }
    }
  }

  @Test("what it says") func content() throws {
    let text = XMLCheck(try page(Sample.snapshot())).text
    for part in [
      "mine does not conform; 1 other does not fail", "3 cases fail",
      "The judges agree: 1 check of each other, 1,200 comparisons, no difference.",
      "✗ not bit-exact", "✓ bit-exact", "correctlyRounded(even)", "faithful", "-239/2", "-118",
      "qverify check --only 7-0000012-5f0c91ab", "qverify check --impl kernels,mine --seed 7",
      "1 min 05 s", "2 stored failures are not shown here", "#12", "1 of 12",
    ] {
      #expect(text.contains(part), "\(part)")
    }
  }

  @Test("failing groups come first, and open") func order() throws {
    let text = try page(Sample.snapshot())
    let details = XMLCheck(text).elements.filter { $0.name == "details" }
    #expect(details.map { $0.attributes["open"] } == ["open", nil, nil])
    let results = try #require(text.components(separatedBy: "id=\"results\"").last)
    let names = results.components(separatedBy: "<b>").dropFirst().map { $0.prefix { $0 != "<" } }
    #expect(names == ["fullyConnected", "conv2d", "fullyConnected"])
  }

  @Test("the same model, the same bytes") func deterministic() throws {
    let first = try page(Sample.snapshot())
    for _ in 0..<5 { #expect(try page(Sample.snapshot()) == first) }
  }

  @Test("its size is bounded, and it says what it leaves out") func bounded() throws {
    let long = String(repeating: "x", count: 100_000)
    let failures = (0..<1000).map { _ in Sample.failure("mine", text: long) }
    let tallies = (0..<5000).map {
      Sample.tally("mine", "op\($0 % 50)", "class \($0)", Sample.counts(cases: 1))
    }
    let snapshot = Sample.snapshot(
      implementations: ["mine"], tallies: tallies, failures: failures, failureCount: 12_345)
    let text = try page(snapshot)
    #expect(text.utf8.count < 4_000_000)
    #expect(text.contains("12,145 stored failures are not shown here"))
    #expect(text.contains("3,000 rows of counts are not shown here"))
    #expect(text.contains("(99,000 more characters)"))
    #expect(text.contains("5,000 cases put to 1 implementation, in 5,000 classes"))
    let small = try page(snapshot, limits: ReportLimits(failures: 0, rows: 0, characters: 0))
    #expect(XMLCheck(small).error == nil)
    #expect(small.utf8.count < 60_000)
  }

  @Test("a reader's own limits may be nonsense") func limits() {
    let limits = ReportLimits(failures: -1, rows: -1, characters: -1, trends: -1)
    #expect(limits == ReportLimits(failures: 0, rows: 0, characters: 0, trends: 0))
  }
}
