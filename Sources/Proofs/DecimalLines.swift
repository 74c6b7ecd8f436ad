/// Lines of decimal integers with spaces between them, as bytes.
struct DecimalLines {
  private(set) var bytes: [UInt8] = []

  init(reserving count: Int) { bytes.reserveCapacity(count) }

  /// Appends a line of four integers.
  mutating func append(_ first: Int64, _ second: Int64, _ third: Int64, _ fourth: Int64) {
    append(first, then: UInt8(ascii: " "))
    append(second, then: UInt8(ascii: " "))
    append(third, then: UInt8(ascii: " "))
    append(fourth, then: UInt8(ascii: "\n"))
  }

  private mutating func append(_ integer: Int64, then separator: UInt8) {
    // 19 digits, a sign and the separator.
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 21) { text in
      var place = 20
      text[place] = separator
      var rest = integer.magnitude
      repeat {
        let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
        place -= 1
        text[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
        rest = quotient
      } while rest > 0
      if integer < 0 {
        place -= 1
        text[place] = UInt8(ascii: "-")
      }
      bytes.append(contentsOf: UnsafeMutableBufferPointer(rebasing: text[place...]))
    }
  }
}
