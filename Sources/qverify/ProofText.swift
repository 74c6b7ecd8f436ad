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
      let differences = proof.differences[rule] ?? []
      let number = proof.count(rule)
      let of = "the true value, ties \(Self.words[rule] ?? "")"
      guard let first = differences.first, let last = differences.last else {
        lines.append("  equal to \(of), everywhere")
        continue
      }
      lines.append(
        "  differs from \(of), on \(grouped(Int(number))) in \(grouped(differences.count))"
          + " interval\(differences.count == 1 ? "" : "s"):")
      lines.append(
        "    first \(Self.shown(first))"
          + (differences.count > 1 ? ", last \(Self.shown(last))" : "")
      )
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

  static func shown(
    _ difference: RequantizationProof.Difference, _ word: String = "in place of"
  ) -> String {
    let range = difference.range
    let place =
      range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    return "\(place): \(difference.output) \(word) \(difference.expected)"
  }

  struct Interval: Encodable {
    let first: Int64
    let last: Int64
    let output: Int64
    let expected: Int64

    init(_ difference: RequantizationProof.Difference) {
      first = difference.range.lowerBound
      last = difference.range.upperBound
      output = difference.output
      expected = difference.expected
    }
  }

  private struct Document: Encodable {
    struct Rule: Encodable {
      let ties: String
      let accumulators: Int64
      let intervals: [Interval]
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
          ties: rule.rawValue, accumulators: proof.count(rule),
          intervals: (proof.differences[rule] ?? []).map { Interval($0) })
      }, ties: proof.ties, largestDifference: proof.largestDifference, departed: proof.departed,
      accuracyClass: proof.accuracy.text)
  }

  /// Everything, the intervals too.
  var json: String { ProofText.encoded(document) }

  static func json(_ texts: [ProofText]) -> String { encoded(texts.map(\.document)) }

  static func encoded(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else { return "{}" }
    return String(decoding: data, as: UTF8.self)
  }
}
