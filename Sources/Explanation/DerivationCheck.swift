import CaseGeneration
package import Oracles
import QuantizedArithmetic
package import QuantizedLayers

/// Which lines of the derivation hold, over many random configurations, in exact rationals.
package struct DerivationCheck: Sendable {
  /// How often a form applied, and how often it equalled F1.
  package struct Count: Hashable, Sendable {
    package var applied = 0
    package var equal = 0

    package init(applied: Int = 0, equal: Int = 0) {
      self.applied = applied
      self.equal = equal
    }
  }

  package private(set) var configurations = 0
  package private(set) var forms: [Form: Count] = [:]
  package private(set) var misprintDiffers = 0
  /// Configurations with P = 1; with Zo = 0; with both.
  package private(set) var commonFactorIsOne = 0
  package private(set) var zeroPointIsZero = 0
  package private(set) var both = 0
  /// F3x equals F2 although P ≠ 1 and Zo ≠ 0.
  package private(set) var coincidesWithoutReason = 0
  /// F3x differs from F2 although P = 1 or Zo = 0.
  package private(set) var differsDespiteReason = 0
  package private(set) var perChannel = 0
  package private(set) var biasSchemes: [BiasScheme: Int] = [:]
  /// The first for which F3x differs.
  package private(set) var firstCounterExample: RandomConfiguration?
  package let smallCounterExample: SmallCounterExample?

  /// Whether F1 to F5 agree wherever they apply, and F3x coincides exactly where it has to.
  package var holds: Bool {
    forms.values.allSatisfy { $0.equal == $0.applied } && coincidesWithoutReason == 0
      && differsDespiteReason == 0 && smallCounterExample != nil
  }

  /// Draws `count` configurations of a seed and judges each.
  package init(count: Int, seed: UInt64) {
    smallCounterExample = SmallCounterExample.find()
    for form in Form.allCases { forms[form] = Count() }
    for index in 0..<max(count, 0) {
      // What is drawn is legal by construction.
      guard let drawn = RandomConfiguration(seed: seed, index: UInt64(index)) else { continue }
      judge(drawn)
    }
  }

  private mutating func judge(_ drawn: RandomConfiguration) {
    let (layer, values) = (drawn.layer, drawn.forms)
    configurations += 1
    biasSchemes[layer.biasScheme, default: 0] += 1
    if layer.isPerChannel { perChannel += 1 }
    for (form, value) in values.values {
      forms[form, default: Count()].applied += 1
      if value == values.values[0].value { forms[form, default: Count()].equal += 1 }
    }
    let isOne = values.commonFactor == Rational(1)
    let isZero = layer.outputZeroPoint == 0
    if isOne { commonFactorIsOne += 1 }
    if isZero { zeroPointIsZero += 1 }
    if isOne && isZero { both += 1 }
    let differs = values.f3x != values.values[1].value
    if differs {
      misprintDiffers += 1
      if firstCounterExample == nil { firstCounterExample = drawn }
    }
    if differs && (isOne || isZero) { differsDespiteReason += 1 }
    if !differs && !isOne && !isZero { coincidesWithoutReason += 1 }
  }
}

/// A random small layer and one of its outputs.
package struct RandomConfiguration: Sendable {
  package let layer: Layer
  package let operands: Operands
  package let row: Int
  package let channel: Int
  package let forms: RationalForms
  let index: UInt64

  /// - Returns: `nil` where what was drawn is no layer.
  init?(seed: UInt64, index: UInt64) {
    var random = CaseRandom(seed: seed, index: index)
    let rows = random.integer(in: 1...2)
    let channels = random.integer(in: 1...3)
    let depth = random.integer(in: 1...8)
    let types = (0..<3).map { _ in random.element(of: ElementType.quantized) }
    // Few bits, so that a product of three scales is a double too and P = 1 can be had exactly.
    func scale() -> Double {
      Double(random.integer(in: 1...4_095))
        * Double(
          sign: .plus, exponent: random.integer(in: -24...2), significand: 1)
    }
    func tensor(_ type: ElementType, _ shape: [Int], _ scales: [Double]) -> RawTensor {
      let count = shape.reduce(1, *)
      return RawTensor(
        type: type, shape: shape, scales: scales,
        zeroPoints: scales.map { _ in random.integer(in: type.range) },
        data: ElementBytes.bytes((0..<count).map { _ in random.integer(in: type.range) }, as: type))
    }
    let input = tensor(types[0], [rows, depth], [scale()])
    let isPerChannel = random.chance(1, in: 2)
    let weightScales = (0..<(isPerChannel ? channels : 1)).map { _ in scale() }
    let weights = tensor(types[1], [channels, depth], weightScales)
    let scheme = random.element(of: BiasScheme.allCases)
    var bias: RawTensor?
    if scheme != .none {
      let scales =
        scheme == .accumulator
        ? [] : (0..<(random.chance(1, in: 2) ? channels : 1)).map { _ in scale() }
      bias = tensor(.int32, [channels], scales)
      if scales.isEmpty { bias?.zeroPoints = [] }
    }
    row = random.integer(in: 0...(rows - 1))
    channel = random.integer(in: 0...(channels - 1))
    let sw = weightScales[weightScales.count == 1 ? 0 : channel]
    let product = input.scales[0] * sw
    let biasScales = bias?.scales ?? []
    let sb = biasScales.isEmpty ? product : biasScales[biasScales.count == 1 ? 0 : channel]
    let wantsOne = random.chance(1, in: 4)
    var output = tensor(types[2], [rows, channels], [wantsOne ? product * sb : scale()])
    output.data = []
    if random.chance(1, in: 4), types[2] != .uint8 || random.chance(1, in: 2) {
      output.zeroPoints = [0]
    }
    let raw = RawLayer(
      operation: FullyConnected.name, activation: .none, input: input, weights: weights,
      bias: bias, output: output)
    guard let layer = try? raw.validated() else { return nil }
    var operands = Operands()
    FullyConnected.lower(layer, into: &operands)
    self.layer = layer
    self.operands = operands
    self.index = index
    forms = RationalForms(layer, operands, row: row, channel: channel)
  }
}
