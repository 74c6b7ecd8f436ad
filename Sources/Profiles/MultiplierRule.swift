package import QuantizedArithmetic

/// How `D` becomes an integer times a power of two.
package enum MultiplierRule: String, CaseIterable, Hashable, Sendable {
  /// 31 bits, half away; below 2^−32 it is 0 (TFLite's `QuantizeMultiplier`).
  case bits31
  /// The same; an exponent above 30 becomes (2^31 − 1, 30) (`TFLITE_SINGLE_ROUNDING`).
  case bits31LimitedAbove
  /// The same 31 bits; below 2^−32 they lose their lowest, so that the shift stays at 62 (TOSA
  /// `scale32`).
  case bits31ShiftedTo62
  /// 15 bits, half away, otherwise as ``bits31ShiftedTo62`` (TOSA `scale16`).
  case bits15ShiftedTo62
  /// ``bits31`` cut to 15 bits, half up, 2^15 − 1 where that would give 2^15 (TFLite's 64-bit
  /// accumulators).
  case bits31ReducedTo15
  /// The same 15 bits in place of the upper ones of 31.
  case bits15OfBits31
  /// 31 bits, truncated.
  case bits31Truncated
  /// 31 bits, half to even.
  case bits31HalfToEven
  /// 31 bits, half away; where that would give 2^31 it is 2^31 − 1.
  case bits31Saturated
  /// 24 bits, half away.
  case bits24
  /// 24 bits, truncated.
  case bits24Truncated
  /// 16 bits, half away.
  case bits16
  /// 16 bits, truncated.
  case bits16Truncated
  /// 15 bits, half away.
  case bits15
  /// 15 bits, truncated.
  case bits15Truncated
  /// 8 bits, half away.
  case bits8

  /// Bits of a normalized significand.
  package var bits: Int {
    switch self {
    case .bits31, .bits31LimitedAbove, .bits31ShiftedTo62, .bits31Truncated, .bits31HalfToEven,
      .bits31Saturated:
      31
    case .bits24, .bits24Truncated: 24
    case .bits16, .bits16Truncated: 16
    case .bits15ShiftedTo62, .bits31ReducedTo15, .bits15OfBits31, .bits15, .bits15Truncated: 15
    case .bits8: 8
    }
  }

  /// How a significand is rounded to ``bits``.
  package var rounding: RoundingMode {
    switch self {
    case .bits31Truncated, .bits24Truncated, .bits16Truncated, .bits15Truncated: .down
    case .bits31HalfToEven: .toNearestOrEven
    default: .toNearestOrAway
    }
  }

  /// The multiplier of `real`, finite and not negative; of anything else 0.
  package func multiplier(of real: Double) -> FixedPointMultiplier {
    switch self {
    case .bits31: return FixedPointMultiplier(real)
    case .bits31LimitedAbove: return FixedPointMultiplier(real).limitedForSingleRounding
    case .bits31ShiftedTo62, .bits15ShiftedTo62:
      return MultiplierRule.withShiftOfAtMost62(real, bits: bits)
    case .bits31Truncated, .bits31HalfToEven, .bits31Saturated, .bits24, .bits24Truncated, .bits16,
      .bits16Truncated, .bits15, .bits15Truncated, .bits8:
      return normalized(real)
    case .bits15OfBits31:
      let reduced = MultiplierRule.bits31ReducedTo15.multiplier(of: real)
      return FixedPointMultiplier(
        significand: reduced.significand << 16, exponent: reduced.exponent - 16)
    case .bits31ReducedTo15:
      let whole = FixedPointMultiplier(real)
      // > (quantized_multiplier < 0x7FFF0000) ? (quantized_multiplier + (1 << 15)) >> 16 : 0x7FFF
      let reduced =
        whole.significand < 0x7FFF_0000 ? (whole.significand + (1 << 15)) >> 16 : 0x7FFF
      return FixedPointMultiplier(significand: reduced, exponent: whole.exponent + 16)
    }
  }

  /// A significand of ``bits``, aligned to 31; below 2^−32 it is 0 as in ``bits31``.
  private func normalized(_ real: Double) -> FixedPointMultiplier {
    guard real > 0, real.isFinite else { return FixedPointMultiplier(significand: 0, exponent: 0) }
    let binary = BinaryNumber(positive: real)
    let width = 64 - binary.significand.leadingZeroBitCount
    var power = binary.exponent + width
    var rounded = Int64(binary.significand)
    if width <= bits {
      rounded <<= Int64(bits - width)
    } else {
      rounded = rounded.shifted(rightBy: width - bits, rounding: rounding)
    }
    if rounded == 1 << Int64(bits) {
      if self == .bits31Saturated {
        rounded -= 1
      } else {
        rounded /= 2
        power += 1
      }
    }
    guard power >= -31 else { return FixedPointMultiplier(significand: 0, exponent: 0) }
    return FixedPointMultiplier(
      significand: Int32(rounded << Int64(31 - bits)), exponent: power)
  }

  /// The usual way from TFLite's scales to TOSA's operands: `real ≈ significand · 2^(−shift)` with a
  /// shift of at most 62.
  private static func withShiftOfAtMost62(_ real: Double, bits: Int) -> FixedPointMultiplier {
    guard real > 0, real.isFinite else { return FixedPointMultiplier(significand: 0, exponent: 0) }
    // frexp: real = fraction × 2^power with the fraction in 0.5 ..< 1.
    let binary = BinaryNumber(positive: real)
    let width = 64 - binary.significand.leadingZeroBitCount
    var power = binary.exponent + width
    var rounded = Int64(binary.significand)
    if width <= bits {
      rounded <<= Int64(bits - width)
    } else {
      rounded = rounded.shifted(rightBy: width - bits, rounding: .toNearestOrAway)
    }
    if rounded == 1 << Int64(bits) {
      rounded /= 2
      power += 1
    }
    var shift = bits - power
    if shift > 62 {
      rounded >>= Int64(min(31, shift - 62))
      shift = 62
    }
    return FixedPointMultiplier(significand: Int32(rounded), exponent: 31 - shift)
  }
}
