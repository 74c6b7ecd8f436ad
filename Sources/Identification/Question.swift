import CaseGeneration
package import Implementations
import Profiles
package import QuantizedArithmetic
package import QuantizedLayers

/// A layer that candidates answer differently.
package struct Question {
  /// What it is about, in a few words.
  package let purpose: String
  package let layer: Layer
  let operands: Operands
  /// Where the layer does no more than deliver these, one a channel.
  let accumulators: [Int64]?

  /// The largest D of its channels.
  var multiplier: Double {
    let scale = layer.weights.scales.map(\.value).max() ?? 0
    return layer.inputScale.value * scale / layer.outputScale.value
  }

  /// Whether a scale, or a product Si·Sw, is no normal binary32 number.
  var hasExtremeScales: Bool {
    ![DomainCondition.normalScales, .normalProducts].allSatisfy {
      $0.holds(for: layer, arithmetic: Candidate.fallback)
    }
  }

  /// - Returns: `nil` where the description is not a layer.
  init?(_ purpose: String, _ raw: RawLayer, accumulators: [Int64]? = nil) {
    guard let layer = try? raw.validated(),
      let operation = try? Operators.named(raw.operation)
    else { return nil }
    self.purpose = purpose
    self.layer = layer
    self.accumulators = accumulators
    var operands = Operands()
    operation.lower(layer, into: &operands)
    self.operands = operands
  }
}

/// What may be asked of an implementation: the part of an operator's layers that is identified.
package struct Subject: Hashable, Sendable {
  package let types: TypeTriple
  /// `nil`: without a bias.
  package let biasType: ElementType?
  let allowsActivationZeroPoints: Bool
  let allowsWeightsZeroPoint: Bool
  let allowsPerChannel: Bool
  let activations: [String]

  /// Whether accumulators of 64 bits are delivered.
  var isWide: Bool { types.input == .int16 && biasType != .int32 }

  /// Whether anything that may be asked depends on a part.
  func concerns(_ part: ArithmeticPart) -> Bool {
    switch part {
    case .bias: biasType != nil
    case .activationBounds: activations.contains("relu") || activations.contains("relu6")
    case .weightsZeroPoint: allowsWeightsZeroPoint
    case .zeroPointAddition: allowsActivationZeroPoints
    default: true
    }
  }

  package var text: String {
    "\(types), \(biasType.map { "\($0.rawValue) bias" } ?? "no bias")"
  }
}

/// Scales that a question is asked with: their own class of difficulty.
struct ScaleSet {
  var input: Double
  var weights: Double
  var output: Double
  let purpose: String

  var multiplier: Double { input * weights / output }

  /// Set `number` of the sequence; one in each class in turn.
  static func drawn(_ number: Int, _ random: inout CaseRandom, outputBits: Int) -> ScaleSet {
    func scale(_ range: ClosedRange<Int>) -> Double {
      let exponent = random.integer(in: range)
      return Double(
        sign: .plus, exponent: exponent, significand: 1 + Double(random.below(1 << 23)) * 0x1p-23)
    }
    switch number % 8 {
    case 0:
      let (input, weights) = (scale(-9...(-3)), scale(-9...(-3)))
      return ScaleSet(
        input: input, weights: weights,
        output: Double(Float(input * weights / scale(-12...(-5)))), purpose: "drawn scales")
    case 1:
      let few = Double(random.integer(in: 0...7) * 2 + 1)
      let power = random.integer(in: 4...12)
      return ScaleSet(
        input: few * 0x1p-3, weights: 0.5,
        output: Double(sign: .plus, exponent: power, significand: 1),
        purpose: "D of few bits: ties")
    case 2:
      // The product has 32 bits, of which the last is 1: half a unit of a multiplier of 31 bits.
      func factor() -> Double { Double(random.integer(in: 23_171...32_767) * 2 + 1) * 0x1p-16 }
      return ScaleSet(
        input: factor(), weights: factor(),
        output: Double(sign: .plus, exponent: random.integer(in: 14...18), significand: 1),
        purpose: "a multiplier on half a unit")
    case 3:
      let divisor = Double(random.integer(in: 1...127) * 2 + 1)
      return ScaleSet(
        input: Double(random.integer(in: 0...7) * 2 + 1) * 0x1p-2,
        weights: Double(random.integer(in: 0...3) * 2 + 1) * 0x1p-3,
        output: divisor * Double(random.element(of: [1, 2, 4, 8])),
        purpose: "a quotient: ties that rounded scales lose")
    case 4:
      let (input, weights) = (scale(-9...(-3)), scale(-9...(-3)))
      return ScaleSet(
        input: input, weights: weights,
        output: Double(Float(input * weights / scale(-22...(-15)))),
        purpose: "a small D: large accumulators")
    case 5:
      // Just below a power of two: a significand that rounds up to it.
      let power = random.integer(in: 3...10)
      return ScaleSet(
        input: Double(Float(1).nextDown), weights: Double(Float(1).nextDown),
        output: Double(Float(Double(sign: .plus, exponent: power, significand: 1))),
        purpose: "D just below a power of two")
    case 6:
      let (input, weights) = (scale(-9...(-3)), scale(-9...(-3)))
      return ScaleSet(
        input: input, weights: weights, output: Double(Float(input * weights / scale(-5...(-1)))),
        purpose: "a large D below 1")
    default:
      return ScaleSet(
        input: 1, weights: 1,
        output: Double(
          sign: .plus, exponent: random.integer(in: 1...(outputBits == 16 ? 6 : 12)), significand: 1
        ),
        purpose: "D a power of two: ties")
    }
  }
}

/// Makes layers that deliver accumulators.
struct QuestionMaker {
  let subject: Subject
  /// Whether accumulators are delivered through the products even where there is a bias.
  var avoidsBias = false
  /// Rows of every layer: more than one, since runtimes have kernels of their own for a single row.
  static let rows = 2

  var inputZeroPoint: Int64 { subject.types.input == .uint8 ? 128 : 0 }
  var weightsZeroPoint: Int64 { subject.types.weights == .uint8 ? 128 : 0 }

  /// Output parameters and activation of a question.
  struct Output {
    var zeroPoint: Int64 = 0
    var activation = Activation.none
  }

  /// A layer of one accumulator a channel, delivered through the bias, or through the products.
  func question(
    _ purpose: String, _ scales: ScaleSet, _ accumulators: [Int64], _ output: Output = Output(),
    throughProducts: Bool = false
  ) -> Question? {
    guard !accumulators.isEmpty else { return nil }
    if throughProducts || avoidsBias || subject.biasType == nil {
      return products(purpose, scales, accumulators, output)
    }
    let range = (subject.biasType ?? .int32).range
    let targets = accumulators.filter { range.contains($0) }
    let depth = 4
    let weights = (0..<(targets.count * depth)).map { weightsZeroPoint + Int64($0 % 5) }
    return Question(
      purpose,
      raw(
        scales, output, depth: depth,
        input: Array(repeating: inputZeroPoint, count: QuestionMaker.rows * depth),
        weights: weights, channels: targets.count, bias: targets), accumulators: targets)
  }

  /// Sums of products: the input is the same large number, and a 1 at the end for the rest.
  private func products(
    _ purpose: String, _ scales: ScaleSet, _ accumulators: [Int64], _ output: Output
  ) -> Question? {
    let unit = min(subject.types.input.range.upperBound - inputZeroPoint, 1 << 12)
    let most = min(subject.types.weights.range.upperBound - weightsZeroPoint, 1 << 12)
    let reach = accumulators.map { $0.magnitude }.max() ?? 0
    let depth = Int(min(reach / UInt64(unit * most) + 2, 2_048))
    let limit = UInt64(unit * most) * UInt64(depth - 1)
    let targets = accumulators.filter { $0.magnitude <= limit }
    var weights: [Int64] = []
    weights.reserveCapacity(targets.count * depth)
    for target in targets {
      var (whole, rest) = target.quotientAndRemainder(dividingBy: unit)
      // The rest is a weight for the input of 1, and has to be one.
      if rest > most { (whole, rest) = (whole + 1, rest - unit) }
      if rest < -most { (whole, rest) = (whole - 1, rest + unit) }
      for _ in 0..<(depth - 1) {
        let part = min(max(whole, -most), most)
        weights.append(weightsZeroPoint + part)
        whole -= part
      }
      weights.append(weightsZeroPoint + rest)
    }
    let row = Array(repeating: inputZeroPoint + unit, count: depth - 1) + [inputZeroPoint + 1]
    return Question(
      purpose,
      raw(
        scales, output, depth: depth, input: row + row, weights: weights, channels: targets.count,
        bias: subject.biasType.map { _ in Array(repeating: 0, count: targets.count) }),
      accumulators: nil)
  }

  func raw(
    _ scales: ScaleSet, _ output: Output, depth: Int, input: [Int64], weights: [Int64],
    channels: Int, bias: [Int64]?, weightsZeroPoints: [Int64]? = nil, weightScales: [Double]? = nil
  ) -> RawLayer {
    let rows = input.count / max(1, depth)
    return RawLayer(
      operation: FullyConnected.name, activation: output.activation,
      input: RawTensor(
        type: subject.types.input, shape: [rows, depth], scales: [scales.input],
        zeroPoints: [inputZeroPoint], data: ElementBytes.bytes(input, as: subject.types.input)),
      weights: RawTensor(
        type: subject.types.weights, shape: [channels, depth],
        scales: weightScales ?? [scales.weights],
        zeroPoints: weightsZeroPoints ?? [weightsZeroPoint],
        data: ElementBytes.bytes(weights, as: subject.types.weights)),
      bias: bias.map {
        let type = subject.biasType ?? .int32
        return RawTensor(
          type: type, shape: [channels], scales: [], zeroPoints: [],
          data: ElementBytes.bytes($0, as: type))
      },
      output: RawTensor(
        type: subject.types.output, shape: [rows, channels], scales: [scales.output],
        zeroPoints: [output.zeroPoint]))
  }

  /// Elements that are drawn over the whole of a type.
  func elements(_ count: Int, _ type: ElementType, _ random: inout CaseRandom) -> [Int64] {
    (0..<count).map { _ in
      random.chance(1, in: 3)
        ? (random.chance(1, in: 2) ? type.range.lowerBound : type.range.upperBound)
        : random.integer(in: type.range)
    }
  }
}

extension Subject {
  /// What may be asked by some claims of one arithmetic: every combination of types and bias.
  package static func all(_ claims: [Claim]) -> [Subject] {
    var subjects: [Subject] = []
    for claim in claims {
      let types =
        claim.types
        ?? ElementType.quantized.flatMap { input in
          ElementType.quantized.flatMap { weights in
            ElementType.quantized.map { TypeTriple(input: input, weights: weights, output: $0) }
          }
        }
      for triple in types {
        let hasBias = claim.bias?.contains(.accumulator) ?? true
        let biases: [ElementType?] =
          !hasBias ? [nil] : triple.input == .int16 ? [.int32, .int64] : [.int32]
        for bias in biases {
          let subject = Subject(
            types: triple, biasType: bias,
            allowsActivationZeroPoints: triple.input != .int16,
            allowsWeightsZeroPoint: claim.weightZeroPoint ?? true,
            allowsPerChannel: claim.weights?.contains(.perChannel) ?? true,
            activations: claim.activations ?? ["none", "relu", "relu6", "clamp"])
          if !subjects.contains(where: { $0.types == triple && $0.biasType == bias }) {
            subjects.append(subject)
          }
        }
      }
    }
    return subjects
  }
}
