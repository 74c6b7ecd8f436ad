import Foundation
import GRDB
import ResultStore
import Testing
import Verdicts

@Suite("several writers of one file") struct ConcurrencyTests {
  /// Runs the bodies on threads of their own, for they block.
  private func together(_ bodies: [@Sendable () throws -> Void]) -> [String] {
    let errors = Mutexed<[String]>([])
    DispatchQueue.concurrentPerform(iterations: bodies.count) { index in
      do {
        try bodies[index]()
      } catch {
        errors.change { $0.append("\(error)") }
      }
    }
    return errors.value
  }

  @Test("two connections add to two runs and to one") func writers() throws {
    let folder = try TemporaryFolder()
    let stores = try [ResultStore(path: folder.file()), ResultStore(path: folder.file())]
    let shared = try stores[0].beginRun(Sample.run(), implementations: [Sample.mine])
    let own = try stores.map { try $0.beginRun(Sample.run(), implementations: [Sample.mine]) }
    let errors = together(
      [0, 1].map { writer in
        {
          for index in 0..<100 {
            let first = (index * 2 + writer) * 5
            try stores[writer].commitBatch(shared, Sample.batch(first..<first + 5))
            try stores[writer].commitBatch(own[writer], Sample.batch(index..<index + 1))
          }
        }
      })
    #expect(errors == [])
    #expect(try stores[0].tallies(shared).map(\.counts) == [Sample.passing(1000)])
    #expect(try stores[1].finishedRanges(shared) == [0..<1000])
    for run in own { #expect(try stores[0].tallies(run).map(\.counts) == [Sample.passing(100)]) }
  }

  @Test("of two that commit the same cases, one counts") func race() throws {
    let folder = try TemporaryFolder()
    let stores = try [ResultStore(path: folder.file()), ResultStore(path: folder.file())]
    let run = try stores[0].beginRun(Sample.run(), implementations: [Sample.mine])
    let taken = Mutexed(0)
    let errors = together(
      [0, 1].map { writer in
        {
          for index in 0..<100 {
            let range = index * 5..<index * 5 + 5
            if try stores[writer].commitBatch(run, Sample.batch(range)) == .stored {
              taken.change { $0 += 1 }
            }
          }
        }
      })
    #expect(errors == [])
    #expect(taken.value == 100)
    #expect(try stores[0].tallies(run).map(\.counts) == [Sample.passing(500)])
  }

  @Test("many make the same file at once") func creation() throws {
    for _ in 0..<5 {
      let folder = try TemporaryFolder()
      let errors = together(
        (0..<6).map { _ in
          {
            let store = try ResultStore(path: folder.file())
            _ = try store.beginRun(Sample.run(), implementations: [Sample.mine])
          }
        })
      #expect(errors == [])
      #expect(try ResultStore(path: folder.file()).runCount() == 6)
    }
  }

  @Test("a lock that is held too long is said") func busy() throws {
    let folder = try TemporaryFolder()
    let store = try ResultStore(path: folder.file(), busyTimeout: 0.05)
    let holder = try DatabaseQueue(path: folder.file())
    try holder.write { _ throws in
      #expect(throws: StoreError.busy(path: folder.file(), seconds: 0.05)) {
        try store.beginRun(Sample.run(), implementations: [])
      }
      // Readers do not wait for a writer.
      #expect(try store.runCount() == 0)
    }
    _ = try store.beginRun(Sample.run(), implementations: [])
  }

  @Test("what a killed process had committed is there, and the rest can follow")
  func killed() throws {
    let folder = try TemporaryFolder()
    let store = try ResultStore(path: folder.file())
    let run = try store.beginRun(Sample.run(), implementations: [Sample.mine])
    try store.commitBatch(run, Sample.batch(0..<10))
    // The files as a kill would leave them: the log not yet copied back into the database.
    let copy = try TemporaryFolder()
    for suffix in ["", "-wal"] {
      try FileManager.default.copyItem(
        atPath: folder.file() + suffix, toPath: copy.file() + suffix)
    }
    let recovered = try ResultStore(path: copy.file())
    #expect(try recovered.resumeRun(run).status == .running)
    #expect(try recovered.finishedRanges(run) == [0..<10])
    #expect(try recovered.commitBatch(run, Sample.batch(0..<10)) == .alreadyStored)
    #expect(try recovered.commitBatch(run, Sample.batch(10..<20)) == .stored)
    #expect(try recovered.tallies(run).map(\.counts) == [Sample.passing(20)])
  }
}

/// A value that threads change one at a time.
final class Mutexed<Value: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var stored: Value

  init(_ value: Value) { stored = value }

  var value: Value { lock.withLock { stored } }

  func change(_ body: (inout Value) -> Void) { lock.withLock { body(&stored) } }
}
