import Glibc
import QuantizedArithmetic
package import QuantizedLayers

extension ActivationBounds {
  /// The bounds of the output integers: of the type, an explicit clamp, or an activation.
  ///
  /// - Returns: `nil` where the bound of an activation does not fit int32, or where the upper bound
  ///   lies below the lower one; LiteRT refuses both.
  package func outputRange(of layer: Layer) -> ClosedRange<Int64>? {
    let range = layer.outputRange
    var (low, high) = (range.lowerBound, range.upperBound)
    switch layer.activation {
    case .none, .clamp: return range
    case .relu, .relu6:
      guard let zero = integer(0, layer) else { return nil }
      low = max(low, zero)
      if layer.activation == .relu6 {
        guard let six = integer(6, layer) else { return nil }
        high = min(high, six)
      }
    }
    return low <= high ? low...high : nil
  }

  /// The output integer of the real bound `constant`; `nil` where it leaves int32.
  private func integer(_ constant: UInt64, _ layer: Layer) -> Int64? {
    let zeroPoint = layer.outputZeroPoint
    switch self {
    case .exact(let rounding):
      guard constant > 0 else { return zeroPoint }
      let stage = ExactStage(rounding: rounding, constantOver: layer.outputScale)
      return stage.apply(sum: Int128(constant), bias: 0) + zeroPoint
    case .roundedQuotient:
      let quotient = Float(constant) / Float(layer.outputScale.value)
      let rounded = quotient.rounded(.toNearestOrAwayFromZero)
      return rounded < 0x1p31 ? Int64(rounded) + zeroPoint : nil
    case .binary64Quotient(let rounding):
      let rounded = rounding.apply(to: Double(constant) / layer.outputScale.value)
      return rounded < 0x1p31 ? Int64(rounded) + zeroPoint : nil
    case .roundedSum:
      let quotient = Float(constant) / Float(layer.outputScale.value)
      // LiteRT forms the other bound first, and refuses what does not fit.
      guard quotient.rounded(.toNearestOrAwayFromZero) < 0x1p31 else { return nil }
      let range = layer.output.type.range
      let sum = min(
        max(quotient + Float(zeroPoint), Float(range.lowerBound)), Float(range.upperBound))
      return Int64(sum.rounded(.toNearestOrEven))
    }
  }
}
