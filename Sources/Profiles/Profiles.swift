import QuantizedArithmetic
import QuantizedLayers
import Synchronization

/// The named profiles of this build; nothing else enumerates them.
package enum Profiles {
  package static let all: [Profile] = [
    exact("exact-even", .toNearestOrEven, "ties to even"),
    exact("exact-away", .toNearestOrAway, "ties away from zero"),
    exact("exact-up", .toNearestOrUp, "ties toward +∞"),
    tflm, singleRounding, litertReference, litertBuiltin, litertBuiltinSSE, litertXnnpack,
    litertXnnpackAVX2, ort, ortAVX2, gemmlowp, cmsisNN, tflmInt16, tosaSingle, tosaDouble,
    tosaSingle16, tosaInexact, litertReferenceArm64, litertBuiltinArm64, litertXnnpackArm64,
    litertXnnpackArm64Rndnu, litertXnnpackArm64Rndnu16, ortArm64, litertBuiltinArm64NoDot,
    ortArm64NoDot,
  ]

  private static let byName: [String: Profile] = Dictionary(
    uniqueKeysWithValues: all.map { ($0.name, $0) })

  package static func named(_ name: String) -> Profile? {
    byName[name] ?? added.withLock { $0[name] }
  }

  /// Profiles that were read from files, by name. Written once, before anything is judged.
  private static let added = Mutex<[String: Profile]>([:])

  /// Makes a profile from elsewhere known by its name.
  ///
  /// - Returns: false where a profile of this build has the name.
  package static func add(_ profile: Profile) -> Bool {
    guard byName[profile.name] == nil else { return false }
    added.withLock { $0[profile.name] = profile }
    return true
  }

  /// Whether a profile is not one of this build.
  package static func isAdded(_ name: String) -> Bool { byName[name] == nil && named(name) != nil }

  // MARK: The true value

  /// Every type triple, every legal scale, bias of any kind.
  private static func exact(_ name: String, _ rounding: RoundingMode, _ ties: String) -> Profile {
    let arithmetic = Arithmetic(
      accumulator: .exact, effectiveScale: .exact, requantization: .exact(rounding),
      activationBounds: .exact(rounding))
    var rules: [ProfileRule] = []
    for input in ElementType.quantized {
      for weights in ElementType.quantized {
        for output in ElementType.quantized {
          rules.append(
            ProfileRule(
              TypeTriple(input: input, weights: weights, output: output),
              bias: input == .int16 ? [nil, .int32, .int64] : [nil, .int32], arithmetic))
        }
      }
    }
    return Profile(
      name: name, summary: "the true value, correctly rounded, \(ties)",
      source: "the definition of affine quantization", rules: rules, generalBias: true)
  }

  // MARK: TensorFlow Lite Micro, gemmlowp, CMSIS-NN

  static let int8 = TypeTriple(.int8)
  static let uint8 = TypeTriple(.uint8)
  static let int16x8 = TypeTriple(input: .int16, weights: .int8, output: .int16)

  static func fixedPoint(
    _ rule: FixedPointRule, _ scale: EffectiveScaleRule = .binary64,
    _ weightsZeroPoint: WeightsZeroPointRule = .ignoredPerChannel,
    accumulator: AccumulatorRule = .int32Wrapping, variants: [KernelVariant] = []
  ) -> Arithmetic {
    Arithmetic(
      accumulator: accumulator, weightsZeroPoint: weightsZeroPoint, effectiveScale: scale,
      requantization: .fixedPoint(rule), activationBounds: .roundedQuotient, variants: variants)
  }

  static let shiftDomain: [DomainCondition] = [
    .binary32Scales, .shiftBelow32, .zeroWeightsZeroPointPerChannel,
  ]

  private static let tflm = Profile(
    name: "tflm", summary: "TensorFlow Lite Micro: 31-bit multiplier, two roundings",
    source: "tflite-micro 0.dev20261023182759, reference kernels, run on x86-64",
    rules: [
      ProfileRule(int8, bias: [nil, .int32], fixedPoint(.doubleRounding), where: shiftDomain),
      ProfileRule(
        int16x8, bias: [.int32], fixedPoint(.doubleRounding),
        where: shiftDomain + [.zeroActivationZeroPoints]),
    ])

  private static let tflmInt16 = Profile(
    name: "tflm-int16",
    summary: "TensorFlow Lite Micro's 16-bit layers: 64-bit accumulator, 15-bit multiplier",
    source: "tflite-micro 0.dev20261023182759, reference kernels, run on x86-64",
    rules: [
      ProfileRule(
        int16x8, bias: [nil, .int64],
        fixedPoint(.wideAccumulator, accumulator: .int64Wrapping),
        where: [
          .binary32Scales, .shiftBelow8, .zeroWeightsZeroPointPerChannel, .zeroActivationZeroPoints,
        ])
    ])

  private static let singleRounding = Profile(
    name: "single-rounding", summary: "TFLITE_SINGLE_ROUNDING: 31-bit multiplier, one rounding",
    source:
      "CMSIS-NN 99f736a with CMSIS_NN_USE_SINGLE_ROUNDING, run on x86-64; LiteRT f674577, read",
    rules: [
      ProfileRule(
        int8, bias: [nil, .int32], fixedPoint(.singleRounding, .binary64, .used),
        where: [.binary32Scales]),
      ProfileRule(
        uint8, bias: [nil, .int32], fixedPoint(.singleRounding, .binary64, .used),
        where: [.binary32Scales]),
    ])

  private static let gemmlowp = Profile(
    name: "gemmlowp", summary: "gemmlowp's stage by exponent: the left shift saturates",
    source: "gemmlowp e844ffd (Debian 0.0~git20211220), run on x86-64",
    rules: [
      ProfileRule(
        uint8, bias: [nil, .int32], fixedPoint(.gemmlowp, .binary64, .used),
        where: [.binary32Scales, .shiftBelow32])
    ])

  private static let cmsisNN = Profile(
    name: "cmsis-nn",
    summary: "CMSIS-NN's default: as tflm, zero points of the weights per channel",
    source: "CMSIS-NN 99f736a, plain C, run on x86-64",
    rules: [
      ProfileRule(
        int8, bias: [nil, .int32], fixedPoint(.doubleRounding, .binary64, .used),
        where: [.binary32Scales, .shiftBelow32])
    ])

  // MARK: LiteRT

  static func float64(
    _ accumulator: AccumulatorRule, _ conversion: FloatConversion = .lowestBeyond
  ) -> Arithmetic {
    Arithmetic(
      accumulator: accumulator, weightsZeroPoint: .ignoredPerChannel, effectiveScale: .binary64,
      requantization: .float64(.toNearestOrAway), conversion: conversion,
      activationBounds: .roundedQuotient)
  }

  static let litertDomain: [DomainCondition] = [
    .binary32Scales, .zeroWeightsZeroPointPerChannel, .finiteMultiplier,
  ]

  private static let litertReference = Profile(
    name: "litert-reference", summary: "LiteRT's reference kernels: float64, ties away from zero",
    source: "ai-edge-litert 2.3.0 (BUILTIN_REF), run on x86-64",
    rules: [
      ProfileRule(int8, bias: [nil, .int32], float64(.int32Wrapping), where: litertDomain),
      ProfileRule(
        uint8, bias: [nil, .int32], float64(.int32Wrapping), where: litertDomain + [.perTensor]),
      ProfileRule(
        int16x8, bias: [nil, .int64], float64(.int64Wrapping),
        where: litertDomain + [.zeroActivationZeroPoints]),
      ProfileRule(
        int16x8, bias: [.int32], float64(.int32Wrapping),
        where: litertDomain + [.zeroActivationZeroPoints]),
    ])

  private static let litertBuiltin = Profile(
    name: "litert-builtin", summary: "LiteRT's optimised kernels on x86 with AVX: two roundings up",
    source: "ai-edge-litert 2.3.0 (BUILTIN_WITHOUT_DEFAULT_DELEGATES), run on x86-64",
    rules: [
      ProfileRule(
        int8, bias: [nil, .int32], fixedPoint(.ruy, .binary32ProductPerTensor), where: litertDomain),
      ProfileRule(
        uint8, bias: [nil, .int32], fixedPoint(.ruy, .binary32ProductPerTensor),
        where: litertDomain + [.perTensor]),
      ProfileRule(
        int16x8, bias: [nil, .int32], fixedPoint(.ruy, .binary32ProductPerTensor),
        where: litertDomain + [.zeroActivationZeroPoints, .zeroSignedWeightsZeroPoint]),
      ProfileRule(
        int16x8, bias: [.int64], float64(.int64Wrapping),
        where: litertDomain + [.zeroActivationZeroPoints]),
    ])

  private static let litertBuiltinSSE = Profile(
    name: "litert-builtin-sse", summary: "LiteRT's optimised kernels on x86 without AVX",
    source: "ai-edge-litert 2.3.0, run on an emulated Nehalem",
    rules: [
      ProfileRule(
        int8, bias: [nil, .int32],
        fixedPoint(.singleRoundingWrapping, .binary32ProductPerTensor, variants: [oneRow]),
        where: litertDomain + [.shiftBelow32]),
      ProfileRule(
        uint8, bias: [nil, .int32],
        fixedPoint(
          .doubleRounding, .binary32ProductPerTensor,
          variants: [oneRow, KernelVariant(.cornerOfBlocks, .fixedPoint(.gemmlowp))]),
        where: litertDomain + [.shiftBelow32, .perTensor]),
    ] + portableInt16(.lowestBeyond))

  /// LiteRT's matrix-vector kernel, on SSE and on Arm.
  static let oneRow = KernelVariant(.oneRow, .fixedPoint(.ruy), accumulator: .int32Wrapping)

  /// 16-bit layers of LiteRT's optimised kernels without AVX: ruy's portable kernel, and the reference
  /// kernels where the bias has 64 bits.
  static func portableInt16(_ conversion: FloatConversion) -> [ProfileRule] {
    [
      ProfileRule(
        int16x8, bias: [nil, .int32],
        fixedPoint(.singleRoundingWrapping, .binary32ProductPerTensor),
        where: litertDomain + [
          .shiftBelow32, .zeroActivationZeroPoints, .zeroSignedWeightsZeroPoint,
        ]),
      ProfileRule(
        int16x8, bias: [.int64], float64(.int64Wrapping, conversion),
        where: litertDomain + [.zeroActivationZeroPoints]),
    ]
  }

  private static func xnnpack(_ addition: ZeroPointAddition) -> Arithmetic {
    Arithmetic(
      accumulator: .int32Wrapping, effectiveScale: .binary32,
      requantization: .float32(.upperBeforeRounding), zeroPointAddition: addition,
      activationBounds: .roundedSum)
  }

  static let xnnpackDomain: [DomainCondition] = [
    .binary32Scales, .normalScales, .multiplierBelow256, .zeroWeightsZeroPointPerChannel,
    .zeroSignedWeightsZeroPoint,
  ]

  private static let litertXnnpack = Profile(
    name: "litert-xnnpack", summary: "LiteRT's default on x86 with AVX-512: float32, ties to even",
    source: "ai-edge-litert 2.3.0 (BUILTIN, XNNPACK delegate), run on x86-64 with AVX-512",
    rules: [
      ProfileRule(int8, bias: [nil, .int32], xnnpack(.wrapping32), where: xnnpackDomain),
      ProfileRule(
        uint8, bias: [nil, .int32], xnnpack(.wrapping32), where: xnnpackDomain + [.perTensor]),
    ])

  private static let litertXnnpackAVX2 = Profile(
    name: "litert-xnnpack-avx2", summary: "LiteRT's default on x86 up to AVX2",
    source: "ai-edge-litert 2.3.0 (BUILTIN, XNNPACK delegate), run on emulated Haswell and Nehalem",
    rules: [
      ProfileRule(int8, bias: [nil, .int32], xnnpack(.saturating16), where: xnnpackDomain),
      ProfileRule(
        uint8, bias: [nil, .int32], xnnpack(.wrapping32), where: xnnpackDomain + [.perTensor]),
    ])

  // MARK: ONNX Runtime

  static func mlas(
    _ accumulator: AccumulatorRule, _ conversion: FloatConversion = .lowestBeyond
  ) -> Arithmetic {
    Arithmetic(
      accumulator: accumulator, effectiveScale: .binary32,
      requantization: .float32(.bothBeforeRounding), conversion: conversion,
      activationBounds: .roundedSum)
  }

  static let mixed = TypeTriple(input: .uint8, weights: .int8, output: .uint8)

  private static let ort = Profile(
    name: "ort", summary: "ONNX Runtime (QLinearMatMul, QGemm): float32, clamp, ties to even",
    source: "onnxruntime 1.32.0, run on x86-64 with AVX-512 VNNI",
    rules: [uint8, mixed, int8].map {
      ProfileRule(
        $0, bias: [nil, .int32], mlas(.int32Wrapping), where: [.binary32Scales, .finiteMultiplier])
    }, activations: ["none", "clamp"])

  private static let ortAVX2 = Profile(
    name: "ort-avx2", summary: "ONNX Runtime on AVX2 without VNNI: uint8 × int8 pairs saturate",
    source: "onnxruntime 1.32.0, run on an emulated Haswell",
    rules: [
      ProfileRule(
        mixed, bias: [nil, .int32], mlas(.int16PairSaturating),
        where: [.binary32Scales, .finiteMultiplier])
    ], activations: ["none", "clamp"])
}
