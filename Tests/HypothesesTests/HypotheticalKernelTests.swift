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

  /// Kernels that were spoilt by hand, in code of their own, and the change that says the same.
  static let pairs: [(profile: String, defect: String, change: Change)] = [
    ("tflm", "input zero point missing", .zeroPoint(.input, .missing)),
    ("tflm", "input zero point of the wrong sign", .zeroPoint(.input, .negated)),
    ("gemmlowp", "weights' zero point missing", .zeroPoint(.weights, .missing)),
    ("tflm", "output zero point taken as unsigned", .zeroPoint(.output, .unsigned)),
    ("gemmlowp", "input zero point taken as signed", .zeroPoint(.input, .signed)),
    ("gemmlowp", "correction by the row sum missing", .correction(.row, .missing)),
    ("tflm", "correction by the column sum missing", .correction(.column, .missing)),
    ("ort", "correction K·Zx·Zw missing", .correction(.constant, .missing)),
    ("ort", "K too small by one in K·Zx·Zw", .correction(.constant, .depthOff(-1))),
    (
      "single-rounding", "K rounded up to 16 in K·Zx·Zw",
      .correction(.constant, .depthRounded(lanes: 16))
    ),
    ("ort", "row sum of row 0 for all rows", .correction(.row, .firstForAll)),
    ("tflm", "bias missing", .bias(.missing)),
    ("litert-reference", "bias doubled", .bias(.doubled)),
    ("ort", "bias negated", .bias(.negated)),
    ("single-rounding", "bias of 16 bits", .bias(.bits(16, .wraps))),
    ("tflm", "bias of 24 bits", .bias(.bits(24, .wraps))),
    ("tflm", "channel 0's scale for all", .channel(.scale, .first)),
    ("litert-reference", "the next channel's scale", .channel(.scale, .next(.wraps))),
    ("tflm", "the next channel's bias", .channel(.bias, .next(.wraps))),
    ("ort", "channel 0's weights' zero point for all", .channel(.weightsZeroPoint, .first)),
    ("tflm", "tail of K beyond a multiple of 8 dropped", .terms(.tailDropped(lanes: 8))),
    ("litert-reference", "terms beyond 4,096 dropped", .terms(.beyond(4_096))),
    ("tflm", "multiplier one unit too large", .multiplier(.significand(1))),
    ("tflm", "left shift lost", .multiplier(.leftShiftLost)),
    ("tflm", "left shift saturates where it wraps", .part(.leftShift, "saturates")),
    ("tflm", "multiplier truncated instead of rounded", .part(.multiplier, "bits31Truncated")),
    ("tflm", "second rounding: ties up", .part(.rounding, "toNearestOrUp")),
    ("tflm", "first rounding: floor", .part(.firstRounding, "down")),
    ("litert-reference", "rounding: floor", .part(.rounding, "down")),
    ("ort", "rounding: ties away", .part(.rounding, "toNearestOrAway")),
    ("exact-even", "rounding: truncation", .part(.rounding, "towardZero")),
    ("exact-even", "zero point added before the rounding", .part(.zeroPointAddition, "beforeRounding")),
    ("litert-reference", "scale product in float32", .part(.effectiveScale, "binary32Product")),
    ("ort", "input scale divided first", .part(.effectiveScale, "binary32InputFirst")),
    ("ort", "reciprocal of the output scale", .part(.effectiveScale, "binary32Reciprocal")),
    ("ort", "pairs of products saturate at 16 bits", .part(.accumulator, "int16PairSaturating")),
    ("tflm", "accumulator of 16 bits", .part(.accumulator, "int16Wrapping")),
    ("tflm", "accumulator saturates at int32 where it wraps", .part(.accumulator, "int32Saturating")),
    ("tflm", "relu clamps at the integer 0", .bounds(.reluAtIntegerZero, .lowerLast)),
    ("ort", "explicit clamp ignored", .bounds(.clampIgnored, .lowerLast)),
    ("tflm", "int8 weights read as uint8", .elements(.weights, .unsigned)),
    ("litert-reference", "uint8 input read as int8", .elements(.input, .signed)),
    ("litert-reference", "output transposed", .layout(.transposed(.output))),
  ]

  @Test(arguments: pairs.indices)
  func aChangeIsWhatAKernelSpoiltByHandDoes(_ index: Int) throws {
    let (name, defectName, change) = Self.pairs[index]
    let defect = try #require(
      Defect.all.first { $0.name == defectName && $0.profile.name == name },
      "no planted kernel \(name): \(defectName)")
    let kernel = HypotheticalKernel([change])
    var changed = 0
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
      #expect(
        predicted.map { Int64($0) } == spoilt, "\(defectName), \(testCase.mainClass)")
    }
    #expect(changed > 0)
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
