package import ResultStore
package import Verdicts

/// What a report says, before any format.
package enum ReportModel: Sendable {
  /// The database has no run yet; proofs it may have.
  case empty(ProofSection = ProofSection())
  case run(RunReport)

  /// - Parameters:
  ///   - snapshot: of the run to report on; nil for a database without runs.
  ///   - limits: of the report's size.
  ///   - proofs: of a database without runs.
  package init(
    _ snapshot: RunSnapshot?, limits: ReportLimits = ReportLimits(),
    proofs: ProofSection = ProofSection()
  ) {
    self = snapshot.map { .run(RunReport($0, limits: limits)) } ?? .empty(proofs)
  }
}

/// How large a report may grow.
///
/// What is left out is said in it.
package struct ReportLimits: Hashable, Sendable {
  /// Failures shown, at most.
  package var failures: Int
  /// Rows of counts (one for each operator, types, profile and class), over all implementations.
  package var rows: Int
  /// Characters shown of one stored text, such as a message or a command.
  package var characters: Int
  /// Implementations in the trend.
  package var trends: Int
  /// Holes named of one group of coverage.
  package var holes: Int

  package init(
    failures: Int = 200, rows: Int = 2000, characters: Int = 1000, trends: Int = 12,
    holes: Int = 50
  ) {
    (self.failures, self.rows) = (max(0, failures), max(0, rows))
    (self.characters, self.trends) = (max(0, characters), max(0, trends))
    self.holes = max(0, holes)
  }

  /// For pages that are cut off when they are long, such as the summary of a CI job (1 MiB).
  package static let brief = ReportLimits(failures: 40, rows: 2000, characters: 200, holes: 5)
}

/// One run, sorted and summed up for a reader.
package struct RunReport: Sendable {
  package let run: StoredRun
  package let limits: ReportLimits
  package let headline: Headline
  package let implementations: [ImplementationReport]
  package let judgements: [Judgement]
  package let failures: [FailureRecord]
  /// Failures that the database has and the report does not show.
  package let failuresOmitted: Int
  /// Cases done, of those planned.
  package let finishedCases: Int
  package let trends: [Trend]
  /// Implementations of other runs that the trend leaves out.
  package let trendsOmitted: Int
  /// Runs in the trend, and in the database.
  package let trendRuns: Int
  package let runCount: Int
  package let proofs: ProofSection
  package let causes: CauseSection
  /// What the run's cases have met; empty where it was not counted.
  package let coverage: CoverageReport

  init(_ snapshot: RunSnapshot, limits: ReportLimits) {
    run = snapshot.run
    self.limits = limits
    var rowsLeft = limits.rows
    let tallies = Dictionary(grouping: snapshot.tallies, by: \.key.implementation)
    let all = snapshot.implementations.map {
      ImplementationReport($0, tallies[$0.record.name] ?? [])
    }
    // Failing ones first, and so they are the last to lose rows to the limit; else in their order.
    let sorted = all.filter { $0.verdict == .fails } + all.filter { $0.verdict != .fails }
    implementations = sorted.map { $0.limited(rowsLeft: &rowsLeft) }
    judgements = snapshot.judgements.sorted {
      ($1.disagreements, $0.check) < ($0.disagreements, $1.check)
    }
    failures = Array(snapshot.failures.prefix(limits.failures))
    failuresOmitted = max(0, snapshot.failureCount - failures.count)
    finishedCases = snapshot.finishedRanges.reduce(0) { $0 + $1.count }
    headline = Headline(
      snapshot.run, sorted, judgements: judgements, finishedCases: finishedCases)
    let trends = Trend.all(
      snapshot.trend, first: implementations.map(\.name), current: snapshot.run.id)
    self.trends = Array(trends.prefix(limits.trends))
    trendsOmitted = trends.count - self.trends.count
    trendRuns = Set(snapshot.trend.map(\.run)).count
    runCount = snapshot.runCount
    proofs = ProofSection(snapshot.proofs, count: snapshot.proofCount)
    causes = CauseSection(snapshot.causes)
    coverage = CoverageReport(snapshot.coverage, holes: limits.holes)
  }
}

/// One implementation's part of a run.
package struct ImplementationReport: Sendable {
  package let stored: StoredImplementation
  package let totals: TallyCounts
  package let accuracy: AccuracyClass?
  /// Those with failures first.
  package let groups: [ResultGroup]
  /// Rows that the limit left out.
  package let rowsOmitted: Int

  package var name: String { stored.record.name }

  package var verdict: RunSummary.Verdict {
    if totals.failed > 0 { return .fails }
    return totals.judged > 0 ? .conforms : .nothingJudged
  }

  init(_ stored: StoredImplementation, _ tallies: [Tally]) {
    self.stored = stored
    totals = tallies.reduce(into: TallyCounts()) { $0 += $1.counts }
    accuracy = AccuracyClass(tallies)
    let groups = Dictionary(grouping: tallies) {
      [$0.key.operatorName, $0.key.types, $0.key.profile]
    }
    self.groups = groups.values.compactMap(ResultGroup.init).sorted(by: ResultGroup.precedes)
    rowsOmitted = 0
  }

  private init(_ report: ImplementationReport, groups: [ResultGroup], rowsOmitted: Int) {
    (stored, totals, accuracy) = (report.stored, report.totals, report.accuracy)
    (self.groups, self.rowsOmitted) = (groups, rowsOmitted)
  }

  /// The same with at most so many rows, which are taken off what is left.
  func limited(rowsLeft: inout Int) -> ImplementationReport {
    var shown: [ResultGroup] = []
    var omitted = 0
    for group in groups {
      let rows = Array(group.rows.prefix(rowsLeft))
      rowsLeft -= rows.count
      omitted += group.rows.count - rows.count
      if !rows.isEmpty { shown.append(group.with(rows: rows)) }
    }
    return ImplementationReport(self, groups: shown, rowsOmitted: omitted)
  }
}

/// The counts of one operator, types and profile, by class of cases.
package struct ResultGroup: Sendable {
  package let operatorName: String
  package let types: String
  package let profile: String
  /// Of all classes, also of those that are left out of `rows`.
  package let totals: TallyCounts
  package let accuracy: AccuracyClass?
  /// Those with failures first.
  package let rows: [Row]

  package struct Row: Sendable {
    package let caseClass: String
    package let counts: TallyCounts
    package let accuracy: AccuracyClass?
  }

  init?(_ tallies: [Tally]) {
    guard let key = tallies.first?.key else { return nil }
    (operatorName, types, profile) = (key.operatorName, key.types, key.profile)
    totals = tallies.reduce(into: TallyCounts()) { $0 += $1.counts }
    accuracy = AccuracyClass(tallies)
    rows = tallies.map {
      Row(caseClass: $0.key.caseClass, counts: $0.counts, accuracy: AccuracyClass([$0]))
    }
    .sorted { left, right in
      guard left.counts.severity == right.counts.severity else {
        return left.counts.severity > right.counts.severity
      }
      return left.caseClass < right.caseClass
    }
  }

  private init(_ group: ResultGroup, rows: [Row]) {
    (operatorName, types, profile) = (group.operatorName, group.types, group.profile)
    (totals, accuracy) = (group.totals, group.accuracy)
    self.rows = rows
  }

  func with(rows: [Row]) -> ResultGroup { ResultGroup(self, rows: rows) }

  static func precedes(_ left: ResultGroup, _ right: ResultGroup) -> Bool {
    guard left.totals.severity == right.totals.severity else {
      return left.totals.severity > right.totals.severity
    }
    return (left.operatorName, left.types, left.profile)
      < (right.operatorName, right.types, right.profile)
  }
}

extension TallyCounts {
  /// What comes first when failures come first.
  var severity: Severity { Severity(failed: failed, mismatched: mismatchedOutputs) }

  struct Severity: Comparable {
    let failed: Int
    let mismatched: Int

    static func < (left: Severity, right: Severity) -> Bool {
      (left.failed, left.mismatched) < (right.failed, right.mismatched)
    }
  }
}
