import BigInt
import QuantizedArithmetic
import TestSupport
import Testing

/// `first · second / divisor` from the scales' decimal meaning, not from their significands.
private func quotient(_ first: Double, _ second: Double, _ divisor: Double) -> Rational {
  Rational(exactly: first) * Rational(exactly: second) / Rational(exactly: divisor)
}

@Suite struct ScaleRatioTests {
  private func check(_ first: Double, _ second: Double, _ divisor: Double, _ integers: [Int128])
    throws
  {
    let (a, b, c) = (try Scale(first), try Scale(second), try Scale(divisor))
    let ratio = ScaleRatio(a, times: b, over: c)
    let exact = quotient(first, second, divisor)
    #expect(ratio.rational == exact)
    for integer in integers {
      let position = ratio.position(times: integer)
      let expected = (exact * Rational(BigInt(integer))).position
      if position != expected {
        Issue.record("\(integer) · \(first) · \(second) / \(divisor)")
      }
    }
  }

  @Test func positionsAgreeWithRationalNumbers() throws {
    var random = SplitMix64(seed: 8)
    for _ in 0..<draws(3_000) {
      let bits = random.pick([1, 3, 24, 53])
      let (first, second) = (random.scale(-20...3, bits: bits), random.scale(-20...3, bits: bits))
      let divisor = random.scale(-20...3, bits: bits)
      let integers = (0..<6).map { _ in Int128(random.integer(bits: 40)) }
      try check(first, second, divisor, integers + [0, 1, -1])
    }
  }

  @Test func tiesAndTheirNeighboursAreToldApart() throws {
    var random = SplitMix64(seed: 9)
    for _ in 0..<draws(2_000) {
      // D = m · 2^−n: multiples of 2^(n − 1) are ties or whole numbers.
      let n = 1 + random.below(20)
      let m = Double(1 + random.below(1_000))
      let step = Int128(1) << Int128(n - 1)
      let near = Int128(random.integer(bits: 20)) * step
      try check(
        m, Double(sign: .plus, exponent: 0 - n, significand: 1), 1, [near - 1, near, near + 1])
    }
  }

  @Test func integersBeyond64BitsAreMultiplied() throws {
    var random = SplitMix64(seed: 10)
    let ends: [Int128] = [
      Int128(Int64.max) + 1, Int128(Int64.min) * 2 + 1, Int128(UInt64.max), 0 - Int128(UInt64.max),
      Int128(Int64.min),
    ]
    for _ in 0..<draws(1_000) {
      let divisor = random.scale(30...70, bits: 53)
      try check(random.scale(-3...3, bits: 53), random.scale(-3...3, bits: 53), divisor, ends)
    }
  }

  @Test func scalesAtTheEndsOfTheRangeAreMultiplied() throws {
    let ends = [
      0x1p-1074, 3 * 0x1p-1074, 0x1p-1022, 0x1p-149, 0x1p-126, 1, 0x1.fffffep127,
      0x1.fffffffffffffp1023,
    ]
    let integers: [Int128] = [0, 1, -1, 3, -3, 1 << 31, -(1 << 31), Int128(UInt64.max)]
    for first in ends {
      for second in ends {
        for divisor in ends { try check(first, second, divisor, integers) }
      }
    }
  }

  @Test func quotientsOfOneScaleAndOfAConstantAgreeWithRationalNumbers() throws {
    var random = SplitMix64(seed: 11)
    for _ in 0..<draws(2_000) {
      let (first, divisor) = (random.scale(-30...3, bits: 53), random.scale(-30...3, bits: 53))
      let ratio = ScaleRatio(try Scale(first), over: try Scale(divisor))
      let exact = Rational(exactly: first) / Rational(exactly: divisor)
      let integer = random.integer(bits: 20)
      #expect(ratio.rational == exact)
      #expect(ratio.position(times: Int128(integer)) == (exact * Rational(integer)).position)
      let six = ScaleRatio(6, over: try Scale(divisor))
      #expect(six.rational == Rational(6) / Rational(exactly: divisor))
      #expect(six.position(times: 1) == six.rational.position)
    }
  }
}
