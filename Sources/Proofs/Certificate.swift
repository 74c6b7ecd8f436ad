import Foundation
import TestCases
import Verdicts

/// What was claimed, of what, and on which grounds: a file that can be checked again.
///
/// Its text is canonical JSON, keys in order, and its last member is the SHA-256 of the same text
/// without it. A changed byte is therefore noticed before anything is recomputed.
package struct Certificate: Hashable, Sendable {
  package static let format = "qverify-certificate"
  package static let version = 1

  package struct Body: Hashable, Codable, Sendable {
    package var format: String
    package var version: Int
    /// Of qverify.
    package var tool: String
    package var command: String
    /// UTC.
    package var made: String
    /// In words; one sentence a line.
    package var claim: [String]
    /// Whether the claim is one of conformance and was met; a statement of counts always holds.
    package var holds: Bool
    package var statements: [Statement]
    package var comparisons: [Comparison]
    package var probings: [Probing]
    package var smallDomains: [SmallDomain]

    package init(
      tool: String, command: String, made: String, claim: [String], holds: Bool = true,
      statements: [Statement] = [], comparisons: [Comparison] = [],
      probings: [Probing] = [], smallDomains: [SmallDomain] = []
    ) {
      format = Certificate.format
      version = Certificate.version
      self.tool = tool
      self.command = command
      self.made = made
      self.claim = claim
      self.holds = holds
      self.statements = statements
      self.comparisons = comparisons
      self.probings = probings
      self.smallDomains = smallDomains
    }
  }

  private struct Sealed: Codable {
    var body: Body
    var sha256: String
  }

  package let body: Body

  package init(_ body: Body) { self.body = body }

  /// The text of the file.
  package var text: String {
    let sha256 = Certificate.digest(body)
    return Certificate.encoded(Sealed(body: body, sha256: sha256)) + "\n"
  }

  /// Reads the text of a file.
  ///
  /// - Throws: ``ProofError`` where it is damaged, edited, or of another version.
  package init(text: String) throws(ProofError) {
    let sealed: Sealed
    do {
      sealed = try JSONDecoder().decode(Sealed.self, from: Data(text.utf8))
    } catch {
      throw ProofError("not a certificate, or a damaged one")
    }
    guard sealed.body.format == Certificate.format, sealed.body.version == Certificate.version
    else { throw ProofError("not a certificate of version \(Certificate.version)") }
    body = sealed.body
    guard Certificate.digest(body) == sealed.sha256, self.text == text else {
      throw ProofError("damaged or edited: its SHA-256 is not that of its content")
    }
  }

  private static func digest(_ body: Body) -> String {
    Digest.sha256(Array(encoded(body).utf8))
  }

  private static func encoded(_ value: some Encodable) -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    // Finite numbers and texts only: this does not fail.
    guard let data = try? encoder.encode(value) else { return "{}" }
    return String(decoding: data, as: UTF8.self)
  }
}

extension Certificate {
  /// A stretch on which a function and what it is held to are constant and differ.
  package struct Interval: Hashable, Codable, Sendable {
    package var first: Int64
    package var last: Int64
    package var output: Int64
    package var expected: Int64

    init(_ difference: RequantizationProof.Difference) {
      first = difference.range.lowerBound
      last = difference.range.upperBound
      output = difference.output
      expected = difference.expected
    }
  }

  /// A set of intervals, by its ends and its digest.
  package struct IntervalSet: Hashable, Codable, Sendable {
    package var accumulators: Int64
    package var intervals: Int
    /// How many of them, from the first on, the digest is of; `nil`: of all.
    package var listed: Int?
    package var first: Interval?
    package var last: Interval?
    package var largestDifference: Int64
    /// Of the lines `first last output expected`, decimal, one an interval, in order.
    package var sha256: String

    package init(_ differences: DifferenceSet) {
      accumulators = differences.accumulators
      intervals = differences.intervals
      listed = differences.isListedWhole ? nil : differences.listed.count
      first = differences.listed.first.map { Interval($0) }
      last = differences.last.map { Interval($0) }
      largestDifference = differences.largest
      var lines = DecimalLines(reserving: differences.listed.count * 32)
      for difference in differences.listed {
        let range = difference.range
        lines.append(
          range.lowerBound, range.upperBound, difference.output, difference.expected)
      }
      sha256 = Digest.sha256(lines.bytes)
    }
  }

  /// What holds of one requantization for every accumulator of its domain.
  package struct Statement: Hashable, Codable, Sendable {
    package var profile: String
    package var configuration: ProofConfiguration
    package var domain: [Int64]
    package var method: String
    /// By tie rule, where the output is not the true value rounded to nearest by it.
    package var differences: [String: IntervalSet]
    package var ties: Int64
    package var departed: Int64
    package var largestDifference: Int64
    package var accuracyClass: String

    package init(
      _ proof: RequantizationProof, _ profile: String, _ configuration: ProofConfiguration
    ) {
      self.profile = profile
      self.configuration = configuration
      domain = [proof.domain.lowerBound, proof.domain.upperBound]
      method = proof.method.text
      differences = Dictionary(
        uniqueKeysWithValues: proof.differences.map { ($0.key.rawValue, IntervalSet($0.value)) })
      ties = proof.ties
      departed = proof.departed
      largestDifference = proof.largestDifference
      accuracyClass = proof.accuracy.text
    }
  }

  /// Where two profiles differ.
  package struct Comparison: Hashable, Codable, Sendable {
    package var profile: String
    package var against: String
    package var configuration: ProofConfiguration
    package var domain: [Int64]
    package var methods: [String]
    package var differences: IntervalSet

    package init(
      _ comparison: ProfileComparison, _ profile: String, against: String,
      _ configuration: ProofConfiguration
    ) {
      self.profile = profile
      self.against = against
      self.configuration = configuration
      domain = [comparison.domain.lowerBound, comparison.domain.upperBound]
      methods = comparison.methods.map(\.text)
      differences = IntervalSet(comparison.differences)
    }
  }
}

extension RequantizationProof.Method {
  /// In words.
  package var text: String {
    switch self {
    case .steps(let pieces):
      "the steps of \(pieces) monotone piece\(pieces == 1 ? "" : "s")"
    case .partlySwept(let swept):
      "the steps of monotone pieces; \(swept) accumulators, on which it has too many, were swept"
    case .repeating(let period, let asked):
      "the steps of monotone pieces; beyond them it repeats every \(period) accumulators: one period on"
        + " each side and \(asked) accumulators around 0 were asked"
    case .repeatingPieces(let period, let pieces):
      "the steps of \(pieces) monotone pieces; the result wraps, and repeats every \(period) accumulators:"
        + " one period on each side was counted"
    case .swept: "every accumulator was asked"
    }
  }
}
