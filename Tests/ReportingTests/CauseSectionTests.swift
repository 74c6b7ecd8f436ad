import ResultStore
import Testing

@testable import Reporting

@Suite("causes in the reports") struct CauseSectionTests {
  @Test("what explains the wrong outputs stands in a section of its own") func section() throws {
    let sample = Sample.snapshot()
    let causes = [
      CauseRecord(
        implementation: "mine & yours", conclusion: .explains, cause: "the bias | is <missing>",
        explained: 1_342, wrong: 1_342, contradicted: 0, right: 48_210),
      CauseRecord(
        implementation: "theirs", conclusion: .unexplained, cause: "", explained: 0, wrong: 0,
        contradicted: 0, right: 0),
    ]
    let snapshot = RunSnapshot(
      run: sample.run, implementations: sample.implementations, tallies: sample.tallies,
      judgements: sample.judgements, finishedRanges: sample.finishedRanges,
      failures: sample.failures, failureCount: sample.failureCount, trend: sample.trend,
      runCount: sample.runCount, causes: causes)
    let check = XMLCheck(try HTMLReport().render(ReportModel(snapshot)))
    #expect(check.error == nil)
    for part in [
      "Causes", "mine & yours", "the bias | is <missing>", "1,342 of 1,342", "0 of 48,210",
      "no known cause predicts every output",
    ] { #expect(check.text.contains(part), "\(part)") }
    let text = try MarkdownReport().render(ReportModel(snapshot))
    #expect(text.contains("\n## Causes\n") && text.contains("1,342 of 1,342"))
    // A bar in a cause ends no cell.
    #expect(!text.contains("bias | is"))
  }

  @Test("nothing is said of causes where there are none") func none() throws {
    #expect(!(try HTMLReport().render(ReportModel(Sample.snapshot())).contains("Causes")))
  }
}
