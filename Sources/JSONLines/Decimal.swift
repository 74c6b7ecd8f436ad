/// A decimal number, ±`significand` · 10^`exponent`, as the digits of a JSON number say it.
struct Decimal {
  var isNegative = false
  /// The first 19 digits that count: any 19 fit 64 bits.
  private(set) var significand: UInt64 = 0
  var exponent = 0
  /// Whether there were more digits than `significand` holds.
  private(set) var isCut = false
  private var digits = 0

  /// Appends one digit, 0 to 9, before or after the decimal point.
  @inline(__always)
  mutating func append(_ digit: UInt8, isFraction: Bool) {
    if digits < 19 {
      significand = significand &* 10 &+ UInt64(digit)
      // Zeros in front do not count.
      if significand != 0 { digits &+= 1 }
      if isFraction { exponent &-= 1 }
    } else {
      if digit != 0 { isCut = true }
      if !isFraction { exponent &+= 1 }
    }
  }

  /// The nearest binary64, ties to even; infinite if that is out of range.
  ///
  /// - Parameter text: the same number as written, for the cases that are not decided here.
  /// - Returns: a value with the sign of the number, also where it is zero.
  func value(orOf text: UnsafeBufferPointer<UInt8>) -> Double {
    guard let magnitude = fastMagnitude else {
      // The standard library's conversion: slower, and correctly rounded for all lengths.
      return Double(String(decoding: text, as: UTF8.self)) ?? .infinity
    }
    return isNegative ? -magnitude : magnitude
  }

  /// The magnitude where one rounding gives it; `nil` where that takes more.
  private var fastMagnitude: Double? {
    if isCut { return nil }
    if significand == 0 { return 0 }
    // Clinger, "How to read floating point numbers accurately", 1990: both operands are exact,
    // so the one operation rounds once.
    if significand <= 1 << 53, -22...22 ~= exponent {
      let exact = Double(significand)
      return exponent < 0
        ? exact / Self.powersOfTen[0 &- exponent] : exact * Self.powersOfTen[exponent]
    }
    guard -27...(-1) ~= exponent else { return nil }
    return Self.quotient(significand, tenToThe: 0 &- exponent)
  }

  /// `dividend` / 10^`power` rounded once, for `power` in 1...27 and `dividend` > 0.
  ///
  /// Both, without the factor 2^`power`, are moved up to bit 63; the 64-bit quotient Q of
  /// dividend · 2^63 by divisor then lies in 2^62 ..< 2^64, and with bit 0 set where there is a
  /// remainder it rounds to 53 bits as the true quotient does. The result is at least 10^-27, so
  /// the scaling by a power of two is exact.
  private static func quotient(_ dividend: UInt64, tenToThe power: Int) -> Double {
    let divisor = powersOfFive[power]
    let dividendShift = dividend.leadingZeroBitCount
    let divisorShift = divisor.leadingZeroBitCount
    let dividend = dividend &<< UInt64(dividendShift)
    let (quotient, remainder) = (divisor &<< UInt64(divisorShift)).dividingFullWidth(
      (high: dividend &>> 1, low: dividend &<< 63))
    let scale = divisorShift &- dividendShift &- power &- 63
    return Double(remainder == 0 ? quotient : quotient | 1)
      * Double(sign: .plus, exponent: scale, significand: 1)
  }

  /// 10^0 to 10^22, all exact in binary64.
  private static let powersOfTen: [Double] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
  ]

  /// 5^0 to 5^27, all that fit 64 bits.
  private static let powersOfFive: [UInt64] = (0...27).map { power in
    (0..<power).reduce(1) { product, _ in product &* 5 }
  }
}
