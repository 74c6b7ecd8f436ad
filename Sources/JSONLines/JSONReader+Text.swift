import Glibc

extension JSONReader {
  /// Reads a string without copying it: to compare it, or to copy it later.
  ///
  /// - Throws: ``JSONError`` where no valid string stands.
  package mutating func readText() throws(JSONError) -> JSONText {
    skipWhitespace()
    guard position < bytes.count, bytes[position] == ASCII.quote else {
      throw failure(expected: "a string")
    }
    return try scanText()
  }

  /// Reads a string.
  ///
  /// - Throws: ``JSONError`` where no valid string stands.
  package mutating func readString() throws(JSONError) -> String {
    try readText().string
  }

  /// Reads a string's UTF-8 into `output`, whose contents it replaces and whose memory it keeps.
  ///
  /// - Throws: ``JSONError`` where no valid string stands.
  package mutating func readString(into output: inout [UInt8]) throws(JSONError) {
    try readText().copy(into: &output)
  }

  /// Reads a string of base64 (RFC 4648, section 4) into `output`, whose contents it replaces
  /// and whose memory it keeps.
  ///
  /// Padding is required, other characters and line breaks are refused, and so are last
  /// characters whose unused bits are not zero: each sequence of bytes has one form only.
  /// `\/` for `/`, as some writers have it, is understood.
  ///
  /// - Throws: ``JSONError`` at the first wrong character; `output` is then empty.
  package mutating func readBase64(into output: inout [UInt8]) throws(JSONError) {
    skipWhitespace()
    guard position < bytes.count, bytes[position] == ASCII.quote, let base = bytes.baseAddress
    else {
      output.removeAll(keepingCapacity: true)
      throw failure(expected: "a string of base64")
    }
    let start = position &+ 1
    // The first quote ends the string, unless an escape comes before: then it is no base64, and
    // the slow way finds the true end.
    if let quote = memchr(base + start, Int32(ASCII.quote), bytes.count &- start) {
      let count = UnsafeRawPointer(quote) - UnsafeRawPointer(base + start)
      let source = UnsafeBufferPointer(start: base + start, count: count)
      if Base64.decode(source, into: &output) == nil {
        position = start &+ count &+ 1
        return
      }
    }
    try readEscapedBase64(into: &output)
  }

  /// The slow way: reads as a string first; also finds what is wrong.
  private mutating func readEscapedBase64(into output: inout [UInt8]) throws(JSONError) {
    output.removeAll(keepingCapacity: true)
    let text = try scanText()
    let contents = text.decoded()
    let wrong = contents.withUnsafeBufferPointer { Base64.decode($0, into: &output) }
    guard let wrong else { return }
    output.removeAll(keepingCapacity: true)
    // With escapes, places in `contents` are not places in the line.
    let offset = text.hasEscapes ? text.offset : text.offset &+ 1 &+ wrong
    if wrong == contents.count {
      throw failure(
        at: offset, found: "\(wrong) characters", expected: "base64 in groups of 4 characters")
    }
    throw failure(at: offset, expected: "base64 with padding and zero unused bits")
  }

  /// Validates the string whose opening quote stands at `position`, and steps over it.
  mutating func scanText() throws(JSONError) -> JSONText {
    let start = position &+ 1
    var index = start
    var hasEscapes = false
    while true {
      index = plainEnd(from: index)
      guard index < bytes.count else {
        throw failure(at: index, expected: "the end of a string")
      }
      let byte = bytes[index]
      if byte == ASCII.quote { break }
      if byte == ASCII.backslash {
        guard let escape = Escape(bytes, at: index) else {
          throw failure(at: index, found: excerpt(at: index), expected: "a valid escape")
        }
        hasEscapes = true
        index &+= escape.length
      } else {
        let length = byte < 0x80 ? 0 : multibyteLength(bytes, at: index)
        guard length > 0 else {
          throw failure(
            at: index, expected: byte < 0x20 ? "control characters escaped" : "valid UTF-8")
        }
        index &+= length
      }
    }
    let offset = position
    position = index &+ 1
    let raw = UnsafeBufferPointer(rebasing: bytes[start..<index])
    return JSONText(raw: raw, hasEscapes: hasEscapes, offset: offset)
  }

  /// The escape at `offset`, or its beginning, for a message.
  private func excerpt(at offset: Int) -> String {
    let shown = bytes[offset...].prefix(6).prefix { 0x21...0x7E ~= $0 && $0 != ASCII.quote }
    return "'\(String(decoding: shown, as: UTF8.self))'"
  }

  /// The first byte from `start` on that is not printable ASCII, or is a quote or a backslash.
  ///
  /// Eight bytes at a time: in `flags` the high bit of the first such byte is exact (borrows only
  /// disturb those after it).
  private func plainEnd(from start: Int) -> Int {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    let raw = UnsafeRawBufferPointer(bytes)
    var index = start
    while bytes.count &- index >= 8 {
      let word = UInt64(littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
      let quotes = word ^ (ones &* UInt64(ASCII.quote))
      let slashes = word ^ (ones &* UInt64(ASCII.backslash))
      let flags =
        (word | (word &- ones &* 0x20) | ((quotes &- ones) & ~quotes)
          | ((slashes &- ones) & ~slashes)) & highs
      if flags != 0 { return index &+ flags.trailingZeroBitCount &>> 3 }
      index &+= 8
    }
    while index < bytes.count {
      let byte = bytes[index]
      if byte < 0x20 || byte >= 0x80 || byte == ASCII.quote || byte == ASCII.backslash { break }
      index &+= 1
    }
    return index
  }
}
