/// A scale that a quantized tensor may have: a finite binary64 number greater than 0.
package struct Scale: Hashable, Sendable {
  /// Real units per quantized step.
  package let value: Double

  /// - Throws: ``QuantizationError`` naming the value when it is negative, zero, NaN or infinite.
  package init(_ value: Double) throws(QuantizationError) {
    if value.isNaN { throw .scaleIsNaN }
    if value.isInfinite { throw .scaleIsInfinite(value) }
    if value == 0 { throw .scaleIsZero }
    if value < 0 { throw .scaleIsNegative(value) }
    self.value = value
  }

  /// The scale exactly, as an integer times a power of two.
  package var binary: BinaryNumber { BinaryNumber(positive: value) }

  /// Whether narrowing to binary32, which is what runtimes store, changes nothing.
  package var isBinary32: Bool { Double(Float(value)) == value }
}

/// `significand × 2^exponent`, exactly: what every binary floating-point number is.
package struct BinaryNumber: Hashable, Sendable {
  /// Odd, or 0; at most 53 bits.
  package let significand: UInt64
  package let exponent: Int

  /// The magnitude of a finite number.
  ///
  /// - Precondition: `value` is finite.
  package init(positive value: Double) {
    let bits = value.bitPattern
    let field = Int((bits >> 52) & 0x7FF)
    let fraction = bits & 0x000F_FFFF_FFFF_FFFF
    // Subnormal numbers have no hidden bit and the exponent of the least normal number.
    let whole = field == 0 ? fraction : fraction | 0x0010_0000_0000_0000
    guard whole != 0 else {
      significand = 0
      exponent = 0
      return
    }
    let zeros = whole.trailingZeroBitCount
    significand = whole >> UInt64(zeros)
    exponent = max(field, 1) - 1_075 + zeros
  }
}
