import BigInt
import Oracles
import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

/// How many outputs doubles decided and how many integers did.
private struct Paths {
  var filtered = 0
  var exact = 0
}

@Suite struct ExactOracleTests {
  /// Compares everything that the oracle says of a layer with rational numbers.
  private func check(_ maker: LayerMaker, _ paths: inout Paths) throws {
    let judged = try Judged(maker)
    let values = judged.values
    paths.exact += values.decidedExactly
    paths.filtered += values.positions.count - values.decidedExactly
    for row in 0..<maker.rows {
      for channel in 0..<maker.channels {
        let index = row * maker.channels + channel
        let exact = maker.exact(row, channel)
        #expect(values.sums[index] == maker.sum(row, channel))
        let bias = maker.biasType == nil ? 0 : maker.bias[channel]
        let value = judged.oracle.value(sum: values.sums[index], bias: bias, channel: channel)
        #expect(value == exact)
        if values.positions[index] != exact.position {
          Issue.record("\(exact.approximation) lies at \(values.positions[index])")
        }
        guard values.heads[index].isFinite else { continue }
        let pair = Rational(exactly: values.heads[index]) + Rational(exactly: values.tails[index])
        let bound = Rational(exactly: values.magnitudes[index] * ExactOracle.relativeError)
        if (pair - exact).magnitude > bound { Issue.record("the pair of \(exact.approximation)") }
      }
    }
  }

  @Test(arguments: LayerMaker.allTypes)
  func randomLayersAreDecidedExactly(types: TypeTriple) throws {
    var random = SplitMix64(seed: 1)
    var paths = Paths()
    for _ in 0..<draws(150) {
      var maker = LayerMaker.random(types, &random, bits: random.pick([1, 4, 24, 53]))
      switch random.below(4) {
      case 0: maker.addBias(.int32, bits: 31, &random)
      case 1: maker.addGeneralBias(.int32, bits: 31, exponents: -8...8, &random)
      case 2: maker.addGeneralBias(.int32, bits: 24, exponents: -200...(-30), &random)
      default: break
      }
      try check(maker, &paths)
      // Multiples of 1/4: ties and whole numbers, which doubles leave to integers.
      maker.biasType = nil
      maker.weightScales = [maker.inputScale]
      maker.outputScale = maker.inputScale * maker.inputScale * 4
      if maker.outputScale / 4 / maker.inputScale == maker.inputScale { try check(maker, &paths) }
    }
    #expect(paths.filtered > 0 && paths.exact > 0)
  }

  @Test func biasesAtTheEndsOf64BitsTakeBothPaths() throws {
    var random = SplitMix64(seed: 2)
    var paths = Paths()
    let ends: [Int64] = [.max, .min, .max - 1, .min + 1, 1 << 62, 0]
    for _ in 0..<draws(500) {
      var maker = LayerMaker.random(
        TypeTriple(input: .int16, weights: random.pick(ElementType.quantized), output: .int16),
        &random, bits: random.pick([1, 24, 53]))
      maker.addBias(.int64, bits: 63, &random)
      maker.bias = maker.bias.map { random.below(2) == 0 ? random.pick(ends) : $0 }
      maker.outputScale *= 0x1p40
      try check(maker, &paths)
      maker.biasScales = [maker.inputScale * random.scale(-6...2)]
      maker.biasZeroPoints = [random.pick(ends)]
      try check(maker, &paths)
    }
    #expect(paths.filtered > 0 && paths.exact > 0)
  }

  @Test func scalesAtTheEndsOfTheRangeAreDecidedExactly() throws {
    let ends = [0x1p-1074, 0x1p-1022, 0x1p-149, 1, 0x1.fffffep127, 0x1.fffffffffffffp1023]
    var random = SplitMix64(seed: 3)
    var paths = Paths()
    for input in ends {
      for weights in ends {
        for output in ends {
          var maker = LayerMaker.random(TypeTriple(.int8), &random)
          (maker.inputScale, maker.weightScales, maker.outputScale) = (input, [weights], output)
          if random.below(2) == 0 {
            maker.addGeneralBias(.int32, bits: 31, exponents: -3...3, &random)
          }
          try check(maker, &paths)
        }
      }
    }
    #expect(paths.exact > 0)
  }

  @Test func tiesAndWholeNumbersAreDecidedExactly() throws {
    var random = SplitMix64(seed: 4)
    for _ in 0..<draws(500) {
      let n = 1 + random.below(12)
      let near = (0..<8).flatMap { _ -> [Int64] in
        let half = random.integer(bits: 10) << Int64(n - 1)
        return [half - 1, half, half + 1]
      }
      var maker = LayerMaker(accumulators: near)
      (maker.input, maker.weights) = ([0], near.map { _ in 0 })
      maker.inputScale = Double(sign: .plus, exponent: 0 - n, significand: 1)
      var paths = Paths()
      try check(maker, &paths)
      #expect(paths.exact >= 8)
    }
  }

  @Test func largeTermsThatCancelAreDecidedExactly() throws {
    // Terms of up to 2^80 whose sum is 0 or small: the leading parts alone tell nothing of it.
    var random = SplitMix64(seed: 5)
    for _ in 0..<draws(2_000) {
      var maker = LayerMaker(TypeTriple(.int8))
      let factor = 3 + 2 * random.below(30)
      (maker.input, maker.weights) = ([random.pick([-1, 1])], [Int64(factor)])
      maker.inputScale = random.scale(-3...3, bits: 24)
      maker.weightScales = [random.scale(-3...3, bits: 24)]
      let product = maker.inputScale * maker.weightScales[0]
      maker.outputScale = product * random.scale(-60...(-20), bits: 1)
      // Sb = factor · Si·Sw, cut to what a double holds; the bias −1 or 1 cancels the product.
      (maker.biasType, maker.bias) = (.int32, [0 - maker.input[0]])
      (maker.biasScales, maker.biasZeroPoints) = ([product * Double(factor)], [0])
      var paths = Paths()
      try check(maker, &paths)
    }
  }

  @Test func activationsBoundThePosition() throws {
    var maker = LayerMaker(accumulators: [-5, 3, 100])
    (maker.input, maker.weights) = ([0], [0, 0, 0])
    maker.outputScale = 4
    maker.activation = .relu6
    let judged = try Judged(maker)
    let bounded = judged.values.positions.map { judged.oracle.activated($0) }
    // −1.25, 0.75 and 25 between 0 and 6/4.
    #expect(
      bounded == [
        ExactPosition(0), ExactPosition(floor: 0, fraction: .aboveHalf),
        ExactPosition(floor: 1, fraction: .half),
      ])
    maker.activation = .relu
    let relu = try Judged(maker)
    #expect(relu.oracle.activated(relu.values.positions[0]) == ExactPosition(0))
    #expect(relu.oracle.activated(relu.values.positions[2]) == ExactPosition(25))
  }

  @Test func longSumsOfExtremesAreExact() throws {
    for (types, depth) in [
      (TypeTriple(.uint8), 70_000), (TypeTriple(.int8), 40_000), (TypeTriple(.int16), 20_000),
    ] {
      var maker = LayerMaker(types)
      maker.depth = depth
      let (least, greatest) = (types.input.range.lowerBound, types.input.range.upperBound)
      (maker.inputZeroPoint, maker.weightZeroPoints) = (greatest, [least])
      maker.input = Array(repeating: least, count: depth)
      maker.weights = Array(repeating: greatest, count: depth)
      let width = greatest - least
      #expect(try Judged(maker).values.sums == [0 - width * width * Int64(depth)])
    }
  }
}
