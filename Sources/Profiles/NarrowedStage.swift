import QuantizedArithmetic

/// XNNPACK's `rndnu16`: the accumulator is brought to 16 bits by the exponent's shift, then
/// multiplied by a significand of 15 bits. Every step saturates, so that results beyond the output
/// end where they should.
struct NarrowedStage {
  /// The significand has 15 bits; `D ≈ significand · 2^(shift − 15)`.
  let multiplier: FixedPointMultiplier
  /// What the multiplier was derived from.
  let effectiveScale: Double

  init(effectiveScale: Double) {
    self.effectiveScale = effectiveScale
    multiplier = MultiplierRule.bits15ShiftedTo62.multiplier(of: effectiveScale)
  }

  /// Of the accumulator, to the left.
  private var shift: Int { multiplier.exponent - 16 }

  /// An int16 value.
  @inline(__always)
  func apply(to accumulator: Int32, _ recorder: inout some StepRecorder) -> Int64 {
    recorder.note(.multiplier(effectiveScale: effectiveScale, multiplier))
    let shifted: Int64
    if shift >= 0 {
      let kept = Int32(clamping: Int64(accumulator) << Int64(min(shift, 31)))
      recorder.note(.leftShift(accumulator, by: min(shift, 31), result: kept))
      shifted = Int64(kept)
    } else {
      let count = min(0 - shift, 62)
      shifted = Int64(accumulator).shifted(rightBy: count, rounding: .toNearestOrUp)
      recorder.note(
        .rightShift(Int64(accumulator), by: count, .toNearestOrUp, result: shifted))
    }
    let narrow = Int64(Int16(clamping: shifted))
    recorder.note(.narrowed(shifted, result: narrow))
    let product = narrow * Int64(multiplier.significand)
    recorder.note(.product(narrow, by: multiplier.significand, result: product))
    // `SQRDMULH` doubles and takes the high 16 bits: the same as 15 of the product.
    let result = product.shifted(rightBy: 15, rounding: .toNearestOrUp)
    recorder.note(.rightShift(product, by: 15, .toNearestOrUp, result: result))
    return Int64(Int16(clamping: result))
  }

  /// The upper bound on both roundings to integers, in output units.
  var roundingError: Double {
    // The first errs by half a unit of the shifted accumulator, which is worth the significand.
    (shift < 0 ? 0.5 * Double(multiplier.significand) * 0x1p-15 : 0) + 0.5
  }
}
