import Foundation
import GRDB
import Testing
import Verdicts

@testable import ResultStore

@Suite("tables and views") struct SchemaTests {
  private let folder: TemporaryFolder
  private let store: ResultStore
  private let raw: DatabaseQueue

  init() throws {
    folder = try TemporaryFolder()
    store = try ResultStore(path: folder.file())
    raw = try DatabaseQueue(path: folder.file())
  }

  @Test("the views' columns are those documented", arguments: ViewDocumentation.views.map(\.name))
  func columns(view: String) throws {
    let documented = try #require(ViewDocumentation.views.first { $0.name == view })
    let columns = try raw.read { db in
      try String.fetchAll(db, sql: "SELECT name FROM pragma_table_info(?)", arguments: [view])
    }
    #expect(Set(columns) == Set(documented.columns.map(\.name)))
    #expect(columns == documented.columns.map(\.name))
  }

  @Test("the views' names stay") func names() {
    #expect(
      ViewDocumentation.views.map(\.name) == [
        "run_summary", "trend", "failures", "proofs", "coverage", "vacuity",
        "causes",
      ])
    // Dashboards read these: add to this list, never take from it.
    #expect(
      ViewDocumentation.views[1].columns.map(\.name) == [
        "implementation", "started", "run", "uuid", "status", "implementation_version",
        "tool_version", "cases", "judged", "passed", "failed", "pass_share", "outputs",
        "mismatched_outputs", "worst_error", "worst_difference", "accuracy_class",
        "profile_result", "verdict", "previous_verdict",
      ])
  }

  @Test("released migrations are as they were")
  func frozen() {
    // Append the sum of a new one; a changed sum means that a released one was edited.
    #expect(
      Schema.migrations.map { Self.checksum($0.sql) } == [
        12_013_455_501_904_438_357, 8_275_629_433_675_880_440, 11_761_115_219_132_724_760,
        9_943_369_990_989_040_915, 8_285_766_085_030_306_404,
      ])
  }

  // FNV-1a, 64 bits.
  private static func checksum(_ text: String) -> UInt64 {
    text.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  @Test("an older database is brought up to date, and keeps its runs")
  func upgrade() throws {
    let old = folder.file("old.sqlite")
    let queue = try DatabaseQueue(path: old)
    try queue.write { db in
      try db.execute(sql: Schema.migrations[0].sql)
      try db.execute(
        sql: """
          INSERT INTO run (uuid, started, status, command_line, tool_version, generator_version,
            seed, selection)
          VALUES ('5f0c91ab-0000-4000-8000-000000000001', '2031-02-03T04:05:06Z', 'running', 'c',
            '1', 1, '7', '');
          PRAGMA application_id = \(Schema.applicationID);
          PRAGMA user_version = 1
          """)
    }
    try queue.close()
    let upgraded = try ResultStore(path: old)
    #expect(try upgraded.runCount() == 1)
    #expect(try upgraded.summaries().isEmpty)
    let other = try DatabaseQueue(path: old)
    #expect(try other.read { try Int.fetchOne($0, sql: "PRAGMA user_version") } == Schema.version)
  }

  @Test("the page for users is up to date") func page() throws {
    let repository = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let page = repository.appendingPathComponent("Documentation/database.md")
    // To write the page again: QVERIFY_UPDATE_DOCUMENTATION=1 swift test --filter SchemaTests/page
    if ProcessInfo.processInfo.environment["QVERIFY_UPDATE_DOCUMENTATION"] != nil {
      try ViewDocumentation.markdown.write(to: page, atomically: true, encoding: .utf8)
    }
    let isUpToDate = try String(contentsOf: page, encoding: .utf8) == ViewDocumentation.markdown
    #expect(isUpToDate)
  }

  @Test("its examples run") func examples() throws {
    let parts = ViewDocumentation.markdown.components(separatedBy: "```")
    let statements = parts.filter { $0.hasPrefix("sql\n") }.map { $0.dropFirst(4) }
    #expect(statements.count == 3)
    try raw.read { db in
      for statement in statements { _ = try Row.fetchAll(db, sql: String(statement)) }
    }
  }

  @Test(
    "what the tables refuse",
    arguments: [
      "INSERT INTO label VALUES (1, 'k', x'00')",
      "INSERT INTO label VALUES (99, 'k', 'v')",
      "INSERT INTO label VALUES (1, '', 'v')",
      "UPDATE run SET seed = NULL",
      "UPDATE run SET started = '2031-02-03 04:05:06'",
      "UPDATE run SET started = 17",
      "UPDATE run SET status = 'done'",
      "UPDATE run SET status = 'finished'",
      "UPDATE run SET planned_cases = 'many'",
      "UPDATE run SET uuid = upper(uuid)",
      "UPDATE implementation SET profile_result = 'yes'",
      "INSERT INTO finished_range VALUES (1, -1, 5)",
      "INSERT INTO finished_range VALUES (1, 0, 0)",
      "INSERT INTO finished_range VALUES (1, 9223372036854775807, 1)",
      "UPDATE tally SET pass = -1",
      "UPDATE tally SET pass = 1.5",
      "UPDATE tally SET pass = cases + 1",
      "UPDATE tally SET mismatched_outputs = outputs + 1",
      "UPDATE tally SET departed_outputs = outputs, not_even = 1",
      "UPDATE tally SET not_faithful = not_nearest + 1",
      "UPDATE tally SET tolerated = 1",
      "UPDATE tally SET lowest_error = 1",
      "UPDATE failure SET outcome = 'wrong'",
      "UPDATE failure SET differing_elements = compared_elements + 1",
      "INSERT INTO judgement VALUES (1, 'n', 1, 2)",
      "UPDATE tally SET vacuous = cases + 1",
      "INSERT INTO cover_group VALUES (1, 'g', 0, 2, 3, '11', '')",
      "INSERT INTO cover_group VALUES (1, 'g', 0, 2, 1, '1', '')",
      "INSERT INTO cover_group VALUES (1, 'g', 0, 2, 1, '12', '')",
    ])
  func refused(sql: String) throws {
    let run = try store.beginRun(Sample.run(), implementations: [Sample.mine])
    var batch = Sample.batch(0..<10)
    batch.failures = [Sample.failure("a", index: 1)]
    try store.commitBatch(run, batch)
    #expect(throws: DatabaseError.self) { try raw.write { try $0.execute(sql: sql) } }
  }

  @Test("the view's failures are the vocabulary's", arguments: Outcome.allCases)
  func failing(outcome: Outcome) throws {
    let run = try store.beginRun(Sample.run(), implementations: [Sample.mine])
    var counts = TallyCounts()
    counts.cases = 3
    counts.outcomes[outcome] = 3
    if outcome == .acceptedInvalid { counts.tolerated = 1 }
    try store.commitBatch(
      run, BatchResult(ranges: [0..<3], tallies: [Tally(Sample.key(), counts)]))
    try store.finishRun(run, RunEnd(status: .finished, finished: Sample.begin, exitStatus: 0))
    let summary = try #require(try store.summaries().first)
    #expect(summary.failed == counts.failed)
    #expect(summary.judged == counts.judged)
    let share = try raw.read { try Double.fetchOne($0, sql: "SELECT pass_share FROM run_summary") }
    #expect(share == summary.passShare)
    let verdict: RunSummary.Verdict =
      outcome.isFailure ? .fails : outcome == .pass ? .conforms : .nothingJudged
    #expect(summary.verdict == verdict)
    // The stored count lies in the outcome's own column.
    let column = outcome.rawValue.replacing(/[A-Z]/) { "_" + $0.output.lowercased() }
    #expect(try raw.read { try Int.fetchOne($0, sql: "SELECT \(column) FROM tally") } == 3)
  }

  @Test("the trend names what changed") func trend() throws {
    for (day, bad) in [false, true, true, false].enumerated() {
      let started = UTCTime(secondsSince1970: 1_900_000_000 + day * 86_400)
      let run = try store.beginRun(
        Sample.run(started: started), implementations: [Sample.mine])
      var batch = Sample.batch(0..<10)
      if bad {
        batch.tallies[0].counts.outcomes[.pass] = 9
        batch.tallies[0].counts.outcomes[.mismatch] = 1
      }
      try store.commitBatch(run, batch)
      try store.finishRun(
        run, RunEnd(status: .finished, finished: started, exitStatus: bad ? 1 : 0))
    }
    let rows = try raw.read {
      try Row.fetchAll($0, sql: "SELECT previous_verdict, verdict, pass_share FROM trend")
    }
    #expect(rows.map { $0["verdict"] as String? } == ["conforms", "fails", "fails", "conforms"])
    #expect(
      rows.map { $0["previous_verdict"] as String? } == [nil, "conforms", "fails", "fails"])
    #expect(rows.map { $0["pass_share"] as Double? } == [1, 0.9, 0.9, 1])
    #expect(try store.trend("mine", limit: 3).map(\.verdict) == [.fails, .fails, .conforms])
    #expect(try store.trend("other").isEmpty)
    #expect(try store.summaries(limit: 2).map(\.verdict) == [.conforms, .fails])
    #expect(try store.snapshot()?.trend.map(\.verdict) == [.conforms, .fails, .fails, .conforms])
  }

  @Test("the failures' view is flat") func failures() throws {
    let run = try store.beginRun(Sample.run(), implementations: [Sample.mine])
    try store.commitBatch(
      run, BatchResult(ranges: [0..<1], failures: [Sample.failure("a", index: 0)]))
    let row = try #require(try raw.read { try Row.fetchOne($0, sql: "SELECT * FROM failures") })
    #expect(row["difference"] as Int? == -1)
    #expect(row["classes"] as String? == "tie,saturation")
    #expect(row["implementation"] as String? == "mine")
  }

  @Test("deleting a run takes everything of it along") func cascade() throws {
    let run = try store.beginRun(Sample.run(), implementations: [Sample.mine])
    var batch = Sample.batch(0..<10)
    batch.failures = [Sample.failure("a", index: 1)]
    batch.judgements = [Judgement(check: "c", checked: 1, disagreements: 0)]
    batch.coverage = [CoverageResult(group: "g", bins: ["a"], isMet: [true])]
    try store.commitBatch(run, batch)
    try raw.write { try $0.execute(sql: "DELETE FROM run") }
    let left = try raw.read { db in
      try [
        "run", "run_vectors", "label", "environment", "implementation", "finished_range", "tally",
        "judgement", "failure", "cover_group",
      ].filter { try Int.fetchOne(db, sql: "SELECT count(*) FROM \($0)") != 0 }
    }
    #expect(left == [])
  }
}
