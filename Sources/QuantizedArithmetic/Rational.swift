package import BigInt

/// An exact rational number.
///
/// For what has to be exact at any size and need not be fast: the comparison of the forms of the
/// derivation, printed values, and sums of terms whose scales lie far apart. A sum or product is not
/// brought to lowest terms, which would cost more than it saves; printing and hashing do that.
package struct Rational: Hashable, Sendable, Comparable, CustomStringConvertible {
  package let numerator: BigInt
  /// Greater than 0.
  package let denominator: BigInt

  /// `numerator / denominator`.
  ///
  /// - Precondition: `denominator` is not 0.
  package init(_ numerator: BigInt, over denominator: BigInt = 1) {
    precondition(denominator != 0, "a rational number has no denominator 0")
    if denominator.sign == .minus {
      self.init(reduced: -numerator, -denominator)
    } else {
      self.init(reduced: numerator, denominator)
    }
  }

  private init(reduced numerator: BigInt, _ denominator: BigInt) {
    self.numerator = numerator
    self.denominator = denominator
  }

  /// The same number with coprime numerator and denominator.
  package var inLowestTerms: Rational {
    let divisor = numerator.greatestCommonDivisor(with: denominator)
    guard divisor > 1 else {
      return numerator == 0 ? Rational(reduced: 0, 1) : self
    }
    return Rational(reduced: numerator / divisor, denominator / divisor)
  }

  package static func == (left: Rational, right: Rational) -> Bool {
    left.numerator * right.denominator == right.numerator * left.denominator
  }

  package func hash(into hasher: inout Hasher) {
    let lowest = inLowestTerms
    hasher.combine(lowest.numerator)
    hasher.combine(lowest.denominator)
  }

  package init(_ integer: some BinaryInteger) {
    self.init(reduced: BigInt(integer), 1)
  }

  /// A finite binary floating-point number, exactly.
  ///
  /// - Precondition: `value` is finite.
  package init(exactly value: Double) {
    let binary = BinaryNumber(positive: value.magnitude)
    let significand = BigInt(binary.significand) * (value < 0 ? -1 : 1)
    if binary.exponent >= 0 {
      self.init(reduced: significand << binary.exponent, 1)
    } else {
      // The significand is odd, so nothing cancels.
      self.init(reduced: significand, significand == 0 ? 1 : BigInt(1) << -binary.exponent)
    }
  }

  package static let zero = Rational(0)

  package static func + (left: Rational, right: Rational) -> Rational {
    Rational(
      left.numerator * right.denominator + right.numerator * left.denominator,
      over: left.denominator * right.denominator)
  }

  package static func - (left: Rational, right: Rational) -> Rational {
    Rational(
      left.numerator * right.denominator - right.numerator * left.denominator,
      over: left.denominator * right.denominator)
  }

  package static func * (left: Rational, right: Rational) -> Rational {
    Rational(left.numerator * right.numerator, over: left.denominator * right.denominator)
  }

  /// - Precondition: `right` is not 0.
  package static func / (left: Rational, right: Rational) -> Rational {
    Rational(left.numerator * right.denominator, over: left.denominator * right.numerator)
  }

  package static func < (left: Rational, right: Rational) -> Bool {
    left.numerator * right.denominator < right.numerator * left.denominator
  }

  package var magnitude: Rational { Rational(reduced: BigInt(numerator.magnitude), denominator) }

  /// Where the number lies between two integers; saturated at ``ExactPosition/limit``.
  package var position: ExactPosition {
    let (quotient, remainder) = (numerator.magnitude * 2).quotientAndRemainder(
      dividingBy: denominator.magnitude)
    let halves = UInt64(clamping: quotient)
    let position = ExactPosition(halves: halves, isInexact: remainder != 0)
    return numerator < 0 ? position.negated : position
  }

  /// The nearest double, ties to even; infinite where it is too large.
  package var approximation: Double {
    guard numerator != 0 else { return 0 }
    let magnitude = numerator.magnitude
    // A quotient of 64 to 65 bits, with a sticky bit for the rest, is rounded once.
    let shift = 65 - magnitude.bitWidth + denominator.magnitude.bitWidth
    let scaled = shift >= 0 ? magnitude << shift : magnitude
    let divisor = shift >= 0 ? denominator.magnitude : denominator.magnitude << -shift
    let (quotient, remainder) = scaled.quotientAndRemainder(dividingBy: divisor)
    let sticky = remainder == 0 ? quotient : quotient | 1
    let trimmed = sticky.bitWidth - 64
    let kept =
      UInt64(truncatingIfNeeded: sticky >> trimmed)
      | UInt64(truncatingIfNeeded: sticky & 3 == 0 ? 0 : 1)
    let exponent = trimmed - shift
    let value: Double
    if exponent < -1_085 {
      // Fewer than 53 bits lie above 2^−1074: they are cut here, so that scaling rounds no second time.
      let narrow = Int64(kept >> 2) | (kept & 3 == 0 ? 0 : 1)
      let count = -1_076 - exponent
      let units = count <= 62 ? narrow.shifted(rightBy: count, rounding: .toNearestOrEven) : 0
      value = Double(sign: .plus, exponent: -1_074, significand: Double(units))
    } else {
      value = Double(sign: .plus, exponent: exponent, significand: Double(kept))
    }
    return numerator < 0 ? -value : value
  }

  /// `numerator/denominator` in lowest terms, or only the numerator where it is a whole number.
  package var description: String {
    let lowest = inLowestTerms
    return lowest.denominator == 1
      ? String(lowest.numerator) : "\(String(lowest.numerator))/\(String(lowest.denominator))"
  }
}
