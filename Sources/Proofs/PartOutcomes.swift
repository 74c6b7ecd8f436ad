/// What a requantization does on one part of its domain.
struct PartOutcomes: Sendable {
  let range: ClosedRange<Int64>
  /// Outputs; or `output·2 + (departs ? 1 : 0)`, where `departs` is `nil`.
  private let steps: StepFunction
  private let departs: Bool?

  var evaluations: Int { steps.evaluations }

  /// Of a monotone part, on all of which something departs, or nothing does.
  init(_ range: ClosedRange<Int64>, steps: StepFunction, departs: Bool) {
    (self.range, self.steps, self.departs) = (range, steps, departs)
  }

  /// Asked at every accumulator.
  init(_ range: ClosedRange<Int64>, sweeping function: RequantizationFunction) {
    var steps = StepFunction(from: range.lowerBound)
    steps.append(range) { function.fill($0, from: $1) }
    (self.range, self.steps, departs) = (range, steps, nil)
  }

  /// Calls `body` for every stretch of one output, in order.
  @inline(__always)
  func forEach(
    _ body: (_ start: Int64, _ end: Int64, _ output: Int64, _ isDeparted: Bool) -> Void
  ) {
    steps.runs.withUnsafeBufferPointer { runs in
      for index in runs.indices {
        let run = runs[index]
        let end = index + 1 < runs.count ? runs[index + 1].start - 1 : range.upperBound
        if let departs {
          body(run.start, end, run.value, departs)
        } else {
          body(run.start, end, run.value >> 1, run.value & 1 == 1)
        }
      }
    }
  }

  /// The outputs alone.
  var outputs: StepFunction {
    guard departs == nil else { return steps }
    var outputs = StepFunction(from: range.lowerBound)
    forEach { start, end, output, _ in outputs.append(start...end, constant: output) }
    return outputs
  }

  /// The output at an accumulator of the part.
  func output(_ accumulator: Int64) -> Int64 {
    steps.value(at: accumulator) >> (departs == nil ? 1 : 0)
  }
}
