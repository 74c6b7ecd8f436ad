import QuantizedArithmetic
import QuantizedLayers

extension CaseClass {
  static let hardScaleClasses: [CaseClass] = ["bias", "products"].map { carrier in
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
    var numerator = shift >= 0 ? ratio.numerator << UInt128(shift) : ratio.numerator
    var divisor = UInt128(ratio.divisor) << UInt128(max(0 - shift, 0))
    let (wholeNumerator, wholeDivisor) = (numerator, divisor)
    var (h0, h1): (UInt128, UInt128) = (0, 1)
    var (c0, c1): (UInt128, UInt128) = (1, 0)
    let widest = UInt128(max(outputSteps.upperBound, 0 - outputSteps.lowerBound)) * 2
    var best: (distance: Double, accumulator: Int64)?
    while divisor != 0 {
      let (quotient, rest) = numerator.quotientAndRemainder(dividingBy: divisor)
      guard quotient < 1 << 40 else { break }
      (h0, h1) = (h1, quotient * h1 + h0)
      (c0, c1) = (c1, quotient * c1 + c0)
      (numerator, divisor) = (divisor, rest)
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
