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
  /// comes within 2^−32 of the quotient, which the multiplier's rounding hides. Close to a power of two
  /// none does, and a product Si·Sw of 48 bits is looked for in the same way. `nil` where that fails.
  package static func binary32(
    _ multiplier: Int64, shift: Int
  ) -> (input: Double, weights: Double, output: Double)? {
    let wanted = Double(multiplier) * 0x1p-31
    let half = shift / 2
    func power(_ exponent: Int, _ significand: Double) -> Double {
      Double(sign: .plus, exponent: exponent, significand: significand)
    }
    let numbers = (1 << 23)..<((1 << 23) + (1 << 16))
    for number in numbers {
      let a = (wanted * Double(number)).rounded()
      guard gives(a / Double(number), multiplier) else { continue }
      return checked(power(shift - half - 23, a), 1, power(0 - half - 23, Double(number)))
    }
    for number in numbers {
      let b = (wanted * 0x1p47 / Double(number)).rounded()
      guard gives(Double(number) * b * 0x1p-47, multiplier) else { continue }
      return checked(power(shift - half - 23, Double(number)), power(-24, b), power(0 - half, 1))
    }
    return nil
  }

  /// Whether a real multiplier in 1/2 ..< 1 is rounded to this significand.
  private static func gives(_ real: Double, _ multiplier: Int64) -> Bool {
    let derived = FixedPointMultiplier(real)
    return derived.exponent == 0 && Int64(derived.significand) == multiplier
  }

  /// `nil` where one of them is no binary32 number.
  private static func checked(
    _ input: Double, _ weights: Double, _ output: Double
  ) -> (input: Double, weights: Double, output: Double)? {
    let isNarrow = [input, weights, output].allSatisfy { Double(Float($0)) == $0 && $0 > 0 }
    return isNarrow ? (input, weights, output) : nil
  }
}
