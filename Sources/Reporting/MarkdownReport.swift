import ResultStore
import Verdicts

/// GitHub's Markdown, short enough for the summary of a CI job: groups, not classes.
package struct MarkdownReport: ReportFormat {
  package let name = "markdown"
  package let fileExtension = "md"
  package let defaultLimits = ReportLimits.brief

  package init() {}

  package func render(_ model: ReportModel) throws(ReportError) -> String {
    switch model {
    case .empty(let proofs):
      return Self.empty
        + (try Rendering.fill(
          "{{% CONTENT_TYPE:MARKDOWNTEXT}}" + Self.proofs, name: name,
          proofs.values(defaultLimits.characters)))
    case .run(let report): return try Rendering.fill(Self.template, name: name, values(report))
    }
  }

  private static let empty = """
    # No runs yet

    This database holds no run. `qverify check` stores one.

    """

  private static let causes = """
    {{#hasCauses}}

    ## Causes

    | implementation | cause | | wrong outputs explained | right outputs contradicted |
    | --- | --- | --- | ---: | ---: |
    {{#causes}}
    | {{name}} | {{cause}} | {{conclusion}} | {{explained}} | {{contradicted}} |
    {{/causes}}
    {{/hasCauses}}
    """

  private static let proofs = """
    {{#hasProofs}}

    ## Proofs

    {{proofsNote}}

    | subject | kind | claim | holds | made |
    | --- | --- | --- | --- | --- |
    {{#proofs}}
    | {{subject}} | {{kind}} | {{claim}} | {{holds}} | {{made}} |
    {{/proofs}}
    {{/hasProofs}}
    """

  private static let template = """
    {{% CONTENT_TYPE:MARKDOWNTEXT}}# {{mark}} {{title}}

    {{#sentences}}
    {{.}}
    {{/sentences}}

    | implementation | verdict | profile | accuracy | cases | failing | outputs | mismatched | departed | largest error |
    | --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |
    {{#implementations}}
    | {{name}} {{version}} | {{verdict}} | {{profileResult}} | {{accuracy}} | {{cases}} | {{failed}} | {{outputs}} | {{mismatched}} | {{departed}} | {{error}} |
    {{/implementations}}
    {{#coverage}}

    ## Coverage

    {{sentence}}
    {{#vacuous}}

    {{name}}: {{text}}
    {{/vacuous}}

    | group | met | bins | share | not met |
    | --- | ---: | ---: | ---: | --- |
    {{#groups}}
    | {{name}} | {{covered}} | {{bins}} | {{share}} | {{holes}} |
    {{/groups}}
    {{/coverage}}
    \(causes)
    {{#hasFailures}}

    ## Failures

    | case | implementation | outcome | operator, types, profile | output | expected | got | exact | differing |
    | --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: |
    {{#failures}}
    | {{case}} | {{implementation}} | {{outcome}} | {{operator}} {{types}} {{profile}} | {{element}} | {{expected}} | {{got}} | {{exact}} | {{differing}} |
    {{/failures}}
    {{#failuresOmitted}}

    {{.}}
    {{/failuresOmitted}}
    {{#repeat}}

    To repeat the first of them:

    {{{.}}}
    {{/repeat}}
    {{/hasFailures}}
    {{#implementations}}

    ## {{name}}

    | operator | types | profile | cases | failing | other than passed | outputs | mismatched | largest error | accuracy |
    | --- | --- | --- | ---: | ---: | --- | ---: | ---: | ---: | --- |
    {{#groups}}
    | {{operator}} | {{types}} | {{profile}} | {{cases}} | {{failed}} | {{outcomes}} | {{outputs}} | {{mismatched}} | {{error}} | {{accuracy}} |
    {{/groups}}
    {{#groupsOmitted}}

    {{.}}
    {{/groupsOmitted}}
    {{/implementations}}
    {{#hasJudgements}}

    ## The judges’ checks of each other

    | check | comparisons | disagreements |
    | --- | ---: | ---: |
    {{#judgements}}
    | {{check}} | {{checked}} | {{disagreements}} |
    {{/judgements}}
    {{/hasJudgements}}
    \(proofs)

    ## Trend

    | started | implementation | verdict | cases | failing | mismatched outputs | largest error |
    | --- | --- | --- | ---: | ---: | ---: | ---: |
    {{#trend}}
    | {{started}} | {{name}} | {{verdict}} | {{cases}} | {{failed}} | {{mismatched}} | {{error}} |
    {{/trend}}

    ## Repeating this run

    {{{commandLine}}}

    | | |
    | --- | --- |
    {{#facts}}
    | {{key}} | {{value}} |
    {{/facts}}

    """

  private func values(_ report: RunReport) -> [String: Any] {
    let limit = report.limits.characters
    let first = report.failures.first { !$0.repeatCommand.isEmpty }
    var values: [String: Any] = [
      "mark": mark(report.headline.state), "title": report.headline.title,
      "sentences": report.headline.sentences,
      "implementations": report.implementations.map { implementation($0, limit) },
      "hasFailures": !report.failures.isEmpty,
      "failures": report.failures.map { failure($0, limit) },
      "failuresOmitted": Rendering.optional(
        report.failuresOmitted == 0
          ? ""
          : "\(NumberText.plural(report.failuresOmitted, "stored failure", "stored failures")) more "
            + "in the database."),
      "repeat": Rendering.optional(
        first.map { Markup.fence(NumberText.cut($0.repeatCommand, limit * 4), language: "sh") }
          ?? ""),
      "coverage": coverage(report, limit),
      "hasJudgements": !report.judgements.isEmpty,
      "judgements": report.judgements.map {
        [
          "check": NumberText.cut($0.check, limit), "checked": NumberText.count($0.checked),
          "disagreements": NumberText.count($0.disagreements),
        ]
      },
      "trend": trend(report.trends, limit),
      "commandLine": Markup.fence(
        NumberText.cut(report.run.record.commandLine, limit * 10), language: "sh"),
      "facts": facts(report.run, limit),
    ]
    values.merge(report.proofs.values(limit)) { first, _ in first }
    values.merge(report.causes.values(limit)) { first, _ in first }
    return values
  }

  /// `false` where nothing was counted; complete groups are left out.
  private func coverage(_ report: RunReport, _ limit: Int) -> Any {
    guard !report.coverage.isEmpty else { return false }
    return [
      "sentence": report.coverage.sentence,
      "vacuous": report.implementations.map {
        ["name": NumberText.cut($0.name, limit), "text": VacuityText($0).text]
      },
      "groups": report.coverage.groups.filter { !$0.holes.isEmpty || $0.holesOmitted > 0 }
        .map { group in
          [
            "name": NumberText.cut(group.name, limit),
            "covered": NumberText.count(group.share.covered),
            "bins": NumberText.count(group.share.bins), "share": group.share.percent,
            "holes": Rendering.holes(group, limit),
          ]
        },
    ] as [String: Any]
  }

  private func mark(_ state: Headline.State) -> String {
    switch state {
    case .good: "✅"
    case .bad: "❌"
    case .unclear: "❔"
    }
  }

  private func implementation(_ item: ImplementationReport, _ limit: Int) -> [String: Any] {
    var values = counts(item.totals, item.accuracy)
    values["name"] = NumberText.cut(item.name, limit)
    values["version"] = NumberText.cut(item.stored.record.version, limit)
    if let accuracy = item.accuracy, !accuracy.note.isEmpty {
      values["accuracy"] = "\(accuracy.text) (\(accuracy.note))"
    }
    switch item.verdict {
    case .fails: values["verdict"] = "❌ fails"
    case .conforms: values["verdict"] = "✅ conforms"
    case .nothingJudged, .unfinished, .judgesDisagree: values["verdict"] = "not judged"
    }
    switch item.stored.profileResult {
    case .bitExact: values["profileResult"] = "bit-exact"
    case .notBitExact: values["profileResult"] = "not bit-exact"
    case .notClaimed: values["profileResult"] = "none claimed"
    case nil: values["profileResult"] = "–"
    }
    values["groups"] = item.groups.map { group in
      var values = counts(group.totals, group.accuracy)
      values["operator"] = NumberText.cut(group.operatorName, limit)
      values["types"] = NumberText.cut(group.types, limit)
      values["profile"] = NumberText.cut(group.profile, limit)
      return values
    }
    values["groupsOmitted"] = Rendering.optional(
      item.rowsOmitted == 0
        ? ""
        : "\(NumberText.plural(item.rowsOmitted, "row", "rows")) of counts more in the database.")
    return values
  }

  private func counts(_ counts: TallyCounts, _ accuracy: AccuracyClass?) -> [String: Any] {
    [
      "cases": NumberText.count(counts.cases), "failed": NumberText.count(counts.failed),
      "outputs": NumberText.count(counts.outputs),
      "mismatched": NumberText.count(counts.mismatchedOutputs),
      "departed": NumberText.count(counts.departedOutputs), "error": NumberText.error(counts),
      "outcomes": NumberText.outcomes(counts), "accuracy": accuracy?.text ?? "–",
    ]
  }

  private func failure(_ failure: FailureRecord, _ limit: Int) -> [String: Any] {
    [
      "case": NumberText.cut(failure.caseID, limit),
      "implementation": NumberText.cut(failure.implementation, limit),
      "outcome": failure.outcome.rawValue,
      "operator": NumberText.cut(failure.operatorName, limit),
      "types": NumberText.cut(failure.types, limit),
      "profile": NumberText.cut(failure.profile, limit),
      "element": failure.elementIndex.map(String.init) ?? "–",
      "expected": failure.expected.map(String.init) ?? "–",
      "got": failure.got.map(String.init) ?? "–",
      "exact": failure.exact.map { NumberText.cut($0, limit) } ?? "–",
      "differing": failure.comparedElements == 0
        ? "–"
        : "\(NumberText.count(failure.differingElements)) of "
          + NumberText.count(failure.comparedElements),
    ]
  }

  /// Rows of the trend: the latest of each implementation.
  private static let trendRows = 10

  private func trend(_ trends: [Trend], _ limit: Int) -> [[String: Any]] {
    trends.flatMap { trend in
      trend.points.suffix(Self.trendRows).reversed().map { point in
        let summary = point.summary
        let change = point.change.map { " (\($0.rawValue) than before)" } ?? ""
        return [
          "started": summary.started.description,
          "name": NumberText.cut(trend.implementation, limit),
          "verdict": summary.verdict.rawValue + change, "cases": NumberText.count(summary.cases),
          "failed": NumberText.count(summary.failed),
          "mismatched": NumberText.count(summary.mismatchedOutputs),
          "error": summary.outputs > summary.departedOutputs
            ? NumberText.count(summary.worstError) : "–",
        ]
      }
    }
  }

  private func facts(_ run: StoredRun, _ limit: Int) -> [[String: String]] {
    var facts = [
      ("run", run.record.uuid), ("started", run.record.started.description),
      ("status", run.status.rawValue),
      ("qverify", "\(run.record.toolVersion), generator version \(run.record.generatorVersion)"),
      ("seed", run.record.seed), ("selection", run.record.selection),
    ]
    facts += run.record.vectors.map { ("vectors", "\($0.name), SHA-256 \($0.sha256)") }
    facts += run.record.labels.sorted { $0.key < $1.key }.map { ("label \($0.key)", $0.value) }
    facts += run.record.environment.sorted { $0.key < $1.key }
    return facts.map {
      ["key": NumberText.cut($0.0, limit), "value": NumberText.cut($0.1, limit)]
    }
  }
}
