/// Text under headings, kept within a width.
struct Lines {
  static let width = 100
  private(set) var lines: [String] = []
  /// Whether lines that are too long are broken at a space.
  let wraps: Bool

  init(wraps: Bool) { self.wraps = wraps }

  mutating func heading(_ name: String, _ formula: String = "") {
    if !lines.isEmpty { lines.append("") }
    add(formula.isEmpty ? name : name.padded(to: 11) + " " + formula, indent: 0)
  }

  mutating func add(_ text: String, indent: Int = 2) {
    var rest = Substring(String(repeating: " ", count: text.isEmpty ? 0 : indent) + text)
    while wraps, rest.count > Lines.width {
      // A break inside the indentation would not shorten the rest.
      let head = rest.prefix(Lines.width)
      guard let space = head.lastIndex(of: " "),
        head.distance(from: head.startIndex, to: space) > 24
      else { break }
      lines.append(Lines.trimmed(head[..<space]))
      rest = Substring(
        String(repeating: " ", count: indent + 4) + rest[rest.index(after: space)...])
    }
    lines.append(Lines.trimmed(rest))
  }

  /// A label and its value in two columns.
  mutating func row(_ label: String, _ value: String, _ note: String = "") {
    let left = label.padded(to: 24) + " " + value
    add(note.isEmpty ? left : left.padded(to: 50) + "  " + note)
  }

  /// A table whose columns are as wide as their widest cell, aligned to the right but for names,
  /// which stand first.
  mutating func table(_ rows: [[String]], named: Bool = false) {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0
    }
    for row in rows {
      let cells = row.enumerated().map {
        named && $0 == 0 ? $1.padded(to: widths[0]) : $1.rightAligned(to: widths[$0])
      }
      add(cells.joined(separator: "   "))
    }
  }

  private static func trimmed(_ text: Substring) -> String {
    var text = text
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
