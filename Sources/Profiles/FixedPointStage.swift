import QuantizedArithmetic

/// `x · significand · 2^(exponent − 31)` by the steps of a ``FixedPointRule``.
struct FixedPointStage {
  let rule: FixedPointRule
  let multiplier: FixedPointMultiplier
  /// What the multiplier was derived from.
  let effectiveScale: Double

  init(rule: FixedPointRule, effectiveScale: Double) {
    self.rule = rule
    self.effectiveScale = effectiveScale
    let multiplier = FixedPointMultiplier(effectiveScale)
    self.multiplier = rule.limitsExponent ? multiplier.limitedForSingleRounding : multiplier
  }

  /// The requantized accumulator, an int32 value, before the zero point is added.
  @inline(__always)
  func apply(
    to accumulator: Int32, _ departure: inout Departure, _ recorder: inout some StepRecorder
  ) -> Int64 {
    recorder.note(.multiplier(effectiveScale: effectiveScale, multiplier))
    return rule.highMultiply == nil
      ? roundedOnce(accumulator, &departure, &recorder)
      : roundedTwice(accumulator, &departure, &recorder)
  }

  @inline(__always)
  private func roundedTwice(
    _ accumulator: Int32, _ departure: inout Departure, _ recorder: inout some StepRecorder
  ) -> Int64 {
    let leftCount = max(multiplier.exponent, 0)
    let shifted = shiftedLeft(accumulator, by: leftCount, &departure)
    recorder.note(.leftShift(accumulator, by: leftCount, result: shifted))
    let product = Int64(shifted) * Int64(multiplier.significand)
    recorder.note(.product(Int64(shifted), by: multiplier.significand, result: product))
    // Below 2^62 in magnitude; the high half therefore fits int32.
    let highRounding = rule.highMultiply ?? .toNearestOrUp
    let high = product.shifted(rightBy: 31, rounding: highRounding)
    recorder.note(.rightShift(product, by: 31, highRounding, result: high))
    let rightCount = max(0 - multiplier.exponent, 0)
    let result = high.shifted(rightBy: rightCount, rounding: rule.rightShift)
    recorder.note(.rightShift(high, by: rightCount, rule.rightShift, result: result))
    return result
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

  @inline(__always)
  private func roundedOnce(
    _ accumulator: Int32, _ departure: inout Departure, _ recorder: inout some StepRecorder
  ) -> Int64 {
    let product = Int64(accumulator) * Int64(multiplier.significand)
    recorder.note(.product(Int64(accumulator), by: multiplier.significand, result: product))
    let count = 31 - multiplier.exponent
    let result: Int64
    if count >= 0 {
      result = product.shifted(rightBy: min(count, 62), rounding: rule.rightShift)
      recorder.note(.rightShift(product, by: min(count, 62), rule.rightShift, result: result))
    } else {
      // An exponent above 31 is outside the domain of every profile that rounds once.
      result = product &<< Int64(min(0 - count, 63))
    }
    guard Int32(exactly: result) == nil else { return result }
    departure.insert(.conversion)
    let kept = rule.saturatesResult ? Int32(clamping: result) : Int32(truncatingIfNeeded: result)
    recorder.note(.conversion(result, result: kept, saturates: rule.saturatesResult))
    return Int64(kept)
  }
}
