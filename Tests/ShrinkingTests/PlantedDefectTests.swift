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
  let found: TestCase
  let shrunk: Shrunk

  var size: (rows: Int, depth: Int, channels: Int) {
    let layer = shrunk.testCase.layer
    return (layer.input.shape[0], layer.input.shape[1], layer.weights.shape[0])
  }

  var isSingleAccumulator: Bool { size.rows == 1 && size.channels == 1 && size.depth <= 2 }

  /// The first case of a seed on which the kernel's outputs differ, shrunk.
  init?(_ defect: Defect, seed: UInt64, limit: Int) throws {
    let live = LiveQuestions(defect, asked: nil)
    let selection = Selection(profiles: [defect.profile], kind: .all)
    let generator = try CaseGenerator(seed: seed, selection: selection)
    for index in 0..<UInt64(limit) {
      var testCase = generator.testCase(index)
      guard let answer = try live.answers([testCase]).first ?? nil,
        answer.verdict.outcome == .mismatch, (try? testCase.layer.validated()) != nil
      else { continue }
      testCase.origin = .given(id: "found")
      self.defect = defect
      found = testCase
      let questioner = Questioner(defect.claims, asked: nil, crossesProfiles: false)
      let shrinker = Shrinker { questioner.question($0) != nil }
      shrunk = try shrinker.shrink(testCase, focus: answer.verdict.element) { cases in
        try live.answers(cases).map { $0?.verdict.outcome == .mismatch }
      }
      return
    }
    return nil
  }
}

struct PlantedDefectTests {
  #if DEBUG
  static let limit = 256
  static let share = 12
  #else
  static let limit = 5_000
  static let share = 1
  #endif

  static let arithmetic =
    Defect.multipliers + Defect.roundings + Defect.zeroPoints
    + Defect.channelsAndBias + Defect.sums + Defect.bounds + Defect.subtle

  @Test(arguments: PlainKernel.byProfile.map(\.name))
  func report(_ profile: String) throws {
    let sound = Defect("none", profile) { _ in }
    var (single, all) = (0, 0)
    for defect in Self.arithmetic where defect.profile.name == profile {
      guard let result = try ShrunkDefect(defect, seed: 1, limit: Self.limit) else {
        print("NOTFOUND \(defect.label)")
        continue
      }
      all += 1
      if result.isSingleAccumulator { single += 1 }
      let size = result.size
      print(
        "\(result.isSingleAccumulator ? "ok " : "BIG") \(defect.label): M \(size.rows) K \(size.depth) N \(size.channels) q \(result.shrunk.questions) s \(result.shrunk.steps) \(result.shrunk.stopped ?? "") si \(result.shrunk.testCase.layer.input.scales) sw \(result.shrunk.testCase.layer.weights.scales) so \(result.shrunk.testCase.layer.output.scales) zp \(result.shrunk.testCase.layer.input.zeroPoints) \(result.shrunk.testCase.layer.weights.zeroPoints) \(result.shrunk.testCase.layer.output.zeroPoints) x \(result.shrunk.testCase.layer.input.integers.prefix(4)) w \(result.shrunk.testCase.layer.weights.integers.prefix(4)) b \(result.shrunk.testCase.layer.bias?.integers.prefix(4) ?? [])"
      )
      let right = try LiveQuestions(sound, asked: nil).answers([result.shrunk.testCase])
      #expect(right.first??.verdict.outcome == .pass)
      let wrong = try LiveQuestions(defect, asked: nil).answers([result.shrunk.testCase])
      #expect(wrong.first??.verdict.outcome == .mismatch)
    }
    print("SUM \(profile) \(single) of \(all)")
  }
}
