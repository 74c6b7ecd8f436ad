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
  ///
  /// - Parameters:
  ///   - range: follows what is there.
  ///   - fill: puts the values from `first` on into a buffer.
  package mutating func append(
    _ range: ClosedRange<Int64>,
    sweeping fill: (_ values: UnsafeMutableBufferPointer<Int64>, _ first: Int64) -> Void
  ) {
    withUnsafeTemporaryAllocation(of: Int64.self, capacity: 1_024) { block in
      var first = range.lowerBound
      var current: Int64?
      if let last = runs.last { current = last.value }
      while first <= range.upperBound {
        let count = Int(min(Int64(block.count), range.upperBound - first + 1))
        let values = UnsafeMutableBufferPointer(rebasing: block[..<count])
        fill(values, first)
        for index in 0..<count where values[index] != current {
          current = values[index]
          runs.append(Run(start: first + Int64(index), value: values[index]))
        }
        first += Int64(count)
      }
    }
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

  // MARK: Steps that are known

  /// The value at the beginning of the domain.
  mutating func begin(_ value: Int64, reserving count: Int) {
    runs.reserveCapacity(min(count, 1 << 17))
    runs.append(Run(start: end + 1, value: value))
  }

  /// The next step; of several at one place, or before the domain, the last counts.
  mutating func step(to value: Int64, at place: Int64) {
    if let last = runs.last, last.start == place { runs.removeLast() }
    append(place, value)
  }

  mutating func finish(at end: Int64) { self.end = end }

  /// Adds evaluations that were made elsewhere.
  mutating func count(_ more: Int) { evaluations += more }

  // MARK: Steps near those of another function

  /// Appends what a function does on the range that follows, where it is monotone and its steps lie
  /// near those of another.
  ///
  /// From each guess the search doubles outward until it has the step between two places, and halves
  /// from there; what is found rests on the function's being monotone alone, never on the guess.
  ///
  /// - Parameters:
  ///   - range: follows what is there.
  ///   - guide: a function that never falls; its step to more than some value is the guess for that
  ///     of `function`.
  ///   - offset: is added to every guess.
  ///   - function: monotone on the range.
  package mutating func append(
    _ range: ClosedRange<Int64>, near guide: StepFunction, offset: Int64 = 0,
    monotone function: (Int64) -> Int64
  ) {
    let last = (place: range.upperBound, value: function(range.upperBound))
    var current = (place: range.lowerBound, value: function(range.lowerBound))
    var asked = 2
    append(current.place, current.value)
    var (index, deviation) = (0, Int64(0))
    while current.value != last.value {
      while index < guide.runs.count, guide.runs[index].value <= current.value { index += 1 }
      let isGuided = index < guide.runs.count
      let guess =
        isGuided
        ? guide.runs[index].start + offset
        : current.place + (last.place - current.place) / 2
      let near = min(max(guess + deviation, current.place + 1), last.place)
      current = Search.step(after: current, to: last, near: near, function, &asked)
      runs.append(Run(start: current.place, value: current.value))
      // A deviation of one is the rounding of the guess; a larger one will be much the same next time.
      let found = current.place - guess
      deviation = isGuided && found.magnitude > 1 ? found : 0
    }
    evaluations += asked
    end = range.upperBound
  }

  private enum Search {
    /// The first place after `low` where the value is no longer that of `low`.
    static func step(
      after first: (place: Int64, value: Int64), to last: (place: Int64, value: Int64),
      near guess: Int64, _ function: (Int64) -> Int64, _ asked: inout Int
    ) -> (place: Int64, value: Int64) {
      var (low, high) = (first.place, last)
      var (place, width) = (guess, Int64(1))
      let value = guess == last.place ? last.value : function(guess)
      asked += 1
      let goesUp = value == first.value
      if goesUp { low = guess } else { high = (guess, value) }
      while true {
        place = goesUp ? guess + width : guess - width
        guard place > low, place < high.place else { break }
        let value = function(place)
        asked += 1
        let isBefore = value == first.value
        if isBefore { low = place } else { high = (place, value) }
        if isBefore != goesUp { break }
        width *= 2
      }
      while high.place - low > 1 {
        place = low + (high.place - low) / 2
        let value = function(place)
        asked += 1
        if value == first.value { low = place } else { high = (place, value) }
      }
      return high
    }
  }
}
