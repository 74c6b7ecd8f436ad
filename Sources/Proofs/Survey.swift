import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Verdicts

/// Compares a profile's steps with those of the true value, stretch by stretch.
struct Survey {
  private(set) var ties: Int64 = 0
  private(set) var departed: Int64 = 0
  private(set) var largest: Int64 = 0
  private var counts = TallyCounts()
  private let function: RequantizationFunction

  init(_ function: RequantizationFunction) { self.function = function }

  /// Takes a stretch of one output, on which the nearest output is one, or two at a tie.
  mutating func visit(
    _ range: ClosedRange<Int64>, output: Int64, nearest: (low: Int64, high: Int64),
    isDeparted: Bool
  ) {
    if nearest.low != nearest.high { ties += Int64(range.count) }
    let error = min(output - nearest.low, 0) + max(output - nearest.high, 0)
    largest = max(largest, Int64(error.magnitude))
    guard !isDeparted else {
      departed += Int64(range.count)
      return
    }
    guard error != 0 else { return }
    counts.notNearest = 1
    counts.lowestError = min(counts.lowestError, Int(error))
    counts.highestError = max(counts.highestError, Int(error))
    if counts.notFaithful == 0, !isFaithful(range, output) { counts.notFaithful = 1 }
  }

  /// On a stretch of one output the true value is monotone: its ends are its extremes.
  private func isFaithful(_ range: ClosedRange<Int64>, _ output: Int64) -> Bool {
    [range.lowerBound, range.upperBound].allSatisfy {
      let position = function.position($0)
      return output == function.clamped(position.floor)
        || output == function.clamped(position.ceiling)
    }
  }

  /// Grades what does not depart; `misses` says under which tie rules it ever differs.
  func accuracy(misses: Set<TieRule>) -> AccuracyClass {
    var counts = counts
    counts.notEven = misses.contains(.even) ? 1 : 0
    counts.notAway = misses.contains(.away) ? 1 : 0
    counts.notUp = misses.contains(.up) ? 1 : 0
    counts.outputs = 1
    return AccuracyClass(counts, outputType: function.layer.output.type.rawValue) ?? .unbounded
  }
}
