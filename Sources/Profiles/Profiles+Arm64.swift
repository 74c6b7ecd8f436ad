import QuantizedArithmetic
import QuantizedLayers

/// The same runtimes on arm64.
extension Profiles {
  static let litertReferenceArm64 = Profile(
    name: "litert-reference-arm64", summary: "LiteRT's reference kernels on arm64: float64",
    source: "ai-edge-litert 2.3.0 (BUILTIN_REF), run on an emulated Neoverse N1 and Cortex-A53",
    rules: [
      ProfileRule(
        int8, bias: [nil, .int32], float64(.int32Wrapping, .saturating), where: litertDomain),
      ProfileRule(
        uint8, bias: [nil, .int32], float64(.int32Wrapping, .saturating),
        where: litertDomain + [.perTensor]),
      ProfileRule(
        int16x8, bias: [nil, .int64], float64(.int64Wrapping, .saturating),
        where: litertDomain + [.zeroActivationZeroPoints]),
      ProfileRule(
        int16x8, bias: [.int32], float64(.int32Wrapping, .saturating),
        where: litertDomain + [.zeroActivationZeroPoints]),
    ])

  static let litertBuiltinArm64 = Profile(
    name: "litert-builtin-arm64",
    summary: "LiteRT's optimised kernels on arm64 with dot product: one rounding, ties up",
    source: "ai-edge-litert 2.3.0 (BUILTIN_WITHOUT_DEFAULT_DELEGATES), run on an emulated Neoverse"
      + " N1",
    rules: optimised(.int32Wrapping))

  static let litertBuiltinArm64NoDot = Profile(
    name: "litert-builtin-arm64-nodot",
    summary: "LiteRT's optimised kernels on arm64 without dot product: pairs of products wrap",
    source: "ai-edge-litert 2.3.0 (BUILTIN_WITHOUT_DEFAULT_DELEGATES), run on an emulated"
      + " Cortex-A53",
    rules: optimised(.int16PairWrappingZeroPoints))

  private static func optimised(_ accumulator: AccumulatorRule) -> [ProfileRule] {
    let neon = fixedPoint(
      .neon, .binary32ProductPerTensor, accumulator: accumulator, variants: [oneRow])
    return [
      ProfileRule(int8, bias: [nil, .int32], neon, where: litertDomain + [.shiftBelow32]),
      ProfileRule(
        uint8, bias: [nil, .int32], neon, where: litertDomain + [.shiftBelow32, .perTensor]),
    ] + portableInt16(.saturating)
  }

  static let litertXnnpackArm64 = Profile(
    name: "litert-xnnpack-arm64", summary: "LiteRT's default on arm64, int8: float32, ties to even",
    source: "ai-edge-litert 2.3.0 (BUILTIN, XNNPACK delegate), run on an emulated Neoverse N1 and"
      + " Cortex-A53",
    rules: [
      ProfileRule(
        int8, bias: [nil, .int32], xnnpackArm64(.float32(.afterRounding), .saturating),
        where: xnnpackDomain)
    ])

  static let litertXnnpackArm64Rndnu = Profile(
    name: "litert-xnnpack-arm64-rndnu",
    summary: "LiteRT's default on arm64 with dot product, uint8: 24 bits, one rounding",
    source: "ai-edge-litert 2.3.0 (BUILTIN, XNNPACK delegate), run on an emulated Neoverse N1",
    rules: [
      ProfileRule(
        uint8, bias: [nil, .int32], xnnpackArm64(.fixedPoint(.rndnu)),
        where: xnnpackDomain + [.perTensor, .normalMultiplier])
    ])

  static let litertXnnpackArm64Rndnu16 = Profile(
    name: "litert-xnnpack-arm64-rndnu16",
    summary: "LiteRT's default on arm64 without dot product, uint8: 15 bits, two roundings",
    source: "ai-edge-litert 2.3.0 (BUILTIN, XNNPACK delegate), run on an emulated Cortex-A53",
    rules: [
      ProfileRule(
        uint8, bias: [nil, .int32], xnnpackArm64(.narrowedTo16),
        where: xnnpackDomain + [.perTensor, .normalMultiplier])
    ])

  static let ortArm64 = Profile(
    name: "ort-arm64", summary: "ONNX Runtime on arm64: as ort, what is not a number becomes 0",
    source: "onnxruntime 1.32.0, run on an emulated Neoverse N1",
    rules: [uint8, mixed, int8].map {
      ProfileRule(
        $0, bias: [nil, .int32], mlas(.int32Wrapping, .saturating),
        where: [.binary32Scales, .finiteMultiplier])
    }, activations: ["none", "clamp"])

  static let ortArm64NoDot = Profile(
    name: "ort-arm64-nodot",
    summary: "ONNX Runtime on arm64 without dot product, int8 weights: pairs of products wrap",
    source: "onnxruntime 1.32.0, run on an emulated Cortex-A53",
    rules: [mixed, int8].map {
      ProfileRule(
        $0, bias: [nil, .int32], mlas(.int16PairWrapping, .saturating),
        where: [.binary32Scales, .finiteMultiplier])
    }, activations: ["none", "clamp"])

  private static func xnnpackArm64(
    _ requantization: Requantization, _ conversion: FloatConversion = .lowestBeyond
  ) -> Arithmetic {
    Arithmetic(
      accumulator: .int32Wrapping, effectiveScale: .binary32, requantization: requantization,
      conversion: conversion, zeroPointAddition: .saturating16, activationBounds: .roundedSum)
  }
}
