import ResultStore
import Verdicts

/// One self-contained page: no script, nothing fetched, readable on a phone, in the dark, on paper.
///
/// Well-formed as XML too, so that other programs can read it.
package struct HTMLReport: ReportFormat {
  package let name = "html"
  package let fileExtension = "html"
  package let defaultLimits = ReportLimits()

  package init() {}

  package func render(_ model: ReportModel) throws(ReportError) -> String {
    switch model {
    case .empty(let proofs):
      var values = proofs.values(ReportLimits().characters)
      values["style"] = HTMLTemplate.style
      return try Rendering.fill(HTMLTemplate.empty, name: name, values)
    case .run(let report):
      return try Rendering.fill(HTMLTemplate.run, name: name, HTMLValues(report).page)
    }
  }
}

/// What the template's names stand for.
private struct HTMLValues {
  let report: RunReport

  init(_ report: RunReport) { self.report = report }

  private var limit: Int { report.limits.characters }
  private func text(_ text: String) -> String { NumberText.cut(text, limit) }

  var page: [String: Any] {
    let run = report.run
    var values: [String: Any] = [
      "style": HTMLTemplate.style, "state": report.headline.state.rawValue,
      "mark": mark(report.headline.state), "title": report.headline.title,
      "sentences": report.headline.sentences, "uuid": run.record.uuid,
      "started": run.record.started.description, "facts": facts,
      "implementations": report.implementations.map(implementation),
      "coverage": coverage,
      "judgements": report.judgements.map(judgement),
      "hasJudgements": !report.judgements.isEmpty,
      "failureTables": failureTables, "hasFailures": !report.failures.isEmpty,
      "failuresOmitted": Rendering.optional(
        omitted(report.failuresOmitted, "stored failure is", "stored failures are")),
      "trends": report.trends.map(trend), "trendNote": trendNote,
      "hasLabels": !run.record.labels.isEmpty, "labels": pairs(run.record.labels),
      "hasEnvironment": !run.record.environment.isEmpty,
      "environment": pairs(run.record.environment),
      "vectors": run.record.vectors.map { ["name": text($0.name), "sha256": $0.sha256] },
      "hasVectors": !run.record.vectors.isEmpty,
      "commandLine": run.record.commandLine, "selection": text(run.record.selection),
      "tool": run.record.toolVersion, "generator": run.record.generatorVersion,
    ]
    values.merge(report.proofs.values(limit)) { first, _ in first }
    values.merge(report.causes.values(limit)) { first, _ in first }
    return values
  }

  /// `false` where nothing was counted.
  private var coverage: Any {
    guard !report.coverage.isEmpty else { return false }
    return [
      "sentence": report.coverage.sentence,
      "vacuous": report.implementations.map {
        ["name": text($0.name), "text": text(VacuityText($0).text)]
      },
      "groups": report.coverage.groups.map { group in
        [
          "name": text(group.name), "covered": NumberText.count(group.share.covered),
          "bins": NumberText.count(group.share.bins), "share": group.share.percent,
          "holes": Rendering.holes(group, limit),
        ]
      },
    ] as [String: Any]
  }

  private func mark(_ state: Headline.State) -> String {
    switch state {
    case .good: "✓"
    case .bad: "✗"
    case .unclear: "?"
    }
  }

  private var facts: [[String: Any]] {
    let run = report.run
    var facts = [
      ("Run", "\(run.id) · \(run.record.uuid.prefix(8))"),
      ("Started", run.record.started.description),
      ("Status", run.status.rawValue),
    ]
    if let finished = run.finished {
      let seconds = finished.secondsSince1970 - run.record.started.secondsSince1970
      facts.append(("Took", NumberText.duration(seconds)))
    }
    let planned = run.record.plannedCases.map { " of \(NumberText.count($0))" } ?? ""
    facts.append(("Cases done", NumberText.count(report.finishedCases) + planned))
    facts.append(("Seed", text(run.record.seed)))
    facts.append(("Asked for", run.record.conformance.map(text) ?? "the profile claimed"))
    if let status = run.exitStatus { facts.append(("Exit status", String(status))) }
    return facts.map { ["key": $0.0, "value": $0.1] }
  }

  private func implementation(_ item: ImplementationReport) -> [String: Any] {
    var values = counts(item.totals, item.accuracy)
    let verdict = chip(item.verdict)
    values["name"] = text(item.name)
    values["version"] = Rendering.optional(text(item.stored.record.version))
    values["kind"] = item.stored.record.kind
    values["path"] = Rendering.optional(text(item.stored.record.path))
    values["verdict"] = verdict.text
    values["verdictClass"] = verdict.style
    let profile = profileText(item.stored.profileResult)
    values["profile"] = profile.text
    values["profileClass"] = profile.style
    values["groups"] = item.groups.map(group)
    values["hasGroups"] = !item.groups.isEmpty
    values["rowsOmitted"] = Rendering.optional(
      omitted(item.rowsOmitted, "row of counts is", "rows of counts are"))
    return values
  }

  private func chip(_ verdict: RunSummary.Verdict) -> (text: String, style: String) {
    switch verdict {
    case .fails: ("✗ fails", "bad")
    case .conforms: ("✓ conforms", "good")
    case .nothingJudged, .unfinished, .judgesDisagree: ("– not judged", "unclear")
    }
  }

  private func profileText(_ result: ProfileResult?) -> (text: String, style: String) {
    switch result {
    case .bitExact: ("✓ bit-exact", "good")
    case .notBitExact: ("✗ not bit-exact", "bad")
    case .notClaimed: ("no profile claimed", "unclear")
    case nil: ("–", "unclear")
    }
  }

  private func group(_ group: ResultGroup) -> [String: Any] {
    var values = counts(group.totals, group.accuracy)
    values["operator"] = text(group.operatorName)
    values["types"] = text(group.types.replacing(",", with: " · "))
    values["profile"] = text(group.profile)
    values["open"] = group.totals.failed > 0
    values["rows"] = group.rows.map { row in
      var values = counts(row.counts, row.accuracy)
      values["class"] = row.caseClass.isEmpty ? "–" : text(row.caseClass)
      return values
    }
    return values
  }

  private func counts(_ counts: TallyCounts, _ accuracy: AccuracyClass?) -> [String: Any] {
    [
      "cases": NumberText.count(counts.cases), "failed": NumberText.count(counts.failed),
      "fails": counts.failed > 0, "outputs": NumberText.count(counts.outputs),
      "mismatched": NumberText.count(counts.mismatchedOutputs),
      "mismatches": counts.mismatchedOutputs > 0,
      "departed": NumberText.count(counts.departedOutputs), "error": NumberText.error(counts),
      "difference": counts.outputs > 0 ? NumberText.count(counts.largestDifference) : "–",
      "outcomes": NumberText.outcomes(counts), "accuracy": accuracy?.text ?? "–",
      "accuracyNote": Rendering.optional(accuracy?.note ?? ""),
    ]
  }

  private func judgement(_ judgement: Judgement) -> [String: Any] {
    [
      "check": text(judgement.check), "checked": NumberText.count(judgement.checked),
      "disagreements": NumberText.count(judgement.disagreements),
      "disagrees": judgement.disagreements > 0,
    ]
  }

  /// Failures that are seen without unfolding the rest.
  private static let failuresUnfolded = 10

  private var failureTables: [[String: Any]] {
    let first = report.failures.prefix(Self.failuresUnfolded)
    let rest = report.failures.dropFirst(Self.failuresUnfolded)
    var tables: [[String: Any]] = [["rows": first.map(failure), "folded": false]]
    if !rest.isEmpty {
      let title = NumberText.plural(rest.count, "more failure", "more failures")
      tables.append(["rows": rest.map(failure), "folded": title])
    }
    return tables
  }

  private func failure(_ failure: FailureRecord) -> [String: Any] {
    var offBy = "–"
    if let got = failure.got, let expected = failure.expected {
      let (difference, overflow) = got.subtractingReportingOverflow(expected)
      offBy = overflow ? "∞" : (difference > 0 ? "+" : "") + String(difference)
    }
    return [
      "case": text(failure.caseID), "index": failure.caseIndex.map { "#\($0)" } ?? "",
      "implementation": text(failure.implementation), "outcome": failure.outcome.rawValue,
      "operator": text(failure.operatorName),
      "types": text(failure.types.replacing(",", with: " · ")), "profile": text(failure.profile),
      "classes": text(failure.classes.joined(separator: ", ")),
      "element": failure.elementIndex.map(String.init) ?? "–",
      "expected": failure.expected.map(String.init) ?? "–",
      "got": failure.got.map(String.init) ?? "–", "offBy": offBy,
      "exact": failure.exact.map(text) ?? "–",
      "differing": failure.comparedElements == 0
        ? "–"
        : "\(NumberText.count(failure.differingElements)) of "
          + NumberText.count(failure.comparedElements),
      "message": text(failure.message), "compared": failure.got != nil,
      "repeat": Rendering.optional(text(failure.repeatCommand)),
    ]
  }

  private func trend(_ trend: Trend) -> [String: Any] {
    [
      "name": text(trend.implementation),
      "plots": TrendPlot.Measure.allCases.map { measure in
        [
          "title": measure.title, "unit": measure.unit,
          "svg": TrendPlot(measure: measure, trend: trend).svg,
        ]
      },
    ]
  }

  private var trendNote: String {
    var text = "\(NumberText.plural(report.trendRuns, "run", "runs"))"
    if report.trendRuns < report.runCount {
      text = "The latest \(text) of \(NumberText.count(report.runCount))"
    }
    text += ", in order of time."
    if report.trendRuns > 1 {
      text += " Upright lines: the verdict changed there. The band: the run of this report."
    }
    if report.trendRuns > TrendPlot.allPointsUpTo {
      text += " Dots where something changes; the line passes through every run."
    }
    if report.trendsOmitted > 0 {
      let left = NumberText.plural(report.trendsOmitted, "implementation", "implementations")
      text += " Left out: \(left)."
    }
    return text
  }

  private func pairs(_ pairs: [String: String]) -> [[String: String]] {
    pairs.sorted { $0.key < $1.key }.map { ["key": text($0.key), "value": text($0.value)] }
  }

  private func omitted(_ count: Int, _ one: String, _ many: String) -> String {
    guard count > 0 else { return "" }
    return "\(NumberText.plural(count, one, many)) not shown here, but in the database."
  }
}
