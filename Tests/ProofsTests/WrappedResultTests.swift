import Profiles
import QuantizedLayers
import Testing
import Verdicts

@testable import Proofs

@Suite("results that wrap, counted piece by piece") struct WrappedResultTests {
  private func function(
    _ name: String, _ types: String, scale: Double, zeroPoint: Int64 = 0
  ) throws -> RequantizationFunction {
    try ProofConfiguration(
      types: types, inputScale: scale, weightScale: 1, outputScale: 1, outputZeroPoint: zeroPoint
    ).function(try #require(Profiles.named(name)))
  }

  @Test(
    "runs that are counted are those that are found one by one",
    arguments: [(3, 4), (1, 0), (5, 2), (77, 3), (1, 5), (13, 4)])
  func counted(significand: Int64, count: Int64) {
    let range = Int64(-700)...900
    for (low, high) in [(-128, 127), (-9, 200), (0, 0), (-3000, 3000)] as [(Int64, Int64)] {
      func function(_ a: Int64) -> Int64 { min(max((a * significand + 1) >> count, low), high) }
      let piece = CountedPiece(range, risesByAtMostOne: significand <= 1 << count, function)
      let steps = StepFunction(asking: function, range)
      for expected in [low - 1, low, low + 1, 0, 5, high - 1, high, high + 1] {
        var truth = StepFunction(from: range.lowerBound)
        truth.append(range, constant: expected)
        let differences = StepFunction.differences(steps, truth)
        let counted = piece.differences(from: expected)
        #expect(counted.intervals == differences.count)
        #expect(counted.accumulators == differences.map { Int64($0.range.count) }.reduce(0, +))
        #expect(counted.last == differences.last)
        #expect(
          counted.largest == differences.map { Int64(($0.output - expected).magnitude) }.max() ?? 0)
        var joined = DifferenceSet()
        joined.add(counted)
        #expect(joined.intervals == differences.count)
      }
    }
  }

  /// Through the steps of every piece, without counting and without periods.
  private func surveyByPieces(_ function: RequantizationFunction) throws -> Survey {
    let truth = TrueFunctions(function)
    let table = TrueTable(truth)
    let parts = try FunctionParts(function, near: truth[TieRule.up], sweeps: false)
    var survey = Survey(function, listing: DifferenceSet.mostListed)
    for part in parts.parts {
      survey.add(try #require(parts.outcomes(part.range, part.way)), table)
    }
    return survey
  }

  @Test(
    "what is counted is what the steps of every piece say",
    arguments: [
      ("litert-builtin-sse", "int8,int8,int8", 0x1.4cp6, 0),
      ("litert-builtin-sse", "int8,int8,int8", 0x1p5, -128),
      ("litert-builtin-sse", "int8,int8,int8", 0x1.fffp10, 127),
      ("tflm-int16", "int16,int8,int16", 0x1.23p-12, 0),
      ("tflm-int16", "int16,int8,int16", 0x1p-11, 0),
    ] as [(String, String, Double, Int64)])
  func againstPieces(name: String, types: String, scale: Double, zeroPoint: Int64) throws {
    let function = try function(name, types, scale: scale, zeroPoint: zeroPoint)
    let proof = try RequantizationProof(function)
    let survey = try surveyByPieces(function)
    #expect(proof.departed == survey.departed && proof.departed > 0)
    #expect(proof.largestDifference == survey.largest)
    #expect(proof.accuracy == survey.accuracy)
    for (rule, expected) in [
      (TieRule.even, survey.even), (.away, survey.away), (.up, survey.up),
    ] {
      let found = try #require(proof.differences[rule])
      #expect(found.accumulators == expected.accumulators)
      #expect(found.intervals == expected.intervals)
      #expect(found.last == expected.last && found.largest == expected.largest)
      #expect(found.listed == expected.listed)
    }
  }

  @Test("48 bits, D = 2: as many as follow from 2a modulo 2^32")
  func twice() throws {
    let function = try function("tflm-int16", "int16,int8,int16", scale: 2)
    let proof = try RequantizationProof(function, jobs: 2)
    let half: Int64 = 1 << 30
    // Around 0 one period of 2^31 accumulators is right. On each side 65,535 and a half follow. Of a
    // whole one the lower half and 16,384 (below 0: the upper half and 16,383) differ, in 32,768 runs:
    // one saturated, the others of one accumulator each; of the half period all do.
    let whole: Int64 = 65_535
    let above = whole * (half + 16_384) + half
    let below = whole * (half + 16_383) + half
    let even = try #require(proof.differences[.even])
    #expect(even.accumulators == above + below)
    #expect(even.intervals == 2 * Int(whole) * 32_768 + 16_384 + 16_385)
    #expect(proof.departed == 1 << 48 - 1 << 31)
    #expect(proof.ties == 0 && proof.largestDifference == 65_535)
    let last: Int64 = 1 << 47 - 1
    #expect(even.last?.range == last...last)
    #expect(even.last?.output == -2 && even.last?.expected == 32_767)
    #expect(even.listed.first?.range == -(1 << 47)...(-(1 << 47)) && even.listed.first?.output == 0)
    #expect(even.listed.count == DifferenceSet.mostListed)
    #expect(proof.method == .repeatingPieces(period: 1 << 31, pieces: 6))
  }

  @Test("one period multiplied is every period counted", arguments: [1.5, 5, 0x1.54p3, 0x1.8p6])
  func periods(scale: Double) throws {
    let function = try function("tflm-int16", "int16,int8,int16", scale: scale)
    let truth = TrueFunctions(function)
    let table = TrueTable(truth)
    let parts = try FunctionParts(
      function, near: truth[TieRule.up], table: table, sweeps: false)
    var checked = 0
    for part in parts.parts {
      guard case .wrapped(let result, let period?) = part.way else { continue }
      let times = min(7, Int64(part.range.count) / period)
      let range = part.range.lowerBound...(part.range.lowerBound + times * period - 1)
      func survey(_ period: Int64?) throws -> Survey {
        try #require(
          parts.survey(
            .init(range: range, way: .wrapped(result, period: period)), table, listing: 0))
      }
      let (one, all) = (try survey(period), try survey(nil))
      #expect(one.departed == all.departed && one.largest == all.largest)
      #expect(one.even.accumulators == all.even.accumulators)
      #expect(one.even.intervals == all.even.intervals && one.even.last == all.even.last)
      checked += 1
    }
    #expect(checked == 2)
  }

  @Test(
    "a wrapped result is followed at places of its own", arguments: [0x1.34p-2, 0x1.b3p0, 0x1.fep6])
  func places(scale: Double) throws {
    let function = try function("tflm-int16", "int16,int8,int16", scale: scale)
    for isNegative in [true, false] {
      let result = try #require(WrappedResult(function, isNegative: isNegative))
      let start: Int64 = isNegative ? -(1 << 47) : (1 << 46) + 12_345
      let range = start...(start + Int64(0x1p33 / scale))
      var next = range.lowerBound
      result.forEachPiece(range) { piece in
        #expect(piece.range.lowerBound == next)
        next = piece.range.upperBound + 1
        let ends = (
          function.output(piece.range.lowerBound), function.output(piece.range.upperBound)
        )
        // Between two ends of the domain it goes from one end of int32 to the other.
        if piece.range.lowerBound > range.lowerBound { #expect(ends.0 == -32_768) }
        if piece.range.upperBound < range.upperBound { #expect(ends.1 == 32_767) }
      }
      #expect(next == range.upperBound + 1)
    }
  }
}
