/// What a JSON value is, as its first byte tells.
package enum JSONKind: Hashable, Sendable {
  case object, array, string, number, bool, null
}

/// A strict pull parser over the bytes of one JSON text (RFC 8259), usually one line.
///
/// The caller asks for what it expects, in order, and every method either reads exactly that or
/// throws. After an error the reader's state means nothing: start again on the next line.
///
///     try reader.beginObject()
///     while let key = try reader.nextKey() {
///       switch key {
///       case "shape":
///         try reader.beginArray()
///         while try reader.nextElement() { shape.append(try reader.readInt64()) }
///       default: try reader.skipValue()
///       }
///     }
///     try reader.finish()
///
/// Stricter than Foundation: trailing commas, leading zeros, `1.0` as an integer, lone
/// surrogates, malformed UTF-8 and anything after the value are errors. Duplicate keys are the
/// caller's to find, with a bit mask or ``JSONKeySet``. Nothing is allocated but what is returned.
package struct JSONReader {
  @usableFromInline let bytes: UnsafeBufferPointer<UInt8>
  /// Where reading goes on, in bytes from the start.
  package internal(set) var position = 0
  /// Objects and arrays begun and not ended.
  private var depth = 0
  /// Whether the innermost object or array has had no member yet.
  ///
  /// One flag is enough: a container that has just ended was itself a member.
  private var isFirst = false

  /// How many objects and arrays may lie in each other; skipping keeps their kinds in 64 bits.
  package static let maximumDepth = 64

  /// A reader over `bytes`, which must stay where they are as long as the reader and every
  /// ``JSONText`` from it are in use.
  package init(_ bytes: UnsafeBufferPointer<UInt8>) {
    self.bytes = bytes
  }

  /// Calls `body` with a reader over an array's bytes.
  ///
  /// - Throws: what `body` throws.
  @inlinable
  package static func read<Result, Failure: Error>(
    _ bytes: [UInt8], _ body: (inout JSONReader) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try bytes.withUnsafeBufferPointer { buffer throws(Failure) in
      var reader = JSONReader(buffer)
      return try body(&reader)
    }
  }

  /// What the next value is, without reading it.
  ///
  /// - Throws: ``JSONError`` where no value begins.
  package mutating func peek() throws(JSONError) -> JSONKind {
    skipWhitespace()
    guard position < bytes.count else { throw failure(expected: "a value") }
    switch bytes[position] {
    case ASCII.openBrace: return .object
    case ASCII.openBracket: return .array
    case ASCII.quote: return .string
    case ASCII.minus, ASCII.zero...ASCII.nine: return .number
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
    case UInt8(ascii: "n"): return .null
    default: throw failure(expected: "a value")
    }
  }

  /// Enters an object; ``nextKey()`` gives its keys and leaves it.
  ///
  /// - Throws: ``JSONError`` where there is none, or at the ``maximumDepth``.
  package mutating func beginObject() throws(JSONError) {
    try begin(ASCII.openBrace, "an object")
  }

  /// Enters an array; ``nextElement()`` walks through it and leaves it.
  ///
  /// - Throws: ``JSONError`` where there is none, or at the ``maximumDepth``.
  package mutating func beginArray() throws(JSONError) {
    try begin(ASCII.openBracket, "an array")
  }

  /// The key of the next member, whose value must be read or skipped next; `nil` at the end of
  /// the object, which is thereby left.
  ///
  /// - Throws: ``JSONError`` where neither stands.
  package mutating func nextKey() throws(JSONError) -> JSONText? {
    guard try nextMember(ASCII.closeBrace, "',' or '}'") else { return nil }
    guard position < bytes.count, bytes[position] == ASCII.quote else {
      throw failure(expected: "a key")
    }
    let key = try scanText()
    skipWhitespace()
    guard position < bytes.count, bytes[position] == ASCII.colon else {
      throw failure(expected: "':'")
    }
    position &+= 1
    return key
  }

  /// Whether another element follows, which must be read or skipped next; `false` at the end of
  /// the array, which is thereby left.
  ///
  /// - Throws: ``JSONError`` where neither stands.
  package mutating func nextElement() throws(JSONError) -> Bool {
    try nextMember(ASCII.closeBracket, "',' or ']'")
  }

  /// Reads `true` or `false`.
  ///
  /// - Throws: ``JSONError`` where neither stands.
  package mutating func readBool() throws(JSONError) -> Bool {
    skipWhitespace()
    if accept("true") { return true }
    if accept("false") { return false }
    throw failure(expected: "true or false")
  }

  /// Reads `null`.
  ///
  /// - Throws: ``JSONError`` where something else stands.
  package mutating func readNull() throws(JSONError) {
    skipWhitespace()
    if !accept("null") { throw failure(expected: "null") }
  }

  /// Reads any value as strictly as if it were used, except for duplicate keys in it.
  ///
  /// - Returns: where its bytes lie.
  /// - Throws: ``JSONError`` where no valid value stands.
  @discardableResult
  package mutating func skipValue() throws(JSONError) -> Range<Int> {
    skipWhitespace()
    let start = position
    let floor = depth
    // The containers entered here, innermost in bit 0, an object as 1.
    var kinds: UInt64 = 0
    repeat {
      switch try peek() {
      case .object:
        try beginObject()
        kinds = kinds &<< 1 | 1
      case .array:
        try beginArray()
        kinds &<<= 1
      case .string: _ = try scanText()
      case .number: _ = try scanNumber()
      case .bool: _ = try readBool()
      case .null: try readNull()
      }
      while depth > floor {
        if try kinds & 1 == 1 ? nextKey() != nil : nextElement() { break }
        kinds &>>= 1
      }
    } while depth > floor
    return start..<position
  }

  /// Checks that nothing but white space is left.
  ///
  /// - Throws: ``JSONError`` at what is left.
  package mutating func finish() throws(JSONError) {
    skipWhitespace()
    guard position == bytes.count, depth == 0 else { throw failure(expected: "end of line") }
  }

  /// An error at `offset`, or at the next byte; what is found there is described unless given.
  package func failure(
    at offset: Int? = nil, found: String? = nil, expected: String
  ) -> JSONError {
    let offset = offset ?? position
    return JSONError(offset: offset, found: found ?? describe(offset), expected: expected)
  }
}

extension JSONReader {
  /// Space, tab, line feed and carriage return: the four that the grammar knows.
  func whitespaceEnd(from start: Int) -> Int {
    var index = start
    while index < bytes.count {
      let byte = bytes[index]
      guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else {
        break
      }
      index &+= 1
    }
    return index
  }

  mutating func skipWhitespace() {
    position = whitespaceEnd(from: position)
  }

  private mutating func begin(_ opening: UInt8, _ name: StaticString) throws(JSONError) {
    skipWhitespace()
    guard position < bytes.count, bytes[position] == opening else {
      throw failure(expected: name.description)
    }
    guard depth < Self.maximumDepth else {
      throw failure(expected: "at most \(Self.maximumDepth) values in each other")
    }
    position &+= 1
    depth &+= 1
    isFirst = true
  }

  private mutating func nextMember(
    _ closing: UInt8, _ expected: StaticString
  ) throws(JSONError) -> Bool {
    skipWhitespace()
    guard position < bytes.count else { throw failure(expected: expected.description) }
    if bytes[position] == closing, depth > 0 {
      position &+= 1
      depth &-= 1
      isFirst = false
      return false
    }
    if isFirst {
      isFirst = false
    } else {
      guard bytes[position] == ASCII.comma else { throw failure(expected: expected.description) }
      position &+= 1
      skipWhitespace()
    }
    return true
  }

  /// Reads `word` if it stands next.
  private mutating func accept(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard bytes.count &- position >= count else { return false }
    let isThere = word.withUTF8Buffer { literal in
      literal.elementsEqual(bytes[position..<(position &+ count)])
    }
    if isThere { position &+= count }
    return isThere
  }

  private func describe(_ offset: Int) -> String {
    guard offset < bytes.count else { return "end of line" }
    let byte = bytes[offset]
    if 0x21...0x7E ~= byte { return "'\(Unicode.Scalar(byte))'" }
    let digits = String(byte, radix: 16, uppercase: true)
    return "byte 0x" + (byte < 16 ? "0" : "") + digits
  }
}
