package import QuantizedArithmetic

/// A binary floating-point format with subnormal numbers and infinities, of at most 24 bits of
/// significand.
///
/// Results are rounded from exact rational numbers, once, half to even: no operation of the machine
/// decides a reference. Every number of the formats is a binary64 number.
package struct BinaryFormat: Hashable, Sendable {
  /// Bits of the significand, the hidden one included.
  let precision: Int
  /// Of the least and the greatest normal number.
  let exponents: ClosedRange<Int>

  package static let float16 = BinaryFormat(precision: 11, exponents: -14...15)
  package static let bfloat16 = BinaryFormat(precision: 8, exponents: -126...127)
  package static let float32 = BinaryFormat(precision: 24, exponents: -126...127)

  /// The number of the format that is nearest to `value`, ties to even; infinite where it is too
  /// large.
  package func rounded(_ value: Rational) -> Double {
    // Where the approximation is rounded up to a power of two, so is the number of the format.
    let approximation = value.approximation
    guard approximation != 0, approximation.isFinite else { return approximation }
    let unit = max(approximation.exponent, exponents.lowerBound) - (precision - 1)
    // Beyond twice the greatest number, so that the power of two stays a binary64 number.
    guard unit <= exponents.upperBound else {
      return approximation < 0 ? -.infinity : .infinity
    }
    let scaled = value * Rational(exactly: Double(sign: .plus, exponent: -unit, significand: 1))
    // At most 2^24 in magnitude, below the limit of a position.
    let whole = Double(scaled.position.rounded(.toNearestOrEven))
    let result = Double(sign: .plus, exponent: unit, significand: 1) * whole
    let beyond = Double(sign: .plus, exponent: exponents.upperBound + 1, significand: 1)
    let isTooLarge = result.magnitude >= beyond
    return isTooLarge ? (result < 0 ? -.infinity : .infinity) : result
  }

  /// As ``rounded(_:)``, of a binary64 number; NaN and infinities stay.
  package func rounded(_ value: Double) -> Double {
    value.isFinite ? rounded(Rational(exactly: value)) : value
  }
}
