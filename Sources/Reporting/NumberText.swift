import ResultStore
import Verdicts

/// Numbers as they are written in reports: the same on every machine, in no locale.
enum NumberText {
  /// `1,234,567`.
  static func count(_ value: Int) -> String {
    let digits = String(value.magnitude)
    var text = value < 0 ? "-" : ""
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return text
  }

  /// `1 case`, `1,234 cases`.
  static func plural(_ value: Int, _ one: String, _ many: String) -> String {
    "\(count(value)) \(value == 1 ? one : many)"
  }

  /// `12k`, `3.4M`: for the axes of plots; three digits at most, rounded down.
  static func short(_ value: Int) -> String {
    let units = [
      (1_000_000_000_000, "T"), (1_000_000_000, "G"), (1_000_000, "M"), (1000, "k"),
    ]
    for (unit, name) in units where value >= unit {
      let whole = value / unit
      let tenth = value % unit / (unit / 10)
      return whole < 10 && tenth > 0 ? "\(whole).\(tenth)\(name)" : "\(whole)\(name)"
    }
    return String(value)
  }

  /// `99.98 %`, rounded down, so that only what is whole is called so.
  static func share(_ part: Int, of whole: Int) -> String {
    guard whole > 0, part >= 0, part <= whole else { return "–" }
    if part == whole { return "100 %" }
    let (high, low) = part.multipliedFullWidth(by: 10_000)
    let hundredths = whole.dividingFullWidth((high, low)).quotient
    let fraction = hundredths % 100
    return "\(hundredths / 100).\(fraction < 10 ? "0" : "")\(fraction) %"
  }

  /// `+2`, `-1`, `0`; `–` when no output was graded.
  static func error(_ counts: TallyCounts) -> String {
    guard counts.graded > 0 else { return "–" }
    let error = counts.largestSignedError
    return (error > 0 ? "+" : "") + count(error)
  }

  /// `2 h 05 min`, `3 min 20 s`, `45 s`.
  static func duration(_ seconds: Int) -> String {
    let seconds = max(0, seconds)
    func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
    if seconds >= 3600 { return "\(seconds / 3600) h \(two(seconds / 60 % 60)) min" }
    if seconds >= 60 { return "\(seconds / 60) min \(two(seconds % 60)) s" }
    return "\(seconds) s"
  }

  /// The outcomes other than `pass` that occurred: `mismatch 3, crash 1`.
  static func outcomes(_ counts: TallyCounts) -> String {
    var parts: [String] = []
    for outcome in Outcome.allCases where outcome != .pass && counts.outcomes[outcome] > 0 {
      parts.append("\(outcome.rawValue) \(count(counts.outcomes[outcome]))")
    }
    if counts.tolerated > 0 { parts.append("of these tolerated \(count(counts.tolerated))") }
    return parts.joined(separator: ", ")
  }

  /// At most `limit` characters, and a note of how many are left out.
  static func cut(_ text: String, _ limit: Int) -> String {
    guard text.utf8.count > limit, text.count > limit else { return text }
    return "\(text.prefix(limit))… (\(count(text.count - limit)) more characters)"
  }
}
