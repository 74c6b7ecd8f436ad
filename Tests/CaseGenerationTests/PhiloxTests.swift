import CaseGeneration
import TestSupport
import Testing

@Suite struct PhiloxTests {
  /// The known answers of Random123 for philox4x32 with 10 rounds.
  @Test func theKnownAnswersOfRandom123AreGiven() {
    let zero = Philox4x32.block(counter: (0, 0, 0, 0), key: (0, 0))
    #expect(zero == (0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
    let all = UInt32.max
    let ones = Philox4x32.block(counter: (all, all, all, all), key: (all, all))
    #expect(ones == (0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
    let pi = Philox4x32.block(
      counter: (0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344),
      key: (0xA409_3822, 0x299F_31D0))
    #expect(pi == (0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
  }
}

@Suite struct CaseRandomTests {
  @Test func wordsAreTheBlocksOfSeedIndexAndAttempt() {
    let (seed, index): (UInt64, UInt64) = (0x1122_3344_5566_7788, 0x99AA_BBCC_DDEE_FF00)
    var random = CaseRandom(seed: seed, index: index, attempt: 3)
    for block in UInt32(0)..<3 {
      let words = Philox4x32.block(
        counter: (block, 3, 0xDDEE_FF00, 0x99AA_BBCC), key: (0x5566_7788, 0x1122_3344))
      for word in [words.0, words.1, words.2, words.3] { #expect(random.word() == word) }
    }
  }

  @Test func longWordsAndBytesTakeLowWordsFirst() {
    var words = CaseRandom(seed: 1, index: 2)
    let (a, b, c) = (words.word(), words.word(), words.word())
    var long = CaseRandom(seed: 1, index: 2)
    #expect(long.longWord() == UInt64(b) << 32 | UInt64(a))
    var filling = CaseRandom(seed: 1, index: 2)
    var bytes: [UInt8] = [9]
    filling.fill(&bytes, count: 10)
    let expected = [a, b, c].flatMap { word in
      (0..<4).map { UInt8(truncatingIfNeeded: word >> (8 * $0)) }
    }
    #expect(bytes == Array(expected.prefix(10)))
  }

  @Test func boundedDrawsFollowTheMultiplyAndRejectMethod() {
    // 3·2^30 rejects a third of the words.
    for bound in [UInt32(1), 2, 3, 7, 255, 256, 3 << 30, .max] {
      var words = CaseRandom(seed: 5, index: UInt64(bound))
      var drawn = CaseRandom(seed: 5, index: UInt64(bound))
      for _ in 0..<200 {
        // Of 2^32 words, those beyond the last multiple of the bound are the short part.
        let short = (UInt64(1) << 32) % UInt64(bound)
        var product = UInt64(words.word()) * UInt64(bound)
        while product & 0xFFFF_FFFF < short { product = UInt64(words.word()) * UInt64(bound) }
        #expect(drawn.below(bound) == UInt32(product >> 32))
      }
    }
  }

  @Test(arguments: [UInt32(2), 7, 10, 64])
  func boundedDrawsAreEven(bound: UInt32) {
    var random = CaseRandom(seed: 6, index: 0)
    var counts = [Int](repeating: 0, count: Int(bound))
    let total = 20_000
    for _ in 0..<total { counts[Int(random.below(bound))] += 1 }
    let expected = Double(total) / Double(bound)
    let chiSquare = counts.reduce(0.0) {
      $0 + (Double($1) - expected) * (Double($1) - expected) / expected
    }
    // Mean f, deviation sqrt(2f): six deviations above are met by chance less than once in 10^6.
    let freedom = Double(bound - 1)
    #expect(chiSquare < freedom + 6 * (2 * freedom).squareRoot())
  }

  @Test(
    arguments: [
      -3...4, Int64.min...Int64.max, 0...0, Int64.max...Int64.max, -1...(1 << 40),
      Int64.min...(Int64.min + 1), 0...0xFFFF_FFFE, 0...0xFFFF_FFFF,
    ] as [ClosedRange<Int64>])
  func integersLieInTheirRange(range: ClosedRange<Int64>) {
    var random = CaseRandom(seed: 7, index: 1)
    var seen: Set<Int64> = []
    for _ in 0..<500 {
      let value = random.integer(in: range)
      #expect(range.contains(value))
      seen.insert(value)
    }
    let size = range.upperBound.subtractingReportingOverflow(range.lowerBound)
    if !size.overflow, size.partialValue < 10 { #expect(seen.count == Int(size.partialValue) + 1) }
  }

  @Test func shufflingPermutes() {
    var random = CaseRandom(seed: 8, index: 1)
    var firsts = [Int](repeating: 0, count: 5)
    for _ in 0..<2_000 {
      var elements = Array(0..<5)
      random.shuffle(&elements)
      #expect(elements.sorted() == Array(0..<5))
      firsts[elements[0]] += 1
    }
    // 400 each, with a deviation of 18.
    #expect(firsts.allSatisfy { (292...508).contains($0) })
    var none: [Int] = []
    random.shuffle(&none)
    #expect(none.isEmpty)
  }

  @Test func fractionsAndChancesAreInRange() {
    var random = CaseRandom(seed: 9, index: 1)
    for _ in 0..<1_000 { #expect((0..<1).contains(random.fraction())) }
    let hits = (0..<4_000).count { _ in random.chance(1, in: 4) }
    #expect((850...1_150).contains(hits))
  }

  @Test func seedsIndicesAndAttemptsGiveDifferentStreams() {
    var first: Set<UInt64> = []
    for seed in UInt64(0)..<10 {
      for index in UInt64(0)..<10 {
        for attempt in UInt32(0)..<3 {
          var random = CaseRandom(seed: seed, index: index, attempt: attempt)
          first.insert(random.longWord())
        }
      }
    }
    #expect(first.count == 300)
  }
}
