import Dispatch
import Synchronization

/// Told how many accumulators of a domain have been dealt with since, and how many there are.
package typealias ProofProgress = @Sendable (_ more: Int, _ total: Int) -> Void

/// Work that is divided among threads, its results taken in order, few of them in memory at once.
enum OrderedWork {
  /// - Parameters:
  ///   - count: parts of the work.
  ///   - jobs: threads.
  ///   - work: the result of a part; `nil` stops everything.
  ///   - take: is given the results, in order; says whether to go on.
  /// - Returns: whether nothing stopped it.
  static func run<Result: Sendable>(
    _ count: Int, jobs: Int, _ work: @Sendable (Int) -> Result?, take: (Result) -> Bool
  ) -> Bool {
    var first = 0
    while first < count {
      let size = min(jobs < 2 ? 1 : min(4 * jobs, 64), count - first)
      for result in round(first, size, jobs: min(jobs, size), work) {
        guard let result, take(result) else { return false }
      }
      first += size
    }
    return true
  }

  private static func round<Result: Sendable>(
    _ first: Int, _ size: Int, jobs: Int, _ work: @Sendable (Int) -> Result?
  ) -> [Result?] {
    if size == 1 { return [work(first)] }
    let results = Mutex<[Result?]>(Array(repeating: nil, count: size))
    let next = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: jobs) { _ in
      while true {
        let number = next.add(1, ordering: .relaxed).oldValue
        guard number < size else { return }
        let result = work(first + number)
        results.withLock { $0[number] = result }
      }
    }
    return results.withLock { $0 }
  }
}
