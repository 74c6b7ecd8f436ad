import CaseGeneration
import Hypotheses
import Implementations
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestCases
import Testing

@testable import PlantedKernels

#if DEBUG
private let casesOfProfile = 48
private let casesOfPair = 48
#else
private let casesOfProfile = 600
private let casesOfPair = 600
#endif

/// Legal cases of a profile, as `check` would draw them.
private func cases(_ profile: Profile, _ count: Int) throws -> [TestCase] {
  let generator = try CaseGenerator(seed: 5, selection: Selection(profiles: [profile], kind: .all))
  return (0..<UInt64(count)).map { generator.testCase($0) }.filter { $0.refuse == nil }
}

struct HypotheticalKernelTests {
  /// The changed computation is written a second time beside the reference: without a change the two
  /// are equal.
  @Test(arguments: Profiles.all.map(\.name))
  func withoutAChangeItComputesTheProfile(_ name: String) throws {
    let profile = try #require(Profiles.named(name))
    var compared = 0
    for testCase in try cases(profile, casesOfProfile) {
      let subject = try Subject(try testCase.layer.validated(), profile)
      #expect(HypotheticalKernel.unchanged(subject) == subject.expected, "\(testCase.mainClass)")
      compared += subject.expected.count
    }
    #expect(compared > casesOfProfile)
  }

  @Test(arguments: Defect.changes.indices)
  func aChangeIsWhatAKernelSpoiltByHandDoes(_ index: Int) throws {
    let (name, defectName, change) = Defect.changes[index]
    let defect = try #require(
      Defect.all.first { $0.name == defectName && $0.profile.name == name },
      "no planted kernel \(name): \(defectName)")
    let kernel = HypotheticalKernel([change])
    var (changed, wrong) = (0, [String]())
    for testCase in try cases(defect.profile, casesOfPair) {
      let subject = try Subject(try testCase.layer.validated(), defect.profile)
      let spoilt = defect.kernel.outputs(
        testCase.layer, previous: Array(repeating: 0, count: subject.expected.count))
      let predicted: [Int32]
      switch kernel.predict(subject) {
      case .outputs(let outputs): predicted = outputs
      case .unchanged: predicted = subject.expected
      case .undefined: continue
      }
      if predicted != subject.expected { changed += 1 }
      if predicted.map({ Int64($0) }) != spoilt { wrong.append(testCase.mainClass) }
    }
    #expect(wrong.isEmpty, "\(defectName)")
    #if !DEBUG
    // Of few cases, some changes show in none.
    #expect(changed > 0)
    #endif
  }

  @Test func theBankHasSixtyCausesInDifferentWords() {
    let words = Set(Bank.all.map(\.words))
    #expect(words.count >= 60)
    #expect(Bank.all.allSatisfy { $0.changes.count == 1 })
  }

  /// Two changes at once are both made.
  @Test func changesCompose() throws {
    let profile = try #require(Profiles.named("tflm"))
    let both = Hypothesis([.bias(.missing), .zeroPoint(.output, .missing)])
    let missing = try #require(
      Defect.all.first { $0.name == "bias missing" && $0.profile.name == "tflm" })
    var seen = 0
    for testCase in try cases(profile, 64) where testCase.layer.activation == .none {
      var raw = testCase.layer
      let subject = try Subject(try raw.validated(), profile)
      guard case .outputs(let outputs) = both.kernel.predict(subject) else { continue }
      raw.output.zeroPoints = [0]
      #expect(outputs.map { Int64($0) } == missing.kernel.outputs(raw, previous: []))
      seen += 1
    }
    #expect(seen > 0)
  }

  /// A restricted change applies in its place only.
  @Test func aGuardRestrictsAChange() throws {
    let profile = try #require(Profiles.named("tflm"))
    let everywhere = HypotheticalKernel([.bias(.missing)])
    let only = HypotheticalKernel([.only(.lastRow, .bias(.missing))])
    for testCase in try cases(profile, 64) {
      let layer = try testCase.layer.validated()
      let subject = try Subject(layer, profile)
      guard case .outputs(let all) = everywhere.predict(subject) else { continue }
      var wanted = subject.expected
      let start = (layer.rows - 1) * layer.channels
      wanted.replaceSubrange(start..., with: all[start...])
      switch only.predict(subject) {
      case .outputs(let outputs): #expect(outputs == wanted)
      case .unchanged: #expect(wanted == subject.expected)
      case .undefined: Issue.record("undefined")
      }
    }
  }
}
