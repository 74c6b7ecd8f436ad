import GRDB
import Testing
import Verdicts

@testable import ResultStore

@Suite("coverage in the database") struct CoverageTests {
  private let folder: TemporaryFolder
  private let store: ResultStore

  init() throws {
    folder = try TemporaryFolder()
    store = try ResultStore(path: folder.file())
  }

  private func groups(_ first: [Bool], _ second: [Bool]) -> [CoverageResult] {
    [
      CoverageResult(group: "sign", bins: ["y < 0", "y = 0", "y > 0"], isMet: first),
      CoverageResult(group: "place", bins: ["integer", "tie"], isMet: second),
    ]
  }

  @Test("batches add up, and a batch that is stored already adds nothing") func batches() throws {
    let run = try store.beginRun(Sample.run(), implementations: [Sample.mine])
    var batch = Sample.batch(0..<10)
    batch.coverage = groups([true, false, false], [false, false])
    try store.commitBatch(run, batch)
    #expect(try store.coverage(run).map(\.covered) == [1, 0])
    var next = Sample.batch(10..<20)
    next.coverage = groups([false, false, true], [false, true])
    try store.commitBatch(run, next)
    var repeated = Sample.batch(0..<10)
    repeated.coverage = groups([true, true, true], [true, true])
    #expect(try store.commitBatch(run, repeated) == .alreadyStored)
    let stored = try store.coverage(run)
    #expect(stored.map(\.group) == ["sign", "place"] && stored.map(\.bins) == [3, 2])
    #expect(stored.map(\.met) == ["101", "01"])
    #expect(stored.map(\.holes) == [["y = 0"], ["integer"]])
    #expect(try store.snapshot()?.coverage == stored)
    // What it was read from makes the same result again.
    let again = CoverageResult(group: "sign", bins: ["y < 0", "y = 0", "y > 0"], met: "101")
    #expect(again.holes == ["y = 0"] && again.met == "101")
    #expect(CoverageResult(group: "g", bins: ["a"], met: "101").covered == 0)
  }

  @Test("the views have shares and holes, and count vacuous cases by class") func views() throws {
    let run = try store.beginRun(Sample.run(), implementations: [Sample.mine])
    var batch = Sample.batch(0..<10)
    batch.coverage = groups([true, false, true], [true, true])
    batch.tallies[0].counts.vacuous = 3
    try store.commitBatch(run, batch)
    let raw = try DatabaseQueue(path: folder.file())
    let rows = try raw.read {
      try Row.fetchAll($0, sql: "SELECT * FROM coverage ORDER BY position")
    }
    #expect(rows.map { $0["cover_group"] as String? } == ["sign", "place"])
    #expect(rows.map { $0["share"] as Double? } == [2.0 / 3, 1])
    #expect(rows.map { $0["holes"] as String? } == ["y = 0", ""])
    let vacuity = try #require(
      try raw.read { try Row.fetchOne($0, sql: "SELECT * FROM vacuity") })
    #expect(vacuity["vacuous"] as Int? == 3 && vacuity["cases"] as Int? == 10)
    #expect(vacuity["share"] as Double? == 0.3)
    #expect(try store.tallies(run)[0].counts.vacuous == 3)
  }
}

@Suite("shares of coverage") struct CoverageShareTests {
  @Test("a share is rounded down, so that 100 % means all") func percent() {
    #expect(CoverageShare(covered: 1_999, bins: 2_000).percent == "99.9 %")
    #expect(CoverageShare(covered: 2_000, bins: 2_000).percent == "100 %")
    #expect(CoverageShare(covered: 1, bins: 3).percent == "33.3 %")
    #expect(CoverageShare(covered: 0, bins: 3).percent == "0.0 %")
    #expect(CoverageShare(covered: 0, bins: 0).percent == "100 %")
  }
}
