import Foundation
import Profiles
import Proofs
import QuantizedArithmetic
import QuantizedLayers
import Verdicts

/// A proof in words, and as JSON.
struct ProofText {
  private let proof: RequantizationProof
  private let function: RequantizationFunction
  private let configuration: ProofConfiguration
  /// What the parameters were drawn for; empty where they were given.
  private let kind: String

  init(
    _ proof: RequantizationProof, _ function: RequantizationFunction,
    _ configuration: ProofConfiguration, kind: String = ""
  ) {
    self.proof = proof
    self.function = function
    self.configuration = configuration
    self.kind = kind
  }

  /// One line of a list.
  func line(_ number: Int) -> String {
    let counts = TieRule.allCases.map { "\($0.rawValue) \(grouped(Int(proof.count($0))))" }
    return "\(number)  \(kind.isEmpty ? "" : kind + ": ")\(configuration.text): differs on "
      + counts.joined(separator: ", ")
      + "; by at most \(proof.largestDifference); \(proof.accuracy.text)"
      + (proof.departed > 0 ? "; departs on \(grouped(Int(proof.departed)))" : "")
  }

  func lines(milliseconds: Double) -> String {
    let count = Int(proof.domain.count)
    var lines = [
      "\(function.profile.name), \(function.layer.types), for all \(grouped(count)) accumulators"
        + " \(proof.domain.lowerBound) to \(proof.domain.upperBound)",
      "  \(configuration.text)",
    ]
    for rule in TieRule.allCases {
      let of = "the true value, ties \(Self.words[rule] ?? "")"
      guard let differences = proof.differences[rule], differences.intervals > 0 else {
        lines.append("  equal to \(of), everywhere")
        continue
      }
      lines.append("  differs from \(of), on \(Self.counts(differences)):")
      lines.append(Self.ends(differences, "in place of"))
    }
    lines.append("  ties between two outputs: \(grouped(Int(proof.ties)))")
    lines.append("  largest difference from a nearest integer: \(proof.largestDifference)")
    if proof.departed > 0 {
      lines.append(
        "  leaves the mathematics (a wrap, an overflow) on \(grouped(Int(proof.departed)))"
          + " accumulators; the accuracy class is over the others")
    }
    lines.append(
      "  accuracy class: \(proof.accuracy.text)"
        + (proof.accuracy.note.isEmpty ? "" : " (\(proof.accuracy.note))"))
    lines.append(
      "how      \(proof.method.text), \(grouped(proof.evaluations)) evaluations,"
        + " \(String(format: "%.2f", milliseconds)) ms")
    return lines.joined(separator: "\n")
  }

  private static let words: [TieRule: String] = [
    .even: "to even", .away: "away from zero", .up: "toward +∞",
  ]

  /// How many accumulators in how many intervals; and how many of these are listed, if not all.
  static func counts(_ set: DifferenceSet) -> String {
    "\(grouped(Int(set.accumulators))) in \(grouped(set.intervals))"
      + " interval\(set.intervals == 1 ? "" : "s")"
      + (set.isListedWhole
        ? "" : ", all counted, of which the first \(grouped(set.listed.count)) are listed")
  }

  /// The first and the last interval.
  static func ends(_ set: DifferenceSet, _ word: String) -> String {
    guard let first = set.listed.first, let last = set.last else { return "" }
    return "    first \(shown(first, word))"
      + (set.intervals > 1 ? ", last \(shown(last, word))" : "")
  }

  private static func shown(
    _ difference: RequantizationProof.Difference, _ word: String
  ) -> String {
    let range = difference.range
    let place =
      range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    return "\(place): \(difference.output) \(word) \(difference.expected)"
  }

  private struct Document: Encodable {
    struct Rule: Encodable {
      let ties: String
      let differences: IntervalDocument

      func encode(to encoder: any Encoder) throws {
        try differences.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(ties, forKey: .ties)
      }

      private enum Key: String, CodingKey { case ties }
    }
    let profile: String
    let types: String
    let configuration: ProofConfiguration
    let drawnFor: String?
    let domain: [Int64]
    let method: String
    let rules: [Rule]
    let ties: Int64
    let largestDifference: Int64
    let departed: Int64
    let accuracyClass: String
  }

  private var document: Document {
    Document(
      profile: function.profile.name, types: function.layer.types.description,
      configuration: configuration, drawnFor: kind.isEmpty ? nil : kind,
      domain: [proof.domain.lowerBound, proof.domain.upperBound], method: proof.method.text,
      rules: TieRule.allCases.map { rule in
        Document.Rule(
          ties: rule.rawValue,
          differences: IntervalDocument(proof.differences[rule] ?? DifferenceSet()))
      }, ties: proof.ties, largestDifference: proof.largestDifference, departed: proof.departed,
      accuracyClass: proof.accuracy.text)
  }

  /// Everything, the intervals too.
  var json: String { ProofText.encoded(document) }

  static func json(_ texts: [ProofText]) -> String { encoded(texts.map(\.document)) }

  static func encoded(_ value: some Encodable) -> String {
    PrettyJSON.text(value)
  }
}
