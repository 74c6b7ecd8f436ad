import Foundation
import MutationScore
import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// The result of `mutate`, as text and as JSON.
struct MutationText {
  private let scores: [TargetScore]
  private let threshold: Double
  private let known: KnownSurvivors

  init(_ scores: [TargetScore], threshold: Double, known: KnownSurvivors) {
    self.scores = scores
    self.threshold = threshold
    self.known = known
  }

  /// Whether every score reaches the threshold, and no listed survivor has been killed.
  var isEnough: Bool {
    scores.allSatisfy { known.percent($0) >= threshold && known.stale($0).isEmpty }
  }

  func lines(survivorsOnly: Bool) -> String {
    var lines: [String] = []
    for score in scores {
      lines.append(score.target.text)
      if survivorsOnly {
        lines += survivors(score)
      } else {
        lines += whole(score)
      }
    }
    lines.append(total)
    return lines.joined(separator: "\n") + "\n"
  }

  private func whole(_ score: TargetScore) -> [String] {
    let (killed, survivors) = (score.killed, known.unknown(score))
    let listed = score.survivors.count - survivors.count
    var lines = [
      "  \(grouped(score.cases)) cases; of \(grouped(score.mutants.count)) wrong kernels"
        + " \(grouped(killed.count)) killed, \(grouped(survivors.count)) survived,"
        + (listed > 0 ? " \(grouped(listed)) known to survive," : "")
        + " \(grouped(score.equivalent.count)) equivalent: score \(percent(known.percent(score)))"
    ]
    let classes = score.classes
    if !classes.isEmpty { lines.append("  first kills") }
    lines += classes.map { "    \(padded(grouped($0.kills), 5))  \($0.name)" }
    let slowest = killed.sorted {
      ($1.kill.after, $0.mutant.words) < ($0.kill.after, $1.mutant.words)
    }
    if !slowest.isEmpty { lines.append("  slowest kills") }
    lines += slowest.prefix(5).map {
      "    \(padded(grouped($0.kill.after), 5))  \($0.mutant.words)  (\($0.kill.caseClass),"
        + " \($0.kill.id))"
    }
    if !survivors.isEmpty { lines.append("  survived") }
    return lines + self.survivors(score).map { "  " + $0 }
  }

  private func survivors(_ score: TargetScore) -> [String] {
    known.unknown(score).map { "  \($0.words)" }
      + known.stale(score).map { "  listed as a survivor, but it is not: \($0)" }
  }

  private var total: String {
    let killed = scores.reduce(0) { $0 + $1.killed.count }
    let survived = scores.reduce(0) { $0 + known.unknown($1).count }
    let listed = scores.reduce(0) { $0 + $1.survivors.count } - survived
    let equivalent = scores.reduce(0) { $0 + $1.equivalent.count }
    let all = killed + survived
    let score = all == 0 ? 100 : 100 * Double(killed) / Double(all)
    return "SCORE  \(percent(score)): \(grouped(killed)) of \(grouped(all)) wrong kernels killed,"
      + " \(grouped(survived)) survived; \(grouped(equivalent)) are equivalent"
      + (listed > 0 ? ", \(grouped(listed)) are known to survive" : "")
  }

  /// Cut, not rounded: 100 % is said of all.
  private func percent(_ value: Double) -> String {
    String(format: "%.2f %%", (value * 100).rounded(.down) / 100)
  }

  private func padded(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(0, width - text.count)) + text
  }

  // MARK: JSON

  private struct Document: Encodable {
    let threshold: Double
    let reachesThreshold: Bool
    let targets: [Target]
  }

  private struct Target: Encodable {
    let profile: String
    let types: String
    let bias: [String]
    let cases: Int
    let killed: Int
    let survived: Int
    /// Of the survivors, those in the file of --known.
    let known: Int
    let equivalent: Int
    let score: Double
    let firstKills: [String: Int]
    let mutants: [MutantEntry]
  }

  private struct MutantEntry: Encodable {
    let words: String
    let variants: Int
    /// `killed`, `survived` or `equivalent`.
    let fate: String
    var caseClass: String?
    var caseId: String?
    var after: Int?
    var reason: String?

    private enum CodingKeys: String, CodingKey {
      case words, variants, fate
      case caseClass = "class"
      case caseId = "case"
      case after, reason
    }

    init(_ judged: TargetScore.Judged) {
      words = judged.mutant.words
      variants = judged.mutant.variants.count
      switch judged.fate {
      case .survived: fate = "survived"
      case .killed(let kill):
        fate = "killed"
        (caseClass, caseId, after) = (kill.caseClass, kill.id, kill.after)
      case .equivalent(let reason):
        fate = "equivalent"
        self.reason = reason
      }
    }
  }

  var json: String {
    let document = Document(
      threshold: threshold, reachesThreshold: isEnough,
      targets: scores.map { score in
        Target(
          profile: score.target.profile.name, types: score.target.rule.types.description,
          bias: score.target.rule.biasTypes.map { $0?.rawValue ?? "none" }, cases: score.cases,
          killed: score.killed.count, survived: score.survivors.count,
          known: score.survivors.count - known.unknown(score).count,
          equivalent: score.equivalent.count, score: known.percent(score),
          firstKills: Dictionary(uniqueKeysWithValues: score.classes.map { ($0.name, $0.kills) }),
          mutants: score.mutants.map { MutantEntry($0) })
      })
    return PrettyJSON.text(document) + "\n"
  }
}
