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
    let differences = comparison.differences
    if differences.intervals > 0 {
      lines.append(
        "  differ on \(ProofText.counts(differences)), by at most \(differences.largest):")
      lines.append(ProofText.ends(differences, "against"))
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
    let differences = comparison.differences
    return "\(number)  \(kind.isEmpty ? "" : kind + ": ")\(configuration.text): "
      + (differences.intervals == 0
        ? "equal"
        : "differ on \(grouped(Int(differences.accumulators))), by at most \(differences.largest)")
  }

  struct Document: Encodable {
    let profile: String
    let against: String
    let configuration: ProofConfiguration
    let drawnFor: String?
    let domain: [Int64]
    let methods: [String]
    let largestDifference: Int64
    let differences: IntervalDocument

    private enum Key: String, CodingKey {
      case profile, against, configuration, drawnFor, domain, methods, largestDifference
    }

    func encode(to encoder: any Encoder) throws {
      try differences.encode(to: encoder)
      var container = encoder.container(keyedBy: Key.self)
      try container.encode(profile, forKey: .profile)
      try container.encode(against, forKey: .against)
      try container.encode(configuration, forKey: .configuration)
      try container.encodeIfPresent(drawnFor, forKey: .drawnFor)
      try container.encode(domain, forKey: .domain)
      try container.encode(methods, forKey: .methods)
      try container.encode(largestDifference, forKey: .largestDifference)
    }
  }

  var document: Document {
    Document(
      profile: first, against: second, configuration: configuration,
      drawnFor: kind.isEmpty ? nil : kind,
      domain: [comparison.domain.lowerBound, comparison.domain.upperBound],
      methods: comparison.methods.map(\.text), largestDifference: comparison.differences.largest,
      differences: IntervalDocument(comparison.differences))
  }

  static func json(_ documents: [Document], isList: Bool) -> String {
    if !isList, let first = documents.first { return ProofText.encoded(first) }
    return ProofText.encoded(documents)
  }
}
