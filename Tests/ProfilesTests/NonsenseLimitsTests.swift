import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

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
          let probe = NonsenseProbe(si, sw, so, zeroPoint: -3)
          if (try? probe.maker.layer()) != nil { continue }
          let multiplier = Float(si) * Float(sw) / Float(so)
          let expected = NonsenseProbe.accumulators.map {
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
    #expect(try NonsenseProbe(1, 1, 0).answer("ort") == .computed(ends))
    var arm = ends
    arm[4] = 7
    #expect(try NonsenseProbe(1, 1, 0).answer("ort-arm64") == .computed(arm))
    #expect(try NonsenseProbe(0).answer("ort") == allNine(7))
    #expect(try NonsenseProbe(.nan).answer("ort") == allNine(-128))
    #expect(try NonsenseProbe(1, 1, .infinity).answer("ort") == allNine(7))
    #expect(try NonsenseProbe(.infinity, 1, .infinity).answer("ort") == allNine(-128))
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
    #expect(isUndefined(try NonsenseProbe(zeroPoint: 128).answer("ort")))
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
    for name in nonsenseRuntimesOfLiteRT + ["ort"] {
      #expect(isUndefined(try NonsenseProbe(-0.05).answer(name)))
    }
  }

  @Test func largeMultipliersOfInexactProductsAreRefusedThoughLegal() throws {
    // (1 + 2^−23)² has 47 bits; binary32 loses 2^−46, which is 1/32 of the output's step at 2^−41.
    let scale = 1 + 0x1p-23
    func reason(_ name: String, _ so: Double, _ si: Double = scale) throws -> String? {
      try profile(name).refusesValid(try NonsenseProbe(si, scale, so).maker.layer())
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
    let perChannel = NonsenseProbe(scale, scale, 0x1p-41, isPerChannel: true)
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
    for _ in 0..<draws(20_000, debug: 4) {
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
    #expect(computed > 20)
  }
}
