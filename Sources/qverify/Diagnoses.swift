import CaseGeneration
import Diagnosis
import Implementations
import Profiles
import TestCases
import Verification

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
