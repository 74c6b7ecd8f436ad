import Foundation
import Identification
import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// What was identified, in words and as JSON.
struct IdentificationText {
  private let name: String
  private let found: [Identification]

  init(_ name: String, _ found: [Identification]) {
    self.name = name
    self.found = found
  }

  func lines(log: Bool) -> [String] {
    var lines: [String] = []
    for item in found {
      lines.append("\(name), fullyConnected \(item.subject.text)")
      if log { lines += item.steps.map { "  " + Self.line($0) } }
      lines += Self.conclusion(item).map { "  " + $0 }
      lines.append("")
    }
    return lines.dropLast()
  }

  private static func line(_ step: Identification.Step) -> String {
    let names = step.names
    let profiles =
      names.isEmpty
      ? "no profile"
      : names.count > 4 ? "\(names.count) profiles" : names.joined(separator: ", ")
    return "\(step.number). \(step.purpose): \(step.answer); \(grouped(step.before)) candidates →"
      + " \(grouped(step.after)) (\(profiles))"
  }

  private static func conclusion(_ item: Identification) -> [String] {
    var evidence =
      "\(grouped(item.cases)) cases asked, \(grouped(item.outputs)) outputs; \(grouped(item.verified))"
      + " of them generated cases of every class, all as predicted"
    if !item.exceptions.isEmpty {
      evidence +=
        "\n         only \(restriction(item)): beyond, none of them"
        + " predicts what was answered (\(item.exceptions.joined(separator: "; ")))"
    }
    switch item.conclusion {
    case .named(let names, let also):
      var lines: [String] = []
      if names.count == 1 {
        lines.append("IS     \(names[0]) (\(Profiles.named(names[0])?.summary ?? ""))")
      } else {
        lines.append("IS     one of \(names.joined(separator: ", "))")
        lines.append("       " + reason(names, item))
      }
      if !also.isEmpty {
        lines.append(
          "       \(also.joined(separator: ", ")) agree\(also.count == 1 ? "s" : "") too, but"
            + " \(also.count == 1 ? "is" : "are") defined for other layers than were answered")
      }
      lines.append("       " + evidence)
      return lines
    case .described(let arithmetic, let open, let within):
      let names = within.joined(separator: ", ")
      var lines = [
        within.isEmpty
          ? "IS     none of the named profiles, but the arithmetic of these choices:"
          : "IS     \(names) as far as that is defined; there and beyond, the arithmetic of these choices:"
      ]
      let choices = Dictionary(open.map { ($0.part, $0.choices) }) { first, _ in first }
      for (part, choice) in arithmetic.choices where item.concerns(part, of: arithmetic) {
        let all = choices[part] ?? [choice]
        lines.append(
          "         \(part.summary): \(all.prefix(4).joined(separator: " or "))"
            + (all.count > 4 ? " or \(all.count - 4) others" : "")
            + (all.count > 1 ? " (no question told them apart)" : ""))
      }
      lines.append("       " + evidence)
      return lines
    case .none(let nearest, let failure):
      return [
        "IS     none of these: the nearest is \(nearest)", "       it fails on \(failure)",
        "       \(grouped(item.cases)) cases asked",
      ]
    case .unanswered(let reason): return ["IS     unknown: no question was answered (\(reason))"]
    }
  }

  /// The layers for which the result holds, where those are not all.
  private static func restriction(_ item: Identification) -> String {
    var parts: [String] = []
    if item.limits != 0..<Double.infinity {
      parts.append("for D from \(item.limits.lowerBound) to below \(item.limits.upperBound)")
    }
    if item.needsNormalScales {
      parts.append("where every scale and every Si·Sw is a normal binary32 number")
    }
    return parts.joined(separator: " and ")
  }

  /// Why several profiles are left.
  private static func reason(_ names: [String], _ item: Identification) -> String {
    let rules = names.map { name in
      Profiles.named(name)?.rules.first {
        $0.types == item.subject.types && $0.biasTypes.contains(item.subject.biasType)
      }
    }
    let arithmetics = Set(rules.compactMap { $0?.arithmetic })
    guard arithmetics.count > 1 else {
      return "for these types they are the same arithmetic: no input can tell them apart"
    }
    let parts = ArithmeticPart.allCases.filter { part in
      Set(arithmetics.map { part.choice(of: $0) ?? "" }).count > 1
    }
    let what =
      parts.isEmpty
      ? "kernels for parts of a layer" : parts.map(\.summary).joined(separator: ", ")
    return "they differ in \(what), which nothing that the implementation answered depends on"
  }

  private struct Document: Encodable {
    struct Step: Encodable {
      let number: Int
      let purpose: String
      let answer: String
      let before: Int
      let after: Int
      let profiles: [String]
    }
    struct Item: Encodable {
      let types: String
      let bias: String
      let result: String
      let profiles: [String]
      let choices: [String: [String]]
      let nearest: String?
      let failure: String?
      let cases: Int
      let verified: Int
      let outputs: Int
      let steps: [Step]
    }
    let implementation: String
    let items: [Item]
  }

  var json: String {
    let document = Document(implementation: name, items: found.map(Self.item))
    return PrettyJSON.text(document)
  }

  private static func item(_ item: Identification) -> Document.Item {
    var (result, profiles, choices) = ("", [String](), [String: [String]]())
    var (nearest, failure) = (String?.none, String?.none)
    switch item.conclusion {
    case .named(let names, let also): (result, profiles) = ("named", names + also)
    case .described(let arithmetic, let open, let within):
      (result, profiles) = ("described", within)
      for (part, choice) in arithmetic.choices { choices[part.rawValue] = [choice] }
      for (part, all) in open { choices[part.rawValue] = all }
      for part in ArithmeticPart.allCases where !item.concerns(part, of: arithmetic) {
        choices[part.rawValue] = nil
      }
    case .none(let name, let text): (result, nearest, failure) = ("none", name, text)
    case .unanswered(let reason): (result, failure) = ("unanswered", reason)
    }
    return Document.Item(
      types: item.subject.types.description, bias: item.subject.biasType?.rawValue ?? "none",
      result: result, profiles: profiles, choices: choices, nearest: nearest, failure: failure,
      cases: item.cases, verified: item.verified, outputs: item.outputs,
      steps: item.steps.map {
        Document.Step(
          number: $0.number, purpose: $0.purpose, answer: $0.answer, before: $0.before,
          after: $0.after, profiles: $0.names)
      })
  }
}
