import QuantizedArithmetic
import QuantizedLayers

extension CaseClass {
  static let random: [CaseClass] = [
    CaseClass(
      "random", .random,
      reason: "small layers, everything drawn evenly, full-range data; of 64 one with a D near 0",
      catches: "what no class was made for"
    ) { builder in
      builder.drawSmallShape()
      builder.drawRest()
      // No data shows it, but shifts by more than 63 might.
      if builder.random.chance(1, in: 64) {
        builder.setOutputScale(multiplier: builder.drawScale(exponent: -100...(-33)))
      }
      return true
    }
  ]

  /// All combinations of lowest and highest zero point of input, weights and output.
  static let zeroPointClasses: [CaseClass] = [
    CaseClass(
      "zeroPoint.extremes",
      reason: "zero points at both ends of their types, in all combinations",
      catches: "zero points of the wrong sign, signedness or width; 8-bit differences that overflow"
    ) { builder in
      builder.drawSmallShape()
      let perChannel = builder.drawPerChannel()
      builder.drawZeroPoints(perChannel: perChannel)
      func end(_ type: ElementType, _ bit: Int) -> Int64 {
        builder.variant >> bit & 1 == 0 ? type.range.lowerBound : type.range.upperBound
      }
      let types = builder.draft.types
      if builder.signature.allowsActivationZeroPoints {
        builder.draft.inputZeroPoint = end(types.input, 0)
        builder.draft.outputZeroPoint = end(types.output, 1)
      }
      if builder.signature.allowsWeightsZeroPoint(perChannel: perChannel) {
        builder.draft.weightZeroPoints = [end(types.weights, 2)]
      }
      builder.drawScales(perChannel: perChannel)
      builder.drawBias()
      builder.drawData()
      return true
    }
  ]

  static let saturationClasses: [CaseClass] =
    [("low", -1), ("high", 1), ("both", 0)].map { name, side in
      CaseClass(
        "saturation.\(name)",
        reason: side == 0
          ? "outputs beyond both ends of the type in one layer"
          : "every output beyond the \(side < 0 ? "lower" : "upper") end of the type",
        catches:
          "missing or one-sided clamps, clamps before the zero point is added, narrow conversions",
        applies: { side == 0 || $0.allowsBias }
      ) { builder in
        builder.drawSmallShape()
        let perChannel = builder.drawPerChannel()
        builder.drawZeroPoints(perChannel: perChannel)
        builder.drawScales(perChannel: perChannel, spread: side == 0 ? 4...12 : 0...0)
        builder.drawData()
        guard side != 0 else { return true }
        builder.draft.biasType = builder.signature.biasType
        // Far enough beyond the range for products to leave it there, within int32.
        let range = builder.draft.types.output.range
        let steps = 8 * Double(range.upperBound - range.lowerBound) / builder.draft.multiplier(0)
        let reach = Int64(min(max(steps, 1), 0x1p31 - 1))
        let low = reach / 2
        builder.draft.setBias(
          (0..<builder.draft.channels).map { _ in
            Int64(side) * builder.random.integer(in: low...reach)
          })
        return true
      }
    }

  static let dataClasses: [CaseClass] = [
    patterned("data.allMinimum", "all elements the least of their type", 0),
    patterned("data.allMaximum", "all elements the greatest of their type", 1),
    patterned("data.alternating", "least and greatest elements in turn", 2),
    patterned(
      "data.singleNonzero", "one element differs from the zero point, at every place in turn", 3),
    patterned("products.pairOverflow16", "neighbouring products whose sum leaves 16 bits", 4),
  ]

  private static func patterned(_ name: String, _ reason: String, _ pattern: Int) -> CaseClass {
    let catches =
      switch pattern {
      case 3: "dropped or repeated terms, tails, wrong strides, transposed operands"
      case 4: "pairs of products saturated or wrapped to 16 bits (x86 vpmaddubsw, Arm smull pairs)"
      default: "narrow accumulators and products, sign errors that random data averages away"
      }
    return CaseClass(name, reason: reason, catches: catches) { builder in
      builder.drawSmallShape()
      if pattern == 4 { builder.draft.depth = builder.random.integer(in: 2...64) }
      let perChannel = builder.drawPerChannel()
      builder.drawZeroPoints(perChannel: perChannel)
      builder.drawScales(perChannel: perChannel, spread: pattern == 3 ? 2...5 : -2...1)
      builder.drawBias()
      builder.drawActivation()
      builder.fill(pattern)
      return true
    }
  }
}

extension CaseBuilder {
  /// Data of one of the patterns of ``CaseClass/dataClasses``.
  mutating func fill(_ pattern: Int) {
    let (x, w) = (draft.types.input.range, draft.types.weights.range)
    let (rows, depth, channels) = (draft.rows, draft.depth, draft.channels)
    // Which operand has the extreme of the other sign: all four combinations take turns.
    let flips = (variant & 1 == 1, variant & 2 == 2)
    func end(_ range: ClosedRange<Int64>, _ isHigh: Bool) -> Int64 {
      isHigh ? range.upperBound : range.lowerBound
    }
    let input: [Int64]
    let weights: [Int64]
    switch pattern {
    case 0, 1, 4:
      // The pattern names the inputs; the weights take both ends in turn.
      let high = pattern == 4 ? flips.1 : pattern == 1
      input = Array(repeating: end(x, high), count: rows * depth)
      weights = (0..<(channels * depth)).map { index in
        end(w, (index / depth) & 1 == 0 ? flips.0 : !flips.0)
      }
    case 2:
      input = (0..<(rows * depth)).map { end(x, ($0 & 1 == 1) != flips.0) }
      weights = (0..<(channels * depth)).map { end(w, (($0 >> (variant & 1)) & 1 == 1) != flips.1) }
    default:
      let place = variant % max(depth, 1)
      let highInput = end(x, inputEndIsHigh)
      input = (0..<(rows * depth)).map { index in
        index % depth == (place + index / depth) % depth ? highInput : draft.inputZeroPoint
      }
      weights = (0..<(channels * depth)).map { _ in random.integer(in: w) }
    }
    draft.input = ElementBytes.bytes(input, as: draft.types.input)
    draft.weights = ElementBytes.bytes(weights, as: draft.types.weights)
  }

  /// The end of the input type that lies farther from its zero point.
  private var inputEndIsHigh: Bool { centred.upperBound >= 0 - centred.lowerBound }
  private var centred: ClosedRange<Int64> { draft.centredInput }
}
