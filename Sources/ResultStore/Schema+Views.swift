extension Schema {
  // Released: never edit. A later migration may drop a view and create it again with further
  // columns; the names and meanings of those here stay, since dashboards read them.
  static let firstViews = """
    CREATE VIEW run_summary AS
    SELECT *,
      passed + tolerated + failed AS judged,
      CASE WHEN passed + tolerated + failed > 0
        THEN (passed + tolerated) * 1.0 / (passed + tolerated + failed) END AS pass_share,
      CASE
        WHEN judges_disagree > 0 THEN 'judgesDisagree'
        WHEN failed > 0 THEN 'fails'
        WHEN status <> 'finished' THEN 'unfinished'
        WHEN passed + tolerated = 0 THEN 'nothingJudged'
        ELSE 'conforms' END AS verdict
    FROM (
      SELECT
        run.id AS run, run.uuid AS uuid, run.started AS started, run.finished AS finished,
        run.status AS status, run.exit_status AS exit_status,
        run.tool_version AS tool_version, run.generator_version AS generator_version,
        run.seed AS seed, run.selection AS selection, run.conformance AS conformance,
        run.planned_cases AS planned_cases, run.judges_disagree AS judges_disagree,
        implementation.name AS implementation,
        implementation.version AS implementation_version,
        implementation.kind AS kind, implementation.profile_result AS profile_result,
        implementation.accuracy_class AS accuracy_class,
        coalesce(sum(cases), 0) AS cases,
        coalesce(sum(pass), 0) AS passed,
        coalesce(sum(mismatch + accepted_invalid - tolerated + refused_valid + error + crash
          + timeout + protocol_error + memory_error + nondeterministic + missing + extra
          + duplicate), 0) AS failed,
        coalesce(sum(tolerated), 0) AS tolerated,
        coalesce(sum(unsupported), 0) AS unsupported,
        coalesce(sum(waived), 0) AS waived,
        coalesce(sum(not_reached), 0) AS not_reached,
        coalesce(sum(outputs), 0) AS outputs,
        coalesce(sum(mismatched_outputs), 0) AS mismatched_outputs,
        coalesce(sum(departed_outputs), 0) AS departed_outputs,
        coalesce(min(lowest_error), 0) AS lowest_error,
        coalesce(max(highest_error), 0) AS highest_error,
        coalesce(max(max(highest_error, -lowest_error)), 0) AS worst_error,
        coalesce(max(largest_difference), 0) AS worst_difference
      FROM run
      JOIN implementation ON implementation.run = run.id
      LEFT JOIN tally ON tally.implementation = implementation.id
      GROUP BY implementation.id
    );

    CREATE VIEW trend AS
    SELECT implementation, started, run, uuid, status, implementation_version, tool_version,
      cases, judged, passed, failed, pass_share, outputs, mismatched_outputs, worst_error,
      worst_difference, accuracy_class, profile_result, verdict,
      lag(verdict) OVER (PARTITION BY implementation ORDER BY started, run) AS previous_verdict
    FROM run_summary
    ORDER BY implementation, started, run;

    CREATE VIEW failures AS
    SELECT
      run.id AS run, run.uuid AS uuid, run.started AS started,
      implementation.name AS implementation, outcome, operator, types, profile, classes, case_id,
      case_index, element_index, expected, got, got - expected AS difference, exact,
      differing_elements, compared_elements, message, repeat_command
    FROM failure
    JOIN implementation ON implementation.id = failure.implementation
    JOIN run ON run.id = implementation.run;
    """
}
