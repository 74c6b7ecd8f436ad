import Proofs

/// Where two functions differ, as members of a JSON object.
struct IntervalDocument: Encodable {
  struct Interval: Encodable {
    let first: Int64
    let last: Int64
    let output: Int64
    let expected: Int64

    init(_ difference: RequantizationProof.Difference) {
      first = difference.range.lowerBound
      last = difference.range.upperBound
      output = difference.output
      expected = difference.expected
    }
  }

  let accumulators: Int64
  /// All of them, also those that are not listed.
  let intervalCount: Int
  /// From the first on, as many as are listed.
  let intervals: [Interval]
  /// The very last; where not all are listed.
  let lastInterval: Interval?

  init(_ differences: DifferenceSet) {
    accumulators = differences.accumulators
    intervalCount = differences.intervals
    intervals = differences.listed.map { Interval($0) }
    lastInterval = differences.isListedWhole ? nil : differences.last.map { Interval($0) }
  }
}
