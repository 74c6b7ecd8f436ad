import QuantizedArithmetic

/// `x · significand · 2^(exponent − 31)` by the steps of a ``FixedPointRule``.
struct FixedPointStage {
  let rule: FixedPointRule
  let multiplier: FixedPointMultiplier
  /// What the multiplier was derived from.
  let effectiveScale: Double
  /// An integer that is added before the last rounding.
  let addend: Int64

  init(
    rule: FixedPointRule, effectiveScale: Double, addend: Int64 = 0,
    adjusted: MultiplierAdjustment? = nil
  ) {
    self.rule = rule
    self.addend = addend
    self.effectiveScale = effectiveScale
    let multiplier = rule.multiplier.multiplier(of: effectiveScale)
    self.multiplier = adjusted?(multiplier, effectiveScale) ?? multiplier
  }

  /// The requantized accumulator, before the zero point is added; an int32 value unless the rule
  /// says that it is wide.
  @inline(__always)
  func apply(
    to accumulator: Int64, _ departure: inout Departure, _ recorder: inout some StepRecorder
  ) -> Int64 {
    recorder.note(.multiplier(effectiveScale: effectiveScale, multiplier))
    return rule.highMultiply == nil
      ? roundedOnce(accumulator, &departure, &recorder)
      : roundedTwice(Int32(truncatingIfNeeded: accumulator), &departure, &recorder)
  }

  @inline(__always)
  private func roundedTwice(
    _ accumulator: Int32, _ departure: inout Departure, _ recorder: inout some StepRecorder
  ) -> Int64 {
    let rightCount = max(0 - multiplier.exponent, rule.leastRightShift)
    let leftCount = multiplier.exponent + rightCount
    let shifted = shiftedLeft(accumulator, by: leftCount, &departure)
    recorder.note(.leftShift(accumulator, by: leftCount, result: shifted))
    let product = Int64(shifted) * Int64(multiplier.significand)
    recorder.note(.product(Int64(shifted), by: multiplier.significand, result: product))
    // Below 2^62 in magnitude; the high half therefore fits int32.
    let highRounding = rule.highMultiply ?? .toNearestOrUp
    let high = highRounding.shifted(product, rightBy: 31)
    recorder.note(.rightShift(product, by: 31, highRounding, result: high))
    let result = rounded(high, by: rightCount)
    recorder.note(.rightShift(high, by: rightCount, rule.rightShift, result: result))
    return result
  }

  @inline(__always)
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
    _ accumulator: Int64, _ departure: inout Departure, _ recorder: inout some StepRecorder
  ) -> Int64 {
    if rule.multiplier == .bits31ReducedTo15, accumulator >= 1 << 47 || accumulator < -(1 << 47) {
      // The declared domain of the 64-bit form; the product below may wrap.
      departure.insert(.accumulator)
    }
    // int32 times 31 bits, or 48 bits times 15: below 2^62 inside the domain.
    var product = accumulator &* Int64(multiplier.significand)
    recorder.note(.product(accumulator, by: multiplier.significand, result: product))
    let count = 31 - multiplier.exponent
    if rule.carries, count > 31 {
      let carry: Int64 = accumulator >= 0 ? 1 << 30 : -(1 << 30)
      product &+= carry
      recorder.note(.carry(carry, sum: product))
    }
    if rule.result == .wrapsBeforeHalving {
      return halved(product, by: count, &departure, &recorder)
    }
    let result: Int64
    if count >= 0 {
      result = shiftedRight(product, by: min(count, 62))
      recorder.note(.rightShift(product, by: min(count, 62), rule.rightShift, result: result))
    } else {
      // An exponent above 31 is outside the domain of every profile that rounds once.
      result = (product &<< Int64(min(0 - count, 63))) &+ addend
    }
    guard rule.result != .isWide, Int32(exactly: result) == nil else { return result }
    departure.insert(.conversion)
    let saturates = rule.result == .saturates
    let kept = saturates ? Int32(clamping: result) : Int32(truncatingIfNeeded: result)
    recorder.note(.conversion(result, result: kept, saturates: saturates))
    return Int64(kept)
  }

  /// `((int32)(product >> (count − 1)) + 1) >> 1`: of `product / 2^count` that fits an int31, the same as
  /// rounding once.
  private func halved(
    _ product: Int64, by count: Int, _ departure: inout Departure,
    _ recorder: inout some StepRecorder
  ) -> Int64 {
    let taken = (count - 1) & 63
    if taken != count - 1 { departure.insert(.leftShift) }
    let twice = product >> Int64(taken)
    recorder.note(.rightShift(product, by: taken, .down, result: twice))
    let kept = Int32(truncatingIfNeeded: twice)
    if Int64(kept) != twice {
      departure.insert(.conversion)
      recorder.note(.conversion(twice, result: kept, saturates: false))
    }
    let result = Int64((kept &+ 1) >> 1) &+ addend
    recorder.note(.rightShift(Int64(kept), by: 1, .toNearestOrUp, result: result))
    return result
  }

  /// The sum with half a unit wraps in the runtimes, where the product comes near 2^63.
  @inline(__always)
  private func shiftedRight(_ product: Int64, by count: Int) -> Int64 {
    guard rule.rightShift == .toNearestOrUp, count > 0, addend == 0 else {
      return rounded(product, by: count)
    }
    return (product &+ (1 << Int64(count - 1))) >> Int64(count)
  }

  /// `value / 2^count + addend`, rounded by the rule of the last shift.
  @inline(__always)
  private func rounded(_ value: Int64, by count: Int) -> Int64 {
    guard addend != 0, count > 0 else {
      return rule.rightShift.shifted(value, rightBy: count) &+ addend
    }
    let floor = value >> Int64(count)
    let twice = (value & ((1 << Int64(count)) &- 1)) &<< 1
    let fraction: ExactPosition.Fraction =
      twice == 0
      ? .zero
      : twice < 1 << Int64(count)
        ? .belowHalf : twice == 1 << Int64(count) ? .half : .aboveHalf
    return ExactPosition.rounded(floor: floor &+ addend, fraction: fraction, rule.rightShift)
  }
}
