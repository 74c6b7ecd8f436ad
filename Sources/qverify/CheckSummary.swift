import CaseGeneration
import Diagnosis
import FailurePatterns
import Foundation
import Implementations
import Verdicts
import Verification

/// The end of a check in words, and as JSON.
struct CheckSummary {
  let text: String
  let json: String

  init(
    _ results: CheckResults, _ command: CheckCommand, _ implementations: [any Implementation],
    _ plan: CheckPlan, _ store: CheckStorage?, _ status: ExitStatus
  ) {
    let repeated = CommandText.repeated
    var lines: [String] = []
    let kinds = Self.kinds(results, implementations.first?.name ?? "")
    lines.append(
      "\(grouped(results.cases)) cases (\(kinds)), generator \(Selection.generatorVersion)"
        + (plan.seed.isEmpty ? "" : ", seed \(plan.seed)"))
    if results.earlierCases > 0, let store {
      lines.append(
        "the whole of run \(store.run): \(grouped(results.earlierCases)) of them were judged earlier,"
          + " \(grouped(results.cases - results.earlierCases)) now")
    }
    if let path = command.failures {
      lines.append("failing cases are saved in \(path)")
    }
    for implementation in implementations {
      lines += Self.section(results, implementation, implementation.heldTo(command.conformance))
    }
    lines += AgreementText.lines(results.agreement, implementations.map { $0.name })
    lines += Self.judges(results)
    lines += CoverageText.lines(results.coverage)
    if let store {
      lines.append("stored   run \(store.run) in \(store.path); the report: qverify report")
    }
    lines.append("repeat   \(repeated)")
    lines.append(Self.conclusion(status))
    text = lines.joined(separator: "\n")
    json =
      CheckDocument(
        results, implementations, plan, store, status: status,
        asked: command.conformance, command: repeated
      ).text
  }

  private static func kinds(_ results: CheckResults, _ name: String) -> String {
    let kinds: [(String, (String) -> Bool)] = [
      ("invalid", { $0.hasPrefix("invalid.") }), ("random", { $0 == "random" }),
      (
        "edge",
        { !$0.hasPrefix("invalid.") && !["random", "given", "cover"].contains($0) }
      ), ("cover", { $0 == "cover" }),
      ("given", { $0 == "given" }),
    ]
    let parts = kinds.compactMap { kind, fits -> String? in
      let count = results.total { $0.implementation == name && fits($0.caseClass) }.cases
      return count > 0 ? "\(grouped(count)) \(kind)" : nil
    }
    return parts.joined(separator: ", ")
  }

  private static func section(
    _ results: CheckResults, _ implementation: any Implementation, _ asked: String
  ) -> [String] {
    let name = implementation.name
    let counts = results.total { $0.implementation == name }
    var lines = ["", "\(name) \(implementation.version)"]
    lines.append("  " + headline(counts, asked))
    lines.append("  " + outcomes(counts))
    lines += CoverageText.vacuous(results, name).map { "  " + $0 }
    lines += table(results, name)
    lines += failures(results, name)
    lines += cause(results, name)
    return lines
  }

  /// How many outputs there were, and whether each is what is asked for: first of all, how little may
  /// have been compared.
  private static func headline(_ counts: TallyCounts, _ asked: String) -> String {
    guard counts.outputs > 0 else { return "no output was compared" }
    let differing =
      counts.mismatchedOutputs == 0
      ? "every one is" : "all but \(grouped(counts.mismatchedOutputs)) are"
    let what =
      asked == "profile" ? "bit-exact with the profile asked for" : asked
    let failed = addingWithSaturation(counts.failed, -counts.outcomes[.mismatch])
    return "\(grouped(counts.outputs)) outputs compared with the reference and the exact value:"
      + " \(differing) \(what)"
      + (failed > 0 ? "; \(grouped(failed)) cases failed in other ways" : "")
  }

  /// `9,990 pass, 10 mismatch`
  private static func outcomes(_ counts: TallyCounts) -> String {
    let parts = Outcome.allCases.compactMap { outcome -> String? in
      let count = counts.outcomes[outcome]
      return count > 0 ? "\(grouped(count)) \(outcome.rawValue)" : nil
    }
    return parts.isEmpty ? "no cases" : parts.joined(separator: ", ")
  }

  private static func table(_ results: CheckResults, _ name: String) -> [String] {
    let profiles = Set(
      results.tallies.keys.filter { $0.implementation == name }.map(\.profile)
    ).sorted()
    var rows = [["profile", "cases", "outputs", "differ", "departed", "accuracy class"]]
    for profile in profiles {
      let fits: (TallyKey) -> Bool = { $0.implementation == name && $0.profile == profile }
      let counts = results.total(fits)
      guard counts.outputs > 0 else { continue }
      rows.append([
        profile, grouped(counts.cases), grouped(counts.outputs),
        grouped(counts.mismatchedOutputs), grouped(counts.departedOutputs),
        results.accuracy(fits)?.text ?? "-",
      ])
    }
    guard rows.count > 1 else { return [] }
    return Columns.aligned(rows, leading: [0, 5]).map { "  " + $0 }
  }

  private static func failures(_ results: CheckResults, _ name: String) -> [String] {
    let all = results.failures.filter { $0.implementation == name }
      .sorted { ($0.caseIndex ?? .max) < ($1.caseIndex ?? .max) }
    // A few of each outcome: a thousand mismatches must not hide the one crash.
    var shown: [Outcome: Int] = [:]
    let mine = all.filter { failure in
      shown[failure.outcome, default: 0] += 1
      return shown[failure.outcome, default: 0] <= (shown.count == 1 ? 4 : 2)
    }
    var lines: [String] = []
    for failure in mine {
      lines.append(
        "  FAILED \(failure.caseID) \(failure.outcome.rawValue)"
          + (failure.classes.isEmpty ? "" : " (\(failure.classes.joined(separator: ", ")))")
          + ": \(failure.message)"
      )
      if let element = failure.elementIndex, let expected = failure.expected, let got = failure.got
      {
        // Where another conformance is asked for, the profile's own value may be what is wrong.
        let values =
          expected == got
          ? "got \(got), as the profile's reference does" : "expected \(expected), got \(got)"
        lines.append(
          "    output [\(element)]: \(values); exact value before the zero point"
            + " \(failure.exact ?? "-")")
      }
      if !failure.repeatCommand.isEmpty { lines.append("    repeat: \(failure.repeatCommand)") }
    }
    if all.count > mine.count {
      lines.append("  … and more: --failures FILE saves them, qverify report lists what is stored")
    }
    return lines
  }

  /// Where the wrong outputs lie, why they are wrong, and what to do next.
  private static func cause(_ results: CheckResults, _ name: String) -> [String] {
    var lines: [String] = []
    if let pattern = results.patterns[name] {
      let whole = pattern.lines
      lines += whole.prefix(6).enumerated().map { "  \($0 == 0 ? "WHERE  " : "       ")\($1)" }
    }
    if let diagnosis = results.diagnoses[name] { lines += diagnosis.lines.map { "  " + $0 } }
    // A wrong output says more than a crash, where there is one.
    let failures = results.failures.filter { $0.implementation == name && $0.caseIndex != nil }
    if let run = results.run,
      let first = failures.min(by: {
        ($0.outcome == .mismatch ? 0 : 1, $0.caseIndex ?? .max)
          < ($1.outcome == .mismatch ? 0 : 1, $1.caseIndex ?? .max)
      })
    {
      let place = CommandText.databaseOption(results.database)
      lines.append("  NEXT   qverify shrink \(run):\(first.caseID)\(place)   # the smallest form")
      lines.append("         qverify explain \(run):\(first.caseID)\(place)  # in full")
    }
    return lines
  }

  private static func judges(_ results: CheckResults) -> [String] {
    let judgements = results.judgements
    let checks = judgements.reduce(0) { $0 + $1.checked }
    var lines = [""]
    let disagreements = results.disagreements
    if disagreements == 0 {
      lines.append(
        "judges   \(grouped(checks)) comparisons of the judges with each other, no disagreement")
    } else {
      lines.append(
        "judges   DISAGREE in \(grouped(disagreements)) of \(grouped(checks)) comparisons"
      )
    }
    for judgement in judgements {
      let verdict =
        judgement.disagreements == 0 ? "" : "  \(grouped(judgement.disagreements)) DISAGREE"
      lines.append("           \(judgement.check): \(grouped(judgement.checked))\(verdict)")
    }
    if results.withoutClaim > 0 {
      lines.append(
        "           float64 values without a claim (extreme scales): \(grouped(results.withoutClaim))"
      )
    }
    return lines
  }

  private static func conclusion(_ status: ExitStatus) -> String {
    switch status {
    case .conforms: "CONFORMS"
    case .deviates: "DOES NOT CONFORM"
    case .judgesDisagree: "THE JUDGES DISAGREE"
    case .interrupted, .terminated: "INTERRUPTED: what was finished is stored"
    case .usage, .notStarted, .database: "FAILED"
    }
  }
}

/// Rows of text in columns.
enum Columns {
  /// Aligns the columns named in `leading` at their left, the others at their right.
  static func aligned(_ rows: [[String]], leading: Set<Int>) -> [String] {
    let count = rows.map(\.count).max() ?? 0
    let widths = (0..<count).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      row.enumerated().map { column, text in
        let space = String(repeating: " ", count: widths[column] - text.count)
        if leading.contains(column) { return column == row.count - 1 ? text : text + space }
        return space + text
      }.joined(separator: "  ")
    }
  }
}
