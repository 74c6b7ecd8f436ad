import Foundation
import QuantizedLayers

/// Where the wrong outputs of some cases lie: what all of them have in common and right ones do not.
///
/// Every sentence says what was seen, and is true without exception of what was seen.
package struct FailurePattern: Hashable, Sendable, Codable {
  /// What holds for every wrong output.
  package struct Finding: Hashable, Sendable, Codable {
    /// Goes on from "all wrong outputs lie".
    package let words: String
    /// Other widths for which the words are as true of what was seen: "8", "16".
    package fileprivate(set) var others: [String] = []
    /// Right outputs for which it holds as well.
    package let right: Int
    /// Right outputs for which it does not hold.
    package let rightElsewhere: Int
  }

  package struct Difference: Hashable, Sendable, Codable {
    /// got − expected
    package let steps: Int64
    package let outputs: Int
  }

  /// Between which numbers a quantity lies.
  package struct Extent: Hashable, Sendable, Codable {
    package let quantity: String
    package let wrong: [Double]
    /// Empty where no output is right.
    package let right: [Double]
  }

  package let cases: Int
  package let wrong: Int
  package let right: Int
  /// The most telling first.
  package let findings: [Finding]
  /// The most frequent first.
  package let differences: [Difference]
  package let extents: [Extent]

  /// Looks at every output of some cases. Findings are at most `limit`.
  package init(_ cases: [ObservedCase], limit: Int = 6) {
    let subjects = cases.flatMap { observed in
      observed.outputs.map { Subject(observed.layer, $0) }
    }
    let wrong = subjects.filter(\.output.isWrong)
    let right = subjects.filter { !$0.output.isWrong }
    self.cases = cases.count
    (self.wrong, self.right) = (wrong.count, right.count)
    findings = FailurePattern.findings(wrong, right, limit)
    differences = FailurePattern.differences(wrong)
    extents = FailurePattern.extents(wrong, right)
  }

  /// The share of right outputs that may meet a condition that every wrong one meets: what most of them
  /// meet as well does not tell wrong from right.
  private static let largestShare = 0.5
  /// How likely as many right outputs, drawn at random, may all meet it.
  private static let largestChance = 0.05

  /// Conditions that every wrong output meets and most right ones do not; of each family the one with
  /// the fewest right outputs.
  private static func findings(
    _ wrong: [Subject], _ right: [Subject], _ limit: Int
  ) -> [Finding] {
    guard !wrong.isEmpty else { return [] }
    var best: [String: (place: Int, finding: Finding)] = [:]
    for (place, condition) in (Condition.all + constants(wrong)).enumerated()
    where wrong.allSatisfy(condition.holds) {
      let inside = right.count { condition.holds($0) }
      let share = Double(inside) / Double(right.count)
      guard inside < right.count, share <= largestShare,
        pow(share, Double(wrong.count)) <= largestChance
      else { continue }
      let finding = Finding(
        words: condition.words, right: inside, rightElsewhere: right.count - inside)
      if let known = best[condition.family], known.finding.right <= inside {
        if known.finding.right == inside, !condition.grain.isEmpty {
          best[condition.family]?.finding.others.append(condition.grain)
        }
        continue
      }
      best[condition.family] = (place, finding)
    }
    return best.values.sorted { ($0.finding.right, $0.place) < ($1.finding.right, $1.place) }
      .prefix(limit).map(\.finding)
  }

  /// The one channel and the one row, beyond the first, and the one value of all wrong outputs.
  private static func constants(_ wrong: [Subject]) -> [Condition] {
    var found: [Condition] = []
    if let channel = wrong.first?.output.channel, channel > 0 {
      found.append(
        Condition("one channel", "in channel \(channel)") { $0.output.channel == channel })
    }
    if let row = wrong.first?.output.row, row > 0 {
      found.append(Condition("one row", "in row \(row)") { $0.output.row == row })
    }
    guard let first = wrong.first?.output else { return found }
    if wrong.allSatisfy({ $0.output.expected == first.expected }) {
      found.append(
        Condition("value", "where \(signed(first.expected)) is expected") {
          $0.output.expected == first.expected
        })
    } else {
      found.append(
        Condition("value", "where \(signed(first.got)) came") {
          $0.output.got == first.got
        })
    }
    return found
  }

  private static func signed(_ value: Int64) -> String {
    value < 0 ? "−\(value.magnitude)" : "\(value)"
  }

  private static func differences(_ wrong: [Subject]) -> [Difference] {
    var counts: [Int64: Int] = [:]
    for subject in wrong {
      let (steps, overflow) = subject.output.got.subtractingReportingOverflow(
        subject.output.expected)
      if !overflow { counts[steps, default: 0] += 1 }
    }
    return counts.map { Difference(steps: $0.key, outputs: $0.value) }
      .sorted {
        ($1.outputs, $0.steps.magnitude, $0.steps) < ($0.outputs, $1.steps.magnitude, $1.steps)
      }
  }

  private static func extents(_ wrong: [Subject], _ right: [Subject]) -> [Extent] {
    let quantities: [(String, (Subject) -> Double?)] = [
      ("accumulator", { $0.output.accumulator.map { Double($0) } }), ("D", { $0.ratio }),
      ("Zi", { Double($0.layer.inputZeroPoint) }), ("Zw", { Double($0.weightsZeroPoint) }),
      ("Zo", { Double($0.layer.outputZeroPoint) }), ("K", { Double($0.layer.depth) }),
      ("N", { Double($0.layer.channels) }), ("M", { Double($0.layer.rows) }),
    ]
    func ends(_ subjects: [Subject], _ value: (Subject) -> Double?) -> [Double] {
      let values = subjects.compactMap(value).filter(\.isFinite)
      guard let low = values.min(), let high = values.max() else { return [] }
      return [low, high]
    }
    return quantities.compactMap { name, value in
      let bad = ends(wrong, value)
      return bad.isEmpty ? nil : Extent(quantity: name, wrong: bad, right: ends(right, value))
    }
  }
}
