import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

/// The layers that the runtimes were probed with: nine channels, the accumulator is the bias.
private struct Probe {
  static let accumulators: [Int64] = [
    Int64(Int32.min), -1_000, -3, -1, 0, 1, 3, 1_000, Int64(Int32.max),
  ]

  var maker = LayerMaker(accumulators: Probe.accumulators)

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

private func isRefused(_ answer: NonsenseAnswer) -> Bool {
  if case .refused = answer { true } else { false }
}

private func isUndefined(_ answer: NonsenseAnswer) -> Bool {
  if case .undefined = answer { true } else { false }
}

private func all(_ value: Int32) -> NonsenseAnswer { .computed(Array(repeating: value, count: 9)) }

private let litert = ["litert-reference", "litert-builtin", "litert-xnnpack", "tflm"]

/// The rows of what LiteRT 2.3.0 and TensorFlow Lite Micro were measured to do.
@Suite struct LiteRTNonsenseTests {
  @Test(arguments: litert)
  func aScaleOfZeroGivesTheZeroPointEverywhere(name: String) throws {
    for zero in [0.0, -0.0] {
      #expect(try Probe(zero).answer(name) == all(7))
      #expect(try Probe(1, zero).answer(name) == all(7))
    }
  }

  @Test(arguments: litert)
  func anOutputScaleOfZeroIsRefusedPerTensor(name: String) throws {
    #expect(isRefused(try Probe(1, 1, 0).answer(name)))
  }

  @Test func anOutputScaleOfZeroIsComputedPerChannel() throws {
    func answer(_ name: String) throws -> NonsenseAnswer {
      try Probe(1, 1, 0, isPerChannel: true).answer(name)
    }
    #expect(try answer("litert-reference") == all(-128))
    #expect(try answer("litert-builtin") == all(7))
    #expect(isRefused(try answer("litert-xnnpack")))
    #expect(try answer("tflm") == all(7))
  }

  @Test(arguments: litert)
  func oneNegativeScaleIsRefusedAndWhatIsNoNumberToo(name: String) throws {
    #expect(isRefused(try Probe(-1).answer(name)))
    #expect(isRefused(try Probe(1, -1).answer(name)))
    for value in [Double.nan, .infinity, -.infinity] {
      #expect(isRefused(try Probe(value).answer(name)))
      #expect(isRefused(try Probe(1, value).answer(name)))
    }
  }

  @Test func twoNegativeScalesHaveAPositiveProduct() throws {
    for name in ["litert-reference", "litert-builtin", "tflm"] {
      let legal = Probe(0.5, 0.25)
      #expect(try Probe(-0.5, -0.25).answer(name) == .computed(outputs(name, legal.maker).values))
    }
    #expect(isRefused(try Probe(-0.5, -0.25).answer("litert-xnnpack")))
  }

  @Test func aNegativeOutputScaleFlipsTheSign() throws {
    // D = −1/8 per tensor and per channel. The fixed-point kernels round −3 · −1/8 = 3/8 twice.
    for isPerChannel in [false, true] {
      let scales = isPerChannel ? (1.0, -0.125, 1.0) : (0.5, 0.25, -1.0)
      let probe = Probe(scales.0, scales.1, scales.2, isPerChannel: isPerChannel)
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
    let probe = Probe(1, .nan, 1, isPerChannel: true)
    #expect(try probe.answer("litert-reference") == all(-128))
    for name in ["litert-builtin", "litert-xnnpack", "tflm"] {
      #expect(try probe.answer(name) == all(7))
    }
  }

  @Test func anInfiniteOutputScaleGivesTheZeroPoint() throws {
    for name in ["litert-reference", "litert-builtin", "tflm"] {
      #expect(try Probe(1, 1, .infinity).answer(name) == all(7))
    }
    #expect(isRefused(try Probe(1, 1, .infinity).answer("litert-xnnpack")))
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

  @Test func theBoundOfAnActivationHasToFit() throws {
    // 6/−0 is −∞ and 0/0 no number; 6/∞ is 0.
    for name in ["litert-reference", "litert-builtin", "tflm"] {
      var probe = Probe(1, 1, 0, isPerChannel: true)
      probe.maker.activation = .relu
      #expect(isRefused(try probe.answer(name)))
      probe = Probe(1, 1, .infinity)
      probe.maker.activation = .relu6
      #expect(try probe.answer(name) == all(7))
      // 6/−1: bounds 7 and 1.
      probe = Probe(1, 1, -1)
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

@Suite struct OrtNonsenseTests {
  private static let values: [Double] = [
    0, -0.0, -0.5, .nan, .infinity, -.infinity, Double(Float(1e-40)), 0x1p-149, Double(Float(3e38)),
    1, Double(Float(1e-20)), Double(Float(1e20)),
  ]

  /// The formula, literally: `MAXPS`, `MINPS`, then half to even.
  private func formula(
    _ accumulator: Int64, _ multiplier: Float, _ zeroPoint: Int64, isArm: Bool
  ) -> Int32 {
    var value = Float(Int32(accumulator)) * multiplier
    if isArm, value.isNaN { return Int32(zeroPoint) }
    let (low, high) = (Float(-128 - zeroPoint), Float(127 - zeroPoint))
    value = value > low ? value : low
    value = value < high ? value : high
    return Int32(value.rounded(.toNearestOrEven)) + Int32(zeroPoint)
  }

  @Test(arguments: ["ort", "ort-arm64"])
  func theFormulaHoldsForEveryTripleOfScales(name: String) throws {
    var computed = 0
    for si in Self.values {
      for sw in Self.values {
        for so in Self.values {
          let probe = Probe(si, sw, so, zeroPoint: -3)
          if (try? probe.maker.layer()) != nil { continue }
          let multiplier = Float(si) * Float(sw) / Float(so)
          let expected = Probe.accumulators.map {
            formula($0, multiplier, -3, isArm: name == "ort-arm64")
          }
          #expect(try probe.answer(name) == .computed(expected), "\(si) \(sw) \(so)")
          computed += 1
        }
      }
    }
    #expect(computed == 12 * 12 * 12 - 6 * 6 * 6)
  }

  @Test func theDocumentedRowsHold() throws {
    let ends: [Int32] = [-128, -128, -128, -128, -128, 127, 127, 127, 127]
    #expect(try Probe(1, 1, 0).answer("ort") == .computed(ends))
    var arm = ends
    arm[4] = 7
    #expect(try Probe(1, 1, 0).answer("ort-arm64") == .computed(arm))
    #expect(try Probe(0).answer("ort") == all(7))
    #expect(try Probe(.nan).answer("ort") == all(-128))
    #expect(try Probe(1, 1, .infinity).answer("ort") == all(7))
    #expect(try Probe(.infinity, 1, .infinity).answer("ort") == all(-128))
  }

  @Test func pairsSaturateOfNonsenseToo() throws {
    var maker = LayerMaker(TypeTriple(input: .uint8, weights: .int8, output: .uint8))
    maker.depth = 2
    (maker.input, maker.weights) = ([255, 255], [127, 127])
    // −32767/1000 and −64770/1000.
    (maker.inputScale, maker.outputScale, maker.outputZeroPoint) = (-1, 1_000, 100)
    #expect(try profile("ort-avx2").answer(toInvalid: maker.raw) == .computed([67]))
    #expect(try profile("ort").answer(toInvalid: maker.raw) == .computed([35]))
  }

  @Test func zeroPointsOutsideTheTypeCannotBeExpressed() throws {
    #expect(isUndefined(try Probe(zeroPoint: 128).answer("ort")))
  }

  @Test func shapesThatDoNotMatchAreRefused() throws {
    var raw = LayerMaker(TypeTriple(.int8)).raw
    raw.weights.shape = [1, 2]
    raw.weights.data = [0, 0]
    #expect(isRefused(try profile("ort").answer(toInvalid: raw)))
    #expect(isUndefined(try profile("tflm").answer(toInvalid: raw)))
  }
}

@Suite struct NonsenseLimitsTests {
  @Test func legalLayersAreNoNonsense() throws {
    for profile in Profiles.all {
      #expect(isUndefined(profile.answer(toInvalid: LayerMaker(profile.types[0]).raw)))
    }
  }

  @Test func scalesThatNoFileHoldsAreUndefined() throws {
    for name in litert + ["ort"] { #expect(isUndefined(try Probe(-0.05).answer(name))) }
  }

  @Test func largeMultipliersOfInexactProductsAreRefusedThoughLegal() throws {
    // (1 + 2^−23)² has 47 bits; binary32 loses 2^−46, which is 1/32 of the output's step at 2^−41.
    let scale = 1 + 0x1p-23
    func reason(_ name: String, _ so: Double, _ si: Double = scale) throws -> String? {
      try profile(name).refusesValid(try Probe(si, scale, so).maker.layer())
    }
    for name in ["litert-reference", "litert-builtin", "tflm", "litert-reference-arm64"] {
      #expect(try reason(name, 0x1p-41) != nil)
      #expect(try reason(name, 0x1p-40) == nil)
      #expect(try reason(name, 0x1p-41, 1) == nil)
    }
    for name in ["litert-xnnpack", "ort", "exact-even", "single-rounding"] {
      #expect(try reason(name, 0x1p-41) == nil)
    }
    // Neither without a bias nor per channel.
    var maker = LayerMaker(TypeTriple(.int8))
    (maker.inputScale, maker.weightScales, maker.outputScale) = (scale, [scale], 0x1p-41)
    #expect(try profile("tflm").refusesValid(try maker.layer()) == nil)
    let perChannel = Probe(scale, scale, 0x1p-41, isPerChannel: true)
    #expect(try profile("tflm").refusesValid(try perChannel.maker.layer()) == nil)
  }

  @Test func nothingTraps() throws {
    var random = SplitMix64(seed: 101)
    let scales: [Double] = [
      0, -0.0, -1, .nan, .infinity, -.infinity, 0x1p-149, -0x1p-149, 0x1.fffffep127,
      -0x1.fffffep127,
      1, 0x1p-20, -0x1p-20, .greatestFiniteMagnitude, 0x1p-1074,
    ]
    let zeroPoints: [Int64] = [
      0, 1, -1, 127, 128, -129, 255, 256, -32_769, Int64(Int32.max), Int64(Int32.min), .max, .min,
    ]
    var computed = 0
    for _ in 0..<draws(20_000, debug: 2_000) {
      let profile = random.pick(Profiles.all)
      var maker = LayerMaker.random(random.pick(profile.types), &random)
      if random.below(2) == 0 { maker.addBias(.int32, bits: 31, &random) }
      maker.activation = random.pick([.none, .relu, .relu6, .clamp(-5, 9), .clamp(9, -5)])
      var raw = maker.raw
      for _ in 0..<(1 + random.below(3)) {
        switch random.below(9) {
        case 0: raw.input.scales = [random.pick(scales)]
        case 1: raw.weights.scales[0] = random.pick(scales)
        case 2: raw.output.scales = [random.pick(scales)]
        case 3: raw.input.zeroPoints = [random.pick(zeroPoints)]
        case 4: raw.weights.zeroPoints[0] = random.pick(zeroPoints)
        case 5: raw.output.zeroPoints = [random.pick(zeroPoints)]
        case 6: raw.input.shape = random.pick([[], [0, 0], [-1, 4], [1 << 62, 8], [1, 2, 3]])
        case 7: raw.weights.scales = []
        default: raw.bias?.data.removeLast()
        }
        if raw.weights.scales.isEmpty { break }
      }
      let answer = profile.answer(toInvalid: raw)
      if case .computed(let values) = answer {
        computed += 1
        #expect(values.count == raw.output.shape.reduce(1, *))
        #expect(values.allSatisfy { raw.output.type.range.contains(Int64($0)) })
      }
    }
    #expect(computed > 100)
  }
}
