/// The integer type that a tensor is stored in.
///
/// A value and not a type parameter: the oracle and the reference widen every element once and are
/// then compiled once for all widths.
package enum ElementType: String, CaseIterable, Hashable, Codable, Sendable {
  case int8
  case uint8
  case int16
  /// Bias and accumulator only.
  case int32
  /// Bias of a layer with 16-bit inputs only.
  case int64

  /// The types that inputs, weights and outputs may have.
  package static let quantized: [ElementType] = [.int8, .uint8, .int16]

  /// The representable integers; `-128...127` for ``int8``.
  package var range: ClosedRange<Int64> {
    switch self {
    case .int8: -128...127
    case .uint8: 0...255
    case .int16: -32_768...32_767
    case .int32: -2_147_483_648...2_147_483_647
    case .int64: .min ... .max
    }
  }

  /// 0 to 4, in the order of the cases.
  package var code: UInt8 {
    switch self {
    case .int8: 0
    case .uint8: 1
    case .int16: 2
    case .int32: 3
    case .int64: 4
    }
  }

  /// Bytes of one element in a tensor's data.
  package var byteCount: Int {
    switch self {
    case .int8, .uint8: 1
    case .int16: 2
    case .int32: 4
    case .int64: 8
    }
  }
}

/// Little-endian elements in a byte buffer.
package enum ElementBytes {
  /// Widens `bytes`, elements of a type of at most 32 bits, into `destination`.
  ///
  /// - Precondition: `type` is not ``ElementType/int64``; `destination` holds at least
  ///   `bytes.count / type.byteCount` elements.
  package static func widen(
    _ bytes: UnsafeRawBufferPointer, as type: ElementType,
    into destination: UnsafeMutableBufferPointer<Int32>
  ) {
    let count = bytes.count / type.byteCount
    precondition(destination.count >= count && type != .int64)
    switch type {
    case .int8:
      for index in 0..<count {
        destination[index] = Int32(bytes.loadUnaligned(fromByteOffset: index, as: Int8.self))
      }
    case .uint8:
      for index in 0..<count { destination[index] = Int32(bytes[index]) }
    case .int16:
      for index in 0..<count {
        destination[index] = Int32(
          Int16(littleEndian: bytes.loadUnaligned(fromByteOffset: 2 * index, as: Int16.self)))
      }
    case .int32, .int64:
      for index in 0..<count {
        destination[index] = Int32(
          littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * index, as: Int32.self))
      }
    }
  }

  /// The elements of `bytes` as 64-bit integers.
  package static func integers(_ bytes: [UInt8], as type: ElementType) -> [Int64] {
    let count = bytes.count / type.byteCount
    return bytes.withUnsafeBytes { raw in
      (0..<count).map { integer(at: $0, in: raw, as: type) }
    }
  }

  /// Element `index` of `bytes`.
  ///
  /// - Precondition: the element lies inside `bytes`.
  package static func integer(
    at index: Int, in bytes: UnsafeRawBufferPointer, as type: ElementType
  ) -> Int64 {
    let offset = index * type.byteCount
    switch type {
    case .int8: return Int64(bytes.loadUnaligned(fromByteOffset: offset, as: Int8.self))
    case .uint8: return Int64(bytes.loadUnaligned(fromByteOffset: offset, as: UInt8.self))
    case .int16:
      return Int64(Int16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int16.self)))
    case .int32:
      return Int64(Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
    case .int64:
      return Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int64.self))
    }
  }

  /// Appends `value`, cut to the width of `type`, to `bytes`.
  package static func append(_ value: Int64, as type: ElementType, to bytes: inout [UInt8]) {
    var rest = UInt64(bitPattern: value)
    for _ in 0..<type.byteCount {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  /// `values` as the little-endian bytes of `type`, each cut to its width.
  package static func bytes(_ values: some Sequence<Int64>, as type: ElementType) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.underestimatedCount * type.byteCount)
    for value in values { append(value, as: type, to: &bytes) }
    return bytes
  }
}
