extension StepFunction {
  /// Calls `body` for every stretch on which none of some functions changes, in order, over what all
  /// are defined on; with the values of all of them there.
  @inline(__always)
  static func merge(
    _ functions: [StepFunction],
    _ body: (_ start: Int64, _ end: Int64, _ values: UnsafeMutableBufferPointer<Int64>) -> Void
  ) {
    guard var start = functions.compactMap({ $0.runs.first?.start }).max(),
      let last = functions.map(\.end).min(), functions.allSatisfy({ !$0.runs.isEmpty })
    else { return }
    let runs = functions.map(\.runs)
    withUnsafeTemporaryAllocation(of: Int64.self, capacity: functions.count) { values in
      withUnsafeTemporaryAllocation(of: Int.self, capacity: functions.count) { places in
        for number in functions.indices {
          places[number] = functions[number].index(of: start)
          values[number] = runs[number][places[number]].value
        }
        while start <= last {
          var end = last
          for number in places.indices where places[number] + 1 < runs[number].count {
            end = min(end, runs[number][places[number] + 1].start - 1)
          }
          body(start, end, values)
          start = end + 1
          for number in places.indices {
            let next = places[number] + 1
            guard next < runs[number].count, runs[number][next].start == start else { continue }
            places[number] = next
            values[number] = runs[number][next].value
          }
        }
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

  /// The stretches on which two functions differ, in order.
  package static func differences(
    _ function: StepFunction, _ expected: StepFunction
  ) -> [RequantizationProof.Difference] {
    var differences: [RequantizationProof.Difference] = []
    merge([function, expected]) { start, end, values in
      if values[0] != values[1] {
        differences.append(.init(range: start...end, output: values[0], expected: values[1]))
      }
    }
    return differences
  }
}
