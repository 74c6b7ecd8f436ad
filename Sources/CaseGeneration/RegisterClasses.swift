import Profiles
import QuantizedArithmetic
import QuantizedLayers

extension CaseClass {
  /// Numbers at the ends of the registers that kernels keep them in.
  static let registerClasses: [CaseClass] = [
    CaseClass(
      "accumulator.beyond",
      reason:
        "a bias at an end of int32, products beyond it, and a step of the output among the sums",
      catches: "accumulators that saturate where the profile's do not, and the reverse",
      applies: { $0.allowsBias && !$0.requires(.predictableRescale) }
    ) { builder in
      builder.drawSmallShape()
      builder.draft.channels = builder.random.integer(in: 8...16)
      builder.drawZeroPoints(perChannel: false)
      builder.draft.weightZeroPoints = [builder.draft.weightZeroPoints[0]]
      builder.draft.biasType = builder.signature.biasType
      let isHigh = builder.variant & 1 == 1
      builder.drawOneSidedProducts(isHigh: isHigh)
      let sums = builder.centredSums()
      let end: Int64 = isHigh ? .init(Int32.max) : .init(Int32.min)
      builder.draft.setBias(
        (0..<builder.draft.channels).map { _ in
          let inward = Int64(builder.random.below(16))
          return isHigh ? end - inward : end + inward
        })
      // The median of the sums lies on a step.
      let middle = Double(sums.sorted()[sums.count / 2] + end)
      guard let steps = builder.drawSteps(isHigh: isHigh) else { return false }
      builder.setOutputScale(multiplier: (Double(steps) + 0.5) / middle.magnitude)
      return true
    },
    CaseClass(
      "accumulator.products",
      reason: "products alone beyond int32, brought back by the bias or by a small D",
      catches: "sums of products that saturate or wrap before the bias is added",
      applies: { $0.types.input.byteCount == 1 && $0.types.weights.byteCount == 1 }
    ) { builder in
      builder.drawZeroPointsAtEnds()
      let (x, w) = (builder.draft.centredInput.farthest, builder.draft.centredWeights(0).farthest)
      let isHigh = (x < 0) == (w < 0)
      // Between a hundredth and a tenth beyond.
      let wanted = 0x1p31 * (1 + Double(builder.random.integer(in: 10...100)) / 1_000)
      let depth = Int((wanted / Double((x * w).magnitude)).rounded(.up))
      builder.draft.depth = depth
      builder.draft.setInput(centred: repeatElement(x, count: depth))
      builder.draft.appendWeights(centred: repeatElement(w, count: depth), channel: 0)
      let products = x * w * Int64(depth)
      // The narrowing shift loses what a single product is worth, unless the bias is exact to it.
      let isNarrow = builder.signature.rule.arithmetic.requantization == .narrowedTo16
      if builder.signature.allowsBias, isNarrow || builder.variant & 1 == 1 {
        return builder.bringBack(products)
      }
      let total = builder.kept(products)
      guard let steps = builder.drawSteps(isHigh: total > 0) else { return false }
      // So close to a step that every product decides, which is away from the side that they lie on.
      let beside = (total > 0) == isHigh ? 1 + 0x1p-22 : 1 - 0x1p-22
      let step = Double(steps) + 0.5
      builder.setOutputScale(multiplier: step / Double(total.magnitude) * beside)
      return true
    },
    CaseClass(
      "accumulator.long",
      reason: "sums of thousands of 16-bit products beyond int32, D so small that outputs are few",
      catches: "accumulators cut to 32 bits, shifts that end too early",
      applies: { $0.types.input == .int16 && $0.types.weights.byteCount == 1 && $0.isWide }
    ) { builder in
      builder.drawZeroPoints(perChannel: false)
      builder.draft.inputZeroPoint = 0
      builder.draft.weightZeroPoints = [builder.draft.weightZeroPoints[0]]
      // TOSA has multipliers below 2^−32.
      let least = builder.signature.rule.arithmetic.accumulator == .int48 ? -34 : -32
      builder.setRandomMultiplier(exponent: least...(-30))
      return builder.deliverLongSums()
    },
    CaseClass(
      "requantized.ends",
      reason:
        "accumulators times D at the ends of int16 and int32, the zero point at an end of its type",
      catches:
        "zero points added in a register that wraps or saturates where the profile's does not",
      applies: { !$0.requires(.predictableRescale) }
    ) { builder in
      builder.drawZeroPoints(perChannel: false)
      builder.draft.weightZeroPoints = [builder.draft.weightZeroPoints[0]]
      if builder.signature.allowsActivationZeroPoints {
        let range = builder.draft.types.output.range
        builder.draft.outputZeroPoint =
          builder.variant & 1 == 0 ? range.lowerBound : range.upperBound
      }
      let bits = builder.random.chance(2, in: 3) ? 32 : 16
      let isHuge = builder.random.chance(1, in: 4) && builder.signature.multiplierLimit > 256
      builder.setRandomMultiplier(exponent: isHuge ? 8...30 : bits == 32 ? 0...6 : -8...6)
      // Some runtimes form D otherwise where channels have scales.
      let addsScale = builder.addsChannelScale && builder.random.chance(3, in: 4)
      if builder.random.chance(1, in: 2) {
        builder.setMultiplierBelowPower(bits == 16 ? 7...8 : addsScale ? 13...16 : 12...12)
      }
      var targets = builder.requantizedEnds(bits: bits)
      if addsScale {
        builder.addChannelScale(multiplier: builder.drawScale(exponent: -10...(-2)))
        targets = targets.flatMap { [$0, $0] }
      }
      guard !targets.isEmpty else { return false }
      let others = builder.steps().prefix(4)
      return builder.deliver(targets + others, throughProducts: builder.variant % 3 == 2)
    },
  ]
}

extension CaseBuilder {
  /// A sum as the accumulator holds it: modulo 2^32 where it is not wider.
  fileprivate func kept(_ sum: Int64) -> Int64 {
    signature.isWide ? sum : Int64(Int32(truncatingIfNeeded: sum))
  }

  /// Sums just beyond the first steps of the output: by less than one product of 16-bit inputs, and by
  /// more than a multiplier of 15 bits errs.
  fileprivate mutating func deliverLongSums() -> Bool {
    let input = draft.types.input.range.upperBound
    let sums = [0.5, 1.5, 2.5].map { $0 / draft.multiplier(0) * (1 + 0x1p-14) }
      .filter { $0 < 0x1.8p33 }
    let weights = draft.centredWeights(0)
    let reach = min(weights.upperBound, 0 - weights.lowerBound)
    guard let farthest = sums.last, reach > 0 else { return false }
    draft.depth = Int(farthest / Double(input * reach)) + 1
    draft.channels = 2 * sums.count
    draft.setInput(centred: repeatElement(input, count: draft.depth))
    draft.weights.removeAll(keepingCapacity: true)
    for (channel, sum) in (sums + sums.map { -$0 }).enumerated() {
      let total = Int64((sum / Double(input)).rounded(.awayFromZero))
      let (base, extra) = total.quotientAndRemainder(dividingBy: Int64(draft.depth))
      draft.appendWeights(
        centred: (0..<draft.depth).map { base + ($0 < extra.magnitude ? extra.signum() : 0) },
        channel: channel)
    }
    return true
  }

  /// A bias of the sign other than the products' that leaves an accumulator at a step of the output.
  fileprivate mutating func bringBack(_ products: Int64) -> Bool {
    let isHigh = products > 0
    let rest = products.magnitude - (1 << 31)
    guard let steps = drawSteps(isHigh: isHigh) else { return false }
    // The step lies at twice what the products are beyond: the bias then fits int32.
    setOutputScale(multiplier: Double(steps) / Double(rest) / 2)
    let level = isHigh ? draft.outputZeroPoint + steps : draft.outputZeroPoint - steps + 1
    guard let reference = probe(), let step = step(to: level, reference, 0) else { return false }
    // One product less crosses the step.
    let bias = kept((isHigh ? step : step - 1) - products)
    guard let type = signature.biasType, type.range.contains(bias) else { return false }
    draft.biasType = type
    draft.setBias([bias])
    return true
  }

  /// Zero points of input and weights at ends of their types, wherever they may be other than 0.
  mutating func drawZeroPointsAtEnds() {
    drawZeroPoints(perChannel: false)
    func end(_ type: ElementType) -> Int64 {
      random.chance(1, in: 2) ? type.range.lowerBound : type.range.upperBound
    }
    if signature.allowsActivationZeroPoints { draft.inputZeroPoint = end(draft.types.input) }
    if signature.allowsWeightsZeroPoint(perChannel: false) {
      draft.weightZeroPoints = [end(draft.types.weights)]
    }
  }

  /// Inputs as far from their zero point as they can be, and weights for which every product has the
  /// same sign, and the sums lie far apart.
  mutating func drawOneSidedProducts(isHigh: Bool) {
    let x = draft.centredInput.farthest
    let weights = draft.centredWeights(0)
    let isPositive = isHigh == (x > 0)
    let reach = isPositive ? max(weights.upperBound, 0) : min(weights.lowerBound, 0)
    draft.setInput(centred: repeatElement(x, count: draft.rows * draft.depth))
    draft.weights.removeAll(keepingCapacity: true)
    for channel in 0..<draft.channels {
      let most = reach * Int64(channel + 1) / Int64(draft.channels)
      draft.appendWeights(
        centred: (0..<draft.depth).map { _ in
          random.integer(in: min(most / 2, most)...max(most / 2, most))
        },
        channel: channel)
    }
  }

  /// Of an output above (or below) its zero point: how many steps, at least 4; the zero point moves to
  /// the other end where it may. `nil` where it leaves no room.
  mutating func drawSteps(isHigh: Bool) -> Int64? {
    let range = draft.types.output.range
    if signature.allowsActivationZeroPoints {
      draft.outputZeroPoint = isHigh ? range.lowerBound : range.upperBound
    }
    let room =
      isHigh ? range.upperBound - draft.outputZeroPoint : draft.outputZeroPoint - range.lowerBound
    return room < 8 ? nil : random.integer(in: room / 2...room - 4)
  }

  /// D just below a power of two: multipliers below 1 reach the ends of a register with no other. As
  /// the product of two scales it may be closer than binary32 has numbers.
  fileprivate mutating func setMultiplierBelowPower(_ powers: ClosedRange<Int>) {
    let power = random.integer(in: powers)
    let small = Double(sign: .plus, exponent: 0 - power, significand: 1)
    draft.inputScale = 1 + small
    draft.weightScales = [1 - small]
    draft.outputScale = Double(
      sign: .plus, exponent: 0 - random.integer(in: 0...6), significand: 1)
  }

  /// Accumulators that requantization takes to the ends of a register of `bits`, less and beyond by up
  /// to the zero point, and their neighbours.
  mutating func requantizedEnds(bits: Int) -> [Int64] {
    let end = Double(sign: .plus, exponent: bits - 1, significand: 1)
    let zeroPoint = Double(draft.outputZeroPoint.magnitude)
    let multiplier = draft.multiplier(0)
    let range = accumulatorRange
    return [-1.0, 1].flatMap { side -> [Int64] in
      let offsets =
        // The last but one: what a D of 24 bits below 1 reaches, and a zero point leads beyond.
        [0, 1, -1, zeroPoint, -zeroPoint, zeroPoint / 2, -(zeroPoint + 128) / 2, -zeroPoint / 2]
        + (0..<3).map { _ in Double(random.integer(in: -300...300)) }
      return offsets.flatMap { offset -> [Int64] in
        let accumulator = side * ((end + offset) / multiplier).rounded()
        guard accumulator.magnitude < 0x1p46 else { return [] }
        return [Int64(accumulator) - 1, Int64(accumulator)].filter { range.contains($0) }
      }
    }
  }
}

extension ClosedRange<Int64> {
  /// The end that lies farther from 0.
  fileprivate var farthest: Int64 {
    upperBound >= 0 - lowerBound ? upperBound : lowerBound
  }
}

extension Signature {
  /// Whether the accumulator has more than 32 bits.
  fileprivate var isWide: Bool {
    switch rule.arithmetic.accumulator {
    case .exact, .int64Wrapping, .int48: true
    default: false
    }
  }
}
