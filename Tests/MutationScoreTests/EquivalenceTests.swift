import CaseGeneration
import Hypotheses
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestCases
import Testing

@testable import MutationScore

/// What is called equivalent, against brute force; and that little more is.
@Suite struct EquivalenceTests {
  @Test("no case shows a kernel that is called equivalent", arguments: Profiles.all.map(\.name))
  func neverShown(_ name: String) throws {
    let profile = try profile(name)
    let targets = MutationTarget.all([profile])
    let proved = targets.map { target in
      Bank.all.indices.filter { Equivalence(target).reason(Bank.all[$0].changes[0]) != nil }
    }
    var looked = 0
    let count = isOptimised ? 64 + 16 * targets.count : 6
    for testCase in try generated([profile], count: count, seed: 3) where testCase.refuse == nil {
      let layer = try testCase.layer.validated()
      let index = try #require(targets.firstIndex { $0.covers(layer) })
      let subject = try Subject(layer, profile)
      for place in proved[index] where subject.differs(from: place) {
        Issue.record("\(targets[index].text): \(Bank.all[place].words) is killed")
      }
      looked += proved[index].count
    }
    #expect(looked > 100)
  }

  /// Layers at the edges of the domain that the generator seldom draws.
  @Test("nor does a layer with huge and tiny multipliers and accumulators at the ends")
  func neverShownAtTheEnds() throws {
    var looked = 0
    for target in MutationTarget.all(Profiles.all) where isOptimised || target.place == 0 {
      let proved = Bank.all.indices.filter {
        Equivalence(target).reason(Bank.all[$0].changes[0]) != nil
      }
      let layers = EdgeLayers(target.rule.types, bias: target.rule.biasTypes.last ?? nil).layers
      for layer in isOptimised
        ? layers : layers.enumerated().filter({ $0.offset % 8 == 0 }).map(\.element)
      {
        guard let subject = try? Subject(layer, target.profile) else { continue }
        for place in proved where subject.differs(from: place) {
          Issue.record("\(target.text): \(Bank.all[place].words) is killed")
        }
        looked += 1
      }
    }
    #expect(looked > (isOptimised ? 1_000 : 100))
  }

  @Test(
    "what the domain pins is equivalent",
    arguments: [
      ("tflm", "int16,int8,int16", Change.zeroPoint(.input, .missing)),
      ("tflm", "int16,int8,int16", .correction(.column, .negated)),
      ("litert-builtin", "uint8,uint8,uint8", .channel(.scale, .first)),
      ("litert-xnnpack", "int8,int8,int8", .zeroPoint(.weights, .missing)),
      ("litert-xnnpack", "int8,int8,int8", .product(.wraps)),
      ("ort", "uint8,uint8,uint8", .bounds(.reluIgnored, .lowerLast)),
      ("ort", "uint8,uint8,uint8", .multiplier(.significand(1))),
      ("ort", "uint8,int8,uint8", .profile("ort-arm64")),
      ("ort", "uint8,int8,uint8", .profile("tflm-int16")),
      ("tflm", "int8,int8,int8", .profile("cmsis-nn")),
      ("cmsis-nn", "int8,int8,int8", .profile("tflm")),
      ("tflm", "int8,int8,int8", .bias(.zeroPointMissing)),
      ("tflm", "int8,int8,int8", .part(.result, "saturates")),
    ])
  func pinned(_ name: String, _ types: String, _ change: Change) throws {
    #expect(Equivalence(try target(name, types)).reason(change) != nil)
  }

  @Test(
    "what it does not pin is not",
    arguments: [
      ("tflm", "int8,int8,int8", Change.zeroPoint(.input, .missing)),
      ("litert-builtin", "int8,int8,int8", .channel(.scale, .first)),
      ("single-rounding", "int8,int8,int8", .zeroPoint(.weights, .missing)),
      ("single-rounding", "int8,int8,int8", .product(.wraps)),
      ("exact-even", "int8,int8,int8", .bias(.folded)),
      ("exact-even", "int8,int8,int8", .profile("tflm")),
      ("tflm", "int8,int8,int8", .profile("single-rounding")),
      ("tflm", "int8,int8,int8", .roundings(first: nil, last: .toNearestOrUp)),
      ("exact-even", "int8,int8,int8", .part(.rounding, "toNearestOrAway")),
      ("exact-even", "int8,int8,int8", .part(.zeroPointAddition, "beforeRounding")),
    ])
  func notPinned(_ name: String, _ types: String, _ change: Change) throws {
    #expect(Equivalence(try target(name, types)).reason(change) == nil)
  }

  /// A rule that no profile has.
  private func equivalence(
    _ arithmetic: Arithmetic, bias: [ElementType?] = [nil, .int32],
    where conditions: [DomainCondition] = [.binary32Scales]
  ) -> Equivalence {
    let rule = ProfileRule(TypeTriple(.int8), bias: bias, arithmetic, where: conditions)
    let profile = Profile(name: "own", summary: "", source: "", rules: [rule])
    return Equivalence(MutationTarget(profile: profile, place: 0, rule: rule))
  }

  @Test("a significand of 16 bits rounds up to a full one where one of 31 does not")
  func fullSignificands() {
    for (multiplier, isEquivalent) in [(MultiplierRule.bits31, true), (.bits16, false)] {
      let found = equivalence(
        Arithmetic(
          accumulator: .int32Wrapping, effectiveScale: .binary32,
          requantization: .fixedPoint(
            FixedPointRule(
              multiplier: multiplier, leftShift: .folded, highMultiply: nil,
              rightShift: .toNearestOrUp)), activationBounds: .roundedSum))
      #expect((found.reason(.multiplier(.halvedWhenFull)) != nil) == isEquivalent)
    }
  }

  @Test("what is below 1/2 is 0 to nearest only")
  func belowOneHalf() {
    for (mode, isEquivalent) in [(RoundingMode.toNearestOrEven, true), (.up, false)] {
      let found = equivalence(
        Arithmetic(
          accumulator: .int32Wrapping, effectiveScale: .binary32OfMultiplier(.bits31ShiftedTo62),
          requantization: .float32(.afterRounding, mode), activationBounds: .roundedSum),
        where: [.binary32Scales, .predictableRescale])
      let change = Change.part(.effectiveScale, "binary32OfMultiplier(bits31)")
      #expect((found.reason(change) != nil) == isEquivalent)
    }
  }

  @Test("more than 64 bits are cut by the requantization, unless they become a float before")
  func beyond64Bits() {
    for (precision, isEquivalent) in [(AccumulatorPrecision.whole, true), (.binary32, false)] {
      let found = equivalence(
        Arithmetic(
          accumulator: .int64Wrapping, effectiveScale: .binary64,
          requantization: .float64(.toNearestOrEven), activationBounds: .roundedSum,
          accumulatorPrecision: precision), bias: [.int64])
      #expect((found.reason(.part(.accumulator, "exact")) != nil) == isEquivalent)
    }
  }
}

/// Small layers with extreme numbers.
private struct EdgeLayers {
  let layers: [Layer]

  init(_ types: TypeTriple, bias: ElementType?) {
    var layers: [Layer] = []
    for power in [-70, -40, -33, -32, -31, -24, -8, -1, 0, 1, 7, 8, 16, 29, 30, 31, 40] {
      for zeroPoint in [types.output.range.lowerBound, 0, types.output.range.upperBound] {
        for significand in [1, 0x1.fffffep0] {
          let scale = Double(sign: .plus, exponent: power, significand: significand)
          let raw = EdgeLayers.raw(types, bias, scale, zeroPoint)
          if let layer = try? raw.validated() { layers.append(layer) }
        }
      }
    }
    self.layers = layers
  }

  /// A layer of three rows and three channels whose scale is all in the weights.
  private static func raw(
    _ types: TypeTriple, _ bias: ElementType?, _ scale: Double, _ zeroPoint: Int64
  ) -> RawLayer {
    let (input, weights) = (types.input.range, types.weights.range)
    let ends = [input.lowerBound, input.upperBound, 0, 1, input.upperBound, input.lowerBound]
    let others = [
      weights.upperBound, weights.lowerBound, 0, 1, weights.lowerBound, weights.lowerBound,
    ]
    let biases: [Int64] = [Int64(Int32.min), Int64(Int32.max), 5]
    return RawLayer(
      operation: FullyConnected.name, activation: .none,
      input: RawTensor(
        type: types.input, shape: [3, 2], scales: [1], zeroPoints: [0],
        data: ElementBytes.bytes(ends, as: types.input)),
      weights: RawTensor(
        type: types.weights, shape: [3, 2], scales: [scale], zeroPoints: [0],
        data: ElementBytes.bytes(others, as: types.weights)),
      bias: bias.map {
        RawTensor(
          type: $0, shape: [3], scales: [], zeroPoints: [],
          data: ElementBytes.bytes(biases, as: $0))
      },
      output: RawTensor(
        type: types.output, shape: [3, 3], scales: [1], zeroPoints: [zeroPoint]))
  }
}
