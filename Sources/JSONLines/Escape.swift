/// The bytes that the grammar of RFC 8259 names.
@usableFromInline
enum ASCII {
  @usableFromInline static let quote = UInt8(ascii: "\"")
  @usableFromInline static let backslash = UInt8(ascii: "\\")
  @usableFromInline static let comma = UInt8(ascii: ",")
  @usableFromInline static let colon = UInt8(ascii: ":")
  @usableFromInline static let minus = UInt8(ascii: "-")
  @usableFromInline static let zero = UInt8(ascii: "0")
  @usableFromInline static let nine = UInt8(ascii: "9")
  @usableFromInline static let newline = UInt8(ascii: "\n")
  @usableFromInline static let openBrace = UInt8(ascii: "{")
  @usableFromInline static let closeBrace = UInt8(ascii: "}")
  @usableFromInline static let openBracket = UInt8(ascii: "[")
  @usableFromInline static let closeBracket = UInt8(ascii: "]")
}

/// One escape sequence of a JSON string (RFC 8259, section 7), a surrogate pair being one.
struct Escape {
  let scalar: Unicode.Scalar
  /// Bytes that it takes: 2, 6, or 12 for a pair.
  let length: Int

  /// Reads the escape whose backslash stands at `start`.
  ///
  /// `nil` when it is unknown, cut off, or a surrogate without its other half.
  init?(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) {
    guard bytes.count &- start >= 2 else { return nil }
    let simple: Unicode.Scalar
    switch bytes[start &+ 1] {
    case UInt8(ascii: "\""): simple = "\""
    case UInt8(ascii: "\\"): simple = "\\"
    case UInt8(ascii: "/"): simple = "/"
    case UInt8(ascii: "b"): simple = "\u{8}"
    case UInt8(ascii: "f"): simple = "\u{C}"
    case UInt8(ascii: "n"): simple = "\n"
    case UInt8(ascii: "r"): simple = "\r"
    case UInt8(ascii: "t"): simple = "\t"
    case UInt8(ascii: "u"):
      self.init(unicode: bytes, at: start)
      return
    default: return nil
    }
    self.init(scalar: simple, length: 2)
  }

  private init(scalar: Unicode.Scalar, length: Int) {
    self.scalar = scalar
    self.length = length
  }

  private init?(unicode bytes: UnsafeBufferPointer<UInt8>, at start: Int) {
    guard let first = Self.hexadecimal(bytes, at: start) else { return nil }
    if let whole = Unicode.Scalar(first) {
      (scalar, length) = (whole, 6)
      return
    }
    // `first` is a surrogate: only a high one followed by a low one is a character.
    guard first < 0xDC00, let second = Self.hexadecimal(bytes, at: start &+ 6),
      0xDC00...0xDFFF ~= second,
      let pair = Unicode.Scalar(0x10000 &+ ((first &- 0xD800) &<< 10) &+ (second &- 0xDC00))
    else { return nil }
    (scalar, length) = (pair, 12)
  }

  /// The number in `\uXXXX` at `start`, or `nil` if that is not what stands there.
  private static func hexadecimal(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> UInt32? {
    guard bytes.count &- start >= 6, bytes[start] == ASCII.backslash,
      bytes[start &+ 1] == UInt8(ascii: "u")
    else { return nil }
    var value: UInt32 = 0
    for index in (start &+ 2)..<(start &+ 6) {
      let digit: UInt8
      switch bytes[index] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = bytes[index] &- UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = bytes[index] &- UInt8(ascii: "a") &+ 10
      case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = bytes[index] &- UInt8(ascii: "A") &+ 10
      default: return nil
      }
      value = value &<< 4 | UInt32(digit)
    }
    return value
  }
}

/// How many bytes the UTF-8 sequence at `start` takes, which is not ASCII; 0 if it is malformed
/// (RFC 3629, section 4: no overlong forms, no surrogates, nothing above U+10FFFF).
func multibyteLength(_ bytes: UnsafeBufferPointer<UInt8>, at start: Int) -> Int {
  let length: Int
  let second: ClosedRange<UInt8>
  switch bytes[start] {
  case 0xC2...0xDF: (length, second) = (2, 0x80...0xBF)
  case 0xE0: (length, second) = (3, 0xA0...0xBF)
  case 0xED: (length, second) = (3, 0x80...0x9F)
  case 0xE1...0xEF: (length, second) = (3, 0x80...0xBF)
  case 0xF0: (length, second) = (4, 0x90...0xBF)
  case 0xF1...0xF3: (length, second) = (4, 0x80...0xBF)
  case 0xF4: (length, second) = (4, 0x80...0x8F)
  default: return 0
  }
  guard bytes.count &- start >= length, second ~= bytes[start &+ 1] else { return 0 }
  for index in (start &+ 2)..<(start &+ length) where bytes[index] & 0xC0 != 0x80 { return 0 }
  return length
}
