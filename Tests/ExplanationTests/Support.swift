import Explanation
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Testing

/// A layer of one output, int8 throughout.
func single(
  _ input: [Int64], _ weights: [Int64], scales: (Double, Double, Double),
  zeroPoints: (Int64, Int64, Int64) = (0, 0, 0), activation: Activation = .none
) -> RawLayer {
  RawLayer(
    operation: FullyConnected.name, activation: activation,
    input: RawTensor(
      type: .int8, shape: [1, input.count], scales: [scales.0], zeroPoints: [zeroPoints.0],
      data: ElementBytes.bytes(input, as: .int8)),
    weights: RawTensor(
      type: .int8, shape: [1, weights.count], scales: [scales.1], zeroPoints: [zeroPoints.1],
      data: ElementBytes.bytes(weights, as: .int8)),
    bias: nil,
    output: RawTensor(
      type: .int8, shape: [1, 1], scales: [scales.2], zeroPoints: [zeroPoints.2]))
}

/// The text and the result under a named profile.
func explain(_ raw: RawLayer, _ name: String, index: Int = 0) throws -> Explanation {
  let profile = try #require(Profiles.named(name))
  return try Explanation(raw, profile: profile, title: "test", outputIndex: index)
}
