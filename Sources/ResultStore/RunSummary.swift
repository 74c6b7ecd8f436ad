import Verdicts

/// One implementation of one run in numbers: a row of the view `run_summary`, and of `trend`.
package struct RunSummary: Hashable, Sendable {
  package let run: RunID
  package let uuid: String
  package let started: UTCTime
  package let finished: UTCTime?
  package let status: RunStatus
  package let implementation: String
  package let implementationVersion: String
  package let toolVersion: String
  package let cases: Int
  package let passed: Int
  /// Cases that count against the implementation.
  package let failed: Int
  package let tolerated: Int
  package let outputs: Int
  package let mismatchedOutputs: Int
  package let departedOutputs: Int
  /// In output steps, against the nearest integer.
  package let worstError: Int
  package let profileResult: ProfileResult?
  package let accuracyClass: String?
  package let verdict: Verdict

  package init(
    run: RunID, uuid: String, started: UTCTime, finished: UTCTime?, status: RunStatus,
    implementation: String, implementationVersion: String, toolVersion: String, cases: Int,
    passed: Int, failed: Int, tolerated: Int, outputs: Int, mismatchedOutputs: Int,
    departedOutputs: Int, worstError: Int, profileResult: ProfileResult?, accuracyClass: String?,
    verdict: Verdict
  ) {
    (self.run, self.uuid, self.started) = (run, uuid, started)
    (self.finished, self.status, self.implementation) = (finished, status, implementation)
    (self.implementationVersion, self.toolVersion) = (implementationVersion, toolVersion)
    (self.cases, self.passed, self.failed, self.tolerated) = (cases, passed, failed, tolerated)
    (self.outputs, self.mismatchedOutputs) = (outputs, mismatchedOutputs)
    (self.departedOutputs, self.worstError) = (departedOutputs, worstError)
    (self.profileResult, self.accuracyClass) = (profileResult, accuracyClass)
    self.verdict = verdict
  }

  /// What a run says of one implementation.
  package enum Verdict: String, CaseIterable, Sendable {
    case conforms, fails, nothingJudged, unfinished, judgesDisagree
  }

  /// Cases that a verdict was reached on.
  package var judged: Int { addingWithSaturation(addingWithSaturation(passed, tolerated), failed) }

  /// The part of `judged` that did not fail, 0 … 1; nil when nothing was judged.
  package var passShare: Double? {
    judged > 0 ? Double(judged - failed) / Double(judged) : nil
  }
}
