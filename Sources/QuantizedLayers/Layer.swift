package import QuantizedArithmetic

/// Scales and zero points of a tensor, per tensor or per output channel; all legal.
package struct Quantization: Hashable, Sendable {
  package let type: ElementType
  /// One, or one an output channel.
  package let scales: [Scale]
  /// One, or one an output channel; each in the range of `type`.
  package let zeroPoints: [Int64]

  /// - Throws: ``LayerError`` naming the scale or zero point and its bounds.
  package init(_ raw: RawTensor, role: TensorRole, channels: Int) throws(LayerError) {
    try Quantization.check(raw.scales.count, "scales", role, channels)
    try Quantization.check(raw.zeroPoints.count, "zero points", role, channels)
    var scales: [Scale] = []
    scales.reserveCapacity(raw.scales.count)
    for scale in raw.scales {
      do { scales.append(try Scale(scale)) } catch { throw .parameter(role, error) }
    }
    let range = raw.type.range
    for zeroPoint in raw.zeroPoints where !range.contains(zeroPoint) {
      throw .parameter(role, .zeroPointOutOfRange(zeroPoint, raw.type))
    }
    self.type = raw.type
    self.scales = scales
    self.zeroPoints = raw.zeroPoints
  }

  /// Activations have one scale and zero point; weights and bias may have one a channel.
  private static func check(
    _ count: Int, _ what: String, _ role: TensorRole, _ channels: Int
  ) throws(LayerError) {
    let mayBePerChannel = role == .weights || role == .bias
    guard count == 1 || (mayBePerChannel && count == channels) else {
      throw .channelCount(role, what: what, count: count, channels: mayBePerChannel ? channels : 1)
    }
  }

  /// Whether there are as many scales as channels, and more than one.
  package var isPerChannel: Bool { scales.count > 1 }

  package func scale(_ channel: Int) -> Scale { scales.count == 1 ? scales[0] : scales[channel] }

  package func zeroPoint(_ channel: Int) -> Int64 {
    zeroPoints.count == 1 ? zeroPoints[0] : zeroPoints[channel]
  }
}

/// How the bias enters the sum.
package enum BiasScheme: String, CaseIterable, Hashable, Sendable {
  case none
  /// Sb = Si·Sw exactly and Zb = 0: added to the accumulator as it is.
  case accumulator
  /// A scale and a zero point of its own: a second term of the sum.
  case general
}

/// A layer whose every parameter is legal: a sum of integer terms times real scales.
///
///     y = ( Σ_j  a_j · s_j ) / So          Qo = clamp( round(y) + Zo )
///
/// Every operator is brought to the same form: `rows` × `depth` inputs against `channels` × `depth`
/// weights, and a bias a channel. Output (m, n) has index `m · channels + n`.
///
/// A class because it is large, never changes, and is handed to every judge of a case.
package final class Layer: Sendable {
  /// M: rows of the input, or positions of the output.
  package let rows: Int
  /// K: terms of one sum of products.
  package let depth: Int
  /// N: output channels.
  package let channels: Int
  package let input: Quantization
  package let weights: Quantization
  /// Of a general bias; `nil` without a bias and for one in accumulator units.
  package let generalBias: Quantization?
  package let biasType: ElementType?
  package let output: Quantization
  package let activation: Activation
  /// The description that this was made from; legal throughout.
  package let raw: RawLayer

  package var outputCount: Int { rows * channels }
  package var outputZeroPoint: Int64 { output.zeroPoints[0] }
  package var outputScale: Scale { output.scales[0] }
  package var inputZeroPoint: Int64 { input.zeroPoints[0] }
  package var inputScale: Scale { input.scales[0] }
  package let types: TypeTriple

  package var biasScheme: BiasScheme {
    biasType == nil ? .none : generalBias == nil ? .accumulator : .general
  }

  /// Whether the scales of the weights differ by channel (a list of at least two).
  package var isPerChannel: Bool { weights.isPerChannel }

  /// The bounds that the output type and an explicit clamp set to the output integers.
  package var outputRange: ClosedRange<Int64> {
    if case .clamp(let low, let high) = activation { return low...high }
    return output.type.range
  }

  package init(
    rows: Int, depth: Int, channels: Int, input: Quantization, weights: Quantization,
    generalBias: Quantization?, biasType: ElementType?, output: Quantization,
    activation: Activation, raw: RawLayer
  ) {
    self.rows = rows
    self.depth = depth
    self.channels = channels
    self.input = input
    self.weights = weights
    self.generalBias = generalBias
    self.biasType = biasType
    self.output = output
    self.activation = activation
    self.raw = raw
    types = raw.types
  }
}
