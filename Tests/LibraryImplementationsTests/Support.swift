import Implementations
import QuantizedArithmetic
import QuantizedLayers
import TestCases
import Testing
import Verdicts

/// Layers in int8 for the example's arithmetic.
enum Layers {
  /// `rows` × `depth` inputs, two channels, a bias, no activation.
  static func layer(rows: Int, depth: Int = 4, channels: Int = 2) -> RawLayer {
    func bytes(_ count: Int, _ step: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: $0 &* step &+ 11) }
    }
    func tensor(_ shape: [Int], _ scale: Double, _ zeroPoint: Int64, _ step: Int) -> RawTensor {
      RawTensor(
        type: .int8, shape: shape, scales: [scale], zeroPoints: [zeroPoint],
        data: bytes(shape.reduce(1, *), step))
    }
    var output = tensor([rows, channels], 8, -3, 0)
    output.data = []
    return RawLayer(
      operation: FullyConnected.name, activation: .none, input: tensor([rows, depth], 0.5, 2, 37),
      weights: tensor([channels, depth], 0.25, 0, 29),
      bias: RawTensor(
        type: .int32, shape: [channels], scales: [], zeroPoints: [],
        data: ElementBytes.bytes((0..<Int64(channels)).map { $0 * 100 - 50 }, as: .int32)),
      output: output)
  }

  static func request(_ layer: RawLayer, _ id: String = "x") -> Request {
    Request(
      TestCase(
        origin: .given(id: id), classes: ["test"], profile: "litert-reference", layer: layer))
  }

  /// What the reference of the example's arithmetic computes.
  static func expected(_ requests: [Request]) throws -> [Answer] {
    let reference = try #require(BuiltInImplementations.named("litert-reference"))
    return try reference.start().answer(requests)
  }
}

extension Answer {
  /// What is said of a failure; empty for any other answer.
  var failure: String {
    if case .failed(_, let message) = self { return message }
    return ""
  }

  var outcome: Outcome? {
    if case .failed(let outcome, _) = self { return outcome }
    return nil
  }
}
