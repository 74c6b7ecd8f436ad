/// Text of unknown origin, fit to stand in a message: one line, of bounded length, without control
/// characters that a terminal would obey.
package enum Shown {
  /// What a message quotes of a text at most, in characters.
  package static let limit = 2_000

  /// Bytes as text: control characters are written as escapes, what is not UTF-8 as replacement
  /// characters.
  package static func text(_ bytes: some Sequence<UInt8>) -> String {
    var text = ""
    for scalar in String(decoding: Array(bytes), as: UTF8.self).unicodeScalars {
      if scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value) {
        text += scalar.value == 9 ? " " : scalar.escaped(asASCII: true)
      } else {
        text.unicodeScalars.append(scalar)
      }
    }
    return text
  }

  /// An implementation's own words.
  package static func words(_ text: String) -> String {
    let isPlain = text.utf8.count <= limit && text.utf8.allSatisfy { (0x20..<0x7F).contains($0) }
    if isPlain { return text }
    let head = text.prefix(limit)
    let shown = Self.text(head.utf8.map { $0 == 0x0A || $0 == 0x0D ? 0x20 : $0 })
    return head.utf8.count < text.utf8.count ? shown + "…" : shown
  }
}
