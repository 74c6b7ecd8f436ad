import ResultStore
import Testing

@testable import Reporting

@Suite("proofs in the reports") struct ProofSectionTests {
  private let proof = ProofRecord(
    made: UTCTime(secondsSince1970: 1_900_000_000), commandLine: "qverify prove --impl <mine>",
    toolVersion: "1.0.0", kind: .implementation, subject: "mine & yours",
    claim: "mine is bit-exact | with tflm\nand <more>", holds: false, certificate: "{}")

  @Test("a section of its own, with runs and without") func section() throws {
    let sample = Sample.snapshot()
    let snapshot = RunSnapshot(
      run: sample.run, implementations: sample.implementations, tallies: sample.tallies,
      judgements: sample.judgements, finishedRanges: sample.finishedRanges,
      failures: sample.failures, failureCount: sample.failureCount, trend: sample.trend,
      runCount: sample.runCount, proofs: [proof], proofCount: 3)
    for model in [ReportModel(snapshot), .empty(ProofSection([proof], count: 3))] {
      let check = XMLCheck(try HTMLReport().render(model))
      #expect(check.error == nil)
      for part in ["Proofs", "mine & yours", "and <more>", "✗ does not hold", "2 older ones"] {
        #expect(check.text.contains(part), "\(part)")
      }
      let text = try MarkdownReport().render(model)
      #expect(text.contains("\n## Proofs\n") && text.contains("does not hold"))
      // A bar in a claim ends no cell.
      #expect(!text.contains("bit-exact | with"))
    }
  }

  @Test("nothing is said of proofs where there are none") func none() throws {
    #expect(!(try HTMLReport().render(ReportModel(Sample.snapshot())).contains("Proofs")))
    #expect(!(try MarkdownReport().render(ReportModel(Sample.snapshot())).contains("Proofs")))
  }
}
