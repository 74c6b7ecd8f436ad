import Dispatch
import Synchronization

/// Asks a function at every accumulator.
enum Sweep {
  static func steps(_ function: RequantizationFunction, jobs: Int) -> StepFunction {
    steps(function, function.domain, jobs: jobs)
  }

  /// The steps of a range, which is divided among threads.
  static func steps(
    _ function: RequantizationFunction, _ range: ClosedRange<Int64>, jobs: Int
  ) -> StepFunction {
    let size: Int64 = 1 << 22
    let count = Int((Int64(range.count) + size - 1) / size)
    let parts = Mutex<[StepFunction?]>(Array(repeating: nil, count: count))
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: max(1, jobs)) { _ in
      while true {
        let number = next.add(1, ordering: .relaxed).oldValue
        guard number < count else { return }
        let start = range.lowerBound + Int64(number) * size
        var part = StepFunction(from: start)
        part.append(start...min(start + size - 1, range.upperBound), sweeping: function.output)
        parts.withLock { $0[number] = part }
      }
    }
    var whole = StepFunction(from: range.lowerBound)
    for part in parts.withLock({ $0 }) {
      if let part { whole.append(part) }
    }
    return whole
  }
}
