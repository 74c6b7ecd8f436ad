import Oracles
import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

@Suite struct Float64OracleTests {
  @Test(arguments: LayerMaker.allTypes)
  func everyFormAgreesWithinItsBound(types: TypeTriple) throws {
    var random = SplitMix64(seed: 11)
    var compared = 0
    for _ in 0..<draws(300) {
      var maker = LayerMaker.random(types, &random, bits: random.pick([1, 4, 24, 53]), depth: 40)
      switch random.below(4) {
      case 0: maker.addBias(types.input == .int16 ? .int64 : .int32, bits: 31, &random)
      case 1: maker.addGeneralBias(.int32, bits: 31, exponents: -8...8, &random)
      case 2: maker.addGeneralBias(.int32, bits: 24, exponents: -60...(-30), &random)
      default: break
      }
      let check = try Judged(maker).forms()
      #expect(check.violations.isEmpty)
      #expect(check.withoutClaim == 0)
      compared += check.compared
    }
    #expect(compared > 0)
  }

  @Test func biasesOf64BitsAgree() throws {
    var random = SplitMix64(seed: 12)
    let ends: [Int64] = [.max, .min, .max - 1, .min + 1, 1 << 62, (1 << 62) + 1, 0]
    for _ in 0..<draws(1_000) {
      var maker = LayerMaker.random(
        TypeTriple(input: .int16, weights: .int8, output: .int16), &random)
      maker.addBias(.int64, bits: 63, &random)
      maker.bias = maker.bias.map { random.below(2) == 0 ? random.pick(ends) : $0 }
      maker.outputScale *= random.pick([1, 0x1p40])
      #expect(try Judged(maker).forms().violations.isEmpty)
      // Large biases and zero points of nearly the same value.
      maker.biasScales = [maker.inputScale * random.scale(-6...2)]
      maker.biasZeroPoints = [random.pick(ends)]
      #expect(try Judged(maker).forms().violations.isEmpty)
    }
  }

  @Test func everyFormIsCompared() throws {
    var random = SplitMix64(seed: 13)
    var maker = LayerMaker.random(TypeTriple(.int8), &random)
    let outputs = maker.rows * maker.channels
    #expect(try Judged(maker).forms().compared == 5 * outputs)
    maker.addGeneralBias(.int32, bits: 10, exponents: -1...1, &random)
    #expect(try Judged(maker).forms().compared == 3 * outputs)
  }

  @Test func extremeScalesMakeNoClaim() throws {
    var random = SplitMix64(seed: 14)
    for scale in [0x1p-1074, 0x1p-500, 0x1p500] {
      var maker = LayerMaker.random(TypeTriple(.int8), &random)
      maker.inputScale = scale
      let check = try Judged(maker).forms()
      #expect(check.compared == 0 && check.withoutClaim == 5 * maker.rows * maker.channels)
    }
  }

  @Test func aWrongExactValueIsFoundByEveryForm() throws {
    var random = SplitMix64(seed: 15)
    for _ in 0..<draws(200) {
      let maker = LayerMaker.random(TypeTriple(.int8), &random)
      var judged = try Judged(maker)
      let victim = random.below(judged.values.heads.count)
      // By far less than an output unit, by more than doubles can err.
      judged.values.heads[victim] += (judged.values.heads[victim].magnitude + 1) * 0x1p-30
      let violations = judged.forms().violations
      #expect(violations.contains { $0.form == .f2 && $0.index == victim })
      #expect(violations.contains { $0.form == .f4 && $0.index == victim })
      #expect(violations.allSatisfy { $0.index == victim })
      #expect(Set(violations.map(\.form)) == Set(Form.allCases))
    }
  }

  @Test func aWrongPositionIsFound() throws {
    var random = SplitMix64(seed: 16)
    for _ in 0..<draws(200) {
      let maker = LayerMaker.random(TypeTriple(.int8), &random)
      var judged = try Judged(maker)
      let victim = random.below(judged.values.positions.count)
      let position = judged.values.positions[victim]
      // A tie or a saturated value would leave room for another rounding.
      guard position.fraction != .half, position.floor.magnitude < 1 << 20 else { continue }
      let wrong = position.rounded(.toNearestOrEven) + random.pick([-1, 1])
      judged.values.positions[victim] = ExactPosition(wrong)
      #expect(Set(judged.forms().violations.map(\.index)) == [victim])
    }
  }

  @Test func aWrongSumIsFound() throws {
    var random = SplitMix64(seed: 17)
    var judged = try Judged(LayerMaker.random(TypeTriple(.int8), &random))
    judged.values.sums[0] += 1
    // F1 and F5 sum for themselves and see nothing; the others use the sum.
    #expect(Set(judged.forms().violations.map(\.form)) == [.f2, .f3, .f4])
  }

  @Test func otherOperandsAreFound() throws {
    var random = SplitMix64(seed: 18)
    var maker = LayerMaker.random(TypeTriple(.int8), &random)
    maker.weightZeroPoints = [-128]
    maker.weights[0] = 5
    let judged = try Judged(maker)
    var operands = judged.layer.operands
    operands.input[0] += 1
    var (workspace, result) = (Float64Workspace(), FormCheck())
    Float64Oracle(judged.layer).check(
      operands, against: judged.values, workspace: &workspace, into: &result)
    #expect(Set(result.violations.map(\.form)) == [.f1, .f5])
  }
}
