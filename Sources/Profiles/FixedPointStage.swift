import QuantizedArithmetic

/// `x · significand · 2^(exponent − 31)` by the steps of a ``FixedPointRule``.
struct FixedPointStage {
  let rule: FixedPointRule
  let multiplier: FixedPointMultiplier

  init(rule: FixedPointRule, effectiveScale: Double) {
    self.rule = rule
    let multiplier = FixedPointMultiplier(effectiveScale)
    self.multiplier = rule.limitsExponent ? multiplier.limitedForSingleRounding : multiplier
  }

  /// The requantized accumulator, an int32 value, before the zero point is added.
  func apply(to accumulator: Int32, departure: inout Departure) -> Int64 {
    rule.highMultiply == nil
      ? roundedOnce(accumulator, &departure) : roundedTwice(accumulator, &departure)
  }

  private func roundedTwice(_ accumulator: Int32, _ departure: inout Departure) -> Int64 {
    let shifted = shiftedLeft(accumulator, by: max(multiplier.exponent, 0), &departure)
    let product = Int64(shifted) * Int64(multiplier.significand)
    // Below 2^62 in magnitude; the high half therefore fits int32.
    let high = product.shifted(rightBy: 31, rounding: rule.highMultiply ?? .toNearestOrUp)
    return high.shifted(rightBy: max(0 - multiplier.exponent, 0), rounding: rule.rightShift)
  }

  private func shiftedLeft(
    _ value: Int32, by count: Int, _ departure: inout Departure
  ) -> Int32 {
    guard count > 0, value != 0 else { return value }
    let exact = count < 63 ? Int64(value) << Int64(min(count, 31)) : 0
    if count <= 31, let fits = Int32(exactly: exact) { return fits }
    departure.insert(.leftShift)
    switch rule.leftShift {
    case .saturates: return value < 0 ? .min : .max
    case .wraps: return value &<< Int32(truncatingIfNeeded: count & 31)
    case .wrapsToZero, .folded: return count >= 32 ? 0 : value << Int32(count)
    }
  }

  private func roundedOnce(_ accumulator: Int32, _ departure: inout Departure) -> Int64 {
    let product = Int64(accumulator) * Int64(multiplier.significand)
    let count = 31 - multiplier.exponent
    let result: Int64
    if count >= 0 {
      result = product.shifted(rightBy: min(count, 62), rounding: rule.rightShift)
    } else {
      // An exponent above 31 is outside the domain of every profile that rounds once.
      result = product &<< Int64(min(0 - count, 63))
    }
    guard Int32(exactly: result) == nil else { return result }
    departure.insert(.conversion)
    return Int64(rule.saturatesResult ? Int32(clamping: result) : Int32(truncatingIfNeeded: result))
  }
}
