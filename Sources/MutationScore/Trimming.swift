import QuantizedArithmetic
import QuantizedLayers

/// Smaller forms of a layer: some of its rows, channels and terms.
extension RawLayer {
  /// With about half of a dimension, or one less; those that save most come first.
  var trimmed: [RawLayer] {
    let (rows, depth, channels) = (input.shape[0], input.shape[1], weights.shape[0])
    var forms: [RawLayer] = []
    for part in RawLayer.parts(of: depth) { forms.append(keeping(0..<rows, part, 0..<channels)) }
    for part in RawLayer.parts(of: channels) { forms.append(keeping(0..<rows, 0..<depth, part)) }
    for part in RawLayer.parts(of: rows) { forms.append(keeping(part, 0..<depth, 0..<channels)) }
    return forms
  }

  private static func parts(of count: Int) -> [Range<Int>] {
    guard count > 1 else { return [] }
    let half = (count + 1) / 2
    var parts = [0..<1, 0..<half, (count - half)..<count]
    if count > 8 { parts += [0..<(count - count / 8), (count / 8)..<count] }
    if count > 2 { parts += [0..<(count - 1), 1..<count] }
    return parts
  }

  private func keeping(
    _ rows: Range<Int>, _ depth: Range<Int>, _ channels: Range<Int>
  ) -> RawLayer {
    var layer = self
    layer.input = input.keeping(rows, depth)
    layer.weights = weights.keeping(channels, depth)
    layer.weights.scales = kept(weights.scales, channels)
    layer.weights.zeroPoints = kept(weights.zeroPoints, channels)
    layer.output.shape = [rows.count, channels.count]
    if var bias {
      let bytes = bias.type.byteCount
      bias.shape = [channels.count]
      bias.data = Array(bias.data[channels.lowerBound * bytes..<channels.upperBound * bytes])
      bias.scales = kept(bias.scales, channels)
      bias.zeroPoints = kept(bias.zeroPoints, channels)
      layer.bias = bias
    }
    return layer
  }

  private func kept<T>(_ values: [T], _ range: Range<Int>) -> [T] {
    values.count == weights.shape[0] ? Array(values[range]) : values
  }
}

extension RawTensor {
  fileprivate func keeping(_ rows: Range<Int>, _ columns: Range<Int>) -> RawTensor {
    var tensor = self
    let bytes = type.byteCount
    let width = shape[1] * bytes
    tensor.shape = [rows.count, columns.count]
    tensor.data = rows.flatMap {
      data[$0 * width + columns.lowerBound * bytes..<$0 * width + columns.upperBound * bytes]
    }
    return tensor
  }
}
