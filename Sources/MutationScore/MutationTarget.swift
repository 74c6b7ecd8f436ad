package import Profiles
import QuantizedArithmetic
package import QuantizedLayers

/// What wrong kernels are made of: one rule of a profile, its types and its kinds of bias.
package struct MutationTarget: Hashable, Sendable {
  package let profile: Profile
  /// Among the profile's rules.
  package let place: Int
  package let rule: ProfileRule

  /// Every rule of some profiles.
  package static func all(_ profiles: [Profile]) -> [MutationTarget] {
    profiles.flatMap { profile in
      profile.rules.enumerated().map {
        MutationTarget(profile: profile, place: $0.offset, rule: $0.element)
      }
    }
  }

  /// Whether the profile looks at this rule for a layer; the rule's conditions may still exclude it.
  package func covers(_ layer: Layer) -> Bool {
    rule.types == layer.types && rule.biasTypes.contains(layer.biasType)
  }

  /// `none, int32`
  package var biasText: String {
    rule.biasTypes.map { $0?.rawValue ?? "none" }.joined(separator: ", ")
  }

  /// `tflm, int8,int8,int8, bias none, int32`
  package var text: String { "\(profile.name), \(rule.types), bias \(biasText)" }
}
