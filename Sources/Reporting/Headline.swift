import ResultStore
import Verdicts

/// The answer in plain words: did everything conform, what was judged, and do the judges agree.
package struct Headline: Hashable, Sendable {
  package enum State: String, Sendable { case good, bad, unclear }

  package let state: State
  package let title: String
  /// Whole sentences, in the order of importance.
  package let sentences: [String]

  init(
    _ run: StoredRun, _ implementations: [ImplementationReport], judgements: [Judgement],
    finishedCases: Int
  ) {
    let failing = implementations.filter { $0.verdict == .fails }
    let unjudged = implementations.filter { $0.verdict == .nothingJudged }
    let disagreements = judgements.reduce(0) { $0 + $1.disagreements }
    if disagreements > 0 {
      (state, title) = (.bad, "The judges disagree: no verdict of this run can be relied on")
    } else if !failing.isEmpty {
      state = .bad
      title = Self.failingTitle(failing, of: implementations.count)
    } else if run.status == .running {
      (state, title) = (.unclear, "The run has not ended: no failure so far")
    } else if run.status != .finished {
      (state, title) = (.unclear, "The run was broken off: no failure up to there")
    } else if unjudged.count == implementations.count {
      (state, title) = (.unclear, "Nothing was judged")
    } else if let status = run.exitStatus, status != 0 {
      (state, title) = (.bad, "The run ended with exit status \(status)")
    } else if !unjudged.isEmpty {
      (state, title) = (.unclear, "Nothing was judged of \(Self.names(unjudged))")
    } else {
      (state, title) = (.good, "Everything that was judged conforms")
    }
    sentences =
      Self.progress(run, finishedCases) + Self.judged(implementations)
      + (failing.isEmpty || unjudged.isEmpty
        ? [] : ["Nothing was judged of \(Self.names(unjudged))."])
      + [Self.judges(judgements)]
  }

  private static func failingTitle(_ failing: [ImplementationReport], of count: Int) -> String {
    guard let first = failing.first, count > 1 else {
      return "\(failing.first?.name ?? "") does not conform"
    }
    if failing.count == 1 {
      return "\(first.name) does not conform; "
        + NumberText.plural(count - 1, "other does not fail", "others do not fail")
    }
    return "\(failing.count) of \(count) implementations do not conform"
  }

  private static func progress(_ run: StoredRun, _ finished: Int) -> [String] {
    guard run.status != .finished else { return [] }
    let done = NumberText.count(finished)
    let planned = run.record.plannedCases.map { " of \(NumberText.count($0)) planned" } ?? ""
    switch run.status {
    case .running:
      return ["\(done)\(planned) cases are stored; the process is still at work, or was killed."]
    case .interrupted: return ["It was interrupted after \(done)\(planned) cases."]
    case .failed: return ["It gave up after \(done)\(planned) cases."]
    case .finished: return []
    }
  }

  private static func judged(_ implementations: [ImplementationReport]) -> [String] {
    var totals = TallyCounts()
    var operators: [String: Int] = [:]
    var (types, classes) = (Set<String>(), Set<String>())
    for implementation in implementations {
      totals += implementation.totals
      for group in implementation.groups {
        operators[group.operatorName, default: 0] += group.totals.cases
        types.insert(group.types)
        for row in group.rows { classes.insert(row.caseClass) }
      }
    }
    guard totals.cases > 0 else { return ["No case was judged."] }
    let kinds = operators.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.key) \(NumberText.count($0.value))" }
    let shown = kinds.prefix(8).joined(separator: ", ") + (kinds.count > 8 ? ", …" : "")
    return [
      "\(NumberText.plural(totals.cases, "case", "cases")) put to "
        + "\(NumberText.plural(implementations.count, "implementation", "implementations")), in "
        + "\(NumberText.plural(classes.count, "class", "classes")) and "
        + "\(NumberText.plural(types.count, "combination", "combinations")) of types: \(shown).",
      "\(NumberText.plural(totals.failed, "case fails", "cases fail")); of "
        + "\(NumberText.count(totals.outputs)) outputs compared, "
        + "\(NumberText.count(totals.mismatchedOutputs)) differ from what was expected.",
    ]
  }

  private static func names(_ implementations: [ImplementationReport]) -> String {
    let names = implementations.prefix(5).map(\.name).joined(separator: ", ")
    return names + (implementations.count > 5 ? ", …" : "")
  }

  private static func judges(_ judgements: [Judgement]) -> String {
    guard !judgements.isEmpty else { return "The judges were not checked against each other." }
    let checked = NumberText.count(judgements.reduce(0) { $0 + $1.checked })
    let disagreements = judgements.reduce(0) { $0 + $1.disagreements }
    let checks = NumberText.plural(judgements.count, "check", "checks")
    if disagreements == 0 {
      return "The judges agree: \(checks) of each other, \(checked) comparisons, no difference."
    }
    return "The judges differ in \(NumberText.count(disagreements)) of \(checked) comparisons: "
      + "a defect of qverify itself, please report it."
  }
}
