import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Verdicts

/// Compares what a profile does with the true value, stretch by stretch.
struct Survey: Sendable {
  private(set) var departed: Int64 = 0
  private(set) var largest: Int64 = 0
  private(set) var even: DifferenceSet
  private(set) var away: DifferenceSet
  private(set) var up: DifferenceSet
  private(set) var evaluations = 0
  /// Over what does not depart.
  private var counts = TallyCounts()
  private let function: RequantizationFunction

  /// - Parameters:
  ///   - function: the requantization.
  ///   - room: stretches that are listed for each tie rule, at most.
  init(_ function: RequantizationFunction, listing room: Int) {
    self.function = function
    (even, away, up) = (
      DifferenceSet(listing: room), DifferenceSet(listing: room), DifferenceSet(listing: room)
    )
  }

  /// How many stretches a survey that is to be added has to list for each tie rule.
  var listingOfNext: Int {
    max(even.listingOfNext, max(away.listingOfNext, up.listingOfNext))
  }

  /// Takes a part, which follows all others.
  mutating func add(_ outcomes: PartOutcomes, _ table: TrueTable) {
    evaluations += outcomes.evaluations
    table.forEach(outcomes) { start, end, output, isDeparted, truth in
      visit(start, end, output, isDeparted, truth)
    }
  }

  @inline(__always)
  private mutating func visit(
    _ start: Int64, _ end: Int64, _ output: Int64, _ isDeparted: Bool, _ truth: TrueTable.Stretch
  ) {
    if isDeparted { departed &+= end &- start &+ 1 }
    let (evenOutput, awayOutput) = (Int64(truth.even), Int64(truth.away))
    let (low, high) = (Int64(truth.down), Int64(truth.up))
    if output == evenOutput, output == awayOutput, output == high { return }
    if output != evenOutput { even.add(start, end, output: output, expected: evenOutput) }
    if output != awayOutput { away.add(start, end, output: output, expected: awayOutput) }
    if output != high { up.add(start, end, output: output, expected: high) }
    let error = min(output &- low, 0) &+ max(output &- high, 0)
    largest = max(largest, Int64(error.magnitude))
    guard !isDeparted else { return }
    if output != evenOutput { counts.notEven = 1 }
    if output != awayOutput { counts.notAway = 1 }
    if output != high { counts.notUp = 1 }
    guard error != 0 else { return }
    counts.notNearest = 1
    counts.lowestError = min(counts.lowestError, Int(error))
    counts.highestError = max(counts.highestError, Int(error))
    guard counts.notFaithful == 0 else { return }
    // Both integers that enclose the true value lie within 1 of the nearest.
    let isFaithful = error.magnitude > 1 ? false : isFaithful(start...end, output)
    if !isFaithful { counts.notFaithful = 1 }
  }

  /// Takes a monotone piece on which everything departs, which follows all others: how many stretches
  /// there are, instead of each.
  mutating func add(_ piece: CountedPiece, _ truth: TrueTable.Stretch) {
    departed += Int64(piece.range.count)
    let differences = piece.differences(from: Int64(truth.even))
    even.add(differences)
    away.add(truth.away == truth.even ? differences : piece.differences(from: Int64(truth.away)))
    up.add(truth.up == truth.even ? differences : piece.differences(from: Int64(truth.up)))
    for output in [piece.lowest, piece.highest] {
      let error = min(output - Int64(truth.down), 0) + max(output - Int64(truth.up), 0)
      largest = max(largest, Int64(error.magnitude))
    }
  }

  /// Adds evaluations that were made elsewhere.
  mutating func count(_ more: Int) { evaluations += more }

  /// On a stretch of one output the true value is monotone: its ends are its extremes.
  private func isFaithful(_ range: ClosedRange<Int64>, _ output: Int64) -> Bool {
    for end in [range.lowerBound, range.upperBound] {
      let position = function.position(end)
      let (floor, ceiling) = (
        function.clamped(position.floor), function.clamped(position.ceiling)
      )
      if output != floor, output != ceiling { return false }
    }
    return true
  }

  /// Takes the survey of accumulators that lie after all of these.
  mutating func add(_ other: Survey) {
    evaluations += other.evaluations
    departed += other.departed
    largest = max(largest, other.largest)
    even.add(other.even)
    away.add(other.away)
    up.add(other.up)
    counts += other.counts
  }

  /// Makes of the survey of one period that of `times` periods with the same true value.
  mutating func repeatEvery(_ period: Int64, times: Int64) {
    departed *= times
    even.repeatEvery(period, times: times)
    away.repeatEvery(period, times: times)
    up.repeatEvery(period, times: times)
  }

  /// Grades what does not depart.
  var accuracy: AccuracyClass {
    var counts = counts
    counts.outputs = 1
    return AccuracyClass(counts, outputType: function.layer.output.type.rawValue) ?? .unbounded
  }
}
