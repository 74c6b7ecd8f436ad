import Synchronization
import Verdicts

/// The batches of a run.
final class Collected: Sendable {
  private let state = Mutex<[BatchResult]>([])

  func append(_ batch: BatchResult) { state.withLock { $0.append(batch) } }

  var batches: [BatchResult] { state.withLock { $0 } }
  var failures: [FailureRecord] { batches.flatMap(\.failures) }
  var ranges: [Range<Int>] { batches.flatMap(\.ranges).sorted { $0.lowerBound < $1.lowerBound } }
  var tallies: [Tally] { batches.flatMap(\.tallies) }

  /// Of all batches and keys together.
  var counts: TallyCounts {
    tallies.reduce(into: TallyCounts()) { $0 += $1.counts }
  }
}
