/// Scale and zero point of a tensor, found from the range of real values that it has to hold.
///
/// The range is widened to contain 0, so that real 0 is exact; a range without extent becomes scale 1
/// (what LiteRT's and ONNX's own calculations do is the same up to that choice, which they leave to
/// the caller).
package struct AffineParameters: Hashable, Sendable {
  package let scale: Scale
  /// In the range of the type.
  package let zeroPoint: Int64

  /// Asymmetric: the whole range of the type is used, and the zero point is nudged onto the nearest
  /// integer.
  ///
  /// - Precondition: `type` is one of ``ElementType/quantized``.
  /// - Throws: ``QuantizationError`` when a bound is not finite or the bounds are reversed.
  package init(
    asymmetric low: Double, _ high: Double, type: ElementType
  ) throws(QuantizationError) {
    let (low, high) = try AffineParameters.widened(low, high)
    let range = type.range
    let steps = Double(range.upperBound - range.lowerBound)
    let step = high / steps - low / steps
    guard step > 0, step.isFinite else {
      scale = try Scale(1)
      zeroPoint = min(max(0, range.lowerBound), range.upperBound)
      return
    }
    scale = try Scale(step)
    let ideal = Double(range.lowerBound) - low / step
    let nudged = ideal.rounded(.toNearestOrAwayFromZero)
    zeroPoint = min(max(Int64(nudged), range.lowerBound), range.upperBound)
  }

  /// Symmetric: the zero point is 0 (128 for uint8) and the scale fits the larger magnitude.
  ///
  /// - Precondition: `type` is one of ``ElementType/quantized``.
  /// - Throws: ``QuantizationError`` when a bound is not finite or the bounds are reversed.
  package init(symmetric low: Double, _ high: Double, type: ElementType) throws(QuantizationError) {
    let (low, high) = try AffineParameters.widened(low, high)
    zeroPoint = type == .uint8 ? 128 : 0
    let step = max(-low, high) / Double(type.range.upperBound - zeroPoint)
    scale = try Scale(step > 0 ? step : 1)
  }

  private static func widened(
    _ low: Double, _ high: Double
  ) throws(QuantizationError) -> (Double, Double) {
    guard low.isFinite, high.isFinite else { throw .rangeIsNotFinite(low, high) }
    guard low <= high else { throw .rangeIsReversed(low, high) }
    return (min(low, 0), max(high, 0))
  }
}
