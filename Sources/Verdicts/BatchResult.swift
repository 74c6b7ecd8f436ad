/// The results of some cases, committed as a whole or not at all.
package struct BatchResult: Sendable {
  /// The case indices that this batch judged, for every implementation of the run.
  package var ranges: [Range<Int>]
  package var tallies: [Tally]
  package var judgements: [Judgement]
  /// How many are kept is the caller's choice.
  package var failures: [FailureRecord]
  /// Between the implementations of the run, in their order.
  package var agreement: Agreement
  /// What these cases have met, in all groups or in none.
  package var coverage: [CoverageResult]

  package init(
    ranges: [Range<Int>] = [], tallies: [Tally] = [], judgements: [Judgement] = [],
    failures: [FailureRecord] = [], agreement: Agreement = Agreement(),
    coverage: [CoverageResult] = []
  ) {
    (self.ranges, self.tallies) = (ranges, tallies)
    (self.judgements, self.failures) = (judgements, failures)
    self.agreement = agreement
    self.coverage = coverage
  }
}
