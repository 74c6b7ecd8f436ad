import FailurePatterns
import Foundation
import QuantizedArithmetic
import QuantizedLayers
import Testing

/// Layers whose outputs are wrong where a rule says so.
private enum Made {
  static func layer(
    rows: Int, channels: Int, depth: Int = 3, inputZeroPoint: Int64 = 0
  ) throws -> Layer {
    func tensor(_ shape: [Int], _ zeroPoint: Int64, isOutput: Bool = false) -> RawTensor {
      RawTensor(
        type: .int8, shape: shape, scales: [1], zeroPoints: [zeroPoint],
        data: isOutput ? [] : [UInt8](repeating: 0, count: shape.reduce(1, *)))
    }
    return try RawLayer(
      operation: FullyConnected.name, activation: .none,
      input: tensor([rows, depth], inputZeroPoint), weights: tensor([channels, depth], 0),
      bias: nil, output: tensor([rows, channels], 0, isOutput: true)
    ).validated()
  }

  /// Expected is 0 everywhere; wrong outputs are `got`.
  static func observed(
    rows: Int, channels: Int, depth: Int = 3, inputZeroPoint: Int64 = 0, got: Int64 = 1,
    accumulator: (Int, Int) -> Int64 = { _, _ in 0 },
    position: (Int, Int) -> ExactPosition? = { _, _ in nil },
    isWrong: (Int, Int) -> Bool
  ) throws -> ObservedCase {
    let layer = try layer(
      rows: rows, channels: channels, depth: depth, inputZeroPoint: inputZeroPoint)
    var outputs: [ObservedOutput] = []
    for row in 0..<rows {
      for channel in 0..<channels {
        outputs.append(
          ObservedOutput(
            row: row, channel: channel, expected: 0, got: isWrong(row, channel) ? got : 0,
            accumulator: accumulator(row, channel), position: position(row, channel)))
      }
    }
    return ObservedCase(layer: layer, outputs: outputs)
  }
}

struct FailurePatternTests {
  @Test func tailsBeyondWholeVectorsAreNamedWithTheirWidth() throws {
    let cases = try [(2, 19), (3, 13), (1, 24), (1, 7)].map { rows, channels in
      try Made.observed(rows: rows, channels: channels) { _, channel in
        channel >= channels / 8 * 8
      }
    }
    let pattern = FailurePattern(cases)
    #expect(pattern.wrong == 2 * 3 + 3 * 5 + 7)
    #expect(
      pattern.lines.prefix(2) == [
        "28 wrong and 80 right outputs in 4 failing cases",
        "all 28 wrong outputs lie in the last channels beyond a multiple of 8; 0 outputs there are"
          + " right, 80 elsewhere",
      ])
  }

  @Test func widthsThatWhatWasSeenDoesNotTellApartAreAllNamed() throws {
    let pattern = FailurePattern([
      try Made.observed(rows: 1, channels: 19) { _, channel in channel >= 16 }
    ])
    #expect(
      pattern.lines[1]
        == "all 3 wrong outputs lie in the last channels beyond a multiple of 4 (of 8, 16 as well);"
        + " 0 outputs there are right, 16 elsewhere")
  }

  @Test func oneChannelOfSeveralRowsIsNamed() throws {
    let pattern = FailurePattern([
      try Made.observed(rows: 4, channels: 6) { _, channel in channel == 2 }
    ])
    #expect(
      pattern.lines.contains(
        "all 4 wrong outputs lie in channel 2; 0 outputs there are right, 20 elsewhere"))
  }

  @Test func aLaneIsNamedWhereEveryLayerIsWideEnough() throws {
    let pattern = FailurePattern([
      try Made.observed(rows: 2, channels: 40) { _, channel in channel % 16 == 5 }
    ])
    #expect(
      pattern.lines[1]
        == "all 6 wrong outputs lie in channels ≡ 5 modulo 16; 0 outputs there are right, 74"
        + " elsewhere")
  }

  @Test func lastRowAndFirstRowAreToldApart() throws {
    let last = FailurePattern([try Made.observed(rows: 3, channels: 2) { row, _ in row == 2 }])
    #expect(
      last.lines[1]
        == "all 2 wrong outputs lie in the last row; 0 outputs there are right, 4 elsewhere")
    let first = FailurePattern([try Made.observed(rows: 3, channels: 2) { row, _ in row == 0 }])
    #expect(
      first.lines[1]
        == "all 2 wrong outputs lie in the first row; 0 outputs there are right, 4 elsewhere")
  }

  @Test func depthsThatAreNoMultiplesAreNamed() throws {
    let cases = try [16, 17, 24, 32, 40, 5].map { depth in
      try Made.observed(rows: 1, channels: 2, depth: depth) { _, _ in depth % 16 != 0 }
    }
    #expect(
      FailurePattern(cases).lines[1]
        == "all 8 wrong outputs lie where K mod 16 ≠ 0; 0 outputs there are right, 4 elsewhere")
  }

  @Test func signsAndTiesOfValuesAreNamed() throws {
    let negative = FailurePattern([
      try Made.observed(
        rows: 1, channels: 9, accumulator: { _, channel in Int64(channel - 4) * 10 }
      ) { _, channel in channel < 4 }
    ])
    #expect(
      negative.lines.contains(
        "all 4 wrong outputs lie where the accumulator is negative; 0 outputs there are right, 5"
          + " elsewhere"))
    #expect(
      negative.lines.contains("accumulator of wrong outputs: −40 … −10; of right ones 0 … 40"))
    let ties = FailurePattern([
      try Made.observed(
        rows: 1, channels: 12,
        position: { _, channel in
          ExactPosition(floor: Int64(channel / 2), fraction: channel % 2 == 0 ? .half : .aboveHalf)
        }
      ) { _, channel in channel % 4 == 0 }
    ])
    #expect(
      ties.lines.contains {
        $0.hasPrefix(
          "all 3 wrong outputs lie where the exact value is a tie above an even integer, within the"
            + " bounds of the output; 0 outputs there are right, 9 elsewhere")
      })
  }

  @Test func whatHoldsForRightOutputsAsOftenIsNotNamed() throws {
    // Zi ≠ 0 in both cases: it tells nothing.
    let same = try [5, 7].map { depth in
      try Made.observed(rows: 2, channels: 2, depth: depth, inputZeroPoint: 3) { row, channel in
        row == channel
      }
    }
    #expect(!FailurePattern(same).lines.contains { $0.contains("Zi ≠ 0") })
    let apart = try [0, 3].map { zeroPoint in
      try Made.observed(rows: 1, channels: 2, inputZeroPoint: zeroPoint) { _, _ in zeroPoint != 0 }
    }
    #expect(
      FailurePattern(apart).lines[1]
        == "all 2 wrong outputs lie where Zi ≠ 0; 0 outputs there are right, 2 elsewhere")
  }

  /// Of five wrong outputs all lie in even channels, but so do most right ones.
  @Test func whatMostRightOutputsHaveAsWellIsNotNamed() throws {
    let pattern = FailurePattern([
      try Made.observed(
        rows: 1, channels: 20, accumulator: { _, channel in channel < 15 ? 7 : -7 }
      ) { _, channel in channel % 3 == 0 && channel < 15 }
    ])
    #expect(!pattern.lines.contains { $0.contains("accumulator is positive") }, "\(pattern.lines)")
  }

  @Test func theOneValueOfAllWrongOutputsIsNamed() throws {
    let layer = try Made.layer(rows: 2, channels: 6)
    let outputs = (0..<12).map { index in
      let expected: Int64 = index % 4 == 1 ? 91 : Int64(index)
      return ObservedOutput(
        row: index / 6, channel: index % 6, expected: expected,
        got: expected == 91 ? 90 : expected)
    }
    let pattern = FailurePattern([ObservedCase(layer: layer, outputs: outputs)])
    #expect(
      pattern.lines.contains(
        "all 3 wrong outputs lie where 91 is expected; 0 outputs there are right, 9 elsewhere"),
      "\(pattern.lines)")
  }

  /// Every sentence is checked against the outputs themselves, for random sets of wrong outputs.
  @Test func noSentenceIsWrongOfRandomFailures() throws {
    var random = SystemRandomNumberGenerator()
    for _ in 0..<40 {
      let cases = try (0..<3).map { _ in
        let rows = Int.random(in: 1...4, using: &random)
        let channels = Int.random(in: 1...20, using: &random)
        let wrong = Set(
          (0..<3).map { _ in Int.random(in: 0..<rows * channels, using: &random) })
        return try Made.observed(rows: rows, channels: channels) { row, channel in
          wrong.contains(row * channels + channel)
        }
      }
      let pattern = FailurePattern(cases)
      for finding in pattern.findings {
        #expect(finding.right + finding.rightElsewhere == pattern.right)
        #expect(finding.rightElsewhere > 0)
        guard finding.words == "in the last row" else { continue }
        let inside = cases.flatMap { observed in
          observed.outputs.filter { $0.row == observed.layer.rows - 1 }
        }
        #expect(inside.count { $0.isWrong } == pattern.wrong)
        #expect(inside.count { !$0.isWrong } == finding.right)
      }
    }
  }

  @Test func differencesAreCountedBySign() throws {
    let cases = try [(1, 2), (-3, 1), (1, 4)].map { got, count in
      try Made.observed(rows: 1, channels: 5, got: Int64(got)) { _, channel in channel < count }
    }
    #expect(FailurePattern(cases).lines.contains("got − expected: +1 × 6, −3 × 1"))
  }

  @Test func aPatternSurvivesJSON() throws {
    let pattern = FailurePattern([
      try Made.observed(rows: 2, channels: 9) { _, channel in channel == 8 }
    ])
    let data = try JSONEncoder().encode(pattern)
    #expect(try JSONDecoder().decode(FailurePattern.self, from: data) == pattern)
  }

  @Test func nothingIsSaidWhereEveryOutputIsWrong() throws {
    let pattern = FailurePattern([try Made.observed(rows: 2, channels: 2) { _, _ in true }])
    #expect(pattern.findings.isEmpty)
    #expect(pattern.lines[1] == "no output is right: nothing tells wrong ones from right ones")
  }
}
