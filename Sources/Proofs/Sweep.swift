import Dispatch
import Profiles
import Synchronization

/// Asks a function at every accumulator.
enum Sweep {
  /// Outputs, and where the arithmetic leaves the mathematics, of a range that is divided among
  /// threads.
  static func functions(
    _ function: RequantizationFunction, _ range: ClosedRange<Int64>, jobs: Int
  ) -> (outputs: StepFunction, departures: StepFunction) {
    let both = steps(range, jobs: jobs) { accumulator in
      let (output, departure) = function.outcome(accumulator)
      return output &* 256 &+ Int64(departure.rawValue)
    }
    var outputs = StepFunction(from: range.lowerBound)
    var departures = StepFunction(from: range.lowerBound)
    for (place, run) in both.runs.enumerated() {
      let end = place + 1 < both.runs.count ? both.runs[place + 1].start - 1 : both.end
      outputs.append(run.start...end, constant: run.value >> 8)
      departures.append(run.start...end, constant: run.value & 255 == 0 ? 0 : 1)
    }
    outputs.count(both.evaluations)
    return (outputs, departures)
  }

  /// Steps that are kept, at most: what changes more often is no statement that anybody can read, and
  /// would fill the memory.
  static let mostSteps = 1 << 24

  /// The steps of a range, which is divided among threads. They end before the range does where there
  /// are more than ``mostSteps``.
  static func steps(
    _ range: ClosedRange<Int64>, jobs: Int, _ function: @Sendable (Int64) -> Int64
  ) -> StepFunction {
    let size: Int64 = 1 << 22
    let count = Int((Int64(range.count) + size - 1) / size)
    let parts = Mutex<[StepFunction?]>(Array(repeating: nil, count: count))
    let next = Atomic<Int>(0)
    let kept = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: max(1, jobs)) { _ in
      while true {
        let number = next.add(1, ordering: .relaxed).oldValue
        guard number < count, kept.load(ordering: .relaxed) <= mostSteps else { return }
        let start = range.lowerBound + Int64(number) * size
        var part = StepFunction(from: start)
        part.append(start...min(start + size - 1, range.upperBound), sweeping: function)
        kept.add(part.runs.count, ordering: .relaxed)
        parts.withLock { $0[number] = part }
      }
    }
    var whole = StepFunction(from: range.lowerBound)
    for part in parts.withLock({ $0 }) {
      guard let part, whole.runs.count <= mostSteps else { break }
      whole.append(part)
    }
    return whole
  }
}
