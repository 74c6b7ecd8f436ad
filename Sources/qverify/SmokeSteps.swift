import CaseGeneration
import Implementations
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestCases
import Verification

/// The questions of `smoke` for one implementation: small enough to be followed by hand.
struct SmokeSteps {
  private(set) var all: [SmokeStep] = []

  init(_ implementation: any Implementation) {
    let claims = implementation.claims
    let questioner = Questioner(claims, asked: nil, crossesProfiles: false)
    func add(_ title: String, _ layer: RawLayer, _ profile: String) {
      let testCase = TestCase(
        origin: .given(id: "smoke-\(all.count + 1)"), classes: ["smoke"], profile: profile,
        layer: layer)
      guard let question = questioner.question(testCase) else { return }
      all.append(SmokeStep(title: title, testCase: testCase, question: question))
    }
    for profile in Profiles.narrowed(to: claims) {
      for types in profile.types {
        let tiny = TinyLayer(types)
        add(
          "\(profile.name), \(types): 1 row, 1 term, 1 channel", tiny.layer(1, 1, 1), profile.name)
        add(
          "\(profile.name), \(types): 2 rows, 3 terms, 4 channels", tiny.layer(2, 3, 4),
          profile.name)
        add(
          "\(profile.name), \(types): zero points and a bias",
          tiny.layer(2, 3, 2, zeroPoints: true, hasBias: true), profile.name)
        add(
          "\(profile.name), \(types): a scale a channel",
          tiny.layer(2, 3, 3, isPerChannel: true), profile.name)
      }
    }
    guard let profile = Profiles.narrowed(to: claims).first, let types = profile.types.first else {
      return
    }
    var broken = TinyLayer(types).layer(1, 2, 1)
    broken.input.scales = [-0.5]
    let isStrict = claims.allSatisfy { $0.refusals == .strict }
    if isStrict { add("a negative scale is refused", broken, profile.name) }
    add(
      "a size not met before: 5 rows, 7 terms, 11 channels", TinyLayer(types).layer(5, 7, 11),
      profile.name)
    add("the first case again", TinyLayer(types).layer(1, 1, 1), profile.name)
  }
}

/// Layers whose outputs tell a transposition, a byte order or a lost zero point at once: every scale
/// is 1, every output a different small number.
private struct TinyLayer {
  let types: TypeTriple

  init(_ types: TypeTriple) { self.types = types }

  func layer(
    _ rows: Int, _ depth: Int, _ channels: Int, zeroPoints: Bool = false, hasBias: Bool = false,
    isPerChannel: Bool = false
  ) -> RawLayer {
    let allowsZeroPoints = zeroPoints && types.input != .int16 && types.output != .int16
    let (inputZero, outputZero): (Int64, Int64) = allowsZeroPoints ? (3, 5) : (0, 0)
    let input = (0..<rows * depth).map { Int64($0 % 5 + 1) + inputZero }
    let weights = (0..<channels * depth).map { Int64($0 % 3 + 1) }
    var bias: RawTensor?
    if hasBias {
      bias = RawTensor(
        type: .int32, shape: [channels], scales: [], zeroPoints: [],
        data: ElementBytes.bytes((0..<channels).map { Int64(2 * $0 + 1) }, as: .int32))
    }
    return RawLayer(
      operation: FullyConnected.name, activation: .none,
      input: RawTensor(
        type: types.input, shape: [rows, depth], scales: [1], zeroPoints: [inputZero],
        data: ElementBytes.bytes(input, as: types.input)),
      weights: RawTensor(
        type: types.weights, shape: [channels, depth],
        scales: isPerChannel ? (0..<channels).map { Double(1 << ($0 % 3)) } : [1],
        zeroPoints: [0], data: ElementBytes.bytes(weights, as: types.weights)),
      bias: bias,
      output: RawTensor(
        type: types.output, shape: [rows, channels], scales: [1], zeroPoints: [outputZero]))
  }
}
