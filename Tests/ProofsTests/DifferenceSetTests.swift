import TestSupport
import Testing

@testable import Proofs

@Suite("stretches, counted and listed") struct DifferenceSetTests {
  private typealias Difference = RequantizationProof.Difference

  /// The stretches of two functions, given one value an accumulator.
  private func stretches(_ outputs: [Int64], _ expected: [Int64]) -> [Difference] {
    var all: [Difference] = []
    var start = 0
    for end in outputs.indices {
      let next = end + 1
      if next < outputs.count, outputs[next] == outputs[end], expected[next] == expected[end] {
        continue
      }
      if outputs[end] != expected[end] {
        all.append(
          Difference(
            range: Int64(start)...Int64(end), output: outputs[end], expected: expected[end]))
      }
      start = next
    }
    return all
  }

  private func expectSame(_ set: DifferenceSet, _ all: [Difference], listing room: Int) {
    #expect(set.accumulators == all.reduce(0) { $0 + Int64($1.range.count) })
    #expect(set.intervals == all.count)
    #expect(set.listed == Array(all.prefix(room)))
    #expect(set.last == all.last)
    #expect(set.largest == all.map { abs($0.output - $0.expected) }.max() ?? 0)
    #expect(set.isListedWhole == (all.count <= room))
  }

  /// What is there is taken one accumulator at a time, in parts that are joined.
  private func set(
    _ outputs: [Int64], _ expected: [Int64], cuts: [Int], listing room: Int
  ) -> DifferenceSet {
    var whole = DifferenceSet(listing: room)
    for (from, to) in zip([0] + cuts, cuts + [outputs.count]) {
      var part = DifferenceSet(listing: whole.listingOfNext)
      for place in from..<to where outputs[place] != expected[place] {
        part.add(
          Int64(place), Int64(place), output: outputs[place], expected: expected[place])
      }
      whole.add(part)
    }
    return whole
  }

  @Test("joined from parts, whatever the cuts and the room, it is what one pass finds")
  func parts() {
    var random = SplitMix64(seed: 11)
    for trial in 0..<400 {
      let count = 1 + Int(random.next() % 40)
      // Few values, so that stretches are long and cross the cuts.
      let outputs = (0..<count).map { _ in Int64(random.next() % 3) }
      let expected = (0..<count).map { $0 / 7 % 2 == 0 ? Int64(0) : Int64(2) }
      let cuts = (0..<trial % 5).map { _ in Int(random.next() % UInt64(count)) }.sorted()
      let room = trial % 7
      expectSame(
        set(outputs, expected, cuts: cuts, listing: room), stretches(outputs, expected),
        listing: room)
    }
  }

  @Test("one period repeated is what all periods give")
  func periods() {
    var random = SplitMix64(seed: 12)
    for trial in 0..<400 {
      let period = 1 + Int(random.next() % 6)
      let times = 1 + Int(random.next() % 20)
      let outputs = (0..<period).map { _ in Int64(random.next() % 3) }
      let all = (0..<times).flatMap { _ in outputs }
      let room = trial % 9
      let expected = [Int64](repeating: 1, count: all.count)
      var set = set(outputs, Array(expected.prefix(period)), cuts: [], listing: room)
      set.repeatEvery(Int64(period), times: Int64(times))
      expectSame(set, stretches(all, expected), listing: room)
    }
  }

  @Test("work in parts is taken in order, each once, and stops where it is stopped")
  func order() {
    for jobs in [1, 3] {
      var taken: [Int] = []
      let isDone = OrderedWork.run(100, jobs: jobs) {
        $0 * $0
      } take: {
        taken.append($0)
        return true
      }
      #expect(isDone && taken == (0..<100).map { $0 * $0 })
      var count = 0
      let isStopped = !OrderedWork.run(100, jobs: jobs) {
        $0 == 37 ? nil : $0
      } take: { _ in
        count += 1
        return true
      }
      #expect(isStopped && count == 37)
      let isRefused = !OrderedWork.run(100, jobs: jobs) {
        $0
      } take: {
        $0 < 5
      }
      #expect(isRefused)
    }
  }
}
