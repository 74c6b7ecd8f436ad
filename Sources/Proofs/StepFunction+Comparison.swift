extension StepFunction {
  /// Calls `body` for every stretch on which neither of two functions changes, in order, over what
  /// both are defined on.
  package static func zip(
    _ left: StepFunction, _ right: StepFunction,
    _ body: (_ range: ClosedRange<Int64>, _ left: Int64, _ right: Int64) -> Void
  ) {
    merge([left, right]) { range, values in body(range, values[0], values[1]) }
  }

  /// Calls `body` for every stretch on which none of some functions changes, in order, over what all
  /// are defined on.
  static func merge(
    _ functions: [StepFunction],
    _ body: (_ range: ClosedRange<Int64>, _ values: [Int64]) -> Void
  ) {
    guard var start = functions.compactMap({ $0.runs.first?.start }).max(),
      let last = functions.map(\.end).min(), functions.allSatisfy({ !$0.runs.isEmpty })
    else { return }
    var places = functions.map { $0.index(of: start) }
    var values = Swift.zip(functions, places).map { $0.runs[$1].value }
    while start <= last {
      var end = last
      for (number, place) in places.enumerated() where place + 1 < functions[number].runs.count {
        end = min(end, functions[number].runs[place + 1].start - 1)
      }
      body(start...end, values)
      start = end + 1
      for number in places.indices {
        let next = places[number] + 1
        guard next < functions[number].runs.count, functions[number].runs[next].start == start
        else { continue }
        places[number] = next
        values[number] = functions[number].runs[next].value
      }
    }
  }

  /// The run that holds an accumulator of the domain.
  private func index(of accumulator: Int64) -> Int {
    var (low, high) = (0, runs.count)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if runs[middle].start <= accumulator { low = middle } else { high = middle }
    }
    return low
  }

  /// The value at an accumulator of the domain.
  package func value(at accumulator: Int64) -> Int64 { runs[index(of: accumulator)].value }

  /// Calls `body` for the part of every run that lies in a range of the domain.
  func forEachRun(
    in range: ClosedRange<Int64>, _ body: (_ range: ClosedRange<Int64>, _ value: Int64) -> Void
  ) {
    var place = index(of: range.lowerBound)
    var start = range.lowerBound
    while start <= range.upperBound {
      let next = place + 1 < runs.count ? runs[place + 1].start : end + 1
      let last = min(next - 1, range.upperBound)
      body(start...last, runs[place].value)
      start = last + 1
      place += 1
    }
  }

  /// Whether a step lies inside a range.
  func changes(within range: ClosedRange<Int64>) -> Bool {
    index(of: range.lowerBound) != index(of: range.upperBound)
  }

  /// The stretches on which two functions differ, in order.
  package static func differences(
    _ function: StepFunction, _ expected: StepFunction
  ) -> [RequantizationProof.Difference] {
    var differences: [RequantizationProof.Difference] = []
    zip(function, expected) { range, output, expected in
      if output != expected {
        differences.append(.init(range: range, output: output, expected: expected))
      }
    }
    return differences
  }
}
