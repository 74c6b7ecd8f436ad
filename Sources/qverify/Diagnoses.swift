import CaseGeneration
import Diagnosis
import FailurePatterns
import Implementations
import Profiles
import ResultStore
import TestCases
import Verdicts
import Verification

extension Diagnosis {
  /// What the database keeps, the most plausible first.
  func records(_ name: String) -> [CauseRecord] {
    func record(_ cause: Cause, _ conclusion: CauseRecord.Conclusion) -> CauseRecord {
      CauseRecord(
        implementation: name, conclusion: conclusion, cause: cause.words,
        explained: cause.score.explained, wrong: cause.score.wrong,
        contradicted: cause.score.contradicted, right: cause.score.right)
    }
    switch conclusion {
    case .nothingWrong: return []
    case .explained(let causes):
      var seen: Set<String> = []
      return causes.filter { seen.insert($0.words).inserted }.prefix(8).map {
        record($0, .explains)
      }
    case .unexplained(let nearest):
      guard !nearest.isEmpty else {
        return [
          CauseRecord(
            implementation: name, conclusion: .unexplained, cause: "", explained: 0, wrong: 0,
            contradicted: 0, right: 0)
        ]
      }
      return nearest.map { record($0, .nearest) }
    }
  }
}

/// The diagnosis of each implementation that gave wrong outputs.
enum Diagnoses {
  /// Further cases that a cause has to predict.
  private static let furtherCases: UInt64 = 512
  /// Of their seed; any will do that users do not use.
  private static let furtherSeed: UInt64 = 0x6469_6167_6E6F_7365

  static func made(
    _ implementations: [any Implementation], _ samples: [EvidenceSample]
  ) -> [String: Diagnosis] {
    var diagnoses: [String: Diagnosis] = [:]
    for (implementation, sample) in zip(implementations, samples) where !sample.failing.isEmpty {
      let profiles = Set((sample.failing + sample.passing).map(\.profile))
      diagnoses[implementation.name] = Diagnostician(sample).diagnosis(
        further: asking(implementation, profiles))
    }
    return diagnoses
  }

  /// Where the wrong outputs of each lie.
  static func patterns(
    _ implementations: [any Implementation], _ samples: [EvidenceSample], _ asked: String?
  ) -> [String: FailurePattern] {
    var patterns: [String: FailurePattern] = [:]
    for (implementation, sample) in zip(implementations, samples) where !sample.failing.isEmpty {
      let questioner = Questioner(
        implementation.claims, asked: asked.flatMap { Conformance($0) }, crossesProfiles: true)
      let judge = CaseJudge()
      let cases = sample.failing.compactMap { evidence -> ObservedCase? in
        var testCase = evidence.testCase
        testCase.profile = evidence.profile
        let conformance = questioner.question(testCase)?.conformance ?? .profile
        let truth = judge.examine(testCase)
        guard let expected = judge.expected(truth, conformance) else { return nil }
        return judge.observed(truth, expected, evidence.output)
      }
      if !cases.isEmpty { patterns[implementation.name] = FailurePattern(cases) }
    }
    return patterns
  }

  /// Of one implementation, by asking it: what it fails of further cases, and the case that is known.
  static func asking(
    _ implementation: any Implementation, beside known: Evidence?
  ) -> Diagnosis? {
    let profiles = Set(implementation.claims.map { $0.profile ?? "exact-even" })
    guard let further = asking(implementation, profiles) else { return nil }
    let sample = further()
    return Diagnostician(
      EvidenceSample(
        failing: (known.map { [$0] } ?? []) + sample.failing, passing: sample.passing)
    ).diagnosis()
  }

  /// Asks an implementation more cases of the arithmetics that it was asked for; `nil` where there is
  /// nobody to ask.
  private static func asking(
    _ implementation: any Implementation, _ profiles: Set<String>
  ) -> (() -> EvidenceSample)? {
    guard implementation.kind != "answers" else { return nil }
    let claimed = Profiles.narrowed(to: implementation.claims)
    let selection = Selection(
      profiles: claimed.filter { profiles.contains($0.name) }, kind: .all)
    guard let generator = try? CaseGenerator(seed: furtherSeed, selection: selection) else {
      return nil
    }
    return {
      let cases = (0..<furtherCases).map { ReadCase(testCase: generator.testCase($0)) }
      let run = CheckRun(
        [implementation], source: GivenCases(cases), options: CheckOptions(keptFailures: 0))
      try? run.run { _ in }
      return run.evidence.first ?? EvidenceSample()
    }
  }
}
