/// What an implementation is held to.
package enum Conformance: Hashable, Sendable {
  /// Bit-exact with the profile that the case asks for.
  case profile
  /// The true value, correctly rounded with a named tie rule.
  case correctlyRounded(TieRule)
  /// One of the nearest integers.
  case nearest
  /// One of the two integers that enclose the true value.
  case faithful
  /// Not farther than this many steps from a nearest integer.
  case within(Int)

  /// Reads `profile`, `correctlyRounded(even)`, `nearest`, `faithful`, `within(2)`.
  package init?(_ text: String) {
    switch text {
    case "profile": self = .profile
    case "nearest": self = .nearest
    case "faithful": self = .faithful
    default:
      guard text.hasSuffix(")"), let open = text.firstIndex(of: "(") else { return nil }
      let argument = text[text.index(after: open)..<text.index(before: text.endIndex)]
      switch text[..<open] {
      case "correctlyRounded":
        guard let rule = TieRule(rawValue: String(argument)) else { return nil }
        self = .correctlyRounded(rule)
      case "within":
        guard let steps = Int(argument), steps >= 0 else { return nil }
        self = .within(steps)
      default: return nil
      }
    }
  }

  package var text: String {
    switch self {
    case .profile: "profile"
    case .correctlyRounded(let rule): "correctlyRounded(\(rule.rawValue))"
    case .nearest: "nearest"
    case .faithful: "faithful"
    case .within(let steps): "within(\(steps))"
    }
  }
}
