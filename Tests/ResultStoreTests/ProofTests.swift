import Testing
import Verdicts

@testable import ResultStore

@Suite("proofs") struct ProofTests {
  private func record(_ day: Int, holds: Bool = true) -> ProofRecord {
    ProofRecord(
      made: UTCTime(secondsSince1970: 1_900_000_000 + day * 86_400),
      commandLine: "qverify prove --profile tflm", toolVersion: "1.0.0", kind: .implementation,
      subject: "mine", claim: "bit-exact\nnot", holds: holds, certificate: "{\"body\": \(day)}")
  }

  @Test("what was added is read, newest first, with the report of a run") func roundTrip() throws {
    let folder = try TemporaryFolder()
    let store = try ResultStore(path: folder.file())
    #expect(try store.proofs().isEmpty && store.proofCount() == 0)
    let records = [record(1), record(0), record(2, holds: false)]
    for record in records { try store.add(record) }
    #expect(try store.proofs() == [records[2], records[0], records[1]])
    #expect(try store.proofs(limit: 1) == [records[2]])
    #expect(try store.snapshot() == nil)
    let run = try store.beginRun(Sample.run(), implementations: [Sample.mine])
    try store.finishRun(run, RunEnd(status: .finished, finished: Sample.begin, exitStatus: 0))
    let snapshot = try #require(try store.snapshot(proofLimit: 2))
    #expect(snapshot.proofs.count == 2 && snapshot.proofCount == 3)
    #expect(throws: StoreError.self) { try store.add(records[0]) }
  }
}
