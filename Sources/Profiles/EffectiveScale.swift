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
    case .exact, .binary64: return (si * sw) / so
    case .binary32ProductPerTensor:
      return isPerChannel ? (si * sw) / so : Double(Float(si) * Float(sw)) / so
    case .binary32: return Double((Float(si) * Float(sw)) / Float(so))
    case .binary32OfMultiplier(let rule):
      let multiplier = rule.multiplier(of: (si * sw) / so)
      // RESCALE multiplies by 2^−shift at the end; no product is subnormal, so that is exact.
      return Double(Float(multiplier.significand))
        * Double(sign: .plus, exponent: multiplier.exponent - 31, significand: 1)
    }
  }
}
