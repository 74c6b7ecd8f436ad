import Foundation
import ResultStore
import Verdicts

/// A folder that is removed with the last reference to it.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("qverify-store-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String = "results.sqlite") -> String { path + "/" + name }
}

/// Records with values that each test replaces where it matters.
enum Sample {
  static let begin = UTCTime(secondsSince1970: 1_900_000_000)

  static func run(
    uuid: String = RunRecord.randomUUID(), started: UTCTime = begin, planned: Int? = 100
  ) -> RunRecord {
    RunRecord(
      uuid: uuid, started: started, commandLine: "qverify check --impl mine --seed 7",
      toolVersion: "1.0.0", generatorVersion: 1, seed: "7", selection: "--cases all",
      plannedCases: planned, conformance: "nearest",
      vectors: [VectorsFile(name: "v.jsonl", sha256: String(repeating: "ab", count: 32))],
      labels: ["branch": "main"], environment: ["os": "Linux", "cores": "2"])
  }

  static let mine = ImplementationRecord(
    name: "mine", version: "2.1", kind: "library", path: "build/libmine.so", claims: "[]")

  static func key(
    _ caseClass: String = "saturation", implementation: String = "mine",
    types: String = "int8,int8,int8"
  ) -> TallyKey {
    TallyKey(
      implementation: implementation, operatorName: "fullyConnected", types: types,
      profile: "tflm", caseClass: caseClass)
  }

  /// `cases` passing cases of ten outputs each, of which the even tie rule holds alone.
  static func passing(_ cases: Int) -> TallyCounts {
    var counts = TallyCounts()
    counts.cases = cases
    counts.outcomes[.pass] = cases
    counts.outputs = cases * 10
    counts.notAway = cases
    counts.notUp = cases
    return counts
  }

  static func batch(_ ranges: Range<Int>...) -> BatchResult {
    let cases = ranges.reduce(0) { $0 + $1.count }
    return BatchResult(ranges: ranges, tallies: [Tally(key(), passing(cases))])
  }

  static func failure(_ id: String, index: Int, implementation: String = "mine") -> FailureRecord {
    FailureRecord(
      implementation: implementation, caseID: id, caseIndex: index,
      operatorName: "fullyConnected", types: "int8,int8,int8", profile: "tflm",
      classes: ["tie", "saturation"], outcome: .mismatch, elementIndex: 3, expected: -119,
      got: -120, exact: "-239/2", differingElements: 1, comparedElements: 12,
      message: "differs", caseLine: "{\"id\":\"\(id)\"}", answer: "{}",
      repeatCommand: "qverify check --only \(id)")
  }
}
