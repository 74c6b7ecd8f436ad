import BigInt
import Glibc
import QuantizedArithmetic
import TestSupport
import Testing

@Suite struct RationalTests {
  private func rational(_ random: inout SplitMix64) -> Rational {
    let bits = random.pick([4, 16, 62])
    let denominator = random.integer(bits: bits)
    return Rational(
      BigInt(random.integer(bits: bits)), over: BigInt(denominator == 0 ? 1 : denominator))
  }

  @Test func additionAndMultiplicationFormAField() {
    var random = SplitMix64(seed: 15)
    for _ in 0..<draws(3_000) {
      let (a, b, c) = (rational(&random), rational(&random), rational(&random))
      #expect(a + b == b + a && a * b == b * a)
      #expect((a + b) + c == a + (b + c))
      #expect((a * b) * c == a * (b * c))
      #expect(a * (b + c) == a * b + a * c)
      #expect(a - a == .zero && a + .zero == a && a * Rational(1) == a)
      #expect(a - b == a + (Rational.zero - b))
      if b != .zero { #expect(a / b * b == a) }
    }
  }

  @Test func resultsHaveLowestTermsAndAPositiveDenominator() {
    var random = SplitMix64(seed: 16)
    for _ in 0..<draws(3_000) {
      let (a, b) = (rational(&random), rational(&random))
      for value in [a, a + b, a - b, a * b, b == .zero ? a : a / b, a.magnitude] {
        #expect(value.denominator > 0)
        let lowest = value.inLowestTerms
        #expect(lowest == value && lowest.hashValue == value.hashValue)
        #expect(lowest.denominator > 0)
        #expect(lowest.numerator.greatestCommonDivisor(with: lowest.denominator) == 1)
      }
    }
  }

  @Test func orderIsTheSignOfTheDifference() {
    var random = SplitMix64(seed: 17)
    for _ in 0..<draws(3_000) {
      let (a, b) = (rational(&random), rational(&random))
      #expect((a < b) == ((a - b).numerator < 0))
    }
    #expect(Rational(-1, over: 3) < Rational(-1, over: 4))
    #expect(Rational(1, over: -3) == Rational(-1, over: 3))
  }

  @Test func doublesAreTakenExactly() {
    #expect(Rational(exactly: 0.75) == Rational(3, over: 4))
    #expect(
      Rational(exactly: -0.1) == Rational(-3_602_879_701_896_397, over: 36_028_797_018_963_968))
    #expect(Rational(exactly: 0x1p-1074) == Rational(1, over: BigInt(1) << 1_074))
    #expect(Rational(exactly: 0x1p1023) == Rational(BigInt(1) << 1_023))
    #expect(Rational(exactly: -0.0) == .zero)
  }

  @Test func textIsAFractionOrAWholeNumber() {
    #expect(Rational(6, over: -16).description == "-3/8")
    #expect(Rational(12, over: 4).description == "3")
    #expect(Rational.zero.description == "0")
  }

  @Test func approximationOfADoubleIsTheDouble() {
    var random = SplitMix64(seed: 18)
    for _ in 0..<draws(3_000) {
      let value = random.anyPositiveDouble()
      #expect(Rational(exactly: value).approximation == value)
      #expect(Rational(exactly: -value).approximation == -value)
    }
    for value in [0, 0x1p-1074, 0x1p-1022, (0x1p-1022).nextDown, .greatestFiniteMagnitude] {
      #expect(Rational(exactly: value).approximation == value)
    }
  }

  @Test func approximationOfAnIntegerIsTheStandardLibrarys() {
    var random = SplitMix64(seed: 19)
    for _ in 0..<draws(10_000) {
      let integer = random.integer(bits: 63)
      if Rational(integer).approximation != Double(integer) { Issue.record("\(integer)") }
    }
    // Ties of the 53-bit significand, to either side.
    let ends: [Int64] = [.max, .min, 0x20_0000_0000_0001, 0x40_0000_0000_0002, 0x40_0000_0000_0006]
    for integer in ends {
      #expect(Rational(integer).approximation == Double(integer))
    }
  }

  @Test func approximationOfAQuotientIsTheCorrectlyRoundedDivision() {
    // The division of two doubles is correctly rounded by the hardware.
    var random = SplitMix64(seed: 20)
    for _ in 0..<draws(10_000) {
      let (a, b) = (random.integer(bits: 52), random.integer(bits: 52) | 1)
      if Rational(BigInt(a), over: BigInt(b)).approximation != Double(a) / Double(b) {
        Issue.record("\(a)/\(b)")
      }
      // Results of any exponent, subnormal ones included.
      let (x, y) = (random.anyPositiveDouble(), random.anyPositiveDouble())
      if (Rational(exactly: x) / Rational(exactly: y)).approximation != x / y {
        Issue.record("\(x)/\(y)")
      }
    }
  }

  @Test func approximationOfSubnormalNumbersIsRoundedOnce() {
    // Multiples of half the least subnormal number, and a little beside them: by less than a
    // binary64 significand can show.
    func approximation(halves: BigInt, and little: BigInt) -> Double {
      let fine = BigInt(1) << 80
      return Rational(halves * fine + little, over: (BigInt(1) << 1_075) * fine).approximation
    }
    #expect(approximation(halves: 1, and: 0) == 0)
    #expect(approximation(halves: 1, and: 1) == 0x1p-1074)
    #expect(approximation(halves: 1, and: -1) == 0)
    #expect(approximation(halves: 3, and: 1) == 0x1p-1073)
    #expect(approximation(halves: 3, and: -1) == 0x1p-1074)
    #expect(approximation(halves: 5, and: 0) == 0x1p-1073)
    #expect(approximation(halves: 5, and: -1) == 0x1p-1073)
    #expect(approximation(halves: 5, and: 1) == 3 * 0x1p-1074)
    #expect(Rational(1, over: BigInt(1) << 5_000).approximation == 0)
  }

  @Test func approximationBeyondTheRangeIsInfinite() {
    #expect(Rational(BigInt(1) << 1_024).approximation == .infinity)
    #expect(Rational(0 - (BigInt(1) << 5_000)).approximation == -.infinity)
    // Less than half a unit above the greatest number stays finite, half a unit does not.
    let edge = (BigInt(1) << 1_024) - (BigInt(1) << 970)
    #expect(Rational(edge - 1).approximation == .greatestFiniteMagnitude)
    #expect(Rational(edge).approximation == .infinity)
  }
}
