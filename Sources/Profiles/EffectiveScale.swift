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
    }
  }
}
