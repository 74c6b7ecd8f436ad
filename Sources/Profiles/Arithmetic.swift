package import QuantizedArithmetic

/// How a runtime turns the integers of a layer into its outputs, bit for bit: one choice for each
/// part. Profiles are values made of these parts, so the parts are also the alphabet in which an
/// unknown arithmetic can be described.
package struct Arithmetic: Hashable, Sendable {
  package var accumulator: AccumulatorRule
  package var weightsZeroPoint: WeightsZeroPointRule
  package var effectiveScale: EffectiveScaleRule
  package var requantization: Requantization
  package var zeroPointAddition: ZeroPointAddition
  package var activationBounds: ActivationBounds

  package init(
    accumulator: AccumulatorRule, weightsZeroPoint: WeightsZeroPointRule = .used,
    effectiveScale: EffectiveScaleRule, requantization: Requantization,
    zeroPointAddition: ZeroPointAddition = .wrapping32, activationBounds: ActivationBounds
  ) {
    self.accumulator = accumulator
    self.weightsZeroPoint = weightsZeroPoint
    self.effectiveScale = effectiveScale
    self.requantization = requantization
    self.zeroPointAddition = zeroPointAddition
    self.activationBounds = activationBounds
  }
}

/// The width of the sum of products and bias, and what happens beyond it.
package enum AccumulatorRule: String, CaseIterable, Hashable, Sendable {
  /// The true sum, however large.
  case exact
  /// Two's complement, modulo 2^32.
  case int32Wrapping
  /// Two's complement, modulo 2^64.
  case int64Wrapping
  /// Pairs of raw 8-bit products saturated to 16 bits (x86 `vpmaddubsw`), then modulo 2^32.
  case int16PairSaturating
}

/// What becomes of the weights' zero point.
package enum WeightsZeroPointRule: String, CaseIterable, Hashable, Sendable {
  case used
  /// Taken as 0 where there is more than one weight scale.
  case ignoredPerChannel
}

/// The order and the precision in which `D = Si·Sw/So` is formed.
package enum EffectiveScaleRule: Hashable, Sendable {
  /// As a rational number.
  case exact
  /// `(f64 Si · f64 Sw) / f64 So`
  case binary64
  /// `f64(f32(Si · Sw)) / f64 So` per tensor, `binary64` per channel.
  case binary32ProductPerTensor
  /// `f32(f32(Si · Sw) / So)`
  case binary32
}

/// How an accumulator becomes the integer to which the zero point is added.
package enum Requantization: Hashable, Sendable {
  /// The true value, rounded.
  case exact(RoundingMode)
  /// `f64(accumulator) · D`, rounded; a conversion beyond int32 gives −2^31 (x86 `cvttsd2si`).
  case float64(RoundingMode)
  /// `f32(f32(accumulator) · D)`, clamped as `order` says, rounded half to even.
  case float32(Float32Clamp)
  /// A 31-bit multiplier and shifts.
  case fixedPoint(FixedPointRule)
}

/// Where a float32 requantization clamps.
package enum Float32Clamp: String, CaseIterable, Hashable, Sendable {
  /// Above, before rounding; below, after the zero point is added (XNNPACK).
  case upperBeforeRounding
  /// Both, before rounding, against the bounds without the zero point (MLAS).
  case bothBeforeRounding
}

/// The steps of `x · significand · 2^(exponent − 31)` in integers.
package struct FixedPointRule: Hashable, Sendable {
  package enum LeftShift: String, CaseIterable, Hashable, Sendable {
    /// int32, bits are lost.
    case wraps
    /// int32, bits are lost; a count of 32 or more gives 0 (x86 vector shifts).
    case wrapsToZero
    /// To the ends of int32.
    case saturates
    /// Part of the one shift of the 64-bit product.
    case folded
  }

  package var leftShift: LeftShift
  /// Of the product at bit 31; `nil` where the product is shifted and rounded once.
  package var highMultiply: RoundingMode?
  /// Of the (last) right shift.
  package var rightShift: RoundingMode
  /// What happens to a result beyond int32 (one rounding only).
  package var saturatesResult: Bool
  /// Whether exponents above 30 become the greatest multiplier.
  package var limitsExponent: Bool

  package init(
    leftShift: LeftShift, highMultiply: RoundingMode?, rightShift: RoundingMode,
    saturatesResult: Bool = false, limitsExponent: Bool = false
  ) {
    self.leftShift = leftShift
    self.highMultiply = highMultiply
    self.rightShift = rightShift
    self.saturatesResult = saturatesResult
    self.limitsExponent = limitsExponent
  }

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
    leftShift: .folded, highMultiply: nil, rightShift: .toNearestOrUp, saturatesResult: true,
    limitsExponent: true)
  /// ruy's generic path: one rounding, the result wraps.
  package static let singleRoundingWrapping = FixedPointRule(
    leftShift: .folded, highMultiply: nil, rightShift: .toNearestOrUp)
}

/// How the output's zero point is added.
package enum ZeroPointAddition: String, CaseIterable, Hashable, Sendable {
  /// int32, two's complement.
  case wrapping32
  /// Saturated to int16 before and after (AVX2 kernels of XNNPACK for int8).
  case saturating16
}

/// How a real bound f of an activation becomes an integer.
package enum ActivationBounds: Hashable, Sendable {
  /// `round(f/So) + Zo` of the true quotient.
  case exact(RoundingMode)
  /// `Zo + round(f32(f/So))`, half away from zero (LiteRT, TensorFlow Lite Micro).
  case roundedQuotient
  /// `f32(f32(f/So) + f32(Zo))` rounded half to even (XNNPACK).
  case roundedSum
}
