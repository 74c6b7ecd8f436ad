package import Profiles
import QuantizedArithmetic
package import QuantizedLayers
package import Verdicts

/// What an implementation says it computes: one entry, several add up.
///
/// What a list leaves out is not claimed; `nil` claims everything of its kind.
package struct Claim: Hashable, Sendable {
  /// How configurations are taken that must be refused by qverify's own rules.
  package enum Refusals: String, CaseIterable, Hashable, Sendable {
    /// They are refused; computing one is a failure.
    case strict
    /// What the claimed profile accepts is computed as the profile does.
    case asProfile
  }

  package enum Granularity: String, CaseIterable, Hashable, Sendable {
    case perTensor
    case perChannel
  }

  package var operation: String
  package var types: [TypeTriple]?
  package var weights: [Granularity]?
  package var weightZeroPoint: Bool?
  package var bias: [BiasScheme]?
  package var activations: [String]?
  /// Of the largest tensor.
  package var maxElements: Int?
  /// The arithmetic that it claims to be bit-exact with.
  package var profile: String?
  /// What it is held to where it claims no profile: `nearest` where this is `nil` too.
  package var conformance: Conformance?
  package var refusals = Refusals.strict

  package init(
    operation: String = FullyConnected.name, types: [TypeTriple]? = nil,
    weights: [Granularity]? = nil, weightZeroPoint: Bool? = nil, bias: [BiasScheme]? = nil,
    activations: [String]? = nil, maxElements: Int? = nil, profile: String? = nil,
    conformance: Conformance? = nil, refusals: Refusals = .strict
  ) {
    self.operation = operation
    self.types = types
    self.weights = weights
    self.weightZeroPoint = weightZeroPoint
    self.bias = bias
    self.activations = activations
    self.maxElements = maxElements
    self.profile = profile
    self.conformance = conformance
    self.refusals = refusals
  }

  /// Whether the claim is about layers like this, whatever the arithmetic.
  package func covers(_ layer: RawLayer) -> Bool {
    guard layer.operation == operation else { return false }
    if let types, !types.contains(where: { $0.code == layer.types.code }) { return false }
    if let weights {
      let isList = layer.weights.scales.count > 1 || layer.weights.zeroPoints.count > 1
      let granularity: Granularity = isList ? .perChannel : .perTensor
      guard weights.contains(granularity) else { return false }
    }
    if weightZeroPoint == false, layer.weights.zeroPoints.contains(where: { $0 != 0 }) {
      return false
    }
    if let bias {
      let scheme: BiasScheme =
        layer.bias.map { $0.scales.isEmpty ? .accumulator : .general } ?? .none
      guard bias.contains(scheme) else { return false }
    }
    if let activations, !activations.contains(layer.activation.name) { return false }
    if let maxElements {
      let isWithin = [layer.input, layer.weights, layer.output].allSatisfy {
        $0.statedElements <= maxElements
      }
      guard isWithin else { return false }
    }
    return true
  }
}

extension Claim {
  /// The claim of whoever computes everything that a profile defines.
  package init(profile: Profile) {
    self.init(
      types: profile.types,
      bias: profile.generalBias ? BiasScheme.allCases : [.none, .accumulator],
      activations: profile.activations, profile: profile.name)
  }
}

extension RawTensor {
  /// How many elements the shape says, or `Int.max` where that overflows.
  package var statedElements: Int {
    var count = 1
    for size in shape {
      let (product, overflow) = count.multipliedReportingOverflow(by: size)
      if overflow { return .max }
      count = product
    }
    return count
  }
}
