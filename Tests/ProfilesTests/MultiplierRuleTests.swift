import Glibc
import Profiles
import QuantizedArithmetic
import TestSupport
import Testing

@Suite struct MultiplierRuleTests {
  /// In the steps of the usual derivation: `frexp`, `round`, a shift of at most 62.
  private func tosa(_ real: Double, bits: Int) -> (multiplier: Int64, shift: Int) {
    var exponent: Int32 = 0
    var multiplier = Int64(llround(scalbn(frexp(real, &exponent), Int32(bits))))
    if multiplier == 1 << Int64(bits) {
      multiplier /= 2
      exponent += 1
    }
    var shift = bits - Int(exponent)
    if shift > 62 {
      multiplier >>= Int64(min(31, shift - 62))
      shift = 62
    }
    return (multiplier, shift)
  }

  @Test(arguments: [MultiplierRule.bits31ShiftedTo62, .bits15ShiftedTo62])
  func rescaleOperandsAreDerivedInTheUsualWay(rule: MultiplierRule) {
    var random = SplitMix64(seed: 91)
    for _ in 0..<draws(20_000) {
      let real = random.scale(-130...40, bits: random.pick([1, 15, 16, 24, 32, 53]))
      let found = rule.multiplier(of: real)
      let (multiplier, shift) = tosa(real, bits: rule.bits)
      #expect(Int64(found.significand) == multiplier && 31 - found.exponent == shift, "\(real)")
    }
  }

  @Test func aMultiplierJustBelowAPowerOfTwoIsRenormalised() {
    #expect(
      MultiplierRule.bits15ShiftedTo62.multiplier(of: 1 - 0x1p-16)
        == FixedPointMultiplier(significand: 1 << 14, exponent: 17))
    #expect(
      MultiplierRule.bits31ShiftedTo62.multiplier(of: 1 - 0x1p-32)
        == FixedPointMultiplier(significand: 1 << 30, exponent: 1))
  }

  @Test func sixteenBitsOfThirtyOneAreRoundedUpAndNeverOverflow() {
    func reduced(_ real: Double) -> FixedPointMultiplier {
      MultiplierRule.bits31ReducedTo15.multiplier(of: real)
    }
    #expect(reduced(0.5) == FixedPointMultiplier(significand: 1 << 14, exponent: 16))
    // 2^31 − 2^14 would round to 2^15.
    #expect(reduced(1 - 0x1p-17) == FixedPointMultiplier(significand: 0x7FFF, exponent: 16))
    // q = 2^30 + 2^15, a tie, goes up.
    #expect(
      reduced(0.5 + 0x1p-16) == FixedPointMultiplier(significand: (1 << 14) + 1, exponent: 16))
    #expect(reduced(0x1p-33).significand == 0)
  }

  @Test(arguments: MultiplierRule.allCases)
  func whatIsNoMultiplierIsZero(rule: MultiplierRule) {
    for value in [0.0, .infinity, .nan, -1, 0x1p-1074] {
      #expect(rule.multiplier(of: value).significand == 0)
    }
    #expect(rule.multiplier(of: .greatestFiniteMagnitude).significand > 0)
  }
}
