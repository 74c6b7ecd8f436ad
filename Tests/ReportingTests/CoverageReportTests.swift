import ResultStore
import Testing
import Verdicts

@testable import Reporting

@Suite("coverage in reports") struct CoverageReportTests {
  private let stored = [
    StoredCoverage(group: "sign", bins: 3, covered: 3, holes: [], met: "111"),
    StoredCoverage(
      group: "sign × place", bins: 4, covered: 1, holes: ["y < 0, tie", "b", "c"], met: "0100"),
    StoredCoverage(group: "place", bins: 2, covered: 1, holes: ["tie"], met: "10"),
  ]

  @Test("groups with holes come first, the most open one first of all") func order() {
    let report = CoverageReport(stored, holes: 2)
    #expect(report.groups.map(\.name) == ["sign × place", "place", "sign"])
    #expect(report.groups.map(\.share.percent) == ["25.0 %", "50.0 %", "100 %"])
    #expect(report.groups[0].holes == ["y < 0, tie", "b"] && report.groups[0].holesOmitted == 1)
    #expect(report.sentence == "5 of 9 bins met, 55.5 %")
    #expect(CoverageReport([], holes: 2).isEmpty)
  }

  @Test("both reports have the section, escaped, and leave it out where nothing was counted")
  func sections() throws {
    var counts = Sample.counts(cases: 40)
    counts.vacuous = 3
    let tallies = [Sample.tally("mine", "op", "random", counts)]
    let with = Sample.report(Sample.snapshot(tallies: tallies, coverage: stored))
    let without = Sample.report(Sample.snapshot(tallies: tallies))
    for format in ReportFormats.all {
      let text = try format.render(with)
      #expect(text.contains("5 of 9 bins met, 55.5 %"), "\(format.name)")
      #expect(text.contains("y &lt; 0, tie") && !text.contains("y < 0, tie"), "\(format.name)")
      #expect(text.contains("3 of 40 cases are vacuous (7.5 %): random 3"), "\(format.name)")
      #expect(try !format.render(without).contains("bins met"), "\(format.name)")
    }
  }
}
