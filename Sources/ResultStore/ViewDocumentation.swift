/// The documentation of the database's views: their names, columns and meanings, which stay.
///
/// `Documentation/database.md` is ``markdown``; the tests hold both to the database itself.
package enum ViewDocumentation {
  package struct View: Sendable {
    package let name: String
    package let summary: String
    /// In the view's order: the column, and what it means.
    package let columns: [(name: String, meaning: String)]
  }

  package static let views = [runSummary, trend, failures, proofs, coverage, vacuity, causes]

  static let causes = View(
    name: "causes",
    summary: "What explains the wrong outputs of each implementation of each run, the best first.",
    columns: [
      ("run", "number of the run"), ("uuid", "its name across databases"),
      ("started", "when it began, UTC"), ("implementation", "name"),
      ("position", "0 for the most plausible"),
      ("conclusion", "explains, nearest (nothing explains it) or unexplained"),
      ("cause", "in words; empty where nothing comes near"),
      ("explained", "wrong outputs of the sample that it predicts"),
      ("wrong", "wrong outputs of the sample"),
      ("contradicted", "right outputs of the sample that it would have wrong"),
      ("right_outputs", "right outputs of the sample"),
    ])

  static let runSummary = View(
    name: "run_summary", summary: "One row for each implementation of each run.",
    columns: [
      ("run", "number of the run in this database"),
      ("uuid", "name of the run in every database"),
      ("started", "UTC, `2031-02-03T04:05:06Z`"),
      ("finished", "UTC; NULL while it runs, or when it was killed"),
      ("status", "`running`, `finished`, `interrupted` or `failed`"),
      ("exit_status", "of the command, 0 … 255; NULL while it runs"),
      ("tool_version", "of qverify"),
      ("generator_version", "a change of what is generated raises it"),
      ("seed", "as text"),
      ("selection", "the options that choose cases, in canonical form"),
      ("conformance", "what was asked for; NULL when the profile claimed decides"),
      ("planned_cases", "for each implementation; NULL when a duration was asked for"),
      ("judges_disagree", "disagreements of the judges; above 0, qverify itself is at fault"),
      ("implementation", "its name"),
      ("implementation_version", "what it said of itself"),
      ("kind", "`builtIn`, `library`, `command` or `answers`"),
      ("profile_result", "`bitExact`, `notBitExact`, `notClaimed`; NULL until the run ended"),
      ("accuracy_class", "as in the report; NULL until the run ended"),
      ("cases", "judged or given up"),
      ("passed", "cases as they should be"),
      ("failed", "cases that count against the implementation"),
      ("tolerated", "invalid cases that it computed, as its profile allows"),
      ("unsupported", "cases that it declined"),
      ("waived", "known failures that were accepted"),
      ("not_reached", "cases left when the run was broken off"),
      ("outputs", "output elements compared"),
      ("mismatched_outputs", "of `outputs`, those that differ from what was expected"),
      ("departed_outputs", "of `outputs`, those where the profile leaves the mathematics"),
      ("lowest_error", "most negative got − nearest, in output steps"),
      ("highest_error", "most positive got − nearest, in output steps"),
      ("worst_error", "largest |got − nearest|, in output steps"),
      ("worst_difference", "largest |got − expected|, in output steps"),
      ("judged", "passed + tolerated + failed"),
      ("pass_share", "(passed + tolerated) / judged; NULL when nothing was judged"),
      (
        "verdict",
        "`conforms`, `fails`, `nothingJudged`, `unfinished` or `judgesDisagree`"
      ),
    ])

  static let proofs = View(
    name: "proofs", summary: "What `qverify prove` stated, one row for each.",
    columns: [
      ("proof", "its number in this database"),
      ("uuid", "name of the proof in every database"),
      ("made", "UTC"), ("tool_version", "of qverify"),
      ("kind", "`statement`, `comparison`, `implementation` or `smallDomain`"),
      ("subject", "the profile or the implementation that it is about"),
      ("claim", "in words"),
      ("holds", "0 for a claim of conformance that was not met, otherwise 1"),
      ("certificate", "the text that `qverify prove --verify` reads"),
      ("repeat_command", "shell command that makes it again"),
    ])

  static let trend = View(
    name: "trend", summary: "The same runs by implementation, in the order of time.",
    columns: [
      ("implementation", "its name"),
      ("started", "UTC"),
      ("run", "as in `run_summary`, and so are the columns that follow"),
      ("uuid", ""), ("status", ""), ("implementation_version", ""), ("tool_version", ""),
      ("cases", ""), ("judged", ""), ("passed", ""), ("failed", ""), ("pass_share", ""),
      ("outputs", ""), ("mismatched_outputs", ""), ("worst_error", ""), ("worst_difference", ""),
      ("accuracy_class", ""), ("profile_result", ""), ("verdict", ""),
      (
        "previous_verdict",
        "of the implementation's run before; NULL for its first. Where it differs from `verdict`, "
          + "something changed"
      ),
    ])

  static let failures = View(
    name: "failures", summary: "The stored failures, one row for each.",
    columns: [
      ("run", "number of the run"), ("uuid", "of the run"), ("started", "of the run, UTC"),
      ("implementation", "its name"),
      ("outcome", "`mismatch`, `crash`, `timeout`, …"),
      ("operator", ""), ("types", "input, weights, output"), ("profile", "asked for"),
      ("classes", "of the case, joined by commas"),
      ("case_id", "as in the vector file"),
      ("case_index", "from 0; NULL for an answer without a case"),
      ("element_index", "the first differing output, row by row"),
      ("expected", "integer at that output"), ("got", "integer at that output"),
      ("difference", "got − expected"),
      ("exact", "the exact value before the zero point is added, as a fraction"),
      ("differing_elements", "outputs of the case that differ"),
      ("compared_elements", "outputs of the case"),
      ("message", "what else is known"),
      ("repeat_command", "shell command that repeats the case"),
    ])

  static let coverage = View(
    name: "coverage",
    summary: "What the cases of each run have met, one row for each group of bins.",
    columns: [
      ("run", "number of the run"), ("uuid", "of the run"), ("started", "of the run, UTC"),
      ("position", "of the group, in the order of `qverify list cover`"),
      ("cover_group", "the points that are crossed"),
      ("bins", "that could be met with the profiles and types asked for"),
      ("covered", "of `bins`, those that a case has met"),
      ("share", "covered / bins; NULL where there are none"),
      ("holes", "names of the bins that no case has met, one a line"),
    ])

  static let vacuity = View(
    name: "vacuity",
    summary: "Cases whose expected output no change of a single element of their data changes.",
    columns: [
      ("run", "number of the run"), ("uuid", "of the run"), ("started", "of the run, UTC"),
      ("implementation", "its name"), ("class", "of the cases"),
      ("cases", "judged or given up"), ("vacuous", "of `cases`"),
      ("share", "vacuous / cases"),
    ])

  /// The page for users.
  package static var markdown: String {
    var text = introduction
    for view in views {
      text += "\n## `\(view.name)`\n\n\(view.summary)\n\n| column | meaning |\n| --- | --- |\n"
      for column in view.columns {
        let meaning = column.meaning.replacing("|", with: "\\|")
        text += "| `\(column.name)` | \(meaning)\(meaning.isEmpty ? "" : " ")|\n"
      }
    }
    return text + examples
  }

  private static let introduction = """
    # The database

    `qverify check` stores every run in one SQLite file, by default `Reports/qverify.sqlite`. Any
    SQLite program of version 3.37 or later reads it (`sqlite3 Reports/qverify.sqlite`), also while
    qverify writes.

    The **views** below are its public interface: names and meanings stay from version to version,
    columns may be added, so select them by name. The tables beneath them may change.

    * A finished batch of cases survives a kill of the process. A run whose process was killed stays
      `running`; `qverify check --resume` continues it, and no case is counted twice.
    * Everything that passed is kept as counts only, in the table `tally` (by implementation,
      operator, types, profile and class of cases): a case can be made again from seed and index.
      Failures are stored whole, up to a limit, in the table `failure`.
    * A case is counted once, under the first of its classes.
    * `PRAGMA application_id` is \(Schema.applicationID) (`qvfy`), `PRAGMA user_version` is the
      version of the tables.

    """

  private static let examples = """

    ## Examples

    What got worse or better, and when:

    ```sql
    SELECT implementation, started, previous_verdict, verdict FROM trend
    WHERE verdict <> previous_verdict;
    ```

    The latest state of every implementation:

    ```sql
    SELECT implementation, max(started) AS started, verdict, failed, accuracy_class
    FROM run_summary GROUP BY implementation;
    ```

    The newest failures, with the commands that repeat them:

    ```sql
    SELECT implementation, outcome, case_id, element_index, expected, got, repeat_command
    FROM failures WHERE run = (SELECT max(run) FROM failures);
    ```

    """
}
