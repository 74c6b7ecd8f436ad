import Foundation
import Proofs

/// Where two profiles differ, in words and as JSON.
struct ComparisonText {
  private let comparison: ProfileComparison
  private let first: String
  private let second: String
  private let configuration: ProofConfiguration
  private let kind: String

  init(
    _ comparison: ProfileComparison, _ first: String, _ second: String,
    _ configuration: ProofConfiguration, kind: String
  ) {
    self.comparison = comparison
    self.first = first
    self.second = second
    self.configuration = configuration
    self.kind = kind
  }

  func lines(milliseconds: Double) -> String {
    let domain = comparison.domain
    var lines = [
      "\(first) against \(second), for all \(grouped(domain.count)) accumulators"
        + " \(domain.lowerBound) to \(domain.upperBound)", "  \(configuration.text)",
    ]
    if let first = comparison.differences.first, let last = comparison.differences.last {
      let number = comparison.differences.count
      lines.append(
        "  differ on \(grouped(Int(comparison.count))) in \(grouped(number))"
          + " interval\(number == 1 ? "" : "s"), by at most \(comparison.largest):")
      lines.append(
        "    first \(ProofText.shown(first, "against"))"
          + (number > 1 ? ", last \(ProofText.shown(last, "against"))" : ""))
    } else {
      lines.append("  equal everywhere")
    }
    let methods = Set(comparison.methods.map(\.text)).sorted().joined(separator: "; ")
    lines.append(
      "how      \(methods), \(grouped(comparison.evaluations)) evaluations,"
        + " \(String(format: "%.2f", milliseconds)) ms")
    return lines.joined(separator: "\n")
  }

  func line(_ number: Int) -> String {
    let count = comparison.count
    return "\(number)  \(kind.isEmpty ? "" : kind + ": ")\(configuration.text): "
      + (count == 0
        ? "equal" : "differ on \(grouped(Int(count))), by at most \(comparison.largest)")
  }

  struct Document: Encodable {
    let profile: String
    let against: String
    let configuration: ProofConfiguration
    let drawnFor: String?
    let domain: [Int64]
    let methods: [String]
    let accumulators: Int64
    let largestDifference: Int64
    let intervals: [ProofText.Interval]
  }

  var document: Document {
    Document(
      profile: first, against: second, configuration: configuration,
      drawnFor: kind.isEmpty ? nil : kind,
      domain: [comparison.domain.lowerBound, comparison.domain.upperBound],
      methods: comparison.methods.map(\.text), accumulators: comparison.count,
      largestDifference: comparison.largest,
      intervals: comparison.differences.map { ProofText.Interval($0) })
  }

  static func json(_ documents: [Document], isList: Bool) -> String {
    if !isList, let first = documents.first { return ProofText.encoded(first) }
    return ProofText.encoded(documents)
  }
}
