package import Profiles
import QuantizedArithmetic
package import QuantizedLayers
package import TestCases

/// What an implementation says it computes: one entry, several add up.
///
/// What a list leaves out is not claimed; `nil` claims everything of its kind.
package struct Claim: Hashable, Sendable {
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

  package init(
    operation: String = FullyConnected.name, types: [TypeTriple]? = nil,
    weights: [Granularity]? = nil, weightZeroPoint: Bool? = nil, bias: [BiasScheme]? = nil,
    activations: [String]? = nil, maxElements: Int? = nil, profile: String? = nil
  ) {
    self.operation = operation
    self.types = types
    self.weights = weights
    self.weightZeroPoint = weightZeroPoint
    self.bias = bias
    self.activations = activations
    self.maxElements = maxElements
    self.profile = profile
  }

  /// Whether a case may be sent to whoever makes this claim.
  package func covers(_ testCase: TestCase) -> Bool {
    let layer = testCase.layer
    guard layer.operation == operation else { return false }
    if let profile, let asked = testCase.profile, profile != asked { return false }
    if let types, !types.contains(where: { $0.code == layer.types.code }) { return false }
    if let weights {
      let granularity: Granularity = layer.weights.scales.count > 1 ? .perChannel : .perTensor
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
      let largest = max(layer.input.data.count, layer.weights.data.count)
      guard largest <= maxElements else { return false }
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
