import BigInt
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

@Suite struct ExactProfileTests {
  private static let modes: [(String, RoundingMode)] = [
    ("exact-even", .toNearestOrEven), ("exact-away", .toNearestOrAway),
    ("exact-up", .toNearestOrUp),
  ]

  private func check(_ maker: LayerMaker) throws {
    let range = maker.types.output.range
    for (name, mode) in Self.modes {
      let found = try outputs(name, maker)
      for row in 0..<maker.rows {
        for channel in 0..<maker.channels {
          let exact = maker.exact(row, channel)
          let rounded = exact.position.rounded(mode) + maker.outputZeroPoint
          let expected = clamp(rounded, range.lowerBound, range.upperBound)
          let value = found.values[row * maker.channels + channel]
          if Int64(value) != expected {
            Issue.record("\(name) rounds \(exact.approximation) to \(value), not \(expected)")
          }
        }
      }
      #expect(!found.departures.contains { !$0.isEmpty })
    }
  }

  @Test(arguments: LayerMaker.allTypes)
  func randomLayersAreCorrectlyRounded(types: TypeTriple) throws {
    var random = SplitMix64(seed: 71)
    for _ in 0..<draws(100) {
      var maker = LayerMaker.random(types, &random, bits: random.pick([1, 3, 24, 53]))
      switch random.below(3) {
      case 0: maker.addBias(.int32, bits: 20, &random)
      case 1: maker.addGeneralBias(.int32, bits: 20, exponents: -6...6, &random)
      default: break
      }
      try check(maker)
    }
  }

  @Test func tiesAreRoundedByTheNamedRule() throws {
    var random = SplitMix64(seed: 72)
    for _ in 0..<draws(200) {
      let n = 1 + random.below(10)
      let odd = (0..<6).map { _ in (random.integer(bits: 8) * 2 + 1) << Int64(n - 1) }
      var maker = LayerMaker(accumulators: odd)
      maker.inputScale = Double(sign: .plus, exponent: 0 - n, significand: 1)
      maker.outputZeroPoint = random.integer(in: -128...127)
      #expect(
        odd.allSatisfy {
          (Rational($0) * Rational(exactly: maker.inputScale)).position.fraction == .half
        })
      try check(maker)
    }
  }

  @Test func biasesAtTheEndsOf64BitsAreAdded() throws {
    var random = SplitMix64(seed: 73)
    let ends: [Int64] = [.max, .min, .max - 1, .min + 1]
    for _ in 0..<draws(200) {
      var maker = LayerMaker.random(
        TypeTriple(input: .int16, weights: .int8, output: .int16), &random)
      maker.addBias(.int64, bits: 63, &random)
      maker.bias = maker.bias.map { random.below(2) == 0 ? random.pick(ends) : $0 }
      maker.outputScale *= 0x1p48
      try check(maker)
      maker.biasScales = [maker.inputScale * maker.weightScales[0]]
      maker.biasZeroPoints = [random.pick(ends + [0, 5])]
      try check(maker)
    }
  }

  @Test func scalesFarApartAreAddedExactly() throws {
    var random = SplitMix64(seed: 74)
    for _ in 0..<draws(200) {
      var maker = LayerMaker.random(TypeTriple(.int8), &random, bits: random.pick([1, 24, 53]))
      maker.addGeneralBias(.int32, bits: 20, exponents: -200...(-40), &random)
      // The products alone are often ties, which the bias decides.
      maker.outputScale = maker.inputScale * maker.weightScales[0] * 2
      try check(maker)
    }
  }

  @Test func scalesAtTheEndsOfTheRangeAreMultiplied() throws {
    let ends = [0x1p-1074, 0x1p-1022, 0x1p-149, 1, 0x1.fffffep127, 0x1.fffffffffffffp1023]
    var random = SplitMix64(seed: 75)
    for input in ends {
      for weights in ends {
        for output in ends {
          var maker = LayerMaker.random(TypeTriple(.int8), &random)
          (maker.inputScale, maker.weightScales, maker.outputScale) = (input, [weights], output)
          try check(maker)
        }
      }
    }
  }
}
