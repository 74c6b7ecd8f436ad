package import QuantizedArithmetic
package import QuantizedLayers

/// One combination of types and bias, and the arithmetic that a runtime uses for it.
package struct ProfileRule: Hashable, Sendable {
  package let types: TypeTriple
  /// What may stand in for a bias: absent, or a type; see ``Profile/generalBias``.
  package let biasTypes: [ElementType?]
  package let arithmetic: Arithmetic
  package let conditions: [DomainCondition]

  package init(
    _ types: TypeTriple, bias biasTypes: [ElementType?], _ arithmetic: Arithmetic,
    where conditions: [DomainCondition] = []
  ) {
    self.types = types
    self.biasTypes = biasTypes
    self.arithmetic = arithmetic
    self.conditions = conditions
  }
}

/// A named arithmetic: how one runtime computes, bit for bit, and for which layers that is defined.
package struct Profile: Hashable, Sendable {
  /// What `--profile` takes and the store keeps.
  package let name: String
  /// One line for `list profiles`.
  package let summary: String
  /// What was read and run to know this.
  package let source: String
  package let rules: [ProfileRule]
  package let generalBias: Bool
  /// Names of activations, as ``Activation/name``.
  package let activations: [String]

  package init(
    name: String, summary: String, source: String, rules: [ProfileRule], generalBias: Bool = false,
    activations: [String] = ["none", "relu", "relu6", "clamp"]
  ) {
    self.name = name
    self.summary = summary
    self.source = source
    self.rules = rules
    self.generalBias = generalBias
    self.activations = activations
  }

  /// The distinct type triples, in the order of the rules.
  package var types: [TypeTriple] {
    var seen: [TypeTriple] = []
    for rule in rules where !seen.contains(rule.types) { seen.append(rule.types) }
    return seen
  }

  /// Whether the profile computes the true value, correctly rounded.
  package var isExact: Bool {
    rules.allSatisfy { rule in
      if case .exact = rule.arithmetic.requantization { true } else { false }
    }
  }

  /// The arithmetic for a layer.
  ///
  /// - Throws: ``OutsideDomain`` with the reason when the profile does not define the layer.
  package func arithmetic(for layer: Layer) throws(OutsideDomain) -> Arithmetic {
    var typesMatch = false
    for rule in rules where rule.types == layer.types {
      typesMatch = true
      guard rule.biasTypes.contains(layer.biasType) else { continue }
      if layer.biasScheme == .general, !generalBias {
        throw OutsideDomain(profile: name, reason: "bias is in accumulator units")
      }
      guard activations.contains(layer.activation.name) else {
        throw OutsideDomain(
          profile: name, reason: "activation is one of \(activations.joined(separator: ", "))")
      }
      for condition in rule.conditions
      where !condition.holds(for: layer, arithmetic: rule.arithmetic) {
        throw OutsideDomain(profile: name, reason: condition.summary)
      }
      return rule.arithmetic
    }
    throw OutsideDomain(
      profile: name,
      reason: typesMatch
        ? "bias of \(layer.types) is not \(layer.biasType?.rawValue ?? "absent")"
        : "types are \(types.map(\.description).joined(separator: " or "))")
  }

  /// The reference of a layer under this profile.
  ///
  /// - Throws: ``OutsideDomain``
  package func reference(for layer: Layer) throws(OutsideDomain) -> Reference {
    let arithmetic = try arithmetic(for: layer)
    guard let reference = Reference(layer: layer, arithmetic: arithmetic) else {
      throw OutsideDomain(
        profile: name, reason: "bounds of the activation fit int32 and are in order")
    }
    return reference
  }
}

/// A layer that a profile does not define.
package struct OutsideDomain: Error, Hashable, Sendable, CustomStringConvertible {
  package let profile: String
  /// What would have to hold.
  package let reason: String

  package init(profile: String, reason: String) {
    self.profile = profile
    self.reason = reason
  }

  package var description: String { "outside the domain of \(profile): it needs that \(reason)" }
}
