import Glibc

/// A JSON string as it lies in the line: borrowed, not copied, already validated.
///
/// Made by ``JSONReader``; valid as long as the bytes that the reader was given. Comparing it
/// with a literal allocates nothing, so keys and short fixed words (`"int8"`) can be told apart
/// in a `switch`.
package struct JSONText: Hashable, CustomStringConvertible {
  /// Between the quotes, escapes as written; valid UTF-8 and valid escapes.
  @usableFromInline let raw: UnsafeBufferPointer<UInt8>
  /// Whether `raw` differs from what it stands for.
  @usableFromInline let hasEscapes: Bool
  /// Where its opening quote stands, in bytes from the start of the line.
  package let offset: Int

  @usableFromInline
  init(raw: UnsafeBufferPointer<UInt8>, hasEscapes: Bool, offset: Int) {
    self.raw = raw
    self.hasEscapes = hasEscapes
    self.offset = offset
  }

  /// A copy as a string.
  package var string: String {
    hasEscapes ? String(decoding: decoded(), as: UTF8.self) : String(decoding: raw, as: UTF8.self)
  }

  /// Quoted, escaped and cut to 40 bytes or so, for messages.
  package var description: String {
    var writer = JSONWriter()
    let bytes = decoded()
    let limit = 40
    // A cut in the middle of a character shows U+FFFD, which is harmless in a message.
    writer.string(String(decoding: bytes.prefix(limit), as: UTF8.self))
    let text = String(decoding: writer.bytes, as: UTF8.self)
    return bytes.count > limit ? text + "…" : text
  }

  /// Whether it stands for exactly the bytes of `literal`.
  @inlinable @inline(__always)
  package static func == (text: JSONText, literal: StaticString) -> Bool {
    if !text.hasEscapes {
      // Length and first byte, folded to constants where this is inlined, rule out nearly all.
      if text.raw.count != literal.utf8CodeUnitCount { return false }
      if let byte = text.raw.first, byte != literal.withUTF8Buffer({ $0[0] }) { return false }
    }
    return text.equals(literal)
  }

  /// Lets a `switch` over a text have literals as its cases.
  @inlinable @inline(__always)
  package static func ~= (literal: StaticString, text: JSONText) -> Bool { text == literal }

  /// Whether both stand for the same bytes, however they are escaped; offsets do not matter.
  package static func == (left: JSONText, right: JSONText) -> Bool {
    if left.hasEscapes || right.hasEscapes { return left.decoded() == right.decoded() }
    return equalBytes(left.raw, right.raw)
  }

  /// Feeds the decoded bytes, so that equal texts hash alike.
  package func hash(into hasher: inout Hasher) {
    if hasEscapes {
      decoded().withUnsafeBytes { hasher.combine(bytes: $0) }
    } else {
      hasher.combine(bytes: UnsafeRawBufferPointer(raw))
    }
  }

  /// Whether it stands for exactly `string`, byte for byte (no Unicode normalisation).
  package func matches(_ string: String) -> Bool {
    hasEscapes ? decoded().elementsEqual(string.utf8) : raw.elementsEqual(string.utf8)
  }

  /// Replaces the contents of `output` by what it stands for, in UTF-8.
  package func copy(into output: inout [UInt8]) {
    output.removeAll(keepingCapacity: true)
    if hasEscapes { appendDecoded(to: &output) } else { output.append(contentsOf: raw) }
  }

  @usableFromInline
  func equals(_ literal: StaticString) -> Bool {
    literal.withUTF8Buffer { bytes in
      hasEscapes ? decoded().elementsEqual(bytes) : equalBytes(raw, bytes)
    }
  }

  func decoded() -> [UInt8] {
    var output: [UInt8] = []
    copy(into: &output)
    return output
  }

  /// Undoes the escapes, which the reader has found to be valid.
  private func appendDecoded(to output: inout [UInt8]) {
    output.reserveCapacity(raw.count)
    var index = 0
    while index < raw.count {
      let byte = raw[index]
      guard byte == ASCII.backslash else {
        output.append(byte)
        index &+= 1
        continue
      }
      guard let escape = Escape(raw, at: index) else { return }
      output.append(contentsOf: UTF8.encode(escape.scalar) ?? UTF8.encodedReplacementCharacter)
      index &+= escape.length
    }
  }
}

/// Lengths and bytes alike.
private func equalBytes(_ left: UnsafeBufferPointer<UInt8>, _ right: UnsafeBufferPointer<UInt8>)
  -> Bool
{
  guard left.count == right.count else { return false }
  guard let first = left.baseAddress, let second = right.baseAddress else { return true }
  return memcmp(first, second, left.count) == 0
}
