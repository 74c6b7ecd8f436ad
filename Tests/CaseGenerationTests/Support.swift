import CaseGeneration
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestCases
import Testing

/// A generated case with what its profile computes of it.
struct Computed {
  let testCase: TestCase
  let layer: Layer
  let profile: Profile
  let reference: Reference
  var outputs = ReferenceOutputs()

  init(_ testCase: TestCase) throws {
    self.testCase = testCase
    layer = try testCase.layer.validated()
    profile = try #require(Profiles.named(testCase.profile ?? ""))
    reference = try profile.reference(for: layer)
    var operands = Operands()
    FullyConnected.lower(layer, into: &operands)
    reference.run(operands, into: &outputs)
  }

  /// The least and the greatest output that the layer has.
  var ends: (low: Int32, high: Int32) {
    (Int32(reference.outputRange.lowerBound), Int32(reference.outputRange.upperBound))
  }

  /// `Σ (x − Zx)(w − Zw)` and the bias in accumulator units, from the definition.
  func total(_ row: Int, _ channel: Int) -> Int128 {
    let (input, weights) = (testCase.layer.input.integers, testCase.layer.weights.integers)
    var total: Int128 = 0
    for k in 0..<layer.depth {
      let x = input[row * layer.depth + k] - layer.inputZeroPoint
      total += Int128(x * (weights[channel * layer.depth + k] - layer.weights.zeroPoint(channel)))
    }
    if let bias = testCase.layer.bias { total += Int128(bias.integers[channel]) }
    return total
  }

  /// Where the true value of a channel's accumulator lies.
  func position(_ accumulator: Int64, _ channel: Int) -> ExactPosition {
    ScaleRatio(layer.inputScale, times: layer.weights.scale(channel), over: layer.outputScale)
      .position(times: Int128(accumulator))
  }
}

/// The first `count` cases of a class, for all profiles.
func cases(of classes: String..., count: Int, seed: UInt64 = 1) throws -> [TestCase] {
  let generator = try CaseGenerator(seed: seed, selection: Selection(kind: .all, classes: classes))
  return (0..<UInt64(count)).map { generator.testCase($0) }
}
