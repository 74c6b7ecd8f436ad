import QuantizedArithmetic
import QuantizedLayers

/// TOSA has no fully connected operator: CONV2D with a kernel of 1×1, then RESCALE, then CLAMP.
extension Profiles {
  static let tosaSingle = tosa(
    "tosa-single", "TOSA's RESCALE, scale32, SINGLE_ROUND",
    rules: [rescale(int8, .fixedPoint(.rescale(.bits31ShiftedTo62)))])

  static let tosaDouble = tosa(
    "tosa-double", "TOSA's RESCALE, scale32, DOUBLE_ROUND",
    rules: [rescale(int8, .fixedPoint(.rescale(.bits31ShiftedTo62, carries: true)))])

  static let tosaSingle16 = tosa(
    "tosa-single-16", "TOSA's RESCALE, scale16, SINGLE_ROUND",
    rules: [int8, int16x8].map { rescale($0, .fixedPoint(.rescale(.bits15ShiftedTo62))) })

  static let tosaInexact = tosa(
    "tosa-inexact", "TOSA's RESCALE, INEXACT_ROUND (scale32; of int48, scale16)",
    rules: [
      rescale(int8, .float32(.afterRounding), .binary32OfMultiplier(.bits31ShiftedTo62)),
      rescale(int16x8, .float32(.afterRounding), .binary32OfMultiplier(.bits15ShiftedTo62)),
    ])

  private static func tosa(_ name: String, _ summary: String, rules: [ProfileRule]) -> Profile {
    // Activations of real numbers are no operators of quantized tensors.
    Profile(
      name: name, summary: summary, source: "tosa-tools 2026.8.0, reference model, run on x86-64",
      rules: rules, activations: ["none", "clamp"])
  }

  private static func rescale(
    _ types: TypeTriple, _ requantization: Requantization, _ scale: EffectiveScaleRule = .binary64
  ) -> ProfileRule {
    // A bias has the accumulator's type; of one of int48, what int32 holds.
    let isWide = types.input == .int16
    return ProfileRule(
      types, bias: [nil, .int32],
      Arithmetic(
        accumulator: isWide ? .int48 : .int32Wrapping, effectiveScale: scale,
        requantization: requantization, activationBounds: .roundedSum),
      where: [.binary32Scales, .oneWeightsZeroPoint]
        + (isWide ? [.zeroActivationZeroPoints] : []) + [.predictableRescale])
  }
}
