import Verdicts

/// The true value under every tie rule, as stretches on which none of them changes.
struct TrueTable: Sendable {
  /// Outputs of a stretch that ends at `end`.
  struct Stretch: Hashable, Sendable {
    let end: Int64
    let down: Int32
    let up: Int32
    let even: Int32
    let away: Int32
  }

  private let stretches: [Stretch]
  /// Accumulators whose true value is a tie between two outputs.
  let ties: Int64

  init(_ truth: TrueFunctions) {
    let rules: [TrueSteps.Tie] = [.down, .up, .even, .away]
    var stretches: [Stretch] = []
    stretches.reserveCapacity(2 * truth[TrueSteps.Tie.up].runs.count)
    var ties: Int64 = 0
    StepFunction.merge(rules.map { truth[$0] }) { start, end, values in
      if values[0] != values[1] { ties += end - start + 1 }
      // Outputs fit 16 bits.
      stretches.append(
        Stretch(
          end: end, down: Int32(truncatingIfNeeded: values[0]),
          up: Int32(truncatingIfNeeded: values[1]), even: Int32(truncatingIfNeeded: values[2]),
          away: Int32(truncatingIfNeeded: values[3])))
    }
    self.stretches = stretches
    self.ties = ties
  }

  /// Calls `body` for every part of a function's stretches on which the true value does not change.
  @inline(__always)
  func forEach(
    _ outcomes: PartOutcomes,
    _ body: (
      _ start: Int64, _ end: Int64, _ output: Int64, _ isDeparted: Bool, _ truth: Stretch
    ) -> Void
  ) {
    stretches.withUnsafeBufferPointer { stretches in
      var place = index(of: outcomes.range.lowerBound)
      outcomes.forEach { start, end, output, isDeparted in
        var start = start
        while stretches[place].end < end {
          body(start, stretches[place].end, output, isDeparted, stretches[place])
          start = stretches[place].end + 1
          place += 1
        }
        body(start, end, output, isDeparted, stretches[place])
        if stretches[place].end == end, place + 1 < stretches.count { place += 1 }
      }
    }
  }

  /// Whether no true value changes on a range.
  func isConstant(on range: ClosedRange<Int64>) -> Bool {
    index(of: range.lowerBound) == index(of: range.upperBound)
  }

  /// The true value at an accumulator of the domain.
  func stretch(at accumulator: Int64) -> Stretch { stretches[index(of: accumulator)] }

  private func index(of accumulator: Int64) -> Int {
    var (low, high) = (0, stretches.count - 1)
    while low < high {
      let middle = (low + high) / 2
      if stretches[middle].end < accumulator { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
