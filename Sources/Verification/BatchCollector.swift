import Dispatch
import QuantizedLayers
import TestCases
import Verdicts

/// Results of one thread that have not been handed over yet.
struct BatchCollector {
  var ranges: [Range<Int>] = []
  var failures: [FailureRecord] = []
  private var tallies: [Key: TallyCounts] = [:]
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

  mutating func add(_ verdict: Verdict, _ implementation: Int, _ testCase: TestCase) {
    let key = Key(
      implementation: implementation, types: testCase.layer.types,
      operation: testCase.layer.operation, profile: testCase.profile ?? "",
      caseClass: testCase.mainClass)
    tallies[key, default: TallyCounts()] += verdict.counts
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
      }, failures: failures)
    self = BatchCollector()
    return batch
  }
}
