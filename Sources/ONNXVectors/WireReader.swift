/// Bytes that are not a protocol buffer message of the expected kind.
package struct WireError: Error, Hashable, Sendable {
  /// From the start of the file.
  package let offset: Int
  package let reason: String
}

/// What one field of a message holds.
package enum WireValue: Hashable, Sendable {
  case varint(UInt64)
  case fixed64(UInt64)
  /// A string, a message, or packed numbers: where it lies in the file.
  case bytes(Range<Int>)
  case fixed32(UInt32)

  /// The name in the encoding's documentation.
  var kind: String {
    switch self {
    case .varint: "VARINT"
    case .fixed64: "I64"
    case .bytes: "LEN"
    case .fixed32: "I32"
    }
  }
}

/// One field of a message.
package struct WireField: Hashable, Sendable {
  package let number: Int
  package let value: WireValue
  /// Where its tag lies, from the start of the file.
  package let offset: Int

  package init(number: Int, value: WireValue, offset: Int) {
    self.number = number
    self.value = value
    self.offset = offset
  }

  func unexpected(_ expected: String) -> WireError {
    WireError(offset: offset, reason: "field \(number) must be \(expected), but is \(value.kind)")
  }
}

/// The fields of a message in the protocol buffer wire format, one after another.
///
/// Every length is compared with what is left before it is used, so that no bytes can make it read
/// beyond the message, allocate, or trap. Groups, which ONNX does not use, are refused.
/// Source: protobuf.dev, "Encoding".
package struct WireReader {
  package let file: [UInt8]
  private var position: Int
  private let end: Int

  package init(_ file: [UInt8]) {
    self.init(file, in: file.indices)
  }

  /// Reads the message that lies at `range` of `file`.
  ///
  /// - Precondition: `range` lies inside `file`.
  package init(_ file: [UInt8], in range: Range<Int>) {
    precondition(range.lowerBound >= 0 && range.upperBound <= file.count)
    self.file = file
    position = range.lowerBound
    end = range.upperBound
  }

  /// The next field; `nil` at the end of the message.
  package mutating func next() throws(WireError) -> WireField? {
    guard position < end else { return nil }
    let start = position
    let tag = try varint()
    guard (1...0x1FFF_FFFF).contains(tag >> 3) else {
      throw WireError(offset: start, reason: "\(tag >> 3) is not the number of a field")
    }
    let value: WireValue
    switch tag & 7 {
    case 0: value = .varint(try varint())
    case 1: value = .fixed64(try fixed(8))
    case 2:
      let length = try varint()
      guard length <= UInt64(end - position) else {
        throw WireError(
          offset: start,
          reason: "a field of \(length) bytes begins, but \(end - position) bytes are left")
      }
      value = .bytes(position..<position + Int(length))
      position += Int(length)
    case 5: value = .fixed32(UInt32(truncatingIfNeeded: try fixed(4)))
    default:
      throw WireError(offset: start, reason: "\(tag & 7) is not a known wire type")
    }
    return WireField(number: Int(tag >> 3), value: value, offset: start)
  }

  /// Every varint up to the end: packed numbers.
  mutating func remainingVarints() throws(WireError) -> [UInt64] {
    var values: [UInt64] = []
    while position < end { values.append(try varint()) }
    return values
  }

  /// Every 32-bit word up to the end: packed numbers.
  mutating func remainingFixed32() throws(WireError) -> [UInt32] {
    var values: [UInt32] = []
    while position < end { values.append(UInt32(truncatingIfNeeded: try fixed(4))) }
    return values
  }

  /// Seven bits a byte, least significant first; at most 64 bits.
  private mutating func varint() throws(WireError) -> UInt64 {
    let start = position
    var value: UInt64 = 0
    for index in 0..<10 {
      guard position < end else {
        throw WireError(offset: start, reason: "a varint goes on beyond the end of its message")
      }
      let byte = file[position]
      position += 1
      guard index < 9 || byte <= 1 else { break }
      value |= UInt64(byte & 0x7F) << UInt64(7 * index)
      if byte < 0x80 { return value }
    }
    throw WireError(offset: start, reason: "a varint has more than 64 bits")
  }

  /// Little-endian.
  private mutating func fixed(_ count: Int) throws(WireError) -> UInt64 {
    guard end - position >= count else {
      throw WireError(
        offset: position,
        reason: "a number of \(count) bytes begins, but \(end - position) bytes are left")
    }
    var value: UInt64 = 0
    for index in 0..<count { value |= UInt64(file[position + index]) << UInt64(8 * index) }
    position += count
    return value
  }
}

extension WireField {
  /// A message inside this one.
  func message(in file: [UInt8]) throws(WireError) -> WireReader {
    WireReader(file, in: try range())
  }

  func range() throws(WireError) -> Range<Int> {
    guard case .bytes(let range) = value else { throw unexpected("LEN") }
    return range
  }

  func string(in file: [UInt8]) throws(WireError) -> String {
    guard let text = String(validating: file[try range()], as: UTF8.self) else {
      throw WireError(offset: offset, reason: "field \(number) is not UTF-8")
    }
    return text
  }

  /// A signed number in two's complement.
  func integer() throws(WireError) -> Int64 {
    guard case .varint(let bits) = value else { throw unexpected("VARINT") }
    return Int64(bitPattern: bits)
  }

  /// One number, or a packed list of them: a repeated field may come as either.
  func integers(in file: [UInt8]) throws(WireError) -> [Int64] {
    guard case .bytes(let range) = value else { return [try integer()] }
    var reader = WireReader(file, in: range)
    return try reader.remainingVarints().map { Int64(bitPattern: $0) }
  }

  /// One 32-bit word, or a packed list of them.
  func words(in file: [UInt8]) throws(WireError) -> [UInt32] {
    switch value {
    case .fixed32(let word): return [word]
    case .bytes(let range):
      var reader = WireReader(file, in: range)
      return try reader.remainingFixed32()
    default: throw unexpected("I32 or LEN")
    }
  }
}
