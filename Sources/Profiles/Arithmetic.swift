package import QuantizedArithmetic

/// How a runtime turns the integers of a layer into its outputs, bit for bit: one choice for each
/// part. Profiles are values made of these parts, so the parts are also the alphabet in which an
/// unknown arithmetic can be described.
package struct Arithmetic: Hashable, Sendable {
  package var accumulator: AccumulatorRule
  package var weightsZeroPoint: WeightsZeroPointRule
  package var effectiveScale: EffectiveScaleRule
  package var requantization: Requantization
  package var conversion: FloatConversion
  package var zeroPointAddition: ZeroPointAddition
  package var clampOrder: ClampOrder
  package var activationBounds: ActivationBounds
  package var bias: BiasRule
  package var accumulatorPrecision: AccumulatorPrecision
  /// Parts of a layer that other kernels compute; the first that applies counts.
  package var variants: [KernelVariant]

  package init(
    accumulator: AccumulatorRule, weightsZeroPoint: WeightsZeroPointRule = .used,
    effectiveScale: EffectiveScaleRule, requantization: Requantization,
    conversion: FloatConversion = .lowestBeyond, zeroPointAddition: ZeroPointAddition = .wrapping32,
    clampOrder: ClampOrder = .last, activationBounds: ActivationBounds, bias: BiasRule = .added,
    accumulatorPrecision: AccumulatorPrecision = .whole, variants: [KernelVariant] = []
  ) {
    self.accumulator = accumulator
    self.weightsZeroPoint = weightsZeroPoint
    self.effectiveScale = effectiveScale
    self.requantization = requantization
    self.conversion = conversion
    self.zeroPointAddition = zeroPointAddition
    self.clampOrder = clampOrder
    self.activationBounds = activationBounds
    self.bias = bias
    self.accumulatorPrecision = accumulatorPrecision
    self.variants = variants
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
  /// 48 bits in a 64-bit integer (TOSA); beyond them nothing is defined.
  case int48
  /// The true sum, brought to the nearer end of int32.
  case int32Saturating
  /// Every step of the sum, in the order of the depth and then the bias, saturates to int32.
  case int32SaturatingSteps
  /// Two's complement, modulo 2^24.
  case int24Wrapping
  /// The true sum, brought to the nearer end of 24 bits.
  case int24Saturating
  /// Two's complement, modulo 2^16.
  case int16Wrapping
  /// The true sum, brought to the nearer end of int16.
  case int16Saturating
  /// Pairs of raw 8-bit products saturated to 16 bits (x86 `vpmaddubsw`), then modulo 2^32.
  case int16PairSaturating
  /// In blocks of 16 along the depth, the products at k and k + 8 are added in 16 bits, two's
  /// complement (Arm `smull`, `smlal`), then modulo 2^32; of raw 8-bit operands, less 128 if they are
  /// unsigned. The last block is filled with zeros.
  case int16PairWrapping
  /// The same; the last block is filled with the zero points.
  case int16PairWrappingZeroPoints
}

/// What becomes of the weights' zero point.
package enum WeightsZeroPointRule: String, CaseIterable, Hashable, Sendable {
  case used
  /// Taken as 0 where there is more than one weight scale.
  case ignoredPerChannel
  /// Taken as 0.
  case ignored
}

/// What becomes of a bias in accumulator units.
package enum BiasRule: String, CaseIterable, Hashable, Sendable {
  case added
  case ignored
  /// Cut to 16 bits, two's complement.
  case wrapping16
  /// Brought to the nearer end of int16.
  case saturating16
  /// `f32(f32 Σ + f32 bias)`: the sum is kept as the accumulator is, then both are converted (oneDNN 2).
  case addedInBinary32
}

/// What the accumulator is converted to before it is scaled.
package enum AccumulatorPrecision: String, CaseIterable, Hashable, Sendable {
  /// Nothing, or what the requantization itself converts to.
  case whole
  /// binary32, half to even.
  case binary32
  /// Of a float32 requantization: `f32(f64(accumulator) · f64 D)`, as where an int32 array is multiplied by a
  /// float32 one in NumPy.
  case binary64
  /// Of a float32 requantization: `f64(accumulator) · f64 D`, which stays a double.
  case binary64Product

  /// Whether only a float32 requantization has it.
  package var isOfFloat32: Bool { self == .binary64 || self == .binary64Product }
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
  /// `(f64 Si / f64 So) · f64 Sw`
  case binary64InputFirst
  /// `f64 Si · (f64 Sw / f64 So)`
  case binary64WeightsFirst
  /// `(f64 Si · f64 Sw) · (1 / f64 So)`
  case binary64Reciprocal
  /// `(f64 Si · f64 Sw) · f64(f32(1 / So))`
  case binary64SingleReciprocal
  /// `f64(f32(Si · Sw)) / f64 So`
  case binary32Product
  /// `f32(f32(Si / So) · Sw)`
  case binary32InputFirst
  /// `f32(Si · f32(Sw / So))`
  case binary32WeightsFirst
  /// `f32(f32(Si · Sw) · f32(1 / So))`
  case binary32Reciprocal
  /// ``binary64``, rounded to binary32.
  case binary32OfBinary64
  /// Not formed: the accumulator is multiplied by `f64 Si · f64 Sw` and then divided by `f64 So`; a
  /// multiplier is made of ``binary64``.
  case binary64Dividing
  /// The same in binary32: `f32(f32(x · f32(Si · Sw)) / So)`.
  case binary32Dividing
  /// `f32(f32(1/So) / f32(f32(1/Si) · f32(1/Sw)))`: PyTorch 1 with oneDNN 2, which take
  /// scales as reciprocals.
  case binary32OfReciprocals
  /// The multiplier that a rule makes of ``binary64``, rounded to binary32 (TOSA `INEXACT_ROUND`).
  case binary32OfMultiplier(MultiplierRule)
}

/// How an accumulator becomes the integer to which the zero point is added.
package enum Requantization: Hashable, Sendable {
  /// The true value, rounded.
  case exact(RoundingMode)
  /// `f64(accumulator) · D`, rounded; see ``FloatConversion``.
  case float64(RoundingMode)
  /// `f32(f32(accumulator) · D)`, clamped as `order` says, rounded.
  case float32(Float32Clamp, RoundingMode = .toNearestOrEven)
  /// A multiplier of 31 or 15 bits and shifts.
  case fixedPoint(FixedPointRule)
  /// The accumulator is shifted into 16 bits first, then multiplied by 15 bits; ties go up twice
  /// (XNNPACK's uint8 kernels for Arm without dot product).
  case narrowedTo16
}

/// What a float becomes that no int32 represents.
package enum FloatConversion: String, CaseIterable, Hashable, Sendable {
  /// −2^31, NaN too (x86 `cvtps2dq`, `cvttsd2si`).
  case lowestBeyond
  /// The nearer end of int32; NaN becomes 0 (Arm `fcvtas`, `fcvtns`).
  case saturating
}

/// Where a float32 requantization clamps.
package enum Float32Clamp: String, CaseIterable, Hashable, Sendable {
  /// Above, before rounding; below, after the zero point is added (XNNPACK).
  case upperBeforeRounding
  /// Both, before rounding, against the bounds without the zero point (MLAS).
  case bothBeforeRounding
  /// Both, after the zero point is added.
  case afterRounding
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

  package enum Result: String, CaseIterable, Hashable, Sendable {
    /// int32, two's complement.
    case wraps
    /// To the ends of int32.
    case saturates
    /// Stays 64 bits wide.
    case isWide
    /// Shifted by one bit less into an int32, two's complement, and halved there, ties up; a count below
    /// 0 is taken modulo 64, as x86 and Arm shift (CMSIS-NN's single rounding up to 22.9.0).
    case wrapsBeforeHalving
  }

  package var multiplier: MultiplierRule
  package var leftShift: LeftShift
  /// Of the product at bit 31; `nil` where the product is shifted and rounded once.
  package var highMultiply: RoundingMode?
  /// Of the (last) right shift.
  package var rightShift: RoundingMode
  /// The least count of the last right shift; the left shift makes up for it.
  package var leastRightShift: Int
  /// Whether a product shifted by more than 31 gets ±2^30 first, with its accumulator's sign (TOSA
  /// `DOUBLE_ROUND`; one rounding only).
  package var carries: Bool
  /// What happens to a result beyond int32 (one rounding only).
  package var result: Result

  package init(
    multiplier: MultiplierRule = .bits31, leftShift: LeftShift, highMultiply: RoundingMode?,
    rightShift: RoundingMode, leastRightShift: Int = 0, carries: Bool = false,
    result: Result = .wraps
  ) {
    self.multiplier = multiplier
    self.leftShift = leftShift
    self.highMultiply = highMultiply
    self.rightShift = rightShift
    self.leastRightShift = leastRightShift
    self.carries = carries
    self.result = result
  }
}

/// How the output's zero point is added.
package enum ZeroPointAddition: String, CaseIterable, Hashable, Sendable {
  /// int32, two's complement.
  case wrapping32
  /// Saturated to int16 before and after (XNNPACK's kernels for int8 on AVX2, and all of them on Arm).
  case saturating16
  /// int32, brought to the nearer end.
  case saturating32
  /// int16, two's complement.
  case wrapping16
  /// Before the (last) rounding: `round(y + Zo)`. A float is then rounded once more.
  case beforeRounding
}

/// When the output is clamped to its bounds.
package enum ClampOrder: String, CaseIterable, Hashable, Sendable {
  /// After the zero point is added.
  case last
  /// To the bounds of the type before the zero point is added, and once more after it.
  case beforeZeroPoint
}

/// How a real bound f of an activation becomes an integer.
package enum ActivationBounds: Hashable, Sendable {
  /// `round(f/So) + Zo` of the true quotient.
  case exact(RoundingMode)
  /// `Zo + round(f32(f/So))`, half away from zero (LiteRT, TensorFlow Lite Micro).
  case roundedQuotient
  /// `f32(f32(f/So) + f32(Zo))` rounded half to even (XNNPACK).
  case roundedSum
  /// `Zo + round(f64 f / f64 So)`.
  case binary64Quotient(RoundingMode)
  /// `Zo + round(f32(f/So))` by another rounding than ``roundedQuotient``.
  case binary32Quotient(RoundingMode)
}
