/// A function from accumulators to integers as runs of equal values, in order and without gaps.
package struct StepFunction: Hashable, Sendable {
  package struct Run: Hashable, Sendable {
    package let start: Int64
    package let value: Int64
  }

  package private(set) var runs: [Run] = []
  package private(set) var end: Int64
  /// How often the function was evaluated.
  package private(set) var evaluations = 0

  /// No runs yet, of a domain that begins at `start`.
  package init(from start: Int64) { end = start - 1 }

  /// Appends what a function does on the range that follows, where it is monotone.
  ///
  /// A monotone function that has the same value at both ends of an interval is constant there, so
  /// halving finds every step. It costs some log₂(width of a step) evaluations a step.
  package mutating func append(
    _ range: ClosedRange<Int64>, monotone function: (Int64) -> Int64
  ) {
    let (first, last) = (function(range.lowerBound), function(range.upperBound))
    evaluations += 2
    append(range.lowerBound, first)
    refine((range.lowerBound, first), (range.upperBound, last), function)
    end = range.upperBound
  }

  /// Appends one value for a range.
  package mutating func append(_ range: ClosedRange<Int64>, constant value: Int64) {
    append(range.lowerBound, value)
    end = range.upperBound
  }

  /// Appends what a function does on the range that follows, asked at every point of it.
  package mutating func append(_ range: ClosedRange<Int64>, sweeping function: (Int64) -> Int64) {
    for accumulator in range { append(accumulator, function(accumulator)) }
    evaluations += range.count
    end = range.upperBound
  }

  /// Appends the runs of the function on the range that follows this one's.
  package mutating func append(_ other: StepFunction) {
    for run in other.runs { append(run.start, run.value) }
    evaluations += other.evaluations
    end = other.end
  }

  private mutating func append(_ start: Int64, _ value: Int64) {
    if runs.last?.value != value { runs.append(Run(start: start, value: value)) }
  }

  private mutating func refine(
    _ low: (place: Int64, value: Int64), _ high: (place: Int64, value: Int64),
    _ function: (Int64) -> Int64
  ) {
    guard low.value != high.value else { return }
    guard high.place - low.place > 1 else {
      append(high.place, high.value)
      return
    }
    let place = low.place + (high.place - low.place) / 2
    let middle = (place, function(place))
    evaluations += 1
    refine(low, middle, function)
    refine(middle, high, function)
  }

  /// Calls `body` for every stretch on which neither of two functions changes, in order; both have
  /// the same domain.
  package static func zip(
    _ left: StepFunction, _ right: StepFunction,
    _ body: (_ range: ClosedRange<Int64>, _ left: Int64, _ right: Int64) -> Void
  ) {
    var (one, other) = (0, 0)
    guard var start = left.runs.first?.start else { return }
    while one < left.runs.count, other < right.runs.count {
      let leftEnd = one + 1 < left.runs.count ? left.runs[one + 1].start - 1 : left.end
      let rightEnd = other + 1 < right.runs.count ? right.runs[other + 1].start - 1 : right.end
      let end = min(leftEnd, rightEnd)
      body(start...end, left.runs[one].value, right.runs[other].value)
      if leftEnd == end { one += 1 }
      if rightEnd == end { other += 1 }
      start = end + 1
    }
  }
}
