import Foundation
import GRDB
import Glibc
import Testing

extension CommandLineSuite {
  @Suite("the database") struct DatabaseTests {
    private let folder: TemporaryFolder
    private let check = ["check", "--impl", "kernels-portable", "--seed", "4", "--count"]
    #if DEBUG
    private let count = 3_000
    #else
    private let count = 60_000
    #endif

    init() throws { folder = try TemporaryFolder() }

    private func refused(_ path: String) async throws {
      for command in ["check --count 5", "report"] {
        let ended = try await Program.run("\(command) --database \(path)", in: folder)
        #expect(ended.status == 4, "\(command): \(ended)")
        #expect(ended.isOneLine, "\(ended.error)")
        #expect(ended.error.contains(path.split(separator: "/").last ?? "?"), "\(ended.error)")
        #expect(ended.output.isEmpty)
      }
    }

    @Test("a folder where the file should be, or one that cannot be written")
    func folders() async throws {
      try await refused(".")
      let short = try await Program.run("check --count 1 --database x", in: folder)
      #expect(short.status == 0, "a name of one character: \(short.error)")
      try await refused("/proc/results.sqlite")
      try await refused("/dev/null/results.sqlite")
    }

    @Test("a file of another kind is left as it is") func otherFiles() async throws {
      try folder.write("not a database\n".utf8, to: "notes.txt")
      try await refused("notes.txt")
      #expect(try folder.text("notes.txt") == "not a database\n")
      let queue = try DatabaseQueue(path: folder.file("foreign.sqlite"))
      try await queue.write { db in try db.execute(sql: "CREATE TABLE music (title TEXT)") }
      try queue.close()
      let before = try folder.contents("foreign.sqlite")
      try await refused("foreign.sqlite")
      #expect(try folder.contents("foreign.sqlite") == before)
      #expect(try folder.names == ["foreign.sqlite", "notes.txt"])
    }

    /// Starts a check, and waits until some of it is stored.
    private func startedCheck() async throws -> Running {
      let running = try Program.start(
        check + ["\(count)", "--jobs", "2", "--database", "r.sqlite"], in: folder)
      let path = folder.file("r.sqlite")
      while running.poll() == nil {
        if FileManager.default.fileExists(atPath: path),
          let rows = try? Rows(path, "SELECT sum(cases) AS n FROM tally").rows,
          let stored = rows.first?["n"].flatMap({ Int($0) }), stored > 0
        {
          return running
        }
        try await Task.sleep(for: .milliseconds(20))
      }
      return running
    }

    private func summary() throws -> [String: String] {
      let rows = try Rows(folder.file("r.sqlite"), "SELECT * FROM run_summary").rows
      #expect(rows.count == 1)
      return try #require(rows.first)
    }

    /// Goes on with run 1, after which every planned case is counted once.
    private func expectResumed() async throws {
      let other = try await Program.run(
        "check --impl kernels-portable --seed 5 --count \(count) --database r.sqlite --resume 1",
        in: folder)
      #expect(other.status == 2 && other.isOneLine, "another seed: \(other.error)")
      let ended = try await Program.run(
        check + ["\(count)", "--database", "r.sqlite", "--resume", "1"], in: folder)
      #expect(ended.status == 0, "\(ended.error)")
      let row = try summary()
      #expect(row["status"] == "finished" && row["verdict"] == "conforms")
      #expect(row["cases"] == "\(count)" && row["passed"] == "\(count)")
      #expect(row["planned_cases"] == "\(count)")
      // The summary is of the rest, and says so.
      #expect(!ended.text.hasPrefix("\(count) cases"))
      #expect(ended.text.contains("earlier"), "\(ended.text)")
      let again = try await Program.run(
        check + ["\(count)", "--database", "r.sqlite", "--resume", "1"], in: folder)
      #expect(again.status == 2, "a finished run: \(again)")
      #expect(again.isOneLine)
      #expect(try summary()["cases"] == "\(count)")
    }

    @Test(
      "SIGINT and SIGTERM: what is finished is stored, and the run can go on",
      arguments: [SIGINT, SIGTERM])
    func interrupted(_ signal: Int32) async throws {
      let status = 128 + signal
      let running = try await startedCheck()
      kill(running.process, signal)
      let ended = try await running.wait()
      try #require(ended.status == status, "\(ended)")
      #expect(ended.text.contains("INTERRUPTED"))
      let row = try summary()
      #expect(row["status"] == "interrupted" && row["exit_status"] == "\(status)")
      let stored = try #require(row["cases"].flatMap { Int($0) })
      #expect((1..<count).contains(stored))
      try await expectResumed()
    }

    @Test("kill -9: nothing is counted twice") func killed() async throws {
      let running = try await startedCheck()
      kill(running.process, SIGKILL)
      let ended = try await running.wait()
      try #require(ended.signal == SIGKILL, "it was faster than the signal")
      let stored = try #require(try summary()["cases"].flatMap { Int($0) })
      #expect((1..<count).contains(stored))
      try await expectResumed()
    }

    @Test("two programs write to one database at once") func together() async throws {
      let half = count / 4
      let both = try (1...2).map { shard in
        try Program.start(
          check + ["\(half)", "--shard", "\(shard)/2", "--database", "r.sqlite", "--jobs", "1"],
          in: folder)
      }
      for running in both {
        let ended = try await running.wait()
        #expect(ended.status == 0, "\(ended.error)")
      }
      let rows = try Rows(
        folder.file("r.sqlite"),
        "SELECT sum(cases) AS cases, count(*) AS runs, sum(verdict = 'conforms') AS good"
          + " FROM run_summary"
      ).rows
      #expect(rows == [["cases": "\(half)", "runs": "2", "good": "2"]])
    }
  }
}
