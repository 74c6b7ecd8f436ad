import CommandImplementations
import Implementations
import TestCases
import Testing
import Verdicts
import Verification

@Suite(.enabled(if: Python.path != nil, "python3 is not here"))
struct TapTests {
  /// Answers of an adapter to `case-0`, `case-1`, …, each with what stands beside its output.
  private func answers(_ body: String, cases: Int) throws -> [LiveAnswer?] {
    let python = try #require(Python.path)
    let implementation = CommandImplementation(
      CommandConfiguration(name: "test", run: [python, "-c", Python.preamble + body]))
    try implementation.prepare()
    let live = LiveQuestions(implementation, asked: nil)
    return try live.answers((0..<cases).map { Trial.echo($0).testCase })
  }

  @Test func accumulatorsComeBesideTheOutputsTheyBelongTo() throws {
    let found = try answers(
      """
      hello()
      held = list()
      for case in cases():
          held.append(case)
          if len(held) == 4:
              for case in reversed(held):
                  output = case["inputs"]["input"]["data"]
                  taps = [{"accumulator": [7]}, {}, {"accumulator": "/v///w=="},
                          {"accumulator": "AQAAAAAAAAA="}]
                  answer(case, output=output, **taps[case["number"]])
      """, cases: 4)
    #expect(found.map { $0?.verdict.outcome } == [.pass, .pass, .pass, .pass])
    #expect(found.map { $0?.accumulators } == [[7], nil, [-2], [1]])
  }

  @Test func tapsOfAnotherNumberThanOutputsAreLeftOut() throws {
    let found = try answers(
      """
      hello()
      for case in cases():
          taps = [[1, 2], "AAA=", ""][case["number"]]
          answer(case, output=case["inputs"]["input"]["data"], accumulator=taps)
      """, cases: 3)
    #expect(found.map { $0?.verdict.outcome } == [.pass, .pass, .pass])
    #expect(found.map { $0?.accumulators } == [nil, nil, nil])
  }
}
