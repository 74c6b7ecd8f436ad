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

  init(_ proof: RequantizationProof, _ function: RequantizationFunction) {
    self.proof = proof
    self.function = function
  }

  func lines(milliseconds: Double) -> String {
    let count = Int(proof.domain.count)
    var lines = [
      "\(function.profile.name), \(function.layer.types), for all \(grouped(count)) accumulators"
        + " \(proof.domain.lowerBound) to \(proof.domain.upperBound)"
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
      "how      \(method), \(grouped(proof.evaluations)) evaluations,"
        + " \(String(format: "%.2f", milliseconds)) ms")
    return lines.joined(separator: "\n")
  }

  private static let words: [TieRule: String] = [
    .even: "to even", .away: "away from zero", .up: "toward +∞",
  ]

  private static func shown(_ difference: RequantizationProof.Difference) -> String {
    let range = difference.range
    let place =
      range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound)"
    return "\(place): \(difference.output) in place of \(difference.expected)"
  }

  private var method: String {
    switch proof.method {
    case .steps(let pieces):
      "the steps of \(grouped(pieces)) monotone piece\(pieces == 1 ? "" : "s")"
    case .partlySwept(let swept):
      "the steps of monotone pieces; \(grouped(Int(swept))) accumulators, on which it has too many,"
        + " were swept"
    case .swept: "every accumulator was asked"
    }
  }

  private struct Document: Encodable {
    struct Interval: Encodable {
      let first: Int64
      let last: Int64
      let output: Int64
      let expected: Int64
    }
    struct Rule: Encodable {
      let ties: String
      let accumulators: Int64
      let intervals: [Interval]
    }
    let profile: String
    let types: String
    let domain: [Int64]
    let method: String
    let rules: [Rule]
    let ties: Int64
    let largestDifference: Int64
    let departed: Int64
    let accuracyClass: String
  }

  /// Everything, the intervals too.
  var json: String {
    let document = Document(
      profile: function.profile.name, types: function.layer.types.description,
      domain: [proof.domain.lowerBound, proof.domain.upperBound], method: method,
      rules: TieRule.allCases.map { rule in
        Document.Rule(
          ties: rule.rawValue, accumulators: proof.count(rule),
          intervals: (proof.differences[rule] ?? []).map {
            .init(
              first: $0.range.lowerBound, last: $0.range.upperBound, output: $0.output,
              expected: $0.expected)
          })
      }, ties: proof.ties, largestDifference: proof.largestDifference, departed: proof.departed,
      accuracyClass: proof.accuracy.text)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    guard let data = try? encoder.encode(document) else { return "{}" }
    return String(decoding: data, as: UTF8.self)
  }
}
