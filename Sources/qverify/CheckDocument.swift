import CaseGeneration
import Foundation
import Implementations
import ResultStore
import Verdicts
import Verification

/// The result of a check as JSON; ``CheckSchema`` describes it.
struct CheckDocument: Codable {
  /// What the cases have met, over all groups and of each.
  struct Coverage: Codable {
    struct Group: Codable {
      let group: String
      let bins: Int
      let covered: Int
      /// Names of the bins that no case has met.
      let holes: [String]
    }

    let bins: Int
    let covered: Int
    let groups: [Group]
  }

  struct Counts: Codable {
    let cases: Int
    let vacuous: Int
    let outcomes: [String: Int]
    let outputs: Int
    let mismatchedOutputs: Int
    let departedOutputs: Int
    let largestError: Int
    let accuracyClass: String?
  }

  struct Cell: Codable {
    let operatorName: String
    let types: String
    let profile: String
    let caseClass: String
    let counts: Counts

    private enum CodingKeys: String, CodingKey {
      case operatorName = "operator"
      case types, profile
      case caseClass = "class"
      case counts
    }
  }

  struct FailedCase: Codable {
    let id: String
    let index: Int?
    let outcome: String
    let types: String
    let profile: String
    let classes: [String]
    let message: String
    let element: Int?
    let expected: Int?
    let got: Int?
    let exact: String?
    let differing: Int
    let compared: Int
    let repeatCommand: String
  }

  struct Judged: Codable {
    let name: String
    let version: String
    let kind: String
    /// True, false, or absent where nothing was compared with a profile.
    let bitExact: Bool?
    let total: Counts
    let cells: [Cell]
    let failures: [FailedCase]
    /// What explains the wrong outputs, the most plausible first.
    let causes: [Cause]
  }

  struct Cause: Codable {
    /// `explains`, `nearest` (nothing explains it) or `unexplained`.
    let conclusion: String
    let cause: String
    let explained: Int
    let wrong: Int
    let contradicted: Int
    let right: Int

    init(_ record: CauseRecord) {
      conclusion = record.conclusion.rawValue
      cause = record.cause
      (explained, wrong) = (record.explained, record.wrong)
      (contradicted, right) = (record.contradicted, record.right)
    }
  }

  /// Of two implementations: cases that both answered, and how many of them differ.
  struct Pair: Codable {
    let first: String
    let second: String
    let compared: Int
    let differing: Int
  }

  struct Check: Codable {
    let check: String
    let checked: Int
    let disagreements: Int
  }

  let schemaVersion: Int
  let tool: String
  let status: String
  let exitStatus: Int
  let command: String
  let conformance: String
  let generator: Int
  let seed: String?
  let selection: String?
  let cases: Int
  let run: Int?
  let database: String?
  let implementations: [Judged]
  let judges: [Check]
  let agreement: [Pair]
  /// Groups of implementations that never differed.
  let clusters: [[String]]
  /// Absent for a single case.
  let coverage: Coverage?

  init(
    _ results: CheckResults, _ implementations: [any Implementation], _ plan: CheckPlan,
    _ store: CheckStorage?, status: ExitStatus, asked: String?, command: String
  ) {
    schemaVersion = 1
    tool = "qverify \(toolVersion)"
    self.status = "\(status)"
    exitStatus = Int(status.rawValue)
    self.command = command
    conformance = asked ?? "profile"
    generator = Selection.generatorVersion
    seed = plan.seed.isEmpty ? nil : plan.seed
    selection = plan.selection.isEmpty ? nil : plan.selection
    cases = results.cases
    run = store.map { Int($0.run.rawValue) }
    database = store?.path
    let profileResults = results.profileResults(asked, implementations)
    self.implementations = implementations.map { implementation in
      let name = implementation.name
      let mine: (TallyKey) -> Bool = { $0.implementation == name }
      return Judged(
        name: name, version: implementation.version, kind: implementation.kind,
        bitExact: profileResults[name].flatMap { $0 == .notClaimed ? nil : $0 == .bitExact },
        total: Counts(results.total(mine), results.accuracy(mine)),
        cells: CheckDocument.cells(results, mine),
        failures: results.failures.filter { $0.implementation == name }
          .sorted { ($0.caseIndex ?? 0) < ($1.caseIndex ?? 0) }.prefix(200).map { FailedCase($0) },
        causes: (results.diagnoses[name]?.records(name) ?? []).map {
          Cause($0)
        })
    }
    let names = implementations.map { $0.name }
    agreement = names.indices.flatMap { one in
      names.indices.dropFirst(one + 1).map { other in
        let counts = results.agreement.pairs[Agreement.Pair(one, other)] ?? Agreement.Counts()
        return Pair(
          first: names[one], second: names[other], compared: counts.compared,
          differing: counts.differing)
      }
    }
    clusters =
      names.count > 1
      ? results.agreement.clusters(of: names.count).map { $0.map { names[$0] } } : []
    coverage = results.coverage.isEmpty ? nil : Coverage(results.coverage)
    judges = results.judgements.map {
      Check(check: $0.check, checked: $0.checked, disagreements: $0.disagreements)
    }
  }

  private static func cells(_ results: CheckResults, _ mine: (TallyKey) -> Bool) -> [Cell] {
    results.tallies.filter { mine($0.key) }
      .sorted {
        ($0.key.profile, $0.key.types, $0.key.caseClass)
          < ($1.key.profile, $1.key.types, $1.key.caseClass)
      }
      .map { key, counts in
        Cell(
          operatorName: key.operatorName, types: key.types, profile: key.profile,
          caseClass: key.caseClass,
          counts: Counts(counts, AccuracyClass([Tally(key, counts)])))
      }
  }

  var text: String {
    PrettyJSON.text(self)
  }
}

extension CheckDocument.Counts {
  init(_ counts: TallyCounts, _ accuracy: AccuracyClass?) {
    var outcomes: [String: Int] = [:]
    for outcome in Outcome.allCases where counts.outcomes[outcome] > 0 {
      outcomes[outcome.rawValue] = counts.outcomes[outcome]
    }
    self.init(
      cases: counts.cases, vacuous: counts.vacuous, outcomes: outcomes, outputs: counts.outputs,
      mismatchedOutputs: counts.mismatchedOutputs, departedOutputs: counts.departedOutputs,
      largestError: counts.largestError, accuracyClass: accuracy?.text)
  }
}

extension CheckDocument.Coverage {
  init(_ results: [CoverageResult]) {
    let share = CoverageShare(results)
    self.init(
      bins: share.bins, covered: share.covered,
      groups: results.map {
        Group(group: $0.group, bins: $0.bins.count, covered: $0.covered, holes: $0.holes)
      })
  }
}

extension CheckDocument.FailedCase {
  init(_ record: FailureRecord) {
    self.init(
      id: record.caseID, index: record.caseIndex, outcome: record.outcome.rawValue,
      types: record.types, profile: record.profile, classes: record.classes,
      message: record.message, element: record.elementIndex, expected: record.expected,
      got: record.got, exact: record.exact, differing: record.differingElements,
      compared: record.comparedElements, repeatCommand: record.repeatCommand)
  }
}
