/// A ``ScaleRatio`` as a sum of three doubles, so that products with 32-bit integers are nearly exact.
///
/// `leading` and `middle` have 21 significant bits each: their product with an integer of at most 32
/// bits has at most 53 and is exact. `trailing` carries 53 more. With `|a| ≤ 2^32` the pair
/// `(a·leading, a·middle + a·trailing)` differs from `a·D` by less than ``relativeError``·|a·D|:
/// the quotient is cut after at least 75 bits (2^−74), `trailing` is rounded (2^−42·2^−53), its
/// product likewise, and the sum `a·middle + a·trailing`, below 2^−20·|a·D|, is rounded once (2^−73).
package struct RatioExpansion: Sendable {
  package let leading: Double
  package let middle: Double
  package let trailing: Double

  /// Bound on the relative error of `a·leading + (a·middle + a·trailing)`: 2^−71 > 2^−73 + 2^−74 +
  /// 2·2^−95.
  package static let relativeError = 0x1p-71

  /// Whether no intermediate result can overflow or leave the normal numbers.
  package let isUsable: Bool

  package init(_ ratio: ScaleRatio) {
    let shift = ratio.numerator.leadingZeroBitCount
    // At least 128 − 53 = 75 bits, since the dividend has its highest bit set.
    let quotient = (ratio.numerator << UInt128(shift)) / UInt128(ratio.divisor)
    let exponent = ratio.exponent - shift
    let bits = 128 - quotient.leadingZeroBitCount
    isUsable = bits > 42 && exponent + bits < 900 && exponent > -900
    guard isUsable else {
      (leading, middle, trailing) = (0, 0, 0)
      return
    }
    let second = UInt128(bits - 42)
    let first = UInt128(bits - 21)
    let top = quotient >> first
    let next = (quotient >> second) & 0x1F_FFFF
    let rest = quotient & ((1 << second) &- 1)
    leading = RatioExpansion.scaled(UInt64(top), by: exponent + Int(first))
    middle = RatioExpansion.scaled(UInt64(next), by: exponent + Int(second))
    // Two parts of at most 64 bits each; each conversion is rounded at 2^−53 of `rest`.
    let low = Double(UInt64(truncatingIfNeeded: rest))
    let high = Double(UInt64(truncatingIfNeeded: rest >> 64))
    trailing = (high * 0x1p64 + low) * RatioExpansion.power(exponent)
  }

  /// `integer × ratio` as a head and a tail, to within `3·relativeError` of its magnitude.
  @inlinable
  package func product(_ integer: Int64) -> (head: Double, tail: Double) {
    if integer.magnitude <= 0x1_0000_0000 {
      let value = Double(integer)
      return (value * leading, value * middle + value * trailing)
    }
    // Two halves of at most 32 bits; scaling by 2^32 is exact.
    let high = Double(integer >> 32) * 0x1p32
    let low = Double(integer & 0xFFFF_FFFF)
    let (a, b) = (high * leading, low * leading)
    let sum = a + b
    let part = sum - a
    let lost = (a - (sum - part)) + (b - part)
    let tails = (high * middle + high * trailing) + (low * middle + low * trailing)
    return (sum, lost + tails)
  }

  private static func scaled(_ integer: UInt64, by exponent: Int) -> Double {
    Double(integer) * power(exponent)
  }

  /// `2^exponent`, where it is a normal number.
  private static func power(_ exponent: Int) -> Double {
    Double(bitPattern: UInt64(max(1, min(2_046, exponent + 1_023))) << 52)
  }
}
