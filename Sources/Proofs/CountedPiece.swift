/// A range on which a function never falls, and changes in a way that lets its runs be counted without a
/// look at each: from one accumulator to the next it rises by at most 1, or else by at least 1 except at
/// the two ends of the range, where it may rest.
struct CountedPiece {
  let range: ClosedRange<Int64>
  let lowest: Int64
  let highest: Int64
  let risesByAtMostOne: Bool
  private let function: (Int64) -> Int64

  init(
    _ range: ClosedRange<Int64>, risesByAtMostOne: Bool, _ function: @escaping (Int64) -> Int64
  ) {
    (self.range, self.risesByAtMostOne, self.function) = (range, risesByAtMostOne, function)
    (lowest, highest) = (function(range.lowerBound), function(range.upperBound))
  }

  /// The stretches on which the output is not `expected`.
  func differences(from expected: Int64) -> DifferenceSet {
    var differences = DifferenceSet(listing: 0)
    if lowest < expected {
      let last =
        highest < expected ? range.upperBound : end(from: range.lowerBound) { $0 < expected }
      differences.add(counted(range.lowerBound, last, expected))
    }
    if highest > expected {
      let first =
        lowest > expected ? range.lowerBound : end(from: range.lowerBound) { $0 <= expected } + 1
      differences.add(counted(first, range.upperBound, expected))
    }
    return differences
  }

  /// The runs from the place at which one begins to the place at which one ends.
  private func counted(_ first: Int64, _ last: Int64, _ expected: Int64) -> DifferenceSet {
    let (low, high) = (function(first), function(last))
    let firstEnd = low == high ? last : end(from: first) { $0 == low }
    let lastStart = low == high ? first : end(from: firstEnd) { $0 < high } + 1
    let between = risesByAtMostOne ? high - low - 1 : lastStart - firstEnd - 1
    return DifferenceSet(
      counting: low == high ? 1 : Int(2 + between), accumulators: last - first + 1,
      first: .init(range: first...firstEnd, output: low, expected: expected),
      last: .init(range: lastStart...last, output: high, expected: expected))
  }

  /// The last place of which something is true that is true of `first`, and of no place after one of
  /// which it is not.
  private func end(from first: Int64, _ isBefore: (Int64) -> Bool) -> Int64 {
    var (low, high) = (first, range.upperBound + 1)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if isBefore(function(middle)) { low = middle } else { high = middle }
    }
    return low
  }
}
