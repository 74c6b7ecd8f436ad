import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// What the rules of a profile leave out.
extension Exclusion {
  private static func requires(_ condition: DomainCondition)
    -> @Sendable (Profile, ProfileRule) -> Bool
  { { _, rule in rule.conditions.contains(condition) } }

  private static let notZero = ["low end", "high end", "inside"]

  /// Zero points, granularity, bias and activation.
  static let domain: [Exclusion] =
    unsigned + [
      Exclusion(
        DomainCondition.zeroActivationZeroPoints.summary, [(.inputZeroPoint, notZero)],
        where: requires(.zeroActivationZeroPoints)),
      Exclusion(
        DomainCondition.zeroActivationZeroPoints.summary, [(.outputZeroPoint, notZero)],
        where: requires(.zeroActivationZeroPoints)),
      Exclusion(
        DomainCondition.zeroWeightsZeroPoint.summary,
        [(.weightsZeroPoint, notZero + ["one a channel"])],
        where: requires(.zeroWeightsZeroPoint)),
      Exclusion(
        DomainCondition.zeroSignedWeightsZeroPoint.summary,
        [(.weightsZeroPoint, notZero + ["one a channel"])],
        where: {
          $1.conditions.contains(.zeroSignedWeightsZeroPoint) && $1.types.weights != .uint8
        }),
      Exclusion(
        "weights with zero points of their own a channel have zero points of 0",
        [(.weightsZeroPoint, ["one a channel"])],
        where: { _, rule in
          rule.conditions.contains(.perTensor)
            || rule.conditions.contains(.zeroWeightsZeroPointPerChannel)
        }),
      Exclusion(
        DomainCondition.oneWeightsZeroPoint.summary, [(.weightsZeroPoint, ["one a channel"])],
        where: requires(.oneWeightsZeroPoint)),
      Exclusion(
        DomainCondition.perTensor.summary, [(.granularity, ["per channel"])],
        where: requires(.perTensor)),
      Exclusion(
        DomainCondition.perChannel.summary, [(.granularity, ["per tensor"])],
        where: requires(.perChannel)),
      Exclusion(
        "the profile always has a bias", [(.bias, ["none"])],
        where: { !$1.biasTypes.contains(nil) }),
      Exclusion(
        "the profile has no bias of 32 bits", [(.bias, ["int32"])],
        where: { !$1.biasTypes.contains(.int32) }),
      Exclusion(
        "the profile has no bias of 64 bits", [(.bias, ["int64"])],
        where: { !$1.biasTypes.contains(.int64) }),
      Exclusion(
        "a bias is in accumulator units", [(.bias, ["general"])], where: { p, _ in !p.generalBias }),
    ] + activations

  private static let unsigned: [Exclusion] = [
    Exclusion(
      "0 is the low end of uint8", [(.inputZeroPoint, ["0"])],
      where: { $1.types.input == .uint8 }),
    Exclusion(
      "0 is the low end of uint8", [(.weightsZeroPoint, ["0"])],
      where: { $1.types.weights == .uint8 }),
    Exclusion(
      "0 is the low end of uint8", [(.outputZeroPoint, ["0"])],
      where: { $1.types.output == .uint8 }),
  ]

  private static let activations: [Exclusion] = CoverPoint.activation.bins.map { name in
    Exclusion(
      "the profile has no activation \(name)", [(.activation, [name])],
      where: { profile, _ in !profile.activations.contains(name) })
  }
}
