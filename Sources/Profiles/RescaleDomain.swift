import QuantizedArithmetic
import QuantizedLayers

/// Where TOSA's RESCALE is predictable for every accumulator that a layer could have.
///
/// An unpredictable element leaves the whole output undefined, so that it is no matter of single
/// outputs. What decides is a bound that follows from the parameters and the bias:
/// `K·max|Qi − Zi|·max|Qw − Zw| + max|Qb|`.
struct RescaleDomain {
  let layer: Layer
  let arithmetic: Arithmetic

  var isPredictable: Bool {
    let bound = accumulatorBound
    return DomainCondition.predictableRescale.multipliers(layer, arithmetic).allSatisfy {
      guard $0.isFinite else { return false }
      guard case .fixedPoint(let rule) = arithmetic.requantization else {
        return fitsInt32(bound * $0)
      }
      let multiplier = rule.multiplier.multiplier(of: $0)
      let shift = 31 - multiplier.exponent
      guard shift >= 2, shift <= 62 else { return false }
      // scale32: −2^(shift − 1) ≤ v < 2^(shift − 1), which every int32 meets from 32 on.
      if rule.multiplier.bits == 31 {
        return shift >= 32
          || bound < Double(sign: .plus, exponent: shift - 1, significand: 1)
      }
      return fitsInt32(bound * multiplier.value)
    }
  }

  /// Whether a result of this size fits int32, rounded in any way and its zero point added.
  private func fitsInt32(_ magnitude: Double) -> Bool { magnitude < 0x1.fff8p30 }

  /// No accumulator is larger in magnitude.
  private var accumulatorBound: Double {
    func reach(_ type: ElementType, _ zeroPoint: Int64) -> Double {
      Double(max(type.range.upperBound - zeroPoint, zeroPoint - type.range.lowerBound))
    }
    let weights = layer.weights.zeroPoints.map { reach(layer.weights.type, $0) }.max() ?? 0
    let products =
      Double(layer.depth) * reach(layer.input.type, layer.inputZeroPoint) * weights
    let bias = layer.raw.bias?.integers.map { Double($0.magnitude) }.max() ?? 0
    // Rounding a sum below 2^53 does not happen; above, the domain has ended.
    let bound = products + bias
    return arithmetic.accumulator == .int32Wrapping ? min(bound, 0x1p31) : bound
  }
}
