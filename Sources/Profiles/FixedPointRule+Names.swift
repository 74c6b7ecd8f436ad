import QuantizedArithmetic

/// The fixed-point arithmetics of known runtimes.
extension FixedPointRule {
  /// `MultiplyByQuantizedMultiplier` of TensorFlow Lite Micro 0.dev20261023 and CMSIS-NN 99f736a:
  /// gemmlowp's `SaturatingRoundingDoublingHighMul`, then `RoundingDivideByPOT`.
  package static let doubleRounding = FixedPointRule(
    leftShift: .wraps, highMultiply: .toNearestOrUp, rightShift: .toNearestOrAway)
  /// The AVX2 and AVX-512 kernels of ruy 2af8886.
  package static let ruy = FixedPointRule(
    leftShift: .wrapsToZero, highMultiply: .toNearestOrUp, rightShift: .toNearestOrUp)
  /// gemmlowp's `OutputStageScaleInt32ByFixedPointAndExponent` (Debian 2021-12-20).
  package static let gemmlowp = FixedPointRule(
    leftShift: .saturates, highMultiply: .toNearestOrUp, rightShift: .toNearestOrAway)
  /// `MultiplyByQuantizedMultiplier` with `TFLITE_SINGLE_ROUNDING`.
  package static let singleRounding = FixedPointRule(
    multiplier: .bits31LimitedAbove, leftShift: .folded, highMultiply: nil,
    rightShift: .toNearestOrUp, result: .saturates)
  /// ruy's generic path: one rounding, the result wraps.
  package static let singleRoundingWrapping = FixedPointRule(
    leftShift: .folded, highMultiply: nil, rightShift: .toNearestOrUp)
  /// ruy's NEON kernels: `SQDMULH`, which truncates, then `SRSHL` by at least 1, which makes it one
  /// rounding; the left shift makes up for that 1.
  package static let neon = FixedPointRule(
    leftShift: .wrapsToZero, highMultiply: .down, rightShift: .toNearestOrUp, leastRightShift: 1)
  /// `MultiplyByQuantizedMultiplier` of a 64-bit accumulator: 15 bits, one rounding, cut to int32.
  package static let wideAccumulator = FixedPointRule(
    multiplier: .bits31ReducedTo15, leftShift: .folded, highMultiply: nil,
    rightShift: .toNearestOrUp)
  /// XNNPACK's `rndnu` with its significand of 24 bits, which 31 bits hold exactly.
  package static let rndnu = FixedPointRule(
    leftShift: .folded, highMultiply: nil, rightShift: .toNearestOrUp, result: .isWide)
  /// TOSA's RESCALE, `scale32` or `scale16`, `SINGLE_ROUND` or `DOUBLE_ROUND`.
  package static func rescale(_ multiplier: MultiplierRule, carries: Bool = false) -> FixedPointRule
  {
    FixedPointRule(
      multiplier: multiplier, leftShift: .folded, highMultiply: nil, rightShift: .toNearestOrUp,
      carries: carries)
  }
}
