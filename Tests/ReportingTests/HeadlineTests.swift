import ResultStore
import Testing
import Verdicts

@testable import Reporting

@Suite("headlines") struct HeadlineTests {
  private func headline(_ snapshot: RunSnapshot) throws -> Headline {
    guard case .run(let report) = ReportModel(snapshot) else {
      throw CancellationError()
    }
    return report.headline
  }

  private static let passing = [
    Sample.tally("mine", "fullyConnected", "tie", Sample.counts(cases: 50))
  ]

  @Test("all is well") func good() throws {
    let headline = try headline(
      Sample.snapshot(run: Sample.run(), implementations: ["mine"], tallies: Self.passing))
    #expect(headline.state == .good)
    #expect(headline.title == "Everything that was judged conforms")
    #expect(
      headline.sentences == [
        "50 cases put to 1 implementation, in 1 class and 1 combination of types: "
          + "fullyConnected 50.",
        "0 cases fail; of 500 outputs compared, 0 differ from what was expected.",
        "The judges agree: 1 check of each other, 1,200 comparisons, no difference.",
      ])
  }

  @Test("the judges' quarrel comes before all else") func judges() throws {
    let headline = try headline(
      Sample.snapshot(
        run: Sample.run(exit: 5, disagree: 2),
        judgements: [Judgement(check: "c", checked: 10, disagreements: 2)]))
    #expect(headline.state == .bad)
    #expect(headline.title == "The judges disagree: no verdict of this run can be relied on")
  }

  @Test("what is not finished is not praised") func unfinished() throws {
    let cases: [(RunStatus, Int?, String, String)] = [
      (
        .running, nil, "The run has not ended: no failure so far",
        "50 of 100 planned cases are stored; the process is still at work, or was killed."
      ),
      (
        .interrupted, 130, "The run was broken off: no failure up to there",
        "It was interrupted after 50 of 100 planned cases."
      ),
      (
        .failed, 3, "The run was broken off: no failure up to there",
        "It gave up after 50 of 100 planned cases."
      ),
    ]
    for (status, exit, title, sentence) in cases {
      let headline = try headline(
        Sample.snapshot(
          run: Sample.run(status: status, exit: exit), implementations: ["mine"],
          tallies: Self.passing))
      #expect(headline.state == .unclear)
      #expect(headline.title == title)
      #expect(headline.sentences.first == sentence)
    }
  }

  @Test("nothing judged is not a success") func nothing() throws {
    for implementations in [[], ["mine"]] {
      let headline = try headline(
        Sample.snapshot(
          run: Sample.run(exit: 1), implementations: implementations, tallies: [], judgements: []))
      #expect(headline.state == .unclear)
      #expect(headline.title == "Nothing was judged")
      #expect(
        headline.sentences == [
          "No case was judged.", "The judges were not checked against each other.",
        ])
    }
  }

  @Test("an exit status is believed") func exitStatus() throws {
    let headline = try headline(
      Sample.snapshot(run: Sample.run(exit: 3), implementations: ["mine"], tallies: Self.passing))
    #expect(headline.state == .bad)
    #expect(headline.title == "The run ended with exit status 3")
  }

  @Test("one of two was not judged") func oneUnjudged() throws {
    let headline = try headline(Sample.snapshot(run: Sample.run(), tallies: Self.passing))
    #expect(headline.state == .unclear)
    #expect(headline.title == "Nothing was judged of kernels")
  }
}
