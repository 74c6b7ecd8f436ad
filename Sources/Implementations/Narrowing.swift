package import Profiles
import QuantizedArithmetic
import QuantizedLayers

extension Profiles {
  /// The profiles that some claims name, each narrowed to what they cover, in the program's order.
  ///
  /// Who claims no arithmetic is drawn for as for the true value. A profile of which everything is
  /// claimed is returned as it is.
  package static func narrowed(to claims: [Claim]) -> [Profile] {
    all.compactMap { profile in
      let mine = claims.filter { ($0.profile ?? "exact-even") == profile.name }
      return mine.isEmpty ? nil : profile.narrowed(to: mine)
    }
  }
}

extension Profile {
  /// The part that the claims cover; `nil` where that is nothing.
  package func narrowed(to claims: [Claim]) -> Profile? {
    let rules = rules.flatMap { rule -> [ProfileRule] in
      var narrowed: [ProfileRule] = []
      for claim in claims {
        guard let rule = rule.narrowed(to: claim), !narrowed.contains(rule) else { continue }
        narrowed.append(rule)
      }
      // What one claim covers in full needs no narrower twin.
      return narrowed.contains(rule) ? [rule] : narrowed
    }
    let isGeneral = generalBias && claims.contains { $0.bias?.contains(.general) ?? true }
    let activations = activations.filter { name in
      claims.contains { $0.activations?.contains(name) ?? true }
    }
    guard !rules.isEmpty, !activations.isEmpty else { return nil }
    return Profile(
      name: name, summary: summary, source: source, rules: rules, generalBias: isGeneral,
      activations: activations)
  }
}

extension ProfileRule {
  fileprivate func narrowed(to claim: Claim) -> ProfileRule? {
    if let types = claim.types, !types.contains(self.types) { return nil }
    let biasTypes = biasTypes.filter { type in
      guard let schemes = claim.bias else { return true }
      return type == nil ? schemes.contains(.none) : schemes.contains { $0 != .none }
    }
    guard !biasTypes.isEmpty else { return nil }
    var conditions = conditions
    func require(_ condition: DomainCondition) {
      if !conditions.contains(condition) { conditions.append(condition) }
    }
    if claim.weights == [.perTensor] { require(.perTensor) }
    if claim.weights == [.perChannel] {
      if conditions.contains(.perTensor) { return nil }
      require(.perChannel)
    }
    if claim.weightZeroPoint == false { require(.zeroWeightsZeroPoint) }
    return ProfileRule(types, bias: biasTypes, arithmetic, where: conditions)
  }
}
