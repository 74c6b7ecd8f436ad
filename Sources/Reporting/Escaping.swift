import Mustache

/// The two ways in which a stored text enters a report: as text of XML, or as text of Markdown.
///
/// Templates name their way in the first line, and every `{{name}}` in them goes through it; only
/// `{{{name}}}`, for what is already markup, does not.
enum Markup {
  /// Makes the ways known to the templates; once, however often it is called.
  static let registered: Void = {
    MustacheContentTypes.register(XMLText(), named: "XMLTEXT")
    MustacheContentTypes.register(MarkdownText(), named: "MARKDOWNTEXT")
  }()

  struct XMLText: MustacheContentType {
    func escapeText(_ text: String) -> String { Markup.xml(text) }
  }

  struct MarkdownText: MustacheContentType {
    func escapeText(_ text: String) -> String { Markup.markdown(text) }
  }

  /// For elements' text and for attributes in double or single quotes, in HTML, XML and SVG.
  ///
  /// Scalar by scalar: a quote followed by a combining mark is one `Character`, but ends an
  /// attribute all the same.
  static func xml(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      default: append(scalar, to: &result)
      }
    }
    return result
  }

  /// For text within a line or a table's cell; a line break becomes a space.
  ///
  /// The characters are those that CommonMark 0.31 and GitHub's tables give a meaning within a
  /// line; `<` and `&` become entities, since raw HTML is part of Markdown.
  static func markdown(_ text: String) -> String {
    var result = ""
    result.reserveCapacity(text.utf8.count)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\n", "\r", "\t": result += " "
      case "\\", "`", "*", "_", "[", "]", "|", "~", "#", "!", "$", "@":
        result += "\\"
        result.unicodeScalars.append(scalar)
      default: append(scalar, to: &result)
      }
    }
    return result
  }

  /// A block of code that no text can end early: its fence is longer than any in the text.
  static func fence(_ text: String, language: String = "") -> String {
    var (longest, current) = (0, 0)
    for scalar in text.unicodeScalars {
      current = scalar == "`" ? current + 1 : 0
      longest = max(longest, current)
    }
    let fence = String(repeating: "`", count: max(3, longest + 1))
    var body = ""
    for scalar in text.unicodeScalars {
      if scalar == "\n" { body += "\n" } else { append(scalar, to: &body) }
    }
    return "\(fence)\(language)\n\(body)\n\(fence)"
  }

  // Control characters, which XML forbids and terminals obey, and those that reorder a line or
  // hide in it are shown by name.
  private static func append(_ scalar: Unicode.Scalar, to text: inout String) {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F, 0x200B...0x200F, 0x2028...0x202E, 0x2060...0x2069, 0xFEFF,
      0xFFFE, 0xFFFF:
      let digits = String(scalar.value, radix: 16, uppercase: true)
      text += "⟨U+\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)⟩"
    default: text.unicodeScalars.append(scalar)
    }
  }
}
