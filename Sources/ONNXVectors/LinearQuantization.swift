import QuantizedArithmetic

/// One element of QuantizeLinear and of DequantizeLinear.
package enum LinearQuantization {
  /// `saturate(round_half_even(x / scale) + zeroPoint)`.
  ///
  /// `precision` is the format of the division, as the specification has it: operands and quotient
  /// are rounded to it. Where it is `nil`, the quotient is a rational number and rounded only once.
  /// The two differ where the rounded quotient is a tie and the true one is not.
  ///
  /// - Returns: `nil` where the formula has no value: NaN, or a scale that is 0 or not finite.
  package static func quantized(
    _ x: Double, scale: Double, zeroPoint: Int64, range: ClosedRange<Int64>,
    precision: BinaryFormat?
  ) -> Int64? {
    let x = precision?.rounded(x) ?? x
    let scale = precision?.rounded(scale) ?? scale
    guard !x.isNaN, scale.isFinite, scale != 0 else { return nil }
    let isNegative = (x < 0) != (scale < 0)
    guard x.isFinite else { return isNegative ? range.lowerBound : range.upperBound }
    let exact = Rational(exactly: x) / Rational(exactly: scale)
    var position = exact.position
    if let precision {
      let quotient = precision.rounded(exact)
      guard quotient.isFinite else { return isNegative ? range.lowerBound : range.upperBound }
      position = Rational(exactly: quotient).position
    }
    let sum = position.rounded(.toNearestOrEven) + zeroPoint
    return min(max(sum, range.lowerBound), range.upperBound)
  }

  /// `(x − zeroPoint) · scale`, each step rounded to `precision`, the format of the output.
  ///
  /// - Returns: `nil` where the scale is not finite.
  package static func dequantized(
    _ x: Int64, scale: Double, zeroPoint: Int64, precision: BinaryFormat
  ) -> Double? {
    let scale = precision.rounded(scale)
    let difference = precision.rounded(Rational(x - zeroPoint))
    guard scale.isFinite, difference.isFinite else { return nil }
    return precision.rounded(Rational(exactly: difference) * Rational(exactly: scale))
  }
}
