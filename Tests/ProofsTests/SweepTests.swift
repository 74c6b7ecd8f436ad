import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Synchronization
import Testing
import Verdicts

@testable import Proofs

@Suite("what is asked at every accumulator, and what repeats") struct SweepTests {
  private func function(
    _ name: String, weights: Double, types: String = "int8,int8,int8", zeroPoint: Int64 = 0
  ) throws -> RequantizationFunction {
    try ProofConfiguration(
      types: types, inputScale: 1.25, weightScale: weights, outputScale: 1,
      outputZeroPoint: zeroPoint
    ).function(try #require(Profiles.named(name)))
  }

  @Test("asked by blocks, every profile answers as it does alone", arguments: Profiles.all)
  func blocks(profile: Profile) throws {
    for index in 0..<40 {
      guard
        let set = DrawnConfiguration(
          seed: 3, index: index, profile: profile, types: nil, base: ProofConfiguration())
      else { continue }
      let function = try set.configuration.function(profile)
      let domain = function.domain
      for start in [domain.lowerBound, -70, 1 << 20, domain.upperBound - 140] {
        let range = start...(start + 140)
        PartOutcomes(range, sweeping: function).forEach { start, end, output, isDeparted in
          for place in start...end {
            #expect(
              function.output(place) == output
                && function.departure(place).isEmpty != isDeparted,
              "\(set.configuration.text) at \(place)")
          }
        }
      }
    }
  }

  private func parts(_ function: RequantizationFunction) throws -> (FunctionParts, TrueTable) {
    let truth = TrueFunctions(function)
    let table = TrueTable(truth)
    return (
      try FunctionParts(function, near: truth[TieRule.up], table: table, sweeps: false), table
    )
  }

  @Test("parts follow each other without gaps", arguments: Profiles.all)
  func withoutGaps(profile: Profile) throws {
    for scale in [0x1p-9, 1, 0x1.8p7, 0x1p13, 0x1p24, 0x1p30, 0x1p40] {
      guard
        let function = try? ProofConfiguration(
          types: profile.types.first?.description ?? "int8,int8,int8", inputScale: 1.5,
          weightScale: scale, outputScale: 1
        ).function(profile), let (parts, _) = try? parts(function)
      else { continue }
      var next = function.domain.lowerBound
      for part in parts.parts {
        #expect(part.range.lowerBound == next)
        next = part.range.upperBound + 1
        guard case .repeating(let period) = part.way else { continue }
        #expect(Int64(part.range.count) % period == 0)
      }
      #expect(next - 1 == function.domain.upperBound)
    }
  }

  /// The first eight periods of each side, asked one by one; and the whole side has 2^k times that.
  @Test(
    "what one period says of eight is what eight say",
    arguments: [
      ("litert-builtin", 0x1p20, 0), ("litert-builtin", 0x1p30, -3), ("tflm", 0x1p14, 100),
    ])
  func periods(name: String, weights: Double, zeroPoint: Int64) throws {
    let function = try function(name, weights: weights, zeroPoint: zeroPoint)
    let (parts, table) = try parts(function)
    var sides = 0
    for part in parts.parts {
      guard case .repeating(let period) = part.way else { continue }
      sides += 1
      let start = part.range.lowerBound
      var asked = Survey(function, listing: 1_000)
      asked.add(PartOutcomes(start...(start + 8 * period - 1), sweeping: function), table)
      var repeated = Survey(function, listing: 1_000)
      repeated.add(try #require(parts.outcomes(part.range, part.way)), table)
      repeated.repeatEvery(period, times: 8)
      #expect(repeated.up == asked.up && repeated.even == asked.even)
      #expect(repeated.departed == asked.departed && repeated.largest == asked.largest)
      #expect(asked.up.intervals > 0)
    }
    #expect(sides == 2)
  }

  /// At D = 5/4·2^28 the product of every accumulator keeps its last bits alone: four in a period of 8.
  @Test("an output that changes at every accumulator is counted whole, and listed up to a bound")
  func everyAccumulator() throws {
    let function = try function("litert-builtin", weights: 0x1p28)
    let proof = try RequantizationProof(function, jobs: 2)
    let up = try #require(proof.differences[.up])
    // x·2^29 mod 2^32, times 5/8: right only where it has the sign of x, or is 0 at 0.
    let signs = (0..<8).map { Int64(Int32(truncatingIfNeeded: $0 << 29)).signum() }
    let right =
      Int64(1 << 28) * Int64(signs.filter { $0 > 0 }.count + signs.filter { $0 < 0 }.count)
    #expect(up.accumulators == (1 << 32) - right - 1)
    #expect(up.intervals > DifferenceSet.mostListed && !up.isListedWhole)
    #expect(up.listed.count == DifferenceSet.mostListed)
    #expect(up.last?.range.upperBound == function.domain.upperBound)
    #expect(proof.largestDifference == 255)
    #expect(proof.method == .repeating(period: 8, accumulators: (1 << 18) - 8))
  }

  @Test("shifted by 32 and more nothing is left, and nothing has to be asked")
  func shiftedOut() throws {
    let function = try function("litert-builtin", weights: 0x1p40, zeroPoint: 7)
    let proof = try RequantizationProof(function)
    #expect(proof.method == .steps(pieces: 3))
    #expect(proof.count(.even) == (1 << 32) - 1 && proof.departed == (1 << 32) - 1)
    #expect(proof.differences[.even]?.listed.map(\.output) == [7, 7])
  }

  #if !DEBUG
  @Test("where there are too many pieces it is swept, which is counted")
  func swept() throws {
    let function = try function("litert-builtin-sse", weights: 0x1.23456p28)
    let done = Mutex(0)
    let proof = try RequantizationProof(function, jobs: 2) { more, total in
      #expect(total == 1 << 32)
      done.withLock { $0 += more }
    }
    #expect(done.withLock { $0 } == 1 << 32)
    guard case .partlySwept(let accumulators) = proof.method else {
      Issue.record("\(proof.method.text)")
      return
    }
    #expect(accumulators > 1 << 31)
    #expect(proof.differences[.up]?.isListedWhole == false)
  }
  #endif
}
