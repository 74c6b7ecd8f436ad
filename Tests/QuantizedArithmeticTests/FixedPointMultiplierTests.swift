import Glibc
import QuantizedArithmetic
import TestSupport
import Testing

/// `QuantizeMultiplier` as TFLite writes it, with the C library's `frexp` and `llround`.
private func model(_ real: Double) -> (significand: Int64, shift: Int32) {
  if real == 0 { return (0, 0) }
  var shift: Int32 = 0
  let fraction = frexp(real, &shift)
  var significand = Int64(llround(fraction * 0x1p31))
  if significand == 1 << 31 {
    significand /= 2
    shift += 1
  }
  if shift < -31 { return (0, 0) }
  return (significand, shift)
}

private func check(_ real: Double) {
  let multiplier = FixedPointMultiplier(real)
  let expected = model(real)
  if Int64(multiplier.significand) != expected.significand
    || multiplier.exponent != Int(expected.shift)
  {
    Issue.record("\(real): \(multiplier), not \(expected)")
  }
}

@Suite struct FixedPointMultiplierTests {
  @Test func randomMultipliersAgreeWithTheCLibrary() {
    var random = SplitMix64(seed: 5)
    for _ in 0..<draws(200_000) {
      check(random.scale(-40...33, bits: 53))
      check(random.anyPositiveDouble())
    }
  }

  @Test func multipliersHalfWayBetweenTwoAgreeWithTheCLibrary() {
    var random = SplitMix64(seed: 6)
    for _ in 0..<draws(50_000) {
      // 32 significant bits, the last one set: a tie of the 31-bit significand.
      let odd = (random.next() >> 33) << 1 | 1 | 1 << 31
      let tie = Double(odd) * Double(sign: .plus, exponent: random.below(60) - 60, significand: 1)
      for real in [tie, tie.nextUp, tie.nextDown] { check(real) }
    }
  }

  @Test func powersOfTwoAndTheirNeighboursAgreeWithTheCLibrary() {
    for exponent in -1_074...1_023 {
      let power = Double(sign: .plus, exponent: exponent, significand: 1)
      for real in [power.nextDown, power, power.nextUp] where real.isFinite { check(real) }
      // The greatest number that does not round up to the power, and the least that does.
      let edge = power * (1 - 0x1p-32)
      for real in [edge.nextDown, edge, edge.nextUp] { check(real) }
    }
    check(0)
    check(.greatestFiniteMagnitude)
  }

  @Test func justBelowTwoToTheMinus32IsRoundedUpBeforeItIsFlushed() {
    // Rounds to 2^−32 = 0.5 · 2^−31, whose shift is still allowed; TFLite checks it after rounding.
    let kept = FixedPointMultiplier((0x1p-32).nextDown)
    #expect(kept == FixedPointMultiplier(significand: 1 << 30, exponent: -31))
    #expect(FixedPointMultiplier(0x1p-33) == FixedPointMultiplier(significand: 0, exponent: 0))
  }

  /// Multipliers that TensorFlow Lite Micro and LiteRT were seen to use.
  @Test func multipliersOfRealRuntimesAreFound() {
    let (input, weights, output) = (0.005545392166823149, 0.11393209546804428, 39.86662292480469)
    let micro = FixedPointMultiplier(input * weights / output)
    #expect(micro.significand == 1_115_189_577)
    let lite = FixedPointMultiplier(Double(Float(input) * Float(weights)) / output)
    #expect(lite.significand == 1_115_189_622)
    #expect(micro.exponent == lite.exponent)
  }

  @Test(arguments: [-1.0, -.infinity, .infinity, .nan, -0.0])
  func whatIsNoMultiplierBecomesZero(real: Double) {
    #expect(FixedPointMultiplier(real) == FixedPointMultiplier(significand: 0, exponent: 0))
  }

  @Test func theValueIsSignificandTimesPower() {
    var random = SplitMix64(seed: 7)
    for _ in 0..<draws(10_000) {
      let multiplier = FixedPointMultiplier(random.scale(-30...40, bits: 53))
      let value = scalbn(Double(multiplier.significand), Int32(multiplier.exponent - 31))
      if multiplier.value != value { Issue.record("\(multiplier)") }
    }
  }

  @Test func exponentsAbove30BecomeTheGreatestMultiplierOfSingleRounding() {
    let greatest = FixedPointMultiplier(significand: .max, exponent: 30)
    #expect(FixedPointMultiplier(0x1p30).limitedForSingleRounding == greatest)
    #expect(FixedPointMultiplier(1e300).limitedForSingleRounding == greatest)
    let allowed = FixedPointMultiplier(0x1p29)
    #expect(allowed.exponent == 30 && allowed.limitedForSingleRounding == allowed)
  }
}
