import GRDB
import ResultStore
import Testing
import Verdicts

@Suite("runs and batches") struct RunTests {
  private let folder: TemporaryFolder
  private let store: ResultStore

  init() throws {
    folder = try TemporaryFolder()
    store = try ResultStore(path: folder.file())
  }

  private func sum(_ run: RunID) throws -> TallyCounts {
    try store.tallies(run).reduce(into: TallyCounts()) { $0 += $1.counts }
  }

  @Test("a run comes back as it was stored") func roundTrip() throws {
    let record = Sample.run()
    let id = try store.beginRun(record, implementations: [Sample.mine])
    let run = try #require(try store.run(.id(id)))
    #expect(run.record == record)
    #expect(run.status == .running)
    #expect(run.finished == nil && run.exitStatus == nil)
    #expect(try store.run(.newest) == run)
    #expect(try store.run(.uuid(String(record.uuid.prefix(9)).uppercased())) == run)
    #expect(try store.implementations(id).map(\.record) == [Sample.mine])
  }

  @Test("which run is meant") func selectors() throws {
    #expect(try store.run(.newest) == nil)
    #expect(RunSelector("newest") == .newest)
    #expect(RunSelector("12") == .id(RunID(rawValue: 12)))
    #expect(RunSelector("5f0c") == .uuid("5f0c"))
    let tail = "-0000-4000-8000-000000000000"
    _ = try store.beginRun(Sample.run(uuid: "aaaaaaaa" + tail), implementations: [])
    let late = try store.beginRun(
      Sample.run(uuid: "aaaabbbb" + tail, started: UTCTime(secondsSince1970: 2_000_000_000)),
      implementations: [])
    _ = try store.beginRun(Sample.run(uuid: "cccccccc" + tail), implementations: [])
    #expect(try store.run(.newest)?.id == late)
    #expect(throws: StoreError.ambiguousRun("aaaa", count: 2)) { try store.run(.uuid("aaaa")) }
    #expect(throws: StoreError.unknownRun("%")) { try store.run(.uuid("%")) }
    #expect(throws: StoreError.unknownRun("")) { try store.run(.uuid("")) }
    #expect(throws: StoreError.unknownRun("99")) { try store.run(.id(RunID(rawValue: 99))) }
  }

  @Test("sums add up, errors keep the larger, signs included") func adding() throws {
    let run = try store.beginRun(Sample.run(), implementations: [Sample.mine])
    var first = Sample.passing(10)
    (first.lowestError, first.highestError, first.largestDifference) = (-1, 0, 4)
    var second = Sample.passing(5)
    (second.lowestError, second.highestError, second.largestDifference) = (0, 2, 1)
    second.outcomes[.pass] = 4
    second.outcomes[.crash] = 1
    try store.commitBatch(
      run, BatchResult(ranges: [0..<10], tallies: [Tally(Sample.key(), first)]))
    try store.commitBatch(
      run,
      BatchResult(
        ranges: [10..<15],
        tallies: [Tally(Sample.key(), second), Tally(Sample.key("tie"), first)]))
    var expected = first
    expected += second
    #expect(
      try store.tallies(run)
        == [Tally(Sample.key(), expected), Tally(Sample.key("tie"), first)])
    #expect(try store.tallies(run)[0].counts.largestSignedError == 2)
  }

  @Test("a batch is never counted twice") func idempotence() throws {
    let run = try store.beginRun(Sample.run(), implementations: [Sample.mine])
    let batch = Sample.batch(0..<10)
    #expect(try store.commitBatch(run, batch) == .stored)
    #expect(try store.commitBatch(run, batch) == .alreadyStored)
    #expect(try store.commitBatch(run, Sample.batch(10..<20)) == .stored)
    // Within what was joined from two batches.
    #expect(try store.commitBatch(run, Sample.batch(5..<15)) == .alreadyStored)
    #expect(try store.commitBatch(run, Sample.batch(0..<5, 12..<20)) == .alreadyStored)
    #expect(try sum(run).cases == 20)
    #expect(try store.finishedRanges(run) == [0..<20])
  }

  @Test(
    "a batch that is stored in part is refused whole",
    arguments: [
      [15..<25], [5..<11], [30..<35, 10..<12], [10..<12, 30..<35], [8..<22], [40..<45, 42..<47],
      [19..<20, 20..<21],
    ])
  func overlap(ranges: [Range<Int>]) throws {
    let run = try store.beginRun(Sample.run(), implementations: [Sample.mine])
    try store.commitBatch(run, Sample.batch(10..<20))
    var batch = Sample.batch()
    batch.ranges = ranges
    batch.tallies = [Tally(Sample.key(), Sample.passing(3))]
    do {
      try store.commitBatch(run, batch)
      Issue.record("nothing was thrown")
    } catch .overlappingBatch {
    } catch {
      Issue.record("\(error)")
    }
    #expect(try sum(run).cases == 10)
    #expect(try store.finishedRanges(run) == [10..<20])
  }

  @Test("ranges in any order join into one") func joining() throws {
    let run = try store.beginRun(Sample.run(), implementations: [Sample.mine])
    let order = (0..<64).map { ($0 * 37) % 64 }
    for index in order {
      try store.commitBatch(run, Sample.batch(index * 10..<index * 10 + 10))
      let cases = try store.finishedRanges(run).reduce(0) { $0 + $1.count }
      #expect(try sum(run).cases == cases)
    }
    #expect(try store.finishedRanges(run) == [0..<640])
    #expect(try store.commitBatch(run, Sample.batch(Int.max - 1..<Int.max)) == .stored)
    #expect(try store.finishedRanges(run) == [0..<640, Int.max - 1..<Int.max])
  }

  @Test("what does not fit is refused, and nothing of it stays") func rollback() throws {
    let run = try store.beginRun(Sample.run(), implementations: [Sample.mine])
    #expect(throws: StoreError.emptyBatch(run: run)) {
      try store.commitBatch(run, Sample.batch(4..<4))
    }
    var stranger = Sample.batch(0..<10)
    stranger.tallies.append(Tally(Sample.key(implementation: "other"), Sample.passing(1)))
    #expect(throws: StoreError.unknownImplementation("other", run: run)) {
      try store.commitBatch(run, stranger)
    }
    var negative = Sample.batch(0..<10)
    negative.tallies[0].counts.outputs = -1
    var excessive = Sample.batch(0..<10)
    excessive.tallies[0].counts.outcomes[.crash] = 1
    var overflowing = Sample.batch(10..<20)
    overflowing.tallies[0].counts.cases = .max
    try store.commitBatch(run, Sample.batch(90..<91))
    for batch in [negative, excessive, overflowing] {
      do {
        try store.commitBatch(run, batch)
        Issue.record("nothing was thrown")
      } catch .refused {
      } catch {
        Issue.record("\(error)")
      }
    }
    #expect(try sum(run).cases == 1)
    #expect(try store.finishedRanges(run) == [90..<91])
    // The refused statement is usable again afterwards.
    #expect(try store.commitBatch(run, Sample.batch(0..<10)) == .stored)
  }

  @Test("ending a run grades it") func ending() throws {
    let run = try store.beginRun(Sample.run(), implementations: [Sample.mine])
    var batch = Sample.batch(0..<10)
    batch.judgements = [Judgement(check: "forms equal", checked: 10, disagreements: 1)]
    try store.commitBatch(run, batch)
    batch.ranges = [10..<20]
    try store.commitBatch(run, batch)
    var extra = TallyCounts()
    extra.outcomes[.extra] = 2
    let end = RunEnd(
      status: .finished, finished: UTCTime(secondsSince1970: 1_900_000_060), exitStatus: 5,
      profileResults: ["mine": .bitExact],
      remainder: BatchResult(tallies: [Tally(Sample.key("none"), extra)]))
    let classes = try store.finishRun(run, end)
    #expect(classes == ["mine": .correctlyRounded([.even])])
    let stored = try #require(try store.run(.id(run)))
    #expect(stored.status == .finished)
    #expect(stored.exitStatus == 5)
    #expect(stored.judgesDisagree == 2)
    #expect(
      try store.judgements(run)
        == [Judgement(check: "forms equal", checked: 20, disagreements: 2)])
    #expect(try store.implementations(run)[0].accuracyClass == "correctlyRounded(even)")
    #expect(try store.implementations(run)[0].profileResult == .bitExact)
    let error = StoreError.runNotOpen(uuid: stored.record.uuid, status: .finished)
    #expect(throws: error) { try store.commitBatch(run, Sample.batch(30..<40)) }
    #expect(throws: error) { try store.finishRun(run, end) }
    #expect(throws: error) { try store.resumeRun(run) }
    let summary = try #require(try store.summaries().first)
    #expect(summary.verdict == .judgesDisagree)
    #expect(summary.failed == 2 && summary.passed == 20 && summary.outputs == 200)
  }

  @Test("a run can end only as ended") func endStatus() throws {
    let run = try store.beginRun(Sample.run(), implementations: [])
    for (status, exit) in [(RunStatus.running, 0), (.finished, 256), (.failed, -1)] {
      do {
        try store.finishRun(
          run, RunEnd(status: status, finished: Sample.begin, exitStatus: exit))
        Issue.record("\(status) \(exit) was taken")
      } catch .refused {
      } catch {
        Issue.record("\(error)")
      }
    }
    #expect(try store.run(.id(run))?.status == .running)
  }

  @Test("an interrupted run goes on where it stopped") func resuming() throws {
    let run = try store.beginRun(Sample.run(planned: 30), implementations: [Sample.mine])
    try store.commitBatch(run, Sample.batch(0..<10))
    var left = TallyCounts()
    left.cases = 20
    left.outcomes[.notReached] = 20
    try store.finishRun(
      run,
      RunEnd(
        status: .interrupted, finished: Sample.begin, exitStatus: 130,
        remainder: BatchResult(tallies: [Tally(Sample.key(), left)])))
    #expect(try sum(run).cases == 30)
    let resumed = try store.resumeRun(run)
    #expect(resumed.status == .running)
    #expect(resumed.finished == nil)
    #expect(try sum(run).cases == 10)
    #expect(try store.finishedRanges(run) == [0..<10])
    #expect(try store.commitBatch(run, Sample.batch(10..<30)) == .stored)
    try store.finishRun(run, RunEnd(status: .finished, finished: Sample.begin, exitStatus: 0))
    #expect(try sum(run) == Sample.passing(30))
  }

  @Test("failures are found again, in order, whole") func failures() throws {
    let other = ImplementationRecord(name: "other", kind: "command")
    let run = try store.beginRun(Sample.run(), implementations: [Sample.mine, other])
    let batch = BatchResult(
      ranges: [0..<10],
      failures: [
        Sample.failure("c", index: 7), Sample.failure("a", index: 2),
        Sample.failure("b", index: 4, implementation: "other"),
      ])
    try store.commitBatch(run, batch)
    #expect(try store.failureCount(run) == 3)
    #expect(try store.failures(run).map(\.caseID) == ["a", "c", "b"])
    #expect(try store.failures(run, implementation: "other").map(\.caseID) == ["b"])
    #expect(try store.failures(run, limit: 1, offset: 1).map(\.caseID) == ["c"])
    #expect(try store.failures(caseID: "c") == [Sample.failure("c", index: 7)])
    #expect(try store.failures(caseID: "c", run: RunID(rawValue: 77)).isEmpty)
    let second = try store.beginRun(Sample.run(), implementations: [Sample.mine])
    try store.commitBatch(
      second, BatchResult(ranges: [0..<1], failures: [Sample.failure("c", index: 0)]))
    #expect(try store.failures(caseID: "c").map(\.caseIndex) == [0, 7])
  }

  @Test("a choice of failures shows every kind") func sample() throws {
    let other = ImplementationRecord(name: "other", kind: "command")
    let run = try store.beginRun(Sample.run(), implementations: [Sample.mine, other])
    var failures = (0..<50).map { Sample.failure("m\($0)", index: $0) }
    failures[40].outcome = .crash
    failures.append(Sample.failure("o", index: 49, implementation: "other"))
    try store.commitBatch(run, BatchResult(ranges: [0..<50], failures: failures))
    let snapshot = try #require(try store.snapshot(.id(run), failureLimit: 4))
    #expect(snapshot.failures.map(\.caseID) == ["m0", "m1", "m40", "o"])
    #expect(snapshot.failures.allSatisfy { $0.caseLine.isEmpty && $0.answer.isEmpty })
    #expect(snapshot.failureCount == 51)
  }

  @Test("texts of any kind come back") func texts() throws {
    var record = Sample.run()
    record.commandLine = "a'b\"c;--\n`$(x)` \u{1F980} e\u{301}"
    record.labels = ["k'; DROP TABLE run;--": "v\0w"]
    let run = try store.beginRun(record, implementations: [])
    let stored = try #require(try store.run(.id(run))).record
    #expect(stored.commandLine == record.commandLine)
    #expect(stored.labels == ["k'; DROP TABLE run;--": "v\u{FFFD}w"])
  }

  @Test("a uuid, a checksum, a name must be one") func records() throws {
    var double = Sample.run()
    _ = try store.beginRun(double, implementations: [])
    var broken: [(RunRecord, [ImplementationRecord])] = [(double, [])]
    double.uuid = "not a uuid"
    broken.append((double, []))
    var sum = Sample.run()
    sum.vectors[0].sha256 = "12"
    broken.append((sum, []))
    broken.append((Sample.run(), [Sample.mine, Sample.mine]))
    broken.append((Sample.run(planned: -1), []))
    for (record, implementations) in broken {
      do {
        _ = try store.beginRun(record, implementations: implementations)
        Issue.record("\(record) was taken")
      } catch .refused {
      } catch {
        Issue.record("\(error)")
      }
    }
    #expect(try store.runCount() == 1)
  }

  @Test("random uuids have the form of version 4") func uuids() {
    var seen: Set<String> = []
    for _ in 0..<200 {
      let uuid = RunRecord.randomUUID()
      let form = /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/
      #expect(uuid.wholeMatch(of: form) != nil)
      seen.insert(uuid)
    }
    #expect(seen.count == 200)
  }
}
