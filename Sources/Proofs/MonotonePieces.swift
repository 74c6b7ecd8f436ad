import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// The parts of all accumulators on which a profile's requantization is monotone.
///
/// Every step of every profile is monotone but for those that its ``Departure`` names: a float or
/// integer product with D ≥ 0, every rounding, every clamp and the addition of a constant keep the
/// order of two accumulators. Where nothing departs the function is therefore monotone, and where
/// nothing departs is one interval around 0, since every departure is a magnitude beyond a bound:
///
/// * a left shift that loses bits: `|x·2^l| ≥ 2^31`. It repeats with the period 2^(32 − l), and on each
///   period the shifted value is monotone, from −2^31 to its end;
/// * a conversion that overflows: one value for all beyond it, or the nearer end;
/// * an addition of the zero point that wraps: of one sign, since the zero point has one; beyond its
///   bound the sum is monotone again.
package struct MonotonePieces: Sendable {
  /// Where nothing departs: an interval around 0.
  package let undeparted: ClosedRange<Int64>
  /// In order; with ``unknown``, all of the domain.
  package let ranges: [ClosedRange<Int64>]
  /// Parts of which nothing is known, and which have to be swept; in order.
  package let unknown: [ClosedRange<Int64>]

  package init(_ function: RequantizationFunction) {
    let domain = function.domain
    let undeparted = MonotonePieces.undeparted(function, domain)
    var (ranges, unknown) = ([undeparted], [ClosedRange<Int64>]())
    if undeparted.lowerBound > domain.lowerBound {
      MonotonePieces.outer(
        function, domain.lowerBound...(undeparted.lowerBound - 1), &ranges, &unknown)
    }
    if undeparted.upperBound < domain.upperBound {
      MonotonePieces.outer(
        function, (undeparted.upperBound + 1)...domain.upperBound, &ranges, &unknown)
    }
    self.undeparted = undeparted
    self.ranges = ranges.sorted { $0.lowerBound < $1.lowerBound }
    self.unknown = unknown.sorted { $0.lowerBound < $1.lowerBound }
  }

  /// The interval around 0 without a departure.
  private static func undeparted(
    _ function: RequantizationFunction, _ domain: ClosedRange<Int64>
  ) -> ClosedRange<Int64> {
    func last(_ end: Int64) -> Int64 {
      if function.departure(end).isEmpty { return end }
      var (inside, outside) = (Int64(0), end)
      while (outside - inside).magnitude > 1 {
        let middle = inside + (outside - inside) / 2
        if function.departure(middle).isEmpty { inside = middle } else { outside = middle }
      }
      return inside
    }
    guard function.departure(0).isEmpty else { return 0...0 }
    return last(domain.lowerBound)...last(domain.upperBound)
  }

  /// Pieces of one side, on all of which something departs.
  private static func outer(
    _ function: RequantizationFunction, _ range: ClosedRange<Int64>,
    _ ranges: inout [ClosedRange<Int64>], _ unknown: inout [ClosedRange<Int64>]
  ) {
    switch function.requantization {
    case .exact, .narrowedTo16:
      ranges.append(range)
    case .float64, .float32:
      // Converted to one end, or wrapped once by the zero point: at most two changes of what departs.
      ranges += split(function, range)
    case .fixedPoint(let rule):
      guard let multiplier = function.multiplier else { return unknown.append(range) }
      let shift = leftShift(rule, multiplier)
      if rule.leftShift == .saturates || (shift == 0 && rule.result != .wraps) {
        ranges += split(function, range)
        return
      }
      guard shift < 12, rule.highMultiply != nil else { return unknown.append(range) }
      // Periods of the left shift, each divided again where the zero point wraps.
      let period = Int64(1) << (32 - shift)
      var start = range.lowerBound
      while start <= range.upperBound {
        // Accumulators ≡ period/2 shift to −2^31, where the next period begins.
        let next = ((start + period / 2) & ~(period - 1)) + period - period / 2
        let end = min(next - 1, range.upperBound)
        ranges += split(function, start...end)
        start = end + 1
      }
    }
  }

  private static func leftShift(
    _ rule: FixedPointRule, _ multiplier: FixedPointMultiplier
  ) -> Int {
    guard rule.highMultiply != nil else { return 0 }
    let right = max(0 - multiplier.exponent, rule.leastRightShift)
    return multiplier.exponent + right
  }

  /// Divides a range where the kind of departure changes from its lower to its upper end: on what is
  /// given here it changes at most twice.
  private static func split(
    _ function: RequantizationFunction, _ range: ClosedRange<Int64>
  ) -> [ClosedRange<Int64>] {
    var pieces: [ClosedRange<Int64>] = []
    var start = range.lowerBound
    while start <= range.upperBound {
      let kind = function.departure(start)
      var (inside, outside) = (start, range.upperBound + 1)
      while outside - inside > 1 {
        let middle = inside + (outside - inside) / 2
        if function.departure(middle) == kind { inside = middle } else { outside = middle }
      }
      pieces.append(start...inside)
      start = inside + 1
    }
    return pieces
  }
}
