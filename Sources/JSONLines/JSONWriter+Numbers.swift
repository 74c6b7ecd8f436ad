extension JSONWriter {
  /// Writes an integer.
  @inlinable package mutating func integer(_ value: Int) { integer(Int64(value)) }

  /// Writes an integer.
  package mutating func integer(_ value: Int64) {
    digits(value.magnitude, isNegative: value < 0, isQuoted: false)
  }

  /// Writes an integer.
  package mutating func integer(_ value: UInt64) {
    digits(value, isNegative: false, isQuoted: false)
  }

  /// Writes an integer; one outside ±2^53, which readers that know binary64 only would round,
  /// as a string.
  package mutating func portableInteger(_ value: Int64) {
    digits(value.magnitude, isNegative: value < 0, isQuoted: value.magnitude > 1 << 53)
  }

  /// Writes an integer; one above 2^53, which readers that know binary64 only would round, as a
  /// string.
  package mutating func portableInteger(_ value: UInt64) {
    digits(value, isNegative: false, isQuoted: value > 1 << 53)
  }

  /// Writes a number in the shortest decimal digits that read back as the same binary64.
  ///
  /// The form is that of Swift's `description` without a final `.0`: `1`, `0.05`, `1e-05`,
  /// `1e-40`, `1e+16`, with an exponent below 10^-4 and above 2^53. Foundation's `JSONEncoder`
  /// writes the same bytes; Python's `json` reads and writes them back unchanged (but for a few
  /// whole numbers between 2^53 and 10^16). Minus zero alone keeps its `.0`: readers that take
  /// numbers without a point for integers, as Python's does, would lose its sign. What JSON has no
  /// numbers for becomes one of the strings `"NaN"` (of any sign and payload), `"Infinity"`,
  /// `"-Infinity"`.
  package mutating func number(_ value: Double) {
    guard value.isFinite else {
      string(plain: value.isNaN ? "NaN" : value > 0 ? "Infinity" : "-Infinity")
      return
    }
    if let whole = Int64(exactly: value), whole.magnitude < 1 << 53,
      whole != 0 || value.sign == .plus
    {
      integer(whole)
      return
    }
    separate()
    guard value != 0 else {
      storage.append(contentsOf: "-0.0".utf8)
      return
    }
    var text = value.description
    text.withUTF8 { digits in
      let isWhole =
        digits.count > 2 && digits[digits.count &- 1] == ASCII.zero
        && digits[digits.count &- 2] == UInt8(ascii: ".")
      storage.append(contentsOf: digits.dropLast(isWhole ? 2 : 0))
    }
  }

  /// Writes the comma where one is due, and the digits.
  private mutating func digits(_ magnitude: UInt64, isNegative: Bool, isQuoted: Bool) {
    let comma = takeComma()
    // 20 digits, a sign, two quotes and a comma.
    extend(by: 24) { target in
      var next = target
      if comma { next = put(ASCII.comma, next) }
      if isQuoted { next = put(ASCII.quote, next) }
      if isNegative { next = put(ASCII.minus, next) }
      var count = 1
      var bound: UInt64 = 10
      while count < 20, magnitude >= bound {
        count &+= 1
        bound = count < 20 ? bound &* 10 : bound
      }
      var rest = magnitude
      for place in stride(from: count &- 1, through: 0, by: -1) {
        let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
        next[place] = ASCII.zero &+ UInt8(truncatingIfNeeded: digit)
        rest = quotient
      }
      next += count
      if isQuoted { next = put(ASCII.quote, next) }
      return next - target
    }
  }
}
