import Diagnosis
import Explanation
import FailurePatterns
import ResultStore
import TestCases
import Verdicts
import Verification

/// A stored failure as `explain` begins with it: what came, where, and why.
struct ExplainedFailure {
  private let failing: FailingCase
  private let record: FailureRecord
  private let observed: Observed?
  private let pattern: FailurePattern
  private let evidence: [Evidence]
  private let conclusion: StoredConclusion?
  private let database: String
  private var hidesExpectations = false

  /// - Throws: a ``Failure`` where the database cannot be read.
  init(_ failing: FailingCase, _ database: String) throws {
    guard let record = failing.record, let run = failing.run else {
      throw Failure(.usage, "case \(failing.id) is no stored failure")
    }
    (self.failing, self.record) = (failing, record)
    observed = Observed(failing.testCase, record, failing.heldTo)
    let stored = try StoredFailures(run, record.implementation, database)
    pattern = FailurePattern(stored.observed)
    evidence = stored.evidence
    conclusion = try StoredConclusion(run, record.implementation, database)
    self.database = database
  }

  /// The cause that `check` found and what it says of this case; where an interrupted run has none, what
  /// its failing cases alone suggest.
  private var cause: [String] {
    let own = evidence.first { $0.index == failing.place }
    if let conclusion { return conclusion.lines(of: own, indent: 12) }
    guard !evidence.isEmpty else { return [] }
    return Diagnostician(EvidenceSample(failing: evidence)).diagnosis().lines(indent: 12)
  }

  /// Another profile than that of the failure is explained: what came is not to be compared with it.
  mutating func forgetExpectations() { hidesExpectations = true }

  /// The same for programs.
  var item: ExplainDocument.FailureItem {
    ExplainDocument.FailureItem(
      run: failing.run?.id.rawValue, caseID: record.caseID, implementation: record.implementation,
      outcome: record.outcome.rawValue, message: record.message, pattern: pattern,
      causes: conclusion?.items ?? [])
  }

  /// The first wrong output.
  var element: Int? { record.elementIndex }

  /// What came at an output.
  func compared(_ index: Int) -> ComparedOutput? {
    guard !hidesExpectations else { return nil }
    guard let observed else {
      return record.outcome == .mismatch
        ? nil : ComparedOutput(got: .words("\(record.outcome.rawValue): \(record.message)"))
    }
    guard observed.observedCase.outputs.indices.contains(index) else { return nil }
    return ComparedOutput(
      got: .output(observed.observedCase.outputs[index].got),
      accepted: observed.expected.accepted[index])
  }

  var lines: [String] {
    let run = failing.run.map { "run \($0.id)" } ?? "no run"
    var lines = ["FAILURE     case \(record.caseID) of \(record.implementation), \(run)"]
    lines += FailureText(failing, record).lines.map { "  \($0)" }
    lines += ["", "WHERE       over all stored failures of \(record.implementation) in this run"]
    lines += pattern.lines.map { "  \($0)" }
    let cause = cause
    if !cause.isEmpty { lines += [""] + cause }
    let shrink = "qverify shrink \(failing.run.map { "\($0.id)" } ?? ""):\(record.caseID)"
    lines += ["", "SMALLEST    \(shrink)\(CommandText.databaseOption(database))", ""]
    return lines
  }
}

/// The failures that are stored of one implementation in one run.
struct StoredFailures {
  /// Their outputs, of those that were compared.
  let observed: [ObservedCase]
  /// The same for a diagnosis, of those whose outputs were stored whole.
  let evidence: [Evidence]

  /// - Throws: a ``Failure`` where the database cannot be read.
  init(_ run: StoredRun, _ implementation: String, _ database: String) throws {
    var (observed, evidence) = ([ObservedCase](), [Evidence]())
    do throws(StoreError) {
      let store = try ResultStore(path: database, create: false)
      var offset = 0
      while true {
        let page = try store.failures(
          run.id, implementation: implementation, limit: 100, offset: offset)
        for record in page where record.outcome == .mismatch {
          let failing = try FailingCase(record, of: run, store)
          guard let failing else { continue }
          if let found = Observed(failing.testCase, record, failing.heldTo) {
            observed.append(found.observedCase)
          }
          if let bytes = Observed.bytes(record.answer) {
            evidence.append(
              Evidence(
                index: failing.place, testCase: failing.testCase, profile: record.profile,
                output: bytes))
          }
        }
        guard page.count == 100 else { break }
        offset += page.count
      }
    } catch {
      throw Failure(error)
    }
    self.observed = observed
    self.evidence = evidence
  }
}
