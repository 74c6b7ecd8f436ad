import GRDB
package import Verdicts

/// All that a report says of one run, read from one state of the database.
package struct RunSnapshot: Sendable {
  package let run: StoredRun
  package let implementations: [StoredImplementation]
  package let tallies: [Tally]
  package let judgements: [Judgement]
  /// The case indices that are stored.
  package let finishedRanges: [Range<Int>]
  /// A choice that shows every kind, without the cases' lines and answers.
  package let failures: [FailureRecord]
  /// How many failures the database has of this run.
  package let failureCount: Int
  /// Of the latest runs up to the newest, oldest first.
  package let trend: [RunSummary]
  /// How many runs the database has.
  package let runCount: Int
  /// What was proved last, newest first; of the whole database.
  package let proofs: [ProofRecord]
  package let proofCount: Int
  /// Why outputs of the run are wrong.
  package let causes: [CauseRecord]
  /// What the run's cases have met.
  package let coverage: [StoredCoverage]

  package init(
    run: StoredRun, implementations: [StoredImplementation], tallies: [Tally],
    judgements: [Judgement], finishedRanges: [Range<Int>], failures: [FailureRecord],
    failureCount: Int, trend: [RunSummary], runCount: Int,
    proofs: [ProofRecord] = [], proofCount: Int = 0, coverage: [StoredCoverage] = [],
    causes: [CauseRecord] = []
  ) {
    (self.run, self.implementations, self.tallies) = (run, implementations, tallies)
    (self.judgements, self.finishedRanges) = (judgements, finishedRanges)
    (self.failures, self.failureCount) = (failures, failureCount)
    (self.trend, self.runCount, self.coverage) = (trend, runCount, coverage)
    (self.proofs, self.proofCount, self.causes) = (proofs, proofCount, causes)
  }
}

extension ResultStore {
  /// Reads a run for a report.
  ///
  /// - Parameters:
  ///   - selector: which run.
  ///   - failureLimit: of failures, spread over all their kinds.
  ///   - trendLimit: of runs in the trend.
  ///   - proofLimit: of proofs.
  /// - Returns: the run with all that belongs to it; nil when the database has no run and the
  ///   newest was asked for.
  /// - Throws: ``StoreError``, ``StoreError/unknownRun(_:)`` among them.
  package func snapshot(
    _ selector: RunSelector = .newest, failureLimit: Int = 200, trendLimit: Int = 500,
    proofLimit: Int = 20
  ) throws(StoreError) -> RunSnapshot? {
    try read { db in
      guard let run = try fetchRun(selector, db) else { return nil }
      return try RunSnapshot(
        run: run, implementations: fetchImplementations(run.id, db),
        tallies: fetchTallies(run.id, db), judgements: fetchJudgements(run.id, db),
        finishedRanges: fetchFinishedRanges(run.id, db),
        failures: fetchSample(run.id, limit: failureLimit, db),
        failureCount: fetchFailureCount(run.id, db),
        trend: fetchSummaries(limit: trendLimit, offset: 0, db).reversed(),
        runCount: Int.fetchOne(db, sql: "SELECT count(*) FROM run") ?? 0,
        proofs: fetchProofs(limit: proofLimit, db), proofCount: fetchProofCount(db),
        coverage: fetchCoverage(run.id, db), causes: fetchCauses(run.id, db))
    }
  }
}
