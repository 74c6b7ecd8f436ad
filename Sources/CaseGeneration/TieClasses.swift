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
        "D half-way between two multipliers, in every order of its parts, both sides of every step",
      catches: "the multiplier's own tie broken another way, D formed in another order",
      applies: { $0.allowsBias }
    ) { builder in
      builder.drawZeroPoints(perChannel: false)
      builder.draft.weightZeroPoints = [builder.draft.weightZeroPoints[0]]
      switch builder.variant % 3 {
      case 0: builder.setHalfUnitProduct()
      case 1: builder.setHalfUnitFractions()
      default: guard builder.setHalfUnitQuotient() else { return false }
      }
      let addsScale = builder.addsChannelScale && builder.variant / 3 & 1 == 1
      if addsScale {
        builder.addChannelScale(multiplier: builder.drawScale(exponent: -10...(-2)))
        builder.draft.channels = 2
      }
      guard let reference = builder.probe() else { return false }
      let targets = builder.knifeEdges(reference)
      guard !targets.isEmpty else { return false }
      return builder.deliver(
        addsScale ? targets.flatMap { [$0, $0] } : targets, throughProducts: false)
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
  /// Bits of the profile's multiplier; those of a binary32 number where it has a float.
  private var multiplierBits: Int {
    switch signature.rule.arithmetic.requantization {
    case .fixedPoint(let rule): reducesTo15 ? 31 : rule.multiplier.bits
    case .float32: 24
    case .narrowedTo16: 15
    case .exact, .float64: 31
    }
  }

  /// Whether 31 bits are made first, and 15 of these.
  private var reducesTo15: Bool {
    let rule = signature.rule.arithmetic.fixedPoint?.multiplier
    return rule == .bits31ReducedTo15 || rule == .bits15OfBits31
  }

  /// Whether D is a float that is made of a multiplier of 31 bits.
  private var floatIsOf31Bits: Bool {
    if case .binary32OfMultiplier(let rule) = signature.rule.arithmetic.effectiveScale {
      return rule.bits == 31
    }
    return false
  }

  /// Of D of `bits` + 1 bits: small enough for the last of them to decide an output.
  private mutating func halfUnitExponent(_ bits: Int) -> Int {
    bits < 30 ? random.integer(in: -22...(-10)) : random.integer(in: -24...(-18))
  }

  /// An odd number of exactly `bits` bits, the upper half of them set by chance.
  private mutating func odd(bits: Int) -> Int64 {
    random.integer(in: (Int64(1) << Int64(bits - 1))...((Int64(1) << Int64(bits)) - 1)) | 1
  }

  /// Two odd numbers whose product has one bit more than multipliers have.
  private mutating func halfUnitFactors() -> (Int64, Int64) {
    let bits = multiplierBits
    while true {
      let (left, right) = (odd(bits: (bits + 1) / 2), odd(bits: bits + 1 - (bits + 1) / 2))
      // Half of the products are a bit short.
      if (left * right) >> Int64(bits) == 1 { return (left, right) }
    }
  }

  /// D is half-way exactly: the product of two odd numbers, which has one bit more than multipliers.
  fileprivate mutating func setHalfUnitProduct() {
    let factors = halfUnitFactors()
    setMultiplier(input: factors.0, weights: factors.1, output: 1)
  }

  /// The same D as a quotient that is exact only as a whole, (p·u)·(r·v)/(p·r): of 16 draws the one
  /// that most other orders of the parts round down.
  fileprivate mutating func setHalfUnitFractions() {
    var best: (below: Int, draft: LayerDraft)?
    for _ in 0..<16 {
      let factors = halfUnitFactors()
      let (p, r) = (odd(bits: 8), odd(bits: 8))
      setMultiplier(input: p * factors.0, weights: r * factors.1, output: p * r)
      let (si, sw, so) = (draft.inputScale, draft.weightScales[0], draft.outputScale)
      let whole = si * sw / so
      let below = [si / so * sw, si * (sw / so), si * sw * (1 / so)].count { $0 < whole }
      if below > best?.below ?? -1 { best = (below, draft) }
    }
    if let best { draft = best.draft }
  }

  /// D so close to half-way that a quotient in binary64 is exactly half-way: P = (So·t + r)/2^(bits + 1)
  /// for an odd t and a small odd r, by the inverse of So modulo 2^(bits + 1).
  fileprivate mutating func setHalfUnitQuotient() -> Bool {
    // Of a float that is made of 31 bits, those: half-way between two floats where they are rounded up.
    let isFloatOf31 = floatIsOf31Bits && variant >> 1 & 1 == 1
    let bits = isFloatOf31 ? 31 : multiplierBits
    // Relative to a product of `bits` + 25 bits; of fewer bits r may be larger, and still is lost by a
    // rounding to 31 bits.
    let most: Int64 = bits == 31 ? 1 : 32
    for attempt in 0..<8_192 {
      let rest = random.integer(in: (0 - most)...most) | 1
      let output = UInt64(reducesTo15 ? (odd(bits: 8) << 16) + rest : odd(bits: 24))
      let modulus = UInt64(1) << UInt64(bits + 1)
      let t = (UInt64(bitPattern: 0 - rest) &* inverse(of: output)) & (modulus - 1)
      guard t >> UInt64(bits) == 1, !isFloatOf31 || t & 0xFF == 0x81 else { continue }
      let numerator = Int64(bitPattern: output &* t) + rest
      let product = numerator >> Int64(bits + 1)
      guard product < 1 << 24 else { continue }
      let input: Int64 = [3, 5, 7, 11].first { product % $0 == 0 } ?? 1
      guard input > 1 || attempt > 256 else { continue }
      setMultiplier(input: input, weights: product / input, output: Int64(output))
      return true
    }
    return false
  }

  /// Of an odd number modulo 2^64, by Newton's iteration, which doubles the number of right bits.
  private func inverse(of odd: UInt64) -> UInt64 {
    var inverse = odd
    for _ in 0..<5 { inverse = inverse &* (2 &- odd &* inverse) }
    return inverse
  }

  /// Three integers of at most 24 bits as scales; D is their quotient times a power of two.
  private mutating func setMultiplier(input: Int64, weights: Int64, output: Int64) {
    let exponent = halfUnitExponent(multiplierBits)
    let whole = Double(input) * Double(weights) / Double(output)
    draft.inputScale = Double(input) * 0x1p-16
    draft.weightScales = [Double(weights) * 0x1p-16]
    draft.outputScale = Double(
      sign: .plus, exponent: whole.exponent - 32 - exponent, significand: Double(output))
  }

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
    // A factor of the input's scale too, else Sw/So and Si·Sw/So are rounded alike.
    let factor = variant >> 1 & 1 == 1 ? random.element(of: [3, 5, 7] as [Int64]) : 1
    draft.inputScale *= Double(factor)
    let range = outputSteps
    // a·D = odd·m·factor/2 for a = odd·c·2^(n−1).
    let most = max(range.upperBound, 0 - range.lowerBound) * 2 / (Int64(m) * factor)
    let odds = [1, -1] + (0..<18).map { _ in random.integer(in: (0 - most)...most) | 1 }
    return odds.flatMap { odd in
      let tie = odd * c << Int64(n - 1)
      return [tie - 1, tie, tie + 1]
    }
  }
}
