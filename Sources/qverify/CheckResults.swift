import Diagnosis
import FailurePatterns
import Implementations
import ResultStore
import Verdicts
import Verification

/// What a run of `check` has found, added up in memory: its size does not depend on the cases.
struct CheckResults: Sendable {
  private(set) var tallies: [TallyKey: TallyCounts] = [:]
  private(set) var failures: [FailureRecord] = []
  /// Cases judged, each counted once however many implementations there are.
  private(set) var cases = 0
  /// Of ``cases``, those that an interrupted part of the run had judged.
  private(set) var earlierCases = 0
  var judges = JudgeLog()
  private var earlierJudgements: [Judgement] = []
  var withoutClaim = 0
  private(set) var agreement = Agreement()
  /// By implementation, of those that failed.
  var diagnoses: [String: Diagnosis] = [:]
  /// Where the wrong outputs of each lie.
  var patterns: [String: FailurePattern] = [:]
  /// Where the results are stored: number and database; `nil` where they are not.
  var run: Int64?
  var database = ""

  /// What has been met of the bins that can be met; empty where that is not counted.
  private(set) var coverage: [CoverageResult]

  init(coverage: [CoverageResult] = []) { self.coverage = coverage }

  /// What is stored of a run that is resumed: its end speaks for all of it.
  init(earlier storage: CheckStorage, coverage: [CoverageResult]) throws(StoreError) {
    let stored = try storage.store.coverage(storage.run)
    self.coverage = coverage.map { group in
      guard let earlier = stored.first(where: { $0.group == group.group }) else { return group }
      return CoverageResult(group: group.group, bins: group.bins, met: earlier.met)
    }
    for tally in try storage.store.tallies(storage.run) { tallies[tally.key] = tally.counts }
    failures = try storage.store.failures(storage.run, limit: 1_000)
    earlierJudgements = try storage.store.judgements(storage.run)
    earlierCases = storage.finished.reduce(0) { $0 + $1.count }
    cases = earlierCases
  }

  /// The judges' checks of each other, over the whole run.
  var judgements: [Judgement] {
    let new = judges.judgements
    let known = Set(new.map(\.check))
    return new.map { judgement in
      var sum = judgement
      for earlier in earlierJudgements where earlier.check == sum.check {
        sum.checked += earlier.checked
        sum.disagreements += earlier.disagreements
      }
      return sum
    } + earlierJudgements.filter { !known.contains($0.check) }
  }

  var disagreements: Int { judgements.reduce(0) { $0 + $1.disagreements } }

  mutating func add(_ batch: BatchResult) {
    for tally in batch.tallies { tallies[tally.key, default: TallyCounts()] += tally.counts }
    failures += batch.failures
    agreement += batch.agreement
    for (place, group) in batch.coverage.enumerated() where place < coverage.count {
      coverage[place].formUnion(group)
    }
    cases += batch.ranges.reduce(0) { $0 + $1.count }
  }

  /// The sum over all keys of which `isIncluded` is true.
  func total(_ isIncluded: (TallyKey) -> Bool) -> TallyCounts {
    var sum = TallyCounts()
    for (key, counts) in tallies where isIncluded(key) { sum += counts }
    return sum
  }

  func accuracy(_ isIncluded: (TallyKey) -> Bool) -> AccuracyClass? {
    AccuracyClass(tallies.filter { isIncluded($0.key) }.map { Tally($0.key, $0.value) })
  }

  /// 5 before 1; nothing judged is not a pass, and neither is what was not reached.
  func status(_ names: [String]) -> ExitStatus {
    if disagreements > 0 { return .judgesDisagree }
    for name in names {
      let counts = total { $0.implementation == name }
      if counts.judged == 0 || counts.failed > 0 || counts.outcomes[.notReached] > 0 {
        return .deviates
      }
    }
    return .conforms
  }

  /// Whether every compared output was bit-exact with the profile claimed; of whoever is held to
  /// something else, nothing is said.
  func profileResults(
    _ asked: String?, _ implementations: [any Implementation]
  ) -> [String: ProfileResult] {
    var results: [String: ProfileResult] = [:]
    for implementation in implementations where implementation.heldTo(asked) == "profile" {
      let name = implementation.name
      let counts = total { $0.implementation == name }
      results[name] =
        counts.outputs == 0 ? .notClaimed : counts.mismatchedOutputs == 0 ? .bitExact : .notBitExact
    }
    return results
  }
}

extension Implementation {
  /// What its outputs are held to: what is asked for, else what it claims.
  func heldTo(_ asked: String?) -> String {
    if let asked { return asked }
    var claimed: [String] = []
    for claim in claims {
      let text = claim.profile == nil ? (claim.conformance ?? .nearest).text : "profile"
      if !claimed.contains(text) { claimed.append(text) }
    }
    return claimed.joined(separator: " or ")
  }
}
