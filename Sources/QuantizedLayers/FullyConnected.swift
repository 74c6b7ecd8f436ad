import QuantizedArithmetic

/// A fully connected layer: input [M, K], weights [N, K], bias [N], output [M, N].
///
///     Qo = clamp( round( [ Σ_k (Qi − Zi)(Qw − Zw)·Si·Sw + (Qb − Zb)·Sb ] / So ) + Zo )
package enum FullyConnected: Operator {
  package static let name = "fullyConnected"
  package static let summary = "input [M,K] × weights [N,K] + bias [N] → output [M,N]"

  package static func validate(_ raw: RawLayer) throws(LayerError) -> Layer {
    try checkTypes(raw)
    try checkShape(raw.input, .input, rank: 2)
    try checkShape(raw.weights, .weights, rank: 2)
    try checkShape(raw.output, .output, rank: 2)
    if let bias = raw.bias { try checkShape(bias, .bias, rank: 1) }
    let (rows, depth) = (raw.input.shape[0], raw.input.shape[1])
    let channels = raw.weights.shape[0]
    guard raw.weights.shape[1] == depth else {
      throw .depthMismatch(input: depth, weights: raw.weights.shape[1])
    }
    guard raw.output.shape == [rows, channels] else {
      throw .outputShape(raw.output.shape, expected: [rows, channels])
    }
    if let bias = raw.bias, bias.shape[0] != channels {
      throw .biasLength(bias.shape[0], outputs: channels)
    }
    let input = try Quantization(raw.input, role: .input, channels: channels)
    let weights = try Quantization(raw.weights, role: .weights, channels: channels)
    let output = try Quantization(raw.output, role: .output, channels: channels)
    var generalBias: Quantization?
    if let bias = raw.bias, !bias.scales.isEmpty {
      generalBias = try Quantization(bias, role: .bias, channels: channels)
    }
    try checkActivation(raw)
    try checkData(raw.input, .input)
    try checkData(raw.weights, .weights)
    if let bias = raw.bias { try checkData(bias, .bias) }
    return Layer(
      rows: rows, depth: depth, channels: channels, input: input, weights: weights,
      generalBias: generalBias, biasType: raw.bias?.type, output: output,
      activation: raw.activation, raw: raw)
  }

  package static func lower(_ layer: Layer, into operands: inout Operands) {
    operands.resize(rows: layer.rows, depth: layer.depth, channels: layer.channels)
    layer.raw.input.data.withUnsafeBytes { bytes in
      operands.input.withUnsafeMutableBufferPointer {
        ElementBytes.widen(bytes, as: layer.input.type, into: $0)
      }
    }
    layer.raw.weights.data.withUnsafeBytes { bytes in
      operands.weights.withUnsafeMutableBufferPointer {
        ElementBytes.widen(bytes, as: layer.weights.type, into: $0)
      }
    }
    guard let bias = layer.raw.bias else {
      operands.bias.append(contentsOf: repeatElement(0, count: layer.channels))
      return
    }
    bias.data.withUnsafeBytes { bytes in
      for channel in 0..<layer.channels {
        operands.bias.append(ElementBytes.integer(at: channel, in: bytes, as: bias.type))
      }
    }
  }

  private static func checkTypes(_ raw: RawLayer) throws(LayerError) {
    let allowed = ElementType.quantized
    for (role, type) in [
      (TensorRole.input, raw.input.type), (.weights, raw.weights.type), (.output, raw.output.type),
    ] where type == .int32 || type == .int64 {
      throw .type(role, type, allowed: allowed)
    }
    guard let bias = raw.bias?.type else { return }
    guard bias == .int32 || (bias == .int64 && raw.input.type == .int16) else {
      throw .biasType(bias, input: raw.input.type)
    }
  }

  private static func checkShape(
    _ tensor: RawTensor, _ role: TensorRole, rank: Int
  ) throws(LayerError) {
    guard tensor.shape.count == rank else {
      throw .rank(role, shape: tensor.shape, expected: rank)
    }
    var product = 1
    for dimension in tensor.shape {
      guard dimension >= 1 else { throw .zeroDimension(role, shape: tensor.shape) }
      let (next, overflow) = product.multipliedReportingOverflow(by: dimension)
      guard !overflow else { throw .sizeOverflows(role, shape: tensor.shape) }
      product = next
    }
    // Bytes, too, have to be countable.
    guard product <= Int.max / 8 else { throw .sizeOverflows(role, shape: tensor.shape) }
  }

  private static func checkData(_ tensor: RawTensor, _ role: TensorRole) throws(LayerError) {
    let expected = tensor.shape.reduce(tensor.type.byteCount, *)
    guard tensor.data.count == expected else {
      throw .dataLength(role, bytes: tensor.data.count, expected: expected)
    }
  }

  private static func checkActivation(_ raw: RawLayer) throws(LayerError) {
    guard case .clamp(let low, let high) = raw.activation else { return }
    guard low <= high else { throw .clampIsReversed(low, high) }
    for bound in [low, high] where !raw.output.type.range.contains(bound) {
      throw .clampOutOfRange(bound, raw.output.type)
    }
  }
}
