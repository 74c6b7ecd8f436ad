import Glibc
package import QuantizedArithmetic
package import QuantizedLayers

extension ActivationBounds {
  /// The bounds of the output integers: of the type, an explicit clamp, or an activation.
  ///
  /// - Returns: `nil` where the bound of an activation does not fit int32, or where the upper bound
  ///   lies below the lower one; LiteRT refuses both.
  package func outputRange(of layer: Layer) -> ClosedRange<Int64>? {
    outputRange(
      layer.activation, type: layer.output.type, scale: layer.outputScale,
      zeroPoint: layer.outputZeroPoint)
  }

  /// The same of an output's parameters.
  package func outputRange(
    _ activation: Activation, type: ElementType, scale: Scale, zeroPoint: Int64
  ) -> ClosedRange<Int64>? {
    var (low, high) = (type.range.lowerBound, type.range.upperBound)
    switch activation {
    case .none: return type.range
    case .clamp(let low, let high): return low <= high ? low...high : nil
    case .relu, .relu6:
      guard let zero = integer(0, type, scale, zeroPoint) else { return nil }
      low = max(low, zero)
      if activation == .relu6 {
        guard let six = integer(6, type, scale, zeroPoint) else { return nil }
        high = min(high, six)
      }
    }
    return low <= high ? low...high : nil
  }

  /// The output integer of the real bound `constant`; `nil` where it leaves int32.
  package func integer(
    _ constant: UInt64, _ type: ElementType, _ scale: Scale, _ zeroPoint: Int64
  ) -> Int64? {
    switch self {
    case .exact(let rounding):
      guard constant > 0 else { return zeroPoint }
      let stage = ExactStage(rounding: rounding, constantOver: scale)
      return stage.apply(sum: Int128(constant), bias: 0) + zeroPoint
    case .roundedQuotient:
      let quotient = Float(constant) / Float(scale.value)
      let rounded = quotient.rounded(.toNearestOrAwayFromZero)
      return rounded < 0x1p31 ? Int64(rounded) + zeroPoint : nil
    case .binary64Quotient(let rounding):
      let rounded = rounding.apply(to: Double(constant) / scale.value)
      return rounded < 0x1p31 ? Int64(rounded) + zeroPoint : nil
    case .binary32Quotient(let rounding):
      let quotient = Float(constant) / Float(scale.value)
      let rounded = rounding.apply(to: Double(quotient))
      return rounded < 0x1p31 ? Int64(rounded) + zeroPoint : nil
    case .roundedSum:
      let quotient = Float(constant) / Float(scale.value)
      // LiteRT forms the other bound first, and refuses what does not fit.
      guard quotient.rounded(.toNearestOrAwayFromZero) < 0x1p31 else { return nil }
      let range = type.range
      let sum = min(
        max(quotient + Float(zeroPoint), Float(range.lowerBound)), Float(range.upperBound))
      return Int64(sum.rounded(.toNearestOrEven))
    }
  }
}
