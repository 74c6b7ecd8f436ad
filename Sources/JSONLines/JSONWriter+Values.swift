extension JSONWriter {
  /// Writes a string: quote, backslash and control characters escaped (`\b \t \n \f \r`, others
  /// as `\u00xx` in lower case), everything else, `/` and non-ASCII included, as it is.
  package mutating func string(_ text: String) {
    separate()
    let done: Void? = text.utf8.withContiguousStorageIfAvailable { quote($0) }
    if done == nil { Array(text.utf8).withUnsafeBufferPointer { quote($0) } }
  }

  /// Writes a string as it is: `text` must be ASCII that needs no escapes.
  package mutating func string(plain text: StaticString) {
    text.withUTF8Buffer { source in
      let comma = takeComma()
      extend(by: source.count &+ 3) { target in
        var next = comma ? put(ASCII.comma, target) : target
        next = put(ASCII.quote, next)
        if let base = source.baseAddress { next.update(from: base, count: source.count) }
        next += source.count
        return put(ASCII.quote, next) - target
      }
    }
  }

  /// Writes bytes as a string of base64 with padding (RFC 4648, section 4).
  package mutating func base64(_ bytes: UnsafeRawBufferPointer) {
    let comma = takeComma()
    let count = Base64.encodedCount(bytes.count)
    extend(by: count &+ 3) { target in
      let next = put(ASCII.quote, comma ? put(ASCII.comma, target) : target)
      Base64.encode(bytes, to: next)
      return put(ASCII.quote, next + count) - target
    }
  }

  /// Writes bytes as a string of base64 with padding (RFC 4648, section 4).
  package mutating func base64(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { base64($0) }
  }

  /// The part of ``separate()`` that is not writing: whether a comma is due.
  mutating func takeComma() -> Bool {
    defer { needsComma = true }
    return needsComma
  }

  private mutating func quote(_ text: UnsafeBufferPointer<UInt8>) {
    storage.append(ASCII.quote)
    var copied = 0
    for index in text.indices {
      let byte = text[index]
      if byte >= 0x20, byte != ASCII.quote, byte != ASCII.backslash { continue }
      storage.append(contentsOf: text[copied..<index])
      copied = index &+ 1
      escape(byte)
    }
    storage.append(contentsOf: text[copied...])
    storage.append(ASCII.quote)
  }

  private mutating func escape(_ byte: UInt8) {
    storage.append(ASCII.backslash)
    switch byte {
    case 0x08: storage.append(UInt8(ascii: "b"))
    case 0x09: storage.append(UInt8(ascii: "t"))
    case 0x0A: storage.append(UInt8(ascii: "n"))
    case 0x0C: storage.append(UInt8(ascii: "f"))
    case 0x0D: storage.append(UInt8(ascii: "r"))
    case 0..<0x20:
      storage.append(contentsOf: "u00\(byte < 16 ? "0" : "")\(String(byte, radix: 16))".utf8)
    default: storage.append(byte)
    }
  }
}
