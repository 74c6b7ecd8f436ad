package import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// What a case is drawn for: a profile and one of its rules.
package struct Signature: Sendable {
  package let profile: Profile
  package let rule: ProfileRule

  func requires(_ condition: DomainCondition) -> Bool { rule.conditions.contains(condition) }

  var types: (input: ElementType, weights: ElementType, output: ElementType) {
    (rule.types.input, rule.types.weights, rule.types.output)
  }

  /// Whether weights may have a zero point other than 0.
  func allowsWeightsZeroPoint(perChannel: Bool) -> Bool {
    let perChannel = perChannel || requires(.perChannel)
    if requires(.zeroWeightsZeroPoint) { return false }
    if rule.types.weights == .int8, requires(.zeroSignedWeightsZeroPoint) { return false }
    return !(perChannel && requires(.zeroWeightsZeroPointPerChannel))
  }

  /// Whether the channels' weights may have zero points of their own.
  var allowsListOfWeightsZeroPoints: Bool {
    !requires(.oneWeightsZeroPoint) && !requires(.perTensor)
      && allowsWeightsZeroPoint(perChannel: true)
  }
  var allowsActivationZeroPoints: Bool { !requires(.zeroActivationZeroPoints) }
  var allowsPerChannel: Bool { !requires(.perTensor) }
  var needsPerChannel: Bool { requires(.perChannel) }
  var allowsBias: Bool { rule.biasTypes.contains { $0 != nil } }

  /// The widest bias type.
  var biasType: ElementType? {
    rule.biasTypes.contains(.int64) ? .int64 : rule.biasTypes.contains(.int32) ? .int32 : nil
  }

  /// Whether every scale must be a binary32 number.
  var needsBinary32: Bool { requires(.binary32Scales) }

  /// Multipliers below this are in the domain.
  var multiplierLimit: Double {
    // RESCALE ends where multiplier and accumulator together leave int32.
    if requires(.multiplierBelow256) || requires(.predictableRescale) { return 255 }
    // Half of it is drawn at most; the last exponent below 2^31 belongs to the domain.
    return requires(.shiftBelow8) ? 127 : requires(.shiftBelow32) ? 0x1.fffffcp31 : 0x1p40
  }
}
