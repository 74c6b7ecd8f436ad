import CaseGeneration
import Implementations
import Profiles
import QuantizedLayers
import Shrinking
import TestCases
import Testing
import Verdicts
import Verification

@testable import PlantedKernels

/// A planted kernel, a case on which its outputs are wrong, and what became of the case.
struct ShrunkDefect {
  let defect: Defect
  let shrunk: Shrunk

  var layer: RawLayer { shrunk.testCase.layer }
  /// M, K and N.
  var size: [Int] { [layer.input.shape[0], layer.input.shape[1], layer.weights.shape[0]] }
  var isSingleAccumulator: Bool { size[0] == 1 && size[1] <= 2 && size[2] == 1 }

  /// The first case of a seed on which the kernel's outputs differ, shrunk.
  init?(_ defect: Defect, seed: UInt64, limit: Int, questions: Int = 1_500) throws {
    let live = LiveQuestions(defect, asked: nil)
    let generator = try CaseGenerator(
      seed: seed, selection: Selection(profiles: [defect.profile], kind: .all))
    for index in 0..<UInt64(limit) {
      var testCase = generator.testCase(index)
      guard testCase.refuse == nil, let answer = try live.answers([testCase]).first ?? nil,
        answer.verdict.outcome == .mismatch
      else { continue }
      testCase.origin = .given(id: "found")
      self.defect = defect
      let questioner = Questioner(defect.claims, asked: nil, crossesProfiles: false)
      let shrinker = Shrinker(limits: ShrinkLimits(questions: questions)) {
        questioner.question($0) != nil
      }
      shrunk = try shrinker.shrinkTogether(testCase, focus: answer.verdict.element) { cases in
        try live.answers(cases).map { $0?.verdict.outcome == .mismatch }
      }
      return
    }
    return nil
  }

  func outcome(_ implementation: Defect) throws -> Outcome? {
    try LiveQuestions(implementation, asked: nil).answers([shrunk.testCase])[0]?.verdict.outcome
  }
}

struct PlantedDefectTests {
  // Debug builds take fifty times as long.
  #if DEBUG
  static let (limit, stride) = (64, 40)
  #else
  static let (limit, stride) = (1_500, 3)
  #endif

  /// Wrong numbers of every kind, from one list of defects.
  static let arithmetic: [Defect] =
    Defect.multipliers + Defect.roundings + Defect.zeroPoints + Defect.channelsAndBias + Defect.sums
    + Defect.bounds + Defect.subtle

  /// What these do shows only in layers with more than one row or channel, or with more terms.
  static func needsMore(_ defect: Defect) -> Bool {
    let words = [
      "channel", "rows", "row 0", "terms", "tail of K", "transposed", "row sums in 16",
      "column sums in 16",
    ]
    return words.contains { defect.name.contains($0) }
  }

  @Test func arithmeticFailuresEndAtASingleAccumulator() throws {
    let places = Swift.stride(from: 0, to: Self.arithmetic.count, by: Self.stride)
    let results = try places.compactMap {
      try ShrunkDefect(Self.arithmetic[$0], seed: 1, limit: Self.limit)
    }
    var larger: [String] = []
    for result in results {
      let sound = Defect("none", result.defect.profile.name) { _ in }
      #expect(try result.outcome(result.defect) == .mismatch, "\(result.defect.label)")
      #expect(try result.outcome(sound) == .pass, "\(result.defect.label)")
      if !Self.needsMore(result.defect), !result.isSingleAccumulator {
        larger.append("\(result.defect.label): M, K, N = \(result.size)")
      }
    }
    let judged = results.count { !Self.needsMore($0.defect) }
    #if !DEBUG
    #expect(judged >= 40)
    #endif
    #expect(larger.count * 10 <= judged, "\(larger) of \(judged)")
  }

  #if DEBUG
  static let shapes = 2
  #else
  static let shapes = 7
  #endif

  /// What needs more keeps what it needs, and nothing else.
  @Test(
    arguments: [
      ("tail of K beyond a multiple of 4 dropped", [1, 5, 1]),
      ("tail of K beyond a multiple of 16 dropped", [1, 17, 1]),
      ("the next channel's bias", [1, 1, 2]), ("row sum of row 0 for all rows", [2, 1, 1]),
      ("weights transposed where N = K", [1, 2, 2]),
      ("scales of channels beyond a multiple of 4 from 4 before", [1, 1, 5]),
      ("pairs of products saturate at 16 bits", [1, 2, 1]),
    ].prefix(PlantedDefectTests.shapes))
  func shapesThatADefectNeedsAreFound(_ name: String, _ size: [Int]) throws {
    let defect = try #require(Self.arithmetic.first { $0.name == name })
    let result = try #require(try ShrunkDefect(defect, seed: 1, limit: 1_000, questions: 8_000))
    #expect(result.size == size)
    #expect(result.shrunk.stopped == nil)
  }
}
