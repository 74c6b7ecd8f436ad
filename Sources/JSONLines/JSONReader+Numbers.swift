extension JSONReader {
  /// Reads a number written as an integer, exactly.
  ///
  /// A fraction or an exponent is refused, even in `1.0` and `1e3`. `-0` is 0.
  ///
  /// - Throws: ``JSONError`` where none stands, or one outside 64 bits.
  package mutating func readInt64() throws(JSONError) -> Int64 {
    skipWhitespace()
    let start = position
    let (isNegative, magnitude) = try scanInteger()
    return try signed(isNegative, magnitude, start)
  }

  /// Reads a number written as an integer that is not negative, exactly; `-0` is 0.
  ///
  /// - Throws: ``JSONError`` where none stands, or one outside 64 bits.
  package mutating func readUInt64() throws(JSONError) -> UInt64 {
    skipWhitespace()
    let start = position
    let (isNegative, magnitude) = try scanInteger()
    return try unsigned(isNegative, magnitude, start)
  }

  /// Reads an integer as `JSONWriter.portableInteger` writes it: a number, or a string of the
  /// same form.
  ///
  /// Any size is accepted in both.
  ///
  /// - Throws: ``JSONError`` where none stands, or one outside 64 bits.
  package mutating func readPortableInt64() throws(JSONError) -> Int64 {
    skipWhitespace()
    let start = position
    let (isNegative, magnitude) = try scanPortableInteger()
    return try signed(isNegative, magnitude, start)
  }

  /// Reads an integer as `JSONWriter.portableInteger` writes it: a number, or a string of the
  /// same form.
  ///
  /// Any size is accepted in both.
  ///
  /// - Throws: ``JSONError`` where none stands, or one that is negative or outside 64 bits.
  package mutating func readPortableUInt64() throws(JSONError) -> UInt64 {
    skipWhitespace()
    let start = position
    let (isNegative, magnitude) = try scanPortableInteger()
    return try unsigned(isNegative, magnitude, start)
  }

  /// Reads a number, rounded to the nearest binary64, ties to even; or one of the strings `"NaN"`,
  /// `"Infinity"`, `"-Infinity"`, which stand for what JSON has no numbers for.
  ///
  /// What is too small becomes a subnormal or zero, with its sign.
  ///
  /// - Throws: ``JSONError`` where neither stands, or at a number that rounds to infinity.
  package mutating func readDouble() throws(JSONError) -> Double {
    skipWhitespace()
    if position < bytes.count, bytes[position] == ASCII.quote {
      let text = try scanText()
      switch text {
      case "NaN": return .nan
      case "Infinity": return .infinity
      case "-Infinity": return -.infinity
      default:
        throw failure(at: text.offset, found: text.description, expected: "a number")
      }
    }
    let start = position
    let decimal = try scanNumber()
    let value = decimal.value(orOf: UnsafeBufferPointer(rebasing: bytes[start..<position]))
    guard value.isFinite else {
      throw failure(at: start, found: "a larger one", expected: "a number of binary64")
    }
    return value
  }
}

extension JSONReader {
  private func signed(
    _ isNegative: Bool, _ magnitude: UInt64, _ start: Int
  ) throws(JSONError) -> Int64 {
    if isNegative, magnitude <= Int64.min.magnitude {
      return Int64(truncatingIfNeeded: 0 &- magnitude)
    }
    if !isNegative, let value = Int64(exactly: magnitude) { return value }
    throw failure(at: start, found: "a larger one", expected: "an integer of 64 bits")
  }

  private func unsigned(
    _ isNegative: Bool, _ magnitude: UInt64, _ start: Int
  ) throws(JSONError) -> UInt64 {
    if isNegative, magnitude != 0 {
      throw failure(at: start, expected: "an integer of at least 0")
    }
    return magnitude
  }

  private mutating func scanPortableInteger() throws(JSONError) -> (Bool, UInt64) {
    guard position < bytes.count, bytes[position] == ASCII.quote else { return try scanInteger() }
    position &+= 1
    let value = try scanInteger()
    guard position < bytes.count, bytes[position] == ASCII.quote else {
      throw failure(expected: "the end of a string with an integer")
    }
    position &+= 1
    return value
  }

  /// Sign and magnitude of the integer at `position`.
  private mutating func scanInteger() throws(JSONError) -> (Bool, UInt64) {
    let start = position
    let isNegative = start < bytes.count && bytes[start] == ASCII.minus
    if isNegative { position &+= 1 }
    let firstDigit = position
    var magnitude: UInt64 = 0
    while position < bytes.count, ASCII.zero...ASCII.nine ~= bytes[position] {
      let digit = UInt64(bytes[position] &- ASCII.zero)
      if position &- firstDigit < 19 {
        magnitude = magnitude &* 10 &+ digit
      } else {
        let (tenfold, overflowed) = magnitude.multipliedReportingOverflow(by: 10)
        let (sum, carried) = tenfold.addingReportingOverflow(digit)
        guard !overflowed, !carried else {
          throw failure(at: start, found: "a larger one", expected: "an integer of 64 bits")
        }
        magnitude = sum
      }
      position &+= 1
    }
    guard position > firstDigit else { throw failure(expected: "an integer") }
    guard bytes[firstDigit] != ASCII.zero || position &- firstDigit == 1 else {
      throw failure(at: firstDigit, expected: "no zero before other digits")
    }
    if position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"):
        throw failure(expected: "an integer without fraction or exponent")
      default: break
      }
    }
    return (isNegative, magnitude)
  }

  /// Steps over a number, by the grammar of RFC 8259, section 6.
  mutating func scanNumber() throws(JSONError) -> Decimal {
    var decimal = Decimal()
    if position < bytes.count, bytes[position] == ASCII.minus {
      decimal.isNegative = true
      position &+= 1
    }
    let start = position
    try scanDigits { decimal.append($0, isFraction: false) }
    guard bytes[start] != ASCII.zero || position &- start == 1 else {
      throw failure(at: start, expected: "no zero before other digits")
    }
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      position &+= 1
      try scanDigits { decimal.append($0, isFraction: true) }
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      position &+= 1
      var isNegative = false
      if position < bytes.count {
        isNegative = bytes[position] == ASCII.minus
        if isNegative || bytes[position] == UInt8(ascii: "+") { position &+= 1 }
      }
      var exponent = 0
      // Held where no line can be long enough to bring the value back into range.
      try scanDigits { exponent = min(exponent &* 10 &+ Int($0), 1 << 40) }
      decimal.exponent &+= isNegative ? 0 &- exponent : exponent
    }
    return decimal
  }

  /// Steps over one digit or more.
  @inline(__always)
  private mutating func scanDigits(_ body: (UInt8) -> Void) throws(JSONError) {
    let start = position
    while position < bytes.count, ASCII.zero...ASCII.nine ~= bytes[position] {
      body(bytes[position] &- ASCII.zero)
      position &+= 1
    }
    guard position > start else { throw failure(expected: "a digit") }
  }
}
