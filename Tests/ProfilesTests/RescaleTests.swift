import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

private let wide = TypeTriple(input: .int16, weights: .int8, output: .int16)

/// TOSA's RESCALE as its section of the specification writes it, in 128 bits.
private enum Rescale {
  static func integer(
    _ value: Int64, _ multiplier: FixedPointMultiplier, isDouble: Bool
  ) -> Int64 {
    let shift = 31 - multiplier.exponent
    var round = Int128(1) << Int128(shift - 1)
    if isDouble, shift > 31 { round += value >= 0 ? 1 << 30 : -(1 << 30) }
    return Int64((Int128(value) * Int128(multiplier.significand) + round) >> Int128(shift))
  }

  static func inexact(_ value: Int64, _ multiplier: FixedPointMultiplier) -> Int64 {
    let shift = 31 - multiplier.exponent
    let product = Float(value) * Float(multiplier.significand)
    let scaled = product * Float(sign: .plus, exponent: 0 - shift, significand: 1)
    return Int64(scaled.rounded(.toNearestOrEven))
  }
}

@Suite struct RescaleTests {
  private func compare(
    _ name: String, bits: Int, model: (Int64, FixedPointMultiplier) -> Int64
  ) throws {
    var random = SplitMix64(seed: 95)
    let rule: MultiplierRule = bits == 31 ? .bits31ShiftedTo62 : .bits15ShiftedTo62
    for _ in 0..<draws(400) {
      let scale = random.scale(-60...(-2), bits: random.pick([1, 4, 24]))
      var accumulators = (0..<60).map { _ in random.integer(bits: random.pick([8, 16, 31])) }
      accumulators += (0..<60).map { _ in
        let half = Double(random.integer(bits: 9)) / 2 / scale
        return Int64(clamp(half, -0x1p31, 0x1p31 - 2)) + Int64(random.below(2))
      }
      var maker = LayerMaker(accumulators: accumulators)
      maker.inputScale = scale
      maker.outputZeroPoint = random.pick([-128, 127, 5])
      let found = try outputs(name, maker)
      let multiplier = rule.multiplier(of: scale)
      for (accumulator, value) in zip(accumulators, found.values) {
        let expected = clamp(model(accumulator, multiplier) + maker.outputZeroPoint, -128, 127)
        if Int64(value) != expected { Issue.record("\(name): \(accumulator) · \(scale): \(value)") }
      }
      #expect(found.departures.allSatisfy { $0.isEmpty })
    }
  }

  @Test func integersAreRescaledAsSpecified() throws {
    try compare("tosa-single", bits: 31) { Rescale.integer($0, $1, isDouble: false) }
    try compare("tosa-double", bits: 31) { Rescale.integer($0, $1, isDouble: true) }
    try compare("tosa-single-16", bits: 15) { Rescale.integer($0, $1, isDouble: false) }
    try compare("tosa-inexact", bits: 31) { Rescale.inexact($0, $1) }
  }

  @Test func tiesAndCarriesByHand() throws {
    // D = 1/8 is shifted by 33: the carry is worth 1/8. 3/8, −3/8, 1/2, −1/2.
    for (name, answers) in [
      ("tosa-single", [0, 0, 1, 0]), ("tosa-double", [1, 0, 1, -1]),
      ("tosa-single-16", [0, 0, 1, 0]), ("tosa-inexact", [0, 0, 0, 0]),
    ] as [(String, [Int32])] {
      var maker = LayerMaker(accumulators: [3, -3, 4, -4])
      maker.inputScale = 0.125
      #expect(try outputs(name, maker).values == answers, "\(name)")
    }
  }

  @Test func doubleRoundIsSingleRoundUpToAShiftOf31() throws {
    var maker = LayerMaker(accumulators: Array(-300...300))
    for scale in [0.5, 0.75, 1, 1.25] {
      maker.inputScale = scale
      #expect(try outputs("tosa-double", maker).values == outputs("tosa-single", maker).values)
    }
  }

  @Test func accumulatorsOf16BitInputsPassInt32() throws {
    var maker = LayerMaker(wide)
    maker.depth = 1_024
    maker.input = Array(repeating: -32_768, count: 1_024)
    maker.weights = Array(repeating: -128, count: 1_024)
    maker.inputScale = 0x1p-20
    for name in ["tosa-single-16", "tosa-inexact"] {
      let found = try outputs(name, maker)
      #expect(found.accumulators == [1 << 32] && found.values == [4_096])
    }
  }

  @Test func whatCouldBeUnpredictableIsOutsideTheDomain() throws {
    // D = 1: values of scale32 have 29 bits. One product is at most 2^14.
    for name in ["tosa-single", "tosa-double"] {
      #expect(try outputs(name, LayerMaker((1 << 29) - (1 << 14) - 1, 1, 1, 1)).values == [127])
      #expect(throws: OutsideDomain.self) { try outputs(name, LayerMaker(1 << 29, 1, 1, 1)) }
      #expect(throws: OutsideDomain.self) { try outputs(name, LayerMaker(-(1 << 29), 1, 1, 1)) }
    }
    for name in ["tosa-single-16", "tosa-inexact"] {
      #expect(try outputs(name, LayerMaker(1 << 29, 1, 1, 1)).values == [127])
      #expect(throws: OutsideDomain.self) { try outputs(name, LayerMaker(1 << 30, 2, 1, 1)) }
    }
    #expect(throws: OutsideDomain.self) {
      try outputs("tosa-single-16", LayerMaker(0, 0x1p13, 1, 1))
    }
    // Below 1/2 every int32 is rescaled.
    for end in [Int64(Int32.min), Int64(Int32.max)] {
      let found = try outputs("tosa-single", LayerMaker(end, 0.4375, 1, 1))
      #expect(found.values == [end < 0 ? -128 : 127] && found.departures == [[]])
    }
  }
}

@Suite struct WideAccumulatorTests {
  @Test func theSixtyFourBitFormFollowsItsSource() throws {
    var random = SplitMix64(seed: 96)
    for _ in 0..<draws(400) {
      let scale = random.scale(-34...6, bits: random.pick([1, 15, 24]))
      let multiplier = FixedPointMultiplier(scale)
      let q = Int64(multiplier.significand)
      let reduced = q < 0x7FFF_0000 ? (q + (1 << 15)) >> 16 : 0x7FFF
      let count = Int64(15 - multiplier.exponent)
      for _ in 0..<100 {
        let accumulator = random.integer(bits: random.pick([16, 31, 47, 63]))
        var maker = LayerMaker(wide)
        (maker.inputScale, maker.biasType, maker.bias) = (scale, .int64, [accumulator])
        let sum = accumulator &* reduced &+ (1 << (count - 1))
        let expected = clamp(Int64(Int32(truncatingIfNeeded: sum >> count)), -32_768, 32_767)
        let found = try outputs("tflm-int16", maker)
        if Int64(found.values[0]) != expected {
          Issue.record("\(accumulator) · \(scale): \(found.values[0]), not \(expected)")
        }
      }
    }
  }

  @Test func aBiasOf32BitsIsAnotherArithmetic() throws {
    // 16384 · (1 − 2^−17): 15 bits of the multiplier make it a tie.
    var maker = LayerMaker(wide)
    (maker.inputScale, maker.biasType, maker.bias) = (1 - 0x1p-17, .int64, [16_385])
    #expect(try outputs("tflm-int16", maker).values == [16_384])
    #expect(throws: OutsideDomain.self) { try outputs("tflm", maker) }
    maker.biasType = .int32
    #expect(try outputs("tflm", maker).values == [16_385])
    #expect(throws: OutsideDomain.self) { try outputs("tflm-int16", maker) }
  }
}
