import Profiles
import QuantizedArithmetic
import QuantizedLayers

extension CaseClass {
  /// Ties that only exact arithmetic keeps.
  static let tieClasses: [CaseClass] = [
    CaseClass(
      "multiplier.quotient",
      reason: "D = m·2^−n/c, accumulators that are multiples of c: exact ties",
      catches: "ties lost since Si·Sw/So, or 1/So, was rounded before it was multiplied"
    ) { builder in
      builder.drawZeroPoints(perChannel: false)
      builder.draft.weightZeroPoints = [builder.draft.weightZeroPoints[0]]
      let targets = builder.quotientTies()
      return builder.deliver(targets, throughProducts: builder.variant & 1 == 1)
    },
    CaseClass(
      "multiplier.halfUnit",
      reason:
        "D half-way between two multipliers of 31 bits, accumulators on both sides of every step",
      catches: "the multiplier's own tie broken another way",
      applies: { $0.allowsBias }
    ) { builder in
      builder.drawZeroPoints(perChannel: false)
      builder.draft.weightZeroPoints = [builder.draft.weightZeroPoints[0]]
      // Odd and at least 2^15.5: the product has 32 bits, of which the last is 1.
      func factor() -> Double { Double(builder.random.integer(in: 23_171...32_767) * 2 + 1) }
      let exponent = builder.random.integer(in: -24...(-18))
      builder.draft.inputScale = factor() * 0x1p-16
      builder.draft.weightScales = [factor() * 0x1p-16]
      builder.draft.outputScale = Double(sign: .plus, exponent: 0 - exponent, significand: 1)
      guard let reference = builder.probe() else { return false }
      let targets = builder.knifeEdges(reference)
      guard !targets.isEmpty else { return false }
      builder.deliverThroughBias(targets)
      return true
    },
    CaseClass(
      "bias.tieBreaker", reason: "products on exact ties, which a tiny general bias breaks",
      catches: "terms added in floating point, where the smaller one is lost",
      applies: { $0.profile.generalBias && $0.allowsBias }
    ) { builder in
      builder.drawZeroPoints(perChannel: false)
      builder.draft.weightZeroPoints = [builder.draft.weightZeroPoints[0]]
      let n = builder.random.integer(in: 1...10)
      let m = UInt64(builder.random.integer(in: 0...7) * 2 + 1)
      builder.setExactMultiplier(significand: m, exponent: -n)
      let targets = builder.ties(significand: m, exponent: -n)
      guard builder.deliverThroughProducts(targets, limit: 4_096) else { return false }
      builder.draft.biasType = builder.signature.biasType
      builder.draft.biasScales = [builder.drawScale(exponent: -110...(-40))]
      builder.draft.biasZeroPoints = [builder.random.integer(in: Int64(-2)...Int64(2))]
      let zeroPoint = builder.draft.biasZeroPoints[0]
      builder.draft.setBias(
        (0..<builder.draft.channels).map { _ in
          zeroPoint + builder.random.integer(in: Int64(-1)...Int64(1))
        })
      return true
    },
  ]
}

extension CaseBuilder {
  /// Sets D = m·2^−n/c with a small odd c and returns accumulators on ties, each with both
  /// neighbours.
  mutating func quotientTies() -> [Int64] {
    // For these c, c·(1/c) is less than 1 in binary64.
    let isShort = random.chance(1, in: 2)
    let c: Int64 =
      isShort
      ? random.element(of: [49, 103, 107, 161, 187, 197, 237, 239])
      : random.integer(in: 1...127) * 2 + 1
    let m = isShort ? 1 : random.integer(in: 0...7) * 2 + 1
    let n = random.integer(in: 1...(draft.types.output == .int16 ? 6 : 12))
    setExactMultiplier(significand: UInt64(m), exponent: 0 - n)
    draft.outputScale *= Double(c)
    let range = outputSteps
    // a·D = odd·m/2 for a = odd·c·2^(n−1).
    let most = max(range.upperBound, 0 - range.lowerBound) * 2 / Int64(m)
    let odds = [1, -1] + (0..<18).map { _ in random.integer(in: (0 - most)...most) | 1 }
    return odds.flatMap { odd in
      let tie = odd * c << Int64(n - 1)
      return [tie - 1, tie, tie + 1]
    }
  }
}
