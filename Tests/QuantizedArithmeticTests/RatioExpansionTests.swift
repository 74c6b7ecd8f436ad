import BigInt
import QuantizedArithmetic
import TestSupport
import Testing

@Suite struct RatioExpansionTests {
  /// `|head + tail − integer · ratio| / |integer · ratio|`, exactly.
  private func relativeError(_ ratio: ScaleRatio, _ expansion: RatioExpansion, _ integer: Int64)
    -> Rational
  {
    let (head, tail) = expansion.product(integer)
    let found = Rational(exactly: head) + Rational(exactly: tail)
    let exact = ratio.rational * Rational(integer)
    return (found - exact).magnitude / exact.magnitude
  }

  private func ratio(_ random: inout SplitMix64) throws -> ScaleRatio {
    let bits = random.pick([1, 4, 24, 53])
    return ScaleRatio(
      try Scale(random.scale(-100...100, bits: bits)),
      times: try Scale(random.scale(-100...100, bits: bits)),
      over: try Scale(random.scale(-100...100, bits: bits)))
  }

  @Test func productsWith32BitIntegersStayWithinTheBound() throws {
    var random = SplitMix64(seed: 12)
    let bound = Rational(exactly: RatioExpansion.relativeError)
    var worst = Rational.zero
    for _ in 0..<draws(10_000) {
      let ratio = try ratio(&random)
      let expansion = RatioExpansion(ratio)
      #expect(expansion.isUsable)
      let integers: [Int64] = [
        random.integer(bits: 12), random.integer(bits: 32), 1 << 32, -(1 << 32),
      ]
      for integer in integers where integer != 0 {
        let error = relativeError(ratio, expansion, integer)
        worst = max(worst, error)
        if error > bound { Issue.record("\(integer) · \(ratio): \(error.approximation)") }
      }
    }
    // The bound means something: some product errs by more than a 64th of it.
    #expect(worst > bound / Rational(64))
  }

  @Test func productsWith64BitIntegersStayWithinThreeTimesTheBound() throws {
    var random = SplitMix64(seed: 13)
    let bound = Rational(exactly: RatioExpansion.relativeError) * Rational(3)
    for _ in 0..<draws(10_000) {
      let ratio = try ratio(&random)
      let expansion = RatioExpansion(ratio)
      let integers: [Int64] = [
        random.integer(bits: 63), .max, .min, (1 << 32) + 1, -(1 << 32) - 1,
      ]
      for integer in integers {
        let error = relativeError(ratio, expansion, integer == 0 ? 1 : integer)
        if error > bound { Issue.record("\(integer) · \(ratio): \(error.approximation)") }
      }
    }
  }

  @Test func partsOf21BitsMakeProductsExact() throws {
    var random = SplitMix64(seed: 14)
    for _ in 0..<draws(2_000) {
      let expansion = RatioExpansion(try ratio(&random))
      for part in [expansion.leading, expansion.middle] {
        #expect(BinaryNumber(positive: part).significand < 1 << 21)
      }
    }
  }

  @Test func ratiosNearTheEndsOfTheRangeAreNotUsed() throws {
    let (tiny, huge) = (try Scale(0x1p-1000), try Scale(0x1p1000))
    let one = try Scale(1)
    #expect(!RatioExpansion(ScaleRatio(tiny, times: one, over: one)).isUsable)
    #expect(!RatioExpansion(ScaleRatio(huge, times: one, over: one)).isUsable)
    #expect(!RatioExpansion(ScaleRatio(tiny, times: tiny, over: huge)).isUsable)
    #expect(!RatioExpansion(ScaleRatio(huge, times: huge, over: tiny)).isUsable)
    #expect(RatioExpansion(ScaleRatio(tiny, times: huge, over: one)).isUsable)
  }
}
