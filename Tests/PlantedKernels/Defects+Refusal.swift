import QuantizedArithmetic
import QuantizedLayers

extension Defect {
  private static func accepting(
    _ name: String, _ profile: String, _ fault: Fault,
    where condition: @escaping @Sendable (LayerError, RawLayer) -> Bool = { _, _ in true }
  ) -> Defect {
    Defect(name, profile) {
      $0.accepts = { error, raw in error.fault == fault && condition(error, raw) }
    }
  }

  private static func isAbout(
    _ role: TensorRole
  ) -> @Sendable (LayerError, RawLayer) -> Bool {
    { error, _ in if case .parameter(role, _) = error { true } else { false } }
  }

  /// Nonsense that is computed.
  static let acceptances: [Defect] =
    Fault.allCases.map { accepting("accepts \($0.rawValue)", "tflm", $0) }
    + [
      accepting(
        "accepts a negative scale of the weights", "ort", .scaleNegative, where: isAbout(.weights)),
      accepting("accepts a scale of −0", "tflm", .scaleZero) { _, raw in
        ([raw.input, raw.output, raw.weights].flatMap(\.scales)).contains {
          $0 == 0 && $0.sign == .minus
        }
      },
      accepting("accepts NaN in channels after the first", "tflm", .scaleNaN) { _, raw in
        raw.weights.scales.dropFirst().contains(where: \.isNaN)
      },
      accepting(
        "accepts an infinite output scale", "litert-reference", .scaleInfinite,
        where: isAbout(.output)),
      accepting("accepts a scale of −∞", "tflm", .scaleInfinite) { _, raw in
        ([raw.input, raw.output, raw.weights].flatMap(\.scales)).contains(-.infinity)
      },
      accepting("accepts zero points one beyond the type", "tflm", .zeroPointRange) { error, _ in
        if case .parameter(_, .zeroPointOutOfRange(let value, let type)) = error {
          type.range.contains(value - 1) || type.range.contains(value + 1)
        } else {
          false
        }
      },
      accepting("accepts zero points of −1 for uint8", "gemmlowp", .zeroPointRange) { error, _ in
        if case .parameter(_, .zeroPointOutOfRange(-1, .uint8)) = error { true } else { false }
      },
      accepting("accepts zero points out of range after channel 0", "ort", .zeroPointRange) {
        _, raw in
        guard let first = raw.weights.zeroPoints.first else { return false }
        return raw.weights.zeroPoints.count > 1 && raw.weights.type.range.contains(first)
          && raw.weights.zeroPoints.contains { !raw.weights.type.range.contains($0) }
      },
      accepting(
        "accepts a general bias with a scale of NaN", "exact-even", .scaleNaN, where: isAbout(.bias)
      ),
      accepting("accepts two input scales", "tflm", .channelsCount) { _, raw in
        raw.input.scales.count != 1
      },
      accepting("accepts a scale too many of the bias", "exact-even", .channelsCount) { error, _ in
        if case .channelCount(.bias, _, _, _) = error { true } else { false }
      },
      accepting(
        "accepts zero points of a bias beyond int32", "exact-even", .zeroPointRange,
        where: isAbout(.bias)),
      accepting("accepts a bias of two dimensions", "tflm", .shapeRank) { error, _ in
        if case .rank(.bias, _, _) = error { true } else { false }
      },
      accepting("accepts a negative dimension", "tflm", .shapeZero) { _, raw in
        raw.input.shape.contains { $0 < 0 }
      },
      accepting("accepts a bias longer than N", "tflm", .shapeBias) { _, raw in
        (raw.bias?.shape.first ?? 0) > raw.weights.shape[0]
      },
      accepting("accepts a bias shorter than N", "tflm", .shapeBias) { _, raw in
        (raw.bias?.shape.first ?? 0) < raw.weights.shape[0]
      },
      accepting("accepts weights of more columns than the input", "ort", .shapeMismatch) { _, raw in
        raw.weights.shape[1] > raw.input.shape[1]
      },
      accepting("accepts weights of fewer columns than the input", "ort", .shapeMismatch) {
        _, raw in
        raw.weights.shape[1] < raw.input.shape[1]
      },
      accepting("accepts a dimension N of 0", "tflm", .shapeZero) { _, raw in
        raw.weights.shape.first == 0
      },
      accepting("accepts an output of swapped dimensions", "tflm", .shapeOutput) { _, raw in
        raw.output.shape.count == 2 && raw.output.shape[0] == raw.weights.shape[0]
      },
      accepting("accepts M·K beyond 64 bits that wraps to 0", "tflm", .shapeOverflow) { _, raw in
        raw.input.shape.reduce(1, &*) == 0
      },
      accepting("accepts an upper clamp bound beyond the type", "tflm", .clampRange) { _, raw in
        if case .clamp(_, let high) = raw.activation { high > 127 } else { false }
      },
    ]

  private static func refusing(
    _ name: String, _ profile: String, where condition: @escaping @Sendable (RawLayer) -> Bool
  ) -> Defect {
    Defect(name, profile) { $0.refuses = condition }
  }

  /// Legal layers that are refused.
  static let refusals: [Defect] = [
    refusing("refuses K = 1", "tflm") { $0.input.shape[1] == 1 },
    refusing("refuses M = 1 with N = 1", "tflm") { $0.output.shape == [1, 1] },
    refusing("refuses the least input zero point", "tflm") { $0.input.zeroPoints == [-128] },
    refusing("refuses the greatest output zero point", "gemmlowp") {
      $0.output.zeroPoints == [255]
    },
    refusing("refuses a clamp of one value", "tflm") {
      if case .clamp(let low, let high) = $0.activation { low == high } else { false }
    },
    refusing("refuses more than 256 channels", "tflm") { $0.weights.shape[0] > 256 },
    refusing("refuses multipliers from 1 on", "tflm") {
      $0.input.scales[0] * $0.weights.scales[0] >= $0.output.scales[0]
    },
    refusing("refuses a multiplier of exactly 1", "tflm") {
      $0.input.scales[0] * $0.weights.scales[0] == $0.output.scales[0]
    },
    refusing("refuses subnormal scales", "litert-reference") {
      ($0.input.scales + $0.weights.scales).contains { Float($0).isSubnormal }
    },
    refusing("refuses scales that are not binary32", "exact-even") {
      ($0.input.scales + $0.weights.scales + $0.output.scales).contains { Double(Float($0)) != $0 }
    },
    refusing("refuses equal scales in all channels", "exact-even") {
      let scales = $0.weights.scales
      return scales.count > 1 && scales.allSatisfy { $0 == scales[0] }
    },
  ]
}
