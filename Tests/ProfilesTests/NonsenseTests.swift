import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

/// The layers that the runtimes were probed with: nine channels, the accumulator is the bias.
struct NonsenseProbe {
  static let accumulators: [Int64] = [
    Int64(Int32.min), -1_000, -3, -1, 0, 1, 3, 1_000, Int64(Int32.max),
  ]

  var maker = LayerMaker(accumulators: NonsenseProbe.accumulators)

  init(
    _ si: Double = 1, _ sw: Double = 1, _ so: Double = 1, zeroPoint: Int64 = 7,
    isPerChannel: Bool = false,
    types: TypeTriple = TypeTriple(.int8)
  ) {
    maker.types = types
    maker.inputScale = si
    maker.weightScales = Array(repeating: sw, count: isPerChannel ? 9 : 1)
    (maker.outputScale, maker.outputZeroPoint) = (so, zeroPoint)
  }

  func answer(_ name: String) throws -> NonsenseAnswer {
    try profile(name).answer(toInvalid: maker.raw)
  }
}

func isRefused(_ answer: NonsenseAnswer) -> Bool {
  if case .refused = answer { true } else { false }
}

func isUndefined(_ answer: NonsenseAnswer) -> Bool {
  if case .undefined = answer { true } else { false }
}

func allNine(_ value: Int32) -> NonsenseAnswer { .computed(Array(repeating: value, count: 9)) }

let nonsenseRuntimesOfLiteRT = ["litert-reference", "litert-builtin", "litert-xnnpack", "tflm"]

/// The rows of what LiteRT 2.3.0 and TensorFlow Lite Micro were measured to do.
@Suite struct LiteRTNonsenseTests {
  @Test(arguments: nonsenseRuntimesOfLiteRT)
  func aScaleOfZeroGivesTheZeroPointEverywhere(name: String) throws {
    for zero in [0.0, -0.0] {
      #expect(try NonsenseProbe(zero).answer(name) == allNine(7))
      #expect(try NonsenseProbe(1, zero).answer(name) == allNine(7))
    }
  }

  @Test(arguments: nonsenseRuntimesOfLiteRT)
  func anOutputScaleOfZeroIsRefusedPerTensor(name: String) throws {
    #expect(isRefused(try NonsenseProbe(1, 1, 0).answer(name)))
  }

  @Test func anOutputScaleOfZeroIsComputedPerChannel() throws {
    func answer(_ name: String) throws -> NonsenseAnswer {
      try NonsenseProbe(1, 1, 0, isPerChannel: true).answer(name)
    }
    #expect(try answer("litert-reference") == allNine(-128))
    #expect(try answer("litert-builtin") == allNine(7))
    #expect(isRefused(try answer("litert-xnnpack")))
    #expect(try answer("tflm") == allNine(7))
  }

  @Test(arguments: nonsenseRuntimesOfLiteRT)
  func oneNegativeScaleIsRefusedAndWhatIsNoNumberToo(name: String) throws {
    #expect(isRefused(try NonsenseProbe(-1).answer(name)))
    #expect(isRefused(try NonsenseProbe(1, -1).answer(name)))
    for value in [Double.nan, .infinity, -.infinity] {
      #expect(isRefused(try NonsenseProbe(value).answer(name)))
      #expect(isRefused(try NonsenseProbe(1, value).answer(name)))
    }
  }

  @Test func twoNegativeScalesHaveAPositiveProduct() throws {
    for name in ["litert-reference", "litert-builtin", "tflm"] {
      let legal = NonsenseProbe(0.5, 0.25)
      #expect(
        try NonsenseProbe(-0.5, -0.25).answer(name) == .computed(outputs(name, legal.maker).values))
    }
    #expect(isRefused(try NonsenseProbe(-0.5, -0.25).answer("litert-xnnpack")))
  }

  @Test func aNegativeOutputScaleFlipsTheSign() throws {
    // D = −1/8 per tensor and per channel. The fixed-point kernels round −3 · −1/8 = 3/8 twice.
    for isPerChannel in [false, true] {
      let scales = isPerChannel ? (1.0, -0.125, 1.0) : (0.5, 0.25, -1.0)
      let probe = NonsenseProbe(scales.0, scales.1, scales.2, isPerChannel: isPerChannel)
      func expected(_ third: Int32) -> NonsenseAnswer {
        .computed([127, 127, third, 7, 7, 7, 7, -118, -128])
      }
      #expect(try probe.answer("litert-reference") == expected(7))
      let builtin = try probe.answer("litert-builtin")
      #expect(builtin == expected(8))
      #expect(try probe.answer("tflm") == expected(8))
      let xnnpack = try probe.answer("litert-xnnpack")
      #expect(isPerChannel ? xnnpack == builtin : isRefused(xnnpack))
    }
    // 5 · −1/8: −2 of quarters, a tie of the second rounding.
    #expect(SignedProbe.builtin(-0.125, 5) == 0)
    #expect(SignedProbe.tflm(-0.125, 5) == -1)
  }

  @Test func whatIsNoNumberIsComputedPerChannel() throws {
    let probe = NonsenseProbe(1, .nan, 1, isPerChannel: true)
    #expect(try probe.answer("litert-reference") == allNine(-128))
    for name in ["litert-builtin", "litert-xnnpack", "tflm"] {
      #expect(try probe.answer(name) == allNine(7))
    }
  }

  @Test func anInfiniteOutputScaleGivesTheZeroPoint() throws {
    for name in ["litert-reference", "litert-builtin", "tflm"] {
      #expect(try NonsenseProbe(1, 1, .infinity).answer(name) == allNine(7))
    }
    #expect(isRefused(try NonsenseProbe(1, 1, .infinity).answer("litert-xnnpack")))
  }

  @Test func zeroPointsOutsideTheTypeAreUsedOrWrapOrAreRefused() throws {
    // 200 is −56 in int8. Accumulators 100 and −100, D = 1.
    var maker = LayerMaker(accumulators: [100, -100])
    maker.outputZeroPoint = 200
    func answer(_ name: String) throws -> NonsenseAnswer {
      try profile(name).answer(toInvalid: maker.raw)
    }
    #expect(try answer("litert-reference") == .computed([127, 100]))
    #expect(try answer("tflm") == .computed([127, 100]))
    #expect(try answer("litert-builtin") == .computed([44, -128]))
    #expect(isRefused(try answer("litert-xnnpack")))
    // The input's: (3 − 200) · 1, or (3 + 56) · 1.
    maker = LayerMaker(accumulators: [100])
    (maker.input, maker.weights, maker.inputZeroPoint) = ([3], [1], 200)
    #expect(try answer("litert-reference") == .computed([-97]))
    #expect(try answer("tflm") == .computed([-97]))
    #expect(try answer("litert-builtin") == .computed([127]))
    #expect(isRefused(try answer("litert-xnnpack")))
    // The weights': ignored per channel.
    maker.inputZeroPoint = 0
    maker.weightZeroPoints = [200]
    #expect(try answer("litert-reference") == .computed([-128]))
    #expect(try answer("litert-builtin") == .computed([127]))
    #expect(isUndefined(try answer("litert-xnnpack")))
    (maker.channels, maker.weights, maker.bias) = (2, [1, 1], [100, -100])
    (maker.weightScales, maker.weightZeroPoints) = ([1, 1], [200, 0])
    for name in ["litert-reference", "litert-builtin", "tflm"] {
      #expect(try answer(name) == .computed([103, -97]))
    }
    #expect(isRefused(try answer("litert-xnnpack")))
  }

  @Test func microUsesZeroPointsOf16BitLayersWhereLiteRTRefusesThem() throws {
    let types = TypeTriple(input: .int16, weights: .int8, output: .int16)
    // (1000 − 40000) · 1 + 100; then 33767 + 100, saturated, and 33767 − 100.
    var maker = LayerMaker(accumulators: [100], types: types)
    (maker.input, maker.weights, maker.inputZeroPoint) = ([1_000], [1], 40_000)
    #expect(try profile("tflm").answer(toInvalid: maker.raw) == .computed([-32_768]))
    maker.outputScale = 2
    #expect(try profile("tflm").answer(toInvalid: maker.raw) == .computed([-19_450]))
    for name in ["litert-reference", "litert-builtin"] {
      #expect(isRefused(try profile(name).answer(toInvalid: maker.raw)))
    }
    maker = LayerMaker(accumulators: [100, -100], types: types)
    maker.outputZeroPoint = 33_767
    #expect(try profile("tflm").answer(toInvalid: maker.raw) == .computed([32_767, 32_767]))
    maker.outputZeroPoint = -65_543
    #expect(try profile("tflm").answer(toInvalid: maker.raw) == .computed([-32_768, -32_768]))
    // A 64-bit sum was not run so.
    maker.biasType = nil
    #expect(isUndefined(try profile("tflm-int16").answer(toInvalid: maker.raw)))
  }

  @Test func whatXNNPACKLeavesIsKnownWithAVX512Only() throws {
    let probe = NonsenseProbe(1, -1, 1, isPerChannel: true)
    guard case .computed = try probe.answer("litert-xnnpack") else {
      Issue.record("a negative scale is computed per channel")
      return
    }
    #expect(isUndefined(try probe.answer("litert-xnnpack-avx2")))
    #expect(isRefused(try NonsenseProbe(-1).answer("litert-xnnpack-avx2")))
  }

  @Test func theBoundOfAnActivationHasToFit() throws {
    // 6/−0 is −∞ and 0/0 no number; 6/∞ is 0.
    for name in ["litert-reference", "litert-builtin", "tflm"] {
      var probe = NonsenseProbe(1, 1, 0, isPerChannel: true)
      probe.maker.activation = .relu
      #expect(isRefused(try probe.answer(name)))
      probe = NonsenseProbe(1, 1, .infinity)
      probe.maker.activation = .relu6
      #expect(try probe.answer(name) == allNine(7))
      // 6/−1: bounds 7 and 1.
      probe = NonsenseProbe(1, 1, -1)
      probe.maker.activation = .relu6
      #expect(isUndefined(try probe.answer(name)))
    }
  }

  @Test func theLeftShiftOfNegativeMultipliersWraps() throws {
    // D = −1: exponent 1, significand −2^30.
    #expect(SignedProbe.builtin(-1, 5) == -5)
    // 2^31 − 1 shifted by 1 is −2, whose half is −1, negated.
    #expect(SignedProbe.builtin(-1, Int64(Int32.max)) == 1)
    // D = −(1 − 2^−34) rounds to the significand −2^31: the high product of −2^31 is 2^31,
    // which wraps in one and saturates in the other.
    let scale = -(1 - 0x1p-33)
    #expect(SignedProbe.tflm(scale, 64) == -64)
    #expect(SignedProbe.builtin(scale, Int64(Int32.min)) == -128)
    #expect(SignedProbe.tflm(scale, Int64(Int32.min)) == 127)
  }
}

/// One per-channel output of a negative multiplier, the zero point 0.
private enum SignedProbe {
  static func output(_ name: String, _ scale: Double, _ accumulator: Int64) -> Int32? {
    var maker = LayerMaker(accumulators: [accumulator, accumulator])
    // Exact in binary32 and, together, scale.
    maker.weightScales = [scale, scale]
    if Double(Float(scale)) != scale {
      (maker.inputScale, maker.weightScales) = (1 - 0x1p-17, [-(1 + 0x1p-17), -(1 + 0x1p-17)])
    }
    guard let profile = Profiles.named(name),
      case .computed(let values) = profile.answer(toInvalid: maker.raw)
    else { return nil }
    return values[0]
  }

  static func builtin(_ scale: Double, _ accumulator: Int64) -> Int32? {
    output("litert-builtin", scale, accumulator)
  }

  static func tflm(_ scale: Double, _ accumulator: Int64) -> Int32? {
    output("tflm", scale, accumulator)
  }
}
