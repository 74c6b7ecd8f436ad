import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Verdicts

/// Compares a profile's steps with those of the true value, stretch by stretch.
struct Survey {
  private(set) var differences: [TieRule: [RequantizationProof.Difference]] = [
    .even: [], .away: [], .up: [],
  ]
  private(set) var ties: Int64 = 0
  private(set) var departed: Int64 = 0
  private(set) var largest: Int64 = 0
  private(set) var evaluations = 0
  private(set) var accuracy = AccuracyClass.nearest

  private let function: RequantizationFunction
  /// The accumulators whose true value is a tie between two outputs, with the upper of the two; each
  /// is one stretch's first or last.
  private var tieAccumulators: [Int64: Int64] = [:]
  private var counts = TallyCounts()
  private var undeparted: ClosedRange<Int64>?
  private var stretches: [(range: ClosedRange<Int64>, output: Int64)] = []

  /// Finds the ties: beside each step of the true value, since a tie lies between two outputs.
  init(_ function: RequantizationFunction, _ truth: StepFunction) {
    self.function = function
    for (before, after) in zip(truth.runs, truth.runs.dropFirst()) {
      for place in [after.start - 1, after.start] {
        let position = function.position(place)
        evaluations += 1
        guard position.fraction == .half else { continue }
        let (low, high) = (function.clamped(position.floor), function.clamped(position.ceiling))
        if low != high { tieAccumulators[place] = high }
      }
      _ = before
    }
    ties = Int64(tieAccumulators.count)
  }

  /// Takes a stretch on which neither the profile nor the true value rounded to even changes.
  mutating func visit(_ range: ClosedRange<Int64>, output: Int64, even: Int64) {
    stretches.append((range, output))
    var start = range.lowerBound
    // Ties lie at the ends of a stretch, or beside the step of the true value that began it.
    for tie in [range.lowerBound, range.upperBound]
    where tieAccumulators[tie] != nil && tie >= start {
      if tie > start { note(start...(tie - 1), output, even, even, even) }
      noteTie(tie, output, even)
      start = tie + 1
    }
    if start <= range.upperBound { note(start...range.upperBound, output, even, even, even) }
  }

  private mutating func noteTie(_ tie: Int64, _ output: Int64, _ even: Int64) {
    let position = function.position(tie)
    evaluations += 1
    note(
      tie...tie, output, even, function.clamped(position.rounded(.toNearestOrAway)),
      function.clamped(position.rounded(.toNearestOrUp)))
  }

  private mutating func note(
    _ range: ClosedRange<Int64>, _ output: Int64, _ even: Int64, _ away: Int64, _ up: Int64
  ) {
    for (rule, expected) in [(TieRule.even, even), (.away, away), (.up, up)]
    where output != expected {
      differences[rule]?.append(.init(range: range, output: output, expected: expected))
    }
  }

  /// Grades what does not depart, and counts what does.
  mutating func finish(_ pieces: MonotonePieces) {
    let inside = pieces.undeparted
    departed = Int64(function.domain.count) - Int64(inside.count)
    for (range, output) in stretches {
      grade(range, output, isDeparted: true)
      let both =
        max(
          range.lowerBound, inside.lowerBound)...max(
          max(range.lowerBound, inside.lowerBound), min(range.upperBound, inside.upperBound))
      guard range.overlaps(inside) else { continue }
      grade(both, output, isDeparted: false)
    }
    for (rule, list) in differences {
      let misses = list.contains { $0.range.overlaps(inside) } ? 1 : 0
      switch rule {
      case .even: counts.notEven = misses
      case .away: counts.notAway = misses
      case .up: counts.notUp = misses
      }
    }
    counts.outputs = 1
    accuracy =
      AccuracyClass(counts, outputType: function.layer.output.type.rawValue) ?? .unbounded
  }

  /// On a stretch of one output the true value is monotone: its ends are its extremes.
  private mutating func grade(_ range: ClosedRange<Int64>, _ output: Int64, isDeparted: Bool) {
    for place in [range.lowerBound, range.upperBound] {
      let position = function.position(place)
      evaluations += 1
      let (floor, ceiling) = (function.clamped(position.floor), function.clamped(position.ceiling))
      let error: Int64
      if position.fraction == .half {
        let (below, above) = (output - floor, output - ceiling)
        error = below.magnitude < above.magnitude ? below : above
      } else {
        error = output - function.clamped(position.rounded(.toNearestOrEven))
      }
      largest = max(largest, Int64(error.magnitude))
      guard !isDeparted else { continue }
      if error != 0 { counts.notNearest = 1 }
      if output != floor, output != ceiling { counts.notFaithful = 1 }
      counts.lowestError = min(counts.lowestError, Int(error))
      counts.highestError = max(counts.highestError, Int(error))
    }
  }
}
