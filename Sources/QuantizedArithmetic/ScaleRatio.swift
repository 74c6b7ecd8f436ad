import BigInt

/// The exact quotient of scales that multiplies an integer term: `numerator × 2^exponent / divisor`.
///
/// A fully connected layer has `D = Si·Sw/So`. Scales are binary floating-point numbers, so `D` is a
/// rational number with few bits, and the position of `a·D` between two integers is decided by
/// integer arithmetic alone.
package struct ScaleRatio: Hashable, Sendable {
  /// The product of at most two significands; at most 106 bits.
  package let numerator: UInt128
  /// Odd; at most 53 bits.
  package let divisor: UInt64
  package let exponent: Int

  /// `(first · second) / divisor`.
  package init(_ first: Scale, times second: Scale, over divisor: Scale) {
    let (a, b, c) = (first.binary, second.binary, divisor.binary)
    numerator = UInt128(a.significand) * UInt128(b.significand)
    self.divisor = c.significand
    exponent = a.exponent + b.exponent - c.exponent
  }

  /// `first / divisor`.
  package init(_ first: Scale, over divisor: Scale) {
    let (a, c) = (first.binary, divisor.binary)
    numerator = UInt128(a.significand)
    self.divisor = c.significand
    exponent = a.exponent - c.exponent
  }

  /// `constant / divisor`, for the bound of an activation (6/So).
  package init(_ constant: UInt64, over divisor: Scale) {
    let c = divisor.binary
    numerator = UInt128(constant)
    self.divisor = c.significand
    exponent = -c.exponent
  }

  /// The position of `integer × self`, decided exactly.
  ///
  /// With `N = |integer| · numerator` and `t = −(exponent + 1)`, twice the magnitude is
  /// `⌊⌊N / 2^t⌋ / divisor⌋`, and it is inexact if either division leaves a remainder. Magnitudes of
  /// ``ExactPosition/limit`` and more are saturated, so the quotient always fits 64 bits.
  ///
  /// - Precondition: the magnitude of `integer` is below 2^64.
  package func position(times integer: Int128) -> ExactPosition {
    let magnitude = magnitudePosition(times: UInt64(integer.magnitude))
    return integer < 0 ? magnitude.negated : magnitude
  }

  /// The ratio as a rational number.
  package var rational: Rational {
    let value = BigInt(numerator)
    return exponent >= 0
      ? Rational(value << exponent, over: BigInt(divisor))
      : Rational(value, over: BigInt(divisor) << (0 - exponent))
  }

  private func magnitudePosition(times magnitude: UInt64) -> ExactPosition {
    guard magnitude != 0, numerator != 0 else { return ExactPosition(0) }
    let (high, low) = UInt128(magnitude).multipliedFullWidth(by: numerator)
    let bits = high == 0 ? 128 - low.leadingZeroBitCount : 256 - high.leadingZeroBitCount
    let divisorBits = 64 - divisor.leadingZeroBitCount
    // 2^(scaled − 1) < 2y < 2^(scaled + 1)
    let scaled = bits + exponent + 1 - divisorBits
    if scaled > 43 { return ExactPosition(ExactPosition.limit) }
    if scaled < -1 { return ExactPosition(floor: 0, fraction: .belowHalf) }
    let shift = exponent + 1
    let dividend: UInt128
    var isInexact = false
    if shift >= 0 {
      // bits + shift = scaled + divisorBits <= 96, so nothing is lost.
      dividend = low << UInt128(shift)
    } else {
      (dividend, isInexact) = ScaleRatio.shiftedRight(high: high, low: low, by: -shift)
    }
    let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: UInt128(divisor))
    return ExactPosition(
      halves: UInt64(truncatingIfNeeded: quotient), isInexact: isInexact || remainder != 0)
  }

  /// `⌊(high·2^128 + low) / 2^count⌋` cut to 128 bits, and whether a 1 bit was lost.
  private static func shiftedRight(
    high: UInt128, low: UInt128, by count: Int
  ) -> (UInt128, isInexact: Bool) {
    if count >= 256 { return (0, high != 0 || low != 0) }
    if count >= 128 {
      let rest = UInt128(count - 128)
      let lost = (high & ((1 << rest) &- 1)) != 0 || low != 0
      return (high >> rest, lost)
    }
    let amount = UInt128(count)
    let lost = (low & ((1 << amount) &- 1)) != 0
    return ((low >> amount) | (count == 0 ? 0 : high << (128 - amount)), lost)
  }
}
