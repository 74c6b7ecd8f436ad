import Reporting
import ResultStore
import Verdicts

/// Small runs to report on, without a database.
enum Sample {
  static func counts(
    cases: Int, mismatches: Int = 0, change: (inout TallyCounts) -> Void = { _ in }
  ) -> TallyCounts {
    var counts = TallyCounts()
    counts.cases = cases
    counts.outcomes[.pass] = cases - mismatches
    counts.outcomes[.mismatch] = mismatches
    counts.outputs = cases * 10
    counts.mismatchedOutputs = mismatches
    (counts.notAway, counts.notUp) = (1, 1)
    counts.notEven = mismatches
    counts.notNearest = mismatches
    counts.highestError = mismatches > 0 ? 1 : 0
    counts.largestDifference = counts.highestError
    change(&counts)
    return counts
  }

  static func tally(
    _ implementation: String, _ operatorName: String, _ caseClass: String, _ counts: TallyCounts
  ) -> Tally {
    Tally(
      TallyKey(
        implementation: implementation, operatorName: operatorName, types: "int8,int8,int8",
        profile: "tflm", caseClass: caseClass), counts)
  }

  static func failure(_ implementation: String, text: String = "off by one") -> FailureRecord {
    FailureRecord(
      implementation: implementation, caseID: "7-0000012-5f0c91ab", caseIndex: 12,
      operatorName: "fullyConnected", types: "int8,int8,int8", profile: "tflm", classes: ["tie"],
      outcome: .mismatch, elementIndex: 3, expected: -119, got: -118, exact: "-239/2",
      differingElements: 1, comparedElements: 12, message: text,
      repeatCommand: "qverify check --only 7-0000012-5f0c91ab")
  }

  static func run(
    id: Int64 = 1, status: RunStatus = .finished, exit: Int? = 0, disagree: Int = 0,
    change: (inout RunRecord) -> Void = { _ in }
  ) -> StoredRun {
    var record = RunRecord(
      uuid: "5f0c91ab-0000-4000-8000-000000000001",
      started: UTCTime(secondsSince1970: 1_900_000_000),
      commandLine: "qverify check --impl kernels,mine --seed 7", toolVersion: "1.0.0",
      generatorVersion: 1, seed: "7", selection: "--cases all", plannedCases: 100,
      labels: ["branch": "main"], environment: ["os": "Linux", "cores": "2"])
    change(&record)
    return StoredRun(
      id: RunID(rawValue: id), record: record, status: status,
      finished: status == .running ? nil : UTCTime(secondsSince1970: 1_900_000_065),
      exitStatus: exit, judgesDisagree: disagree)
  }

  static func summary(
    run: Int64, implementation: String = "mine", failed: Int = 0, cases: Int = 100,
    outputs: Int = 1000, verdict: RunSummary.Verdict? = nil
  ) -> RunSummary {
    RunSummary(
      run: RunID(rawValue: run), uuid: "5f0c91ab-0000-4000-8000-000000000001",
      started: UTCTime(secondsSince1970: 1_900_000_000 + Int(run) * 86_400), finished: nil,
      status: .finished, implementation: implementation, implementationVersion: "2.1",
      toolVersion: "1.0.0", cases: cases, passed: cases - failed, failed: failed, tolerated: 0,
      outputs: outputs, mismatchedOutputs: failed, departedOutputs: 0,
      worstError: failed > 0 ? 1 : 0, profileResult: nil, accuracyClass: nil,
      verdict: verdict ?? (failed > 0 ? .fails : .conforms))
  }

  /// Two implementations, one of which fails 3 of 50 cases.
  static func snapshot(
    run: StoredRun = run(exit: 1), implementations: [String] = ["kernels", "mine"],
    tallies: [Tally]? = nil, failures: [FailureRecord] = [failure("mine")],
    failureCount: Int = 3, trend: [RunSummary]? = nil,
    judgements: [Judgement] = [Judgement(check: "forms equal", checked: 1200, disagreements: 0)],
    coverage: [StoredCoverage] = []
  ) -> RunSnapshot {
    RunSnapshot(
      run: run,
      implementations: implementations.map {
        StoredImplementation(
          record: ImplementationRecord(name: $0, version: "2.1", kind: "library", path: "lib.so"),
          profileResult: $0 == "mine" ? .notBitExact : .bitExact, accuracyClass: nil)
      },
      tallies: tallies ?? [
        tally("kernels", "fullyConnected", "tie", counts(cases: 50)),
        tally("mine", "conv2d", "random", counts(cases: 20)),
        tally("mine", "fullyConnected", "tie", counts(cases: 30, mismatches: 3)),
      ],
      judgements: judgements, finishedRanges: [0..<50], failures: failures,
      failureCount: failureCount,
      trend: trend ?? [
        summary(run: 0, implementation: "kernels"), summary(run: 0),
        summary(run: 1, implementation: "kernels"), summary(run: 1, failed: 3),
      ],
      runCount: 2, coverage: coverage)
  }

  static func report(_ snapshot: RunSnapshot?, limits: ReportLimits = ReportLimits()) -> ReportModel
  {
    ReportModel(snapshot, limits: limits)
  }
}
