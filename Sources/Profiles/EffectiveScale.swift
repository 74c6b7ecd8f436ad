package import QuantizedArithmetic

extension EffectiveScaleRule {
  /// `D = Si·Sw/So` as this rule forms it, as a double; of ``exact``, the nearest that the `binary64`
  /// rule gives.
  ///
  /// `isPerChannel` says whether there is more than one weight scale.
  package func value(
    input: Scale, weights: Scale, output: Scale, isPerChannel: Bool
  ) -> Double {
    let (si, sw, so) = (input.value, weights.value, output.value)
    switch self {
    case .exact, .binary64, .binary64Dividing: return (si * sw) / so
    case .binary64InputFirst: return (si / so) * sw
    case .binary64WeightsFirst: return si * (sw / so)
    case .binary64Reciprocal: return (si * sw) * (1 / so)
    case .binary64SingleReciprocal: return (si * sw) * Double(1 / Float(so))
    case .binary32Product: return Double(Float(si) * Float(sw)) / so
    case .binary32InputFirst: return Double((Float(si) / Float(so)) * Float(sw))
    case .binary32WeightsFirst: return Double(Float(si) * (Float(sw) / Float(so)))
    case .binary32Reciprocal: return Double((Float(si) * Float(sw)) * (1 / Float(so)))
    case .binary32OfReciprocals:
      return Double((1 / Float(so)) / ((1 / Float(si)) * (1 / Float(sw))))
    case .binary32OfBinary64: return Double(Float((si * sw) / so))
    case .binary32ProductPerTensor:
      return isPerChannel ? (si * sw) / so : Double(Float(si) * Float(sw)) / so
    case .binary32, .binary32Dividing: return Double((Float(si) * Float(sw)) / Float(so))
    case .binary32OfMultiplier(let rule):
      let multiplier = rule.multiplier(of: (si * sw) / so)
      // RESCALE multiplies by 2^−shift at the end; no product is subnormal, so that is exact.
      return Double(Float(multiplier.significand))
        * Double(sign: .plus, exponent: multiplier.exponent - 31, significand: 1)
    }
  }

  /// What the accumulator is multiplied by, and then divided by, in floating point: `(D, 1)` but for
  /// rules that do not form `D`.
  func factors(
    input: Scale, weights: Scale, output: Scale, isPerChannel: Bool
  ) -> (scale: Double, divisor: Double) {
    switch self {
    case .binary64Dividing: (input.value * weights.value, output.value)
    case .binary32Dividing: (Double(Float(input.value) * Float(weights.value)), output.value)
    default:
      (value(input: input, weights: weights, output: output, isPerChannel: isPerChannel), 1)
    }
  }
}
