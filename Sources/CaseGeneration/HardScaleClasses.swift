import Profiles
import QuantizedArithmetic
import QuantizedLayers

extension CaseClass {
  static let hardScaleClasses: [CaseClass] =
    ["bias", "products"].map { carrier in
      CaseClass(
        "hardScale.\(carrier)",
        reason:
          "scales for which an accumulator comes as close to a tie as they allow, through the \(carrier)",
        catches: "multipliers with too few bits, scales multiplied in float32, epsilon comparisons",
        applies: { carrier == "products" || $0.allowsBias }
      ) { builder in
        builder.drawZeroPoints(perChannel: false)
        builder.draft.weightZeroPoints = [builder.draft.weightZeroPoints[0]]
        let targets = builder.hardestOf(12, longest: carrier == "bias" ? 1 << 30 : 1 << 20)
        guard !targets.isEmpty else { return false }
        return builder.deliver(targets, throughProducts: carrier == "products")
      }
    } + [
      CaseClass(
        "hardScale.nearTie",
        reason:
          "scales for which an accumulator's exact value is no tie, and within 2^−51 of one, relatively",
        catches: "exact values computed in double precision, in whatever order",
        applies: { $0.isPrecise && $0.allowsBias }
      ) { builder in
        builder.drawZeroPoints(perChannel: false)
        builder.draft.weightZeroPoints = [builder.draft.weightZeroPoints[0]]
        let isWide = !builder.signature.needsBinary32 && builder.variant % 3 != 0
        let throughProducts = isWide && builder.variant % 2 == 1
        let near =
          isWide
          ? builder.drawNearTie(longest: throughProducts ? 1 << 20 : 1 << 28)
          : builder.drawNearTieOfSingles()
        guard let near else { return false }
        let range = builder.accumulatorRange
        let targets = [1, -1, 3, -3, 5, -5].flatMap { factor in
          [0, 1, -1].map { near * factor + $0 }
        }.filter { range.contains($0) }
        return builder.deliver(targets, throughProducts: throughProducts)
      }
    ]
}

extension Signature {
  /// Whether double precision decides, or more: an exact computation, or one in float64.
  fileprivate var isPrecise: Bool {
    switch rule.arithmetic.requantization {
    case .exact, .float64: true
    case .float32, .fixedPoint, .narrowedTo16: false
    }
  }
}

extension CaseBuilder {
  /// Draws `count` triples of scales, keeps the one with the nearest miss of a tie, and returns the
  /// accumulators around it.
  mutating func hardestOf(_ count: Int, longest: Int64) -> [Int64] {
    var best: (distance: Double, draft: LayerDraft, accumulator: Int64)?
    for _ in 0..<count {
      setRandomMultiplier(exponent: -20...(-4))
      guard let near = nearestMiss(longest: longest) else { continue }
      if best.map({ near.distance < $0.distance }) ?? true {
        best = (near.distance, draft, near.accumulator)
      }
    }
    guard let best else { return [] }
    draft = best.draft
    let range = accumulatorRange
    return [1, -1, 3, -3, 5, -5].flatMap { factor in
      [-1, 0, 1].map { best.accumulator * factor + $0 }
    }.filter { range.contains($0) }
  }

  /// The accumulator a for which a·D misses a tie by least, by the continued fraction of 2D.
  ///
  /// A convergent h/c with odd h has |c·2D − h| < 1/c' for the next denominator c': so c·D lies that
  /// close to the tie h/2. True ties, of distance 0, are left to other classes.
  private func nearestMiss(longest: Int64) -> (distance: Double, accumulator: Int64)? {
    guard let si = try? Scale(draft.inputScale), let sw = try? Scale(draft.weightScales[0]),
      let so = try? Scale(draft.outputScale)
    else { return nil }
    let ratio = ScaleRatio(si, times: sw, over: so)
    let shift = ratio.exponent + 1
    guard abs(shift) < 60 else { return nil }
    let wholeNumerator = shift >= 0 ? ratio.numerator << UInt128(shift) : ratio.numerator
    let wholeDivisor = UInt128(ratio.divisor) << UInt128(max(0 - shift, 0))
    let widest = UInt128(max(outputSteps.upperBound, 0 - outputSteps.lowerBound)) * 2
    var best: (distance: Double, accumulator: Int64)?
    for (h1, c1) in Convergents(of: wholeNumerator, over: wholeDivisor) {
      guard h1 <= widest, c1 <= UInt128(longest) else { break }
      guard h1 & 1 == 1 else { continue }
      let (left, right) = (c1 * wholeNumerator, h1 * wholeDivisor)
      let miss = left > right ? left - right : right - left
      guard miss != 0 else { continue }
      let distance =
        Double(UInt64(truncatingIfNeeded: miss >> 40)) * 0x1p40
        / Double(UInt64(truncatingIfNeeded: wholeDivisor >> 40) | 1)
      best = (distance, Int64(c1))
    }
    return best
  }
}

// MARK: Nearer to a tie than double precision sees

extension CaseBuilder {
  /// An odd number of half output steps.
  private mutating func oddHalves() -> Int64 {
    let widest = max(outputSteps.upperBound, 0 - outputSteps.lowerBound)
    return 2 * random.integer(in: 0...max(widest - 1, 0)) + 1
  }

  /// Draws scales of 53 bits, and returns an accumulator a with a·Si·Sw/So next to a tie: So is the
  /// rounded quotient, whose error is all that parts them.
  mutating func drawNearTie(longest: Int64) -> Int64 {
    func wide(_ scale: Double) -> Double {
      Double(bitPattern: scale.bitPattern | (random.longWord() & (1 << 29 - 1)) | 1)
    }
    draft.inputScale = wide(drawScale(exponent: -12...0))
    draft.weightScales = [wide(drawScale(exponent: -12...0))]
    let accumulator = random.integer(in: 3...longest)
    draft.outputScale =
      Double(accumulator) * draft.inputScale * draft.weightScales[0] / (Double(oddHalves()) / 2)
    return accumulator
  }

  /// The same with scales of 24 bits, as most files have.
  ///
  /// With P = Si·Sw in units of their last places, 2^46 ≤ P < 2^48, the convergents T/a of P/2^48
  /// give a·P = T·2^48 + r with a small r. Where T is an odd h times a number of 24 bits, So is that
  /// number times a power of two, and a·Si·Sw/So is h/2 but for r.
  mutating func drawNearTieOfSingles() -> Int64? {
    let widest = UInt128(2 * max(outputSteps.upperBound, 0 - outputSteps.lowerBound) - 1)
    let smallest = 1 << 24 as UInt128
    for _ in 0..<400 {
      let (input, weights) = (drawScale(exponent: -6...0), drawScale(exponent: -6...0))
      let (left, right) = (significand24(input), significand24(weights))
      let product = UInt128(left * right)
      for (t1, a1) in Convergents(of: product, over: 1 << 48) {
        guard a1 < 1 << 31 else { break }
        let (miss, whole) = (a1 * product, t1 << 48)
        let distance = miss > whole ? miss - whole : whole - miss
        guard distance > 0, distance << 51 < whole else { continue }
        let least = (t1 / smallest + 1) | 1
        guard least <= widest,
          let halves = stride(from: least, through: widest, by: 2).first(where: { t1 % $0 == 0 })
        else { continue }
        draft.inputScale = input
        draft.weightScales = [weights]
        draft.outputScale = Double(
          sign: .plus, exponent: 49 + input.exponent - 23 + weights.exponent - 23,
          significand: Double(t1 / halves))
        return Int64(a1)
      }
    }
    return nil
  }

  /// Of a positive binary32 number, its significand as an integer of 24 bits.
  private func significand24(_ value: Double) -> UInt64 { UInt64(value.significand * 0x1p23) }
}

/// The convergents h/c of a fraction's continued fraction, from the first on; ended by a term of 2^40 and
/// more, after which the fraction is as good as met.
private struct Convergents: Sequence, IteratorProtocol {
  private var numerator: UInt128
  private var divisor: UInt128
  private var (h0, h1): (UInt128, UInt128) = (0, 1)
  private var (c0, c1): (UInt128, UInt128) = (1, 0)

  init(of numerator: UInt128, over divisor: UInt128) {
    (self.numerator, self.divisor) = (numerator, divisor)
  }

  mutating func next() -> (h: UInt128, c: UInt128)? {
    guard divisor != 0 else { return nil }
    let (quotient, rest) = numerator.quotientAndRemainder(dividingBy: divisor)
    guard quotient < 1 << 40 else { return nil }
    (h0, h1) = (h1, quotient * h1 + h0)
    (c0, c1) = (c1, quotient * c1 + c0)
    (numerator, divisor) = (divisor, rest)
    return (h1, c1)
  }
}
