import QuantizedArithmetic
import TestSupport
import Testing

@Suite struct ScaleTests {
  @Test func aNumberThatIsNoScaleIsRefusedByName() {
    #expect(throws: QuantizationError.scaleIsNaN) { try Scale(.nan) }
    #expect(throws: QuantizationError.scaleIsNaN) { try Scale(.signalingNaN) }
    #expect(throws: QuantizationError.scaleIsInfinite(.infinity)) { try Scale(.infinity) }
    #expect(throws: QuantizationError.scaleIsInfinite(-.infinity)) { try Scale(-.infinity) }
    #expect(throws: QuantizationError.scaleIsZero) { try Scale(0) }
    #expect(throws: QuantizationError.scaleIsZero) { try Scale(-0.0) }
    #expect(throws: QuantizationError.scaleIsNegative(-0.25)) { try Scale(-0.25) }
    #expect(throws: QuantizationError.scaleIsNegative(-0x1p-1074)) { try Scale(-0x1p-1074) }
  }

  @Test(arguments: [
    0x1p-1074, 0x1p-1022, 0x1p-149, 1, 0x1.fffffep127, Double.greatestFiniteMagnitude,
  ])
  func everyPositiveFiniteNumberIsAScale(value: Double) throws {
    #expect(try Scale(value).value == value)
  }

  @Test func messagesNameTheValueAndTheBounds() {
    let error = QuantizationError.scaleIsNegative(-0.25)
    #expect(error.description.contains("-0.25") && error.description.contains("greater than 0"))
    let outside = QuantizationError.zeroPointOutOfRange(128, .int8)
    #expect(outside.description.contains("-128...127") && outside.description.contains("128"))
    #expect(QuantizationError.rangeIsReversed(2, 1).description.contains("[2.0, 1.0]"))
  }

  @Test(arguments: [
    (0x1p-149, true), (0x1.8p-149, false), (0x1p-150, false), (0.1, false),
    (Double(Float(0.1)), true),
    (0x1.fffffep127, true), (0x1p128, false),
  ])
  func binary32ScalesAreTold(value: Double, isBinary32: Bool) throws {
    #expect(try Scale(value).isBinary32 == isBinary32)
  }
}

@Suite struct BinaryNumberTests {
  /// The value as a double again, by powers that are exact in every step but the last.
  private func value(_ number: BinaryNumber) -> Double {
    let (first, second) = (number.exponent / 2, number.exponent - number.exponent / 2)
    return Double(number.significand) * Double(sign: .plus, exponent: first, significand: 1)
      * Double(sign: .plus, exponent: second, significand: 1)
  }

  private func check(_ double: Double) {
    let number = BinaryNumber(positive: double)
    let isReduced = number.significand & 1 == 1 || double == 0
    if value(number) != double || !isReduced || number.significand >= 1 << 53 {
      Issue.record("\(double) gives \(number.significand) · 2^\(number.exponent)")
    }
  }

  @Test func randomBitPatternsAreReproduced() {
    var random = SplitMix64(seed: 3)
    for _ in 0..<draws(100_000) { check(random.anyPositiveDouble()) }
  }

  @Test func subnormalNumbersAreReproduced() {
    var random = SplitMix64(seed: 4)
    for _ in 0..<draws(20_000) { check(Double(bitPattern: random.next() >> 12)) }
    for shift in UInt64(0)..<52 { check(Double(bitPattern: 1 << shift)) }
  }

  @Test func theEndsOfTheRangeAreReproduced() {
    for double in [
      0, 0x1p-1074, 0x1p-1022, (0x1p-1022).nextDown, (0x1p-1022).nextUp, 0x1p1023,
      Double.greatestFiniteMagnitude, 1, (1.0).nextDown, (1.0).nextUp,
    ] {
      check(double)
    }
    #expect(BinaryNumber(positive: 0x1p-1074) == BinaryNumber(positive: 0x1p-1074))
    #expect(BinaryNumber(positive: 0x1p-1074).exponent == -1_074)
    #expect(BinaryNumber(positive: 0).significand == 0)
  }
}
