/// A real multiplier as `multiplier · 2^(exponent − 31)`.
struct FixedPointMultiplier: Hashable, Sendable {
  /// At least 2^30 and below 2^31, or 0.
  let multiplier: Int32
  let exponent: Int32

  /// QuantizeMultiplier of TensorFlow Lite: frexp, the significand to 31 bits half away from zero,
  /// renormalised when that carries; exponents below −31 become 0.
  ///
  /// - Parameter real: finite and not negative.
  init(_ real: Double) {
    guard real > 0, real.isNormal else {
      self.init(multiplier: 0, exponent: 0)
      return
    }
    // 53 bits of significand to 31; positive, so half up is half away from zero.
    let significand = real.significandBitPattern | 1 << 52
    var rounded = (significand &+ 1 << 21) &>> 22
    var exponent = Int32(real.exponent) &+ 1
    if rounded == 1 << 31 {
      rounded = 1 << 30
      exponent &+= 1
    }
    if exponent < -31 { (rounded, exponent) = (0, 0) }
    self.init(multiplier: Int32(truncatingIfNeeded: rounded), exponent: exponent)
  }

  private init(multiplier: Int32, exponent: Int32) {
    self.multiplier = multiplier
    self.exponent = exponent
  }

  /// What TFLITE_SINGLE_ROUNDING adds: exponents above 30 become the largest multiplier.
  var limitedForSingleRounding: FixedPointMultiplier {
    exponent > 30 ? FixedPointMultiplier(multiplier: .max, exponent: 30) : self
  }
}

/// The effective scale D = Si·Sw/So in the association and formats of each runtime.
///
/// All scales are binary32.
enum EffectiveScale {
  /// Binary64, (f64 Si · f64 Sw) / f64 So; the product is exact.
  static func double(_ input: Double, _ weights: Double, _ output: Double) -> Double {
    input * weights / output
  }

  /// ruy per tensor: f64(f32(Si·Sw)) / f64 So.
  static func singleProduct(_ input: Double, _ weights: Double, _ output: Double) -> Double {
    Double(Float(input) * Float(weights)) / output
  }

  /// XNNPACK and ONNX Runtime: f32(f32(Si·Sw) / So).
  static func single(_ input: Double, _ weights: Double, _ output: Double) -> Float {
    Float(input) * Float(weights) / Float(output)
  }
}

/// A multiplier for the correctly rounded stage.
struct ExactFactor: Hashable, Sendable {
  /// D with two roundings; its exponent is brought into ±900, beyond which outputs saturate or
  /// vanish in the same way, since accumulators have fewer than 66 bits.
  let value: Double
  /// Where |accumulator| is at most this, accumulator · value is exactly y; 0 where D was rounded.
  let exactLimit: Double
  /// False where the exponent had to be changed.
  let isFaithful: Bool

  /// - Parameters: All finite and greater than 0.
  init(input: Double, weights: Double, output: Double) {
    let exponent = Int(input.exponent) &+ Int(weights.exponent) &- Int(output.exponent)
    let limited = min(max(exponent, -900), 900)
    isFaithful = exponent == limited
    let significand = input.significand * weights.significand / output.significand
    value = significand * Double(sign: .plus, exponent: limited, significand: 1)
    exactLimit = Self.exactLimit(input, weights, output)
  }

  /// With odd p = Pi·Pw of at most 53 bits that Po divides, D is p/Po times a power of two, and
  /// products with integers of 53 bits less that quotient's are exact.
  private static func exactLimit(_ input: Double, _ weights: Double, _ output: Double) -> Double {
    let (high, product) = BinaryScale(input).significand.multipliedFullWidth(
      by: BinaryScale(weights).significand)
    guard high == 0, product < 1 << 53 else { return 0 }
    let (quotient, remainder) = product.quotientAndRemainder(
      dividingBy: BinaryScale(output).significand)
    guard remainder == 0 else { return 0 }
    let bits = 64 &- quotient.leadingZeroBitCount
    return Double(UInt64(1) &<< UInt64(53 &- bits))
  }
}
