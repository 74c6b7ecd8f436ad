package import CaseGeneration
import Synchronization
package import TestCases

/// A run of consecutive cases, which one thread makes or reads and judges.
package struct CaseChunk {
  /// Their places in the run, from 0.
  package let range: Range<Int>
  package let cases: [ReadCase]

  package init(range: Range<Int>, cases: [ReadCase]) {
    self.range = range
    self.cases = cases
  }
}

/// Where cases come from. Threads take chunks from one source.
package protocol CaseSource: Sendable {
  /// The next chunk that nobody has taken; `nil` after the last.
  func next() throws -> CaseChunk?
  /// How many cases there are in all, where that is known.
  var count: Int? { get }
}

/// Cases made in place.
package final class GeneratedCases: CaseSource {
  /// Cases in a chunk. Shards and finished ranges are made of whole chunks, so this never changes.
  package static let chunk = 256

  private let generator: CaseGenerator
  private let limit: Int
  /// Cases that aim at coverage, after the others.
  private let coverCount: Int
  private let shard: (index: Int, count: Int)
  private let finished: [Range<Int>]
  private let position = Atomic<Int>(0)

  /// Cases of a generator.
  ///
  /// - Parameters:
  ///   - generator: makes a case of its index.
  ///   - count: the indices 0 ..< count.
  ///   - cover: how many follow from ``CaseGenerator/firstCoverIndex`` on.
  ///   - shard: which of how many parts, from 0; chunks are dealt out in turn.
  ///   - finished: ranges of indices that are left out.
  package init(
    _ generator: CaseGenerator, count: Int, cover: Int = 0,
    shard: (index: Int, count: Int) = (0, 1),
    finished: [Range<Int>] = []
  ) {
    self.generator = generator
    limit = count
    coverCount = cover
    self.shard = shard
    self.finished = finished
  }

  package var count: Int? { limit == .max ? nil : limit + coverCount }

  package func next() -> CaseChunk? {
    while true {
      let turn = position.add(1, ordering: .relaxed).oldValue
      guard let range = range(block: turn * shard.count + shard.index) else { return nil }
      if finished.contains(where: {
        $0.contains(range.lowerBound) && $0.upperBound >= range.upperBound
      }) {
        continue
      }
      let cases = range.map {
        ReadCase(testCase: generator.testCase(UInt64($0)))
      }
      return CaseChunk(range: range, cases: cases)
    }
  }

  /// The indices of a chunk: those of the usual cases, then those that aim at coverage; `nil` after
  /// the last.
  private func range(block: Int) -> Range<Int>? {
    let (start, overflow) = block.multipliedReportingOverflow(by: GeneratedCases.chunk)
    if !overflow, start < limit { return start..<min(start + GeneratedCases.chunk, limit) }
    guard coverCount > 0, limit < .max else { return nil }
    let usual = (limit + GeneratedCases.chunk - 1) / GeneratedCases.chunk
    let first = Int(CaseGenerator.firstCoverIndex)
    let offset = (block - usual) * GeneratedCases.chunk
    guard offset < coverCount else { return nil }
    return (first + offset)..<(first + min(offset + GeneratedCases.chunk, coverCount))
  }
}

/// Cases given one by one: a single case that is repeated.
package final class GivenCases: CaseSource {
  private let cases: [ReadCase]
  private let taken = Atomic<Bool>(false)

  package init(_ cases: [ReadCase]) { self.cases = cases }

  package var count: Int? { cases.count }

  package func next() -> CaseChunk? {
    guard !taken.exchange(true, ordering: .relaxed) else { return nil }
    return CaseChunk(range: 0..<cases.count, cases: cases)
  }
}
