import Profiles
import QuantizedArithmetic

/// Scales for a multiplier of 31 bits and a shift.
package enum MultiplierScales {
  /// Si, Sw and So with `Si·Sw/So = multiplier·2^(shift − 31)` exactly; Si is no binary32 number where
  /// the multiplier has more than 24 bits.
  package static func exact(
    _ multiplier: Int64, shift: Int
  ) -> (input: Double, weights: Double, output: Double) {
    (Double(sign: .plus, exponent: shift - 31, significand: Double(multiplier)), 1, 1)
  }

  /// Binary32 scales from which a runtime derives just this multiplier and shift.
  ///
  /// Sw is 1 and `Si/So = a/c·2^e` with a and c of 24 bits: of one in some 256 numbers c the nearest a
  /// comes within 2^−32 of the quotient, which the multiplier's rounding hides; `nil` beside a power of
  /// two, where none does.
  package static func binary32(
    _ multiplier: Int64, shift: Int
  ) -> (input: Double, weights: Double, output: Double)? {
    let wanted = Double(multiplier) * 0x1p-31
    let exponent = shift / 2
    for c in stride(from: Int64(1) << 23, to: (1 << 23) + (1 << 16), by: 1) {
      let a = (wanted * Double(c)).rounded()
      let input = Double(sign: .plus, exponent: shift - exponent - 23, significand: a)
      let output = Double(sign: .plus, exponent: 0 - exponent - 23, significand: Double(c))
      let derived = FixedPointMultiplier(input / output)
      let isExact =
        shift >= -31
        ? derived.exponent == shift && Int64(derived.significand) == multiplier
        : FixedPointMultiplier(a / Double(c)).significand == Int32(truncatingIfNeeded: multiplier)
      if isExact, Double(Float(input)) == input, Double(Float(output)) == output {
        return (input, 1, output)
      }
    }
    return nil
  }
}
