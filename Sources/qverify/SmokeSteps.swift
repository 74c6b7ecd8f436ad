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
  private let questioner: Questioner

  init(_ implementation: any Implementation) {
    let claims = implementation.claims
    questioner = Questioner(claims, asked: nil, crossesProfiles: false)
    let profiles = Profiles.narrowed(to: claims)
    for profile in profiles {
      for types in profile.types { addTinyCases(types, profile) }
    }
    guard let profile = profiles.first, let types = profile.types.first else { return }
    let tiny = TinyLayer(types)
    if claims.allSatisfy({ $0.refusals == .strict }) {
      var broken = tiny.layer(1, 2, 1)
      broken.input.scales = [-0.5]
      add("a negative scale is refused", broken, profile)
    }
    add("sizes not met before: 5 rows, 7 terms, 11 channels", tiny.layer(5, 7, 11), profile)
    add("the first case again: sizes may shrink", tiny.layer(1, 1, 1), profile)
  }

  private mutating func addTinyCases(_ types: TypeTriple, _ profile: Profile) {
    let tiny = TinyLayer(types)
    let head = "\(profile.name), \(types):"
    add("\(head) 1 row, 1 term, 1 channel", tiny.layer(1, 1, 1), profile)
    add("\(head) 2 rows, 3 terms, 4 channels", tiny.layer(2, 3, 4), profile)
    add(
      "\(head) zero points of input and output", tiny.layer(2, 3, 2, [.activationZeroPoints]),
      profile)
    add("\(head) a zero point of the weights", tiny.layer(2, 3, 2, [.weightsZeroPoint]), profile)
    add("\(head) a bias", tiny.layer(2, 3, 3, [.bias]), profile)
    add("\(head) a scale of the output", tiny.layer(2, 3, 3, [.outputScale]), profile)
    add("\(head) a scale a channel", tiny.layer(2, 3, 3, [.perChannel]), profile)
    for activation in profile.activations where activation != "none" {
      add("\(head) \(activation)", tiny.layer(2, 3, 3, [.activation(activation)]), profile)
    }
  }

  /// Adds a case where the claims cover it and the profile defines it.
  private mutating func add(_ title: String, _ layer: RawLayer, _ profile: Profile) {
    // Some arithmetic is defined with a bias only, or with one of 64 bits.
    for layer in [layer, layer.withBias(.int32), layer.withBias(.int64)] {
      if let valid = try? layer.validated(), (try? profile.reference(for: valid)) == nil {
        continue
      }
      let testCase = TestCase(
        origin: .given(id: "smoke-\(all.count + 1)"), classes: ["smoke"], profile: profile.name,
        layer: layer)
      guard let question = questioner.question(testCase) else { continue }
      all.append(SmokeStep(title: title, testCase: testCase, question: question))
      return
    }
  }
}

/// Layers of small whole numbers, so that a transposition, a byte order, a signedness or a lost zero
/// point shows at once: nothing is rounded, and no two mistakes look alike.
private struct TinyLayer {
  enum Feature: Equatable {
    case activationZeroPoints, weightsZeroPoint, bias, outputScale, perChannel
    case activation(String)
  }

  let types: TypeTriple

  init(_ types: TypeTriple) { self.types = types }

  func layer(
    _ rows: Int, _ depth: Int, _ channels: Int, _ features: [Feature] = []
  ) -> RawLayer {
    let isLarge = rows * depth > 8
    let inputZero = features.contains(.activationZeroPoints) ? zeroPoint(types.input, 3) : 0
    let outputZero = features.contains(.activationZeroPoints) ? zeroPoint(types.output, 5) : 0
    let weightsZero = features.contains(.weightsZeroPoint) ? zeroPoint(types.weights, 2) : 0
    // Signed where the type allows it: rows, terms and channels all differ from each other.
    let isInputSigned = types.input != .uint8 || inputZero != 0
    let input = (0..<rows * depth).map { place -> Int64 in
      let value = Int64((place * 7 + place * place * 3 + 1) % 5) + 1
      return inputZero + (isInputSigned && place % depth == 1 ? 0 - value : value)
    }
    let isWeightSigned = (types.weights != .uint8 || weightsZero != 0) && types.output != .uint8
    let weights = (0..<channels * depth).map { place -> Int64 in
      let value = Int64((place * 2 + place / depth) % 3) + (isLarge ? 0 : 1)
      return weightsZero + (isWeightSigned && place / depth % 2 == 1 ? 0 - value : value)
    }
    return RawLayer(
      operation: FullyConnected.name, activation: activation(features),
      // With an output scale of 4, so that the scales are told from the accumulators alone.
      input: tensor(
        types.input, [rows, depth], [features.contains(.outputScale) ? 2 : 1], inputZero, input),
      weights: tensor(
        types.weights, [channels, depth],
        features.contains(.perChannel) ? (0..<channels).map { Double(2 - $0 % 2) } : [1],
        weightsZero, weights.map { features.contains(.outputScale) ? $0 * 2 : $0 }),
      bias: features.contains(.bias) ? bias(channels) : nil,
      output: tensor(
        types.output, [rows, channels], [features.contains(.outputScale) ? 4 : 1], outputZero, []))
  }

  /// Of an unsigned type one beyond half its range, so that reading it as signed shows.
  private func zeroPoint(_ type: ElementType, _ signed: Int64) -> Int64 {
    type == .uint8 ? 130 : type == .int16 ? 0 : signed
  }

  private func activation(_ features: [Feature]) -> Activation {
    for case .activation(let name) in features {
      switch name {
      case "relu": return .relu
      case "relu6": return .relu6
      case "clamp": return .clamp(3, 15)
      default: break
      }
    }
    return .none
  }

  private func bias(_ channels: Int) -> RawTensor {
    RawTensor(
      type: .int32, shape: [channels], scales: [], zeroPoints: [],
      data: ElementBytes.bytes((0..<channels).map { Int64(7 * $0 + 1) }, as: .int32))
  }

  private func tensor(
    _ type: ElementType, _ shape: [Int], _ scales: [Double], _ zeroPoint: Int64, _ values: [Int64]
  ) -> RawTensor {
    RawTensor(
      type: type, shape: shape, scales: scales, zeroPoints: [zeroPoint],
      data: ElementBytes.bytes(values, as: type))
  }
}

extension RawLayer {
  /// The same layer with its bias, or one of zeros, in another type.
  fileprivate func withBias(_ type: ElementType) -> RawLayer {
    var layer = self
    let channels = weights.shape.first ?? 0
    let values =
      bias.map { ElementBytes.integers($0.data, as: $0.type) }
      ?? Array(repeating: 0, count: channels)
    layer.bias = RawTensor(
      type: type, shape: [channels], scales: [], zeroPoints: [],
      data: ElementBytes.bytes(values, as: type))
    return layer
  }
}
