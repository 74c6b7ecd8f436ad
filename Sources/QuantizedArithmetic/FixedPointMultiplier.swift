/// A real multiplier as hardware holds it: `significand × 2^(exponent − 31)`.
///
/// One exponent, four spellings: TFLite `shift` = ruy `multiplier_exponent` = `exponent`; gemmlowp
/// `result_shift` = `−exponent`; TOSA `shift` = `31 − exponent`.
package struct FixedPointMultiplier: Hashable, Sendable {
  /// In `2^30 ... 2^31 − 1` for a positive multiplier, or 0.
  package let significand: Int32
  package let exponent: Int

  package init(significand: Int32, exponent: Int) {
    self.significand = significand
    self.exponent = exponent
  }

  /// The multiplier nearest to `real`, ties away from zero, found in the steps of TFLite's
  /// `QuantizeMultiplier` (`quantization_util.cc`; the same in LiteRT and TensorFlow Lite Micro).
  ///
  /// - Parameter real: finite and not negative.
  package init(_ real: Double) {
    guard real > 0, real.isFinite else {
      self.init(significand: 0, exponent: 0)
      return
    }
    // frexp: real = fraction × 2^power with the fraction in 0.5 ..< 1.
    let binary = BinaryNumber(positive: real)
    let bits = 64 - binary.significand.leadingZeroBitCount
    var power = binary.exponent + bits
    // round(fraction · 2^31): the significand has `bits` bits, 31 remain.
    var rounded: Int64
    if bits <= 31 {
      rounded = Int64(binary.significand) << Int64(31 - bits)
    } else {
      rounded = Int64(binary.significand).shifted(rightBy: bits - 31, rounding: .toNearestOrAway)
    }
    // > if (q_fixed == (1LL << 31)) { q_fixed /= 2; ++*shift; }
    if rounded == 1 << 31 {
      rounded = 1 << 30
      power += 1
    }
    // > if (*shift < -31) { *shift = 0; q_fixed = 0; }
    if power < -31 {
      rounded = 0
      power = 0
    }
    self.init(significand: Int32(rounded), exponent: power)
  }

  /// The same, with the upper limit of builds with `TFLITE_SINGLE_ROUNDING`: an exponent above 30
  /// becomes the greatest multiplier with exponent 30.
  package var limitedForSingleRounding: FixedPointMultiplier {
    exponent > 30 ? FixedPointMultiplier(significand: .max, exponent: 30) : self
  }

  /// The multiplier as a real number, exactly: 31 bits times a power of two.
  package var value: Double {
    Double(significand) * Double(sign: .plus, exponent: exponent - 31, significand: 1)
  }
}
