import Dispatch
import Implementations
import QuantizedLayers
import TestCases
import Verdicts

/// Results of one thread that have not been handed over yet.
struct BatchCollector {
  var ranges: [Range<Int>] = []
  var failures: [FailureRecord] = []
  private var tallies: [Key: TallyCounts] = [:]
  private var strays: [Int: TallyCounts] = [:]
  private var agreement = Agreement()
  private var begun = DispatchTime.now()

  private struct Key: Hashable {
    let implementation: Int
    let types: TypeTriple
    let operation: String
    let profile: String
    let caseClass: String
  }

  /// Half a second's work is handed over together: durable soon, and few transactions.
  var isDue: Bool {
    DispatchTime.now().uptimeNanoseconds &- begun.uptimeNanoseconds > 500_000_000
  }

  /// Counts a verdict under the arithmetic that the answer was compared with.
  mutating func add(
    _ verdict: Verdict, _ implementation: Int, _ testCase: TestCase, profile: String?
  ) {
    let key = Key(
      implementation: implementation, types: testCase.layer.types,
      operation: testCase.layer.operation, profile: profile ?? testCase.profile ?? "",
      caseClass: testCase.mainClass)
    tallies[key, default: TallyCounts()] += verdict.counts
  }

  /// Counts an answer without a case; it has no types and no class.
  mutating func add(_ stray: Stray, _ implementation: Int) {
    var counts = TallyCounts()
    counts.outcomes[stray.outcome] = 1
    strays[implementation, default: TallyCounts()] += counts
  }

  /// Counts which implementations gave the same outputs for a case.
  mutating func compare(_ answers: [Answer?]) {
    guard answers.count > 1 else { return }
    agreement.add(
      answers.map { answer in
        if case .output(let bytes)? = answer { bytes } else { nil }
      })
  }

  /// The batch, which is forgotten here.
  mutating func finished(names: [String]) -> BatchResult {
    let batch = BatchResult(
      ranges: ranges,
      tallies: tallies.map { key, counts in
        Tally(
          TallyKey(
            implementation: names[key.implementation], operatorName: key.operation,
            types: key.types.description, profile: key.profile, caseClass: key.caseClass), counts)
      }
        + strays.map { number, counts in
          Tally(
            TallyKey(
              implementation: names[number], operatorName: "", types: "", profile: "",
              caseClass: "stray"), counts)
        }, failures: failures, agreement: agreement)
    self = BatchCollector()
    return batch
  }
}
