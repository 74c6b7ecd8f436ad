import BigInt
import QuantizedArithmetic

/// How numbers are written: exactly where they are short, abbreviated where they are not.
struct NumberText {
  /// Whether every digit is written.
  let isFull: Bool

  /// An integer; beyond 21 digits its first eight and the count of all.
  func integer(_ value: BigInt) -> String {
    let digits = String(value.magnitude)
    let sign = value < 0 ? "−" : ""
    guard !isFull, digits.count > 21 else { return sign + digits }
    return "\(sign)\(digits.prefix(8))…[\(digits.count) digits]"
  }

  /// A fraction in lowest terms, or a whole number.
  func rational(_ value: Rational) -> String {
    let lowest = value.inLowestTerms
    guard lowest.denominator != 1 else { return integer(lowest.numerator) }
    return "\(integer(lowest.numerator))/\(denominator(lowest.denominator))"
  }

  /// Scales are powers of two times an integer, and so are most denominators' factors.
  private func denominator(_ value: BigInt) -> String {
    let twos = value.trailingZeroBitCount
    guard !isFull, twos > 20 else { return integer(value) }
    let odd = value >> twos
    return odd == 1 ? "2^\(twos)" : "(2^\(twos)·\(integer(odd)))"
  }

  /// A binary floating-point number in shortest decimal.
  static func decimal(_ value: some BinaryFloatingPoint & CustomStringConvertible) -> String {
    let text = value.description
    let trimmed = text.hasSuffix(".0") ? String(text.dropLast(2)) : text
    return trimmed.replacing("-", with: "−", maxReplacements: trimmed.hasPrefix("-") ? 1 : 0)
  }

  /// A magnitude of an error, where seven digits are plenty.
  static func brief(_ value: Double) -> String {
    let narrow = Float(value)
    return narrow.isNormal ? decimal(narrow) : decimal(value)
  }

  /// `a + b` with the sign of `b` in the operator.
  static func sum(_ a: Int64, _ b: Int64) -> String {
    "\(signed(a)) \(b < 0 ? "−" : "+") \(b.magnitude)"
  }

  /// `significand·2^exponent`, exactly.
  static func exact(_ value: Double) -> String {
    let binary = BinaryNumber(positive: value.magnitude)
    return "\(value < 0 ? "−" : "")\(binary.significand)·2^\(binary.exponent)"
  }

  static func signed(_ value: some BinaryInteger) -> String {
    value < 0 ? "−\(value.magnitude)" : "\(value)"
  }
}

extension Rational {
  /// Whether nothing follows the point.
  var isWhole: Bool { inLowestTerms.denominator == 1 }

  /// The greatest integer that is not greater.
  var floor: BigInt {
    let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
    return remainder.sign == .minus && remainder != 0 ? quotient - 1 : quotient
  }
}

extension String {
  /// Padded with spaces to `width` characters.
  func padded(to width: Int) -> String {
    count >= width ? self : self + String(repeating: " ", count: width - count)
  }

  /// Padded with spaces before it.
  func rightAligned(to width: Int) -> String {
    count >= width ? self : String(repeating: " ", count: width - count) + self
  }
}
