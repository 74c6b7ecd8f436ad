import QuantizedArithmetic
import QuantizedLayers

/// Parts of a fully connected layer: the same layer with fewer rows, channels or terms.
///
/// Each is `nil` where the shapes are not those of a fully connected layer, so that there is nothing to
/// choose from.
extension RawLayer {
  /// M, K and N, where all shapes say the same and the data are as long as they say.
  var dimensions: (rows: Int, depth: Int, channels: Int)? {
    guard operation == FullyConnected.name, input.shape.count == 2, weights.shape.count == 2,
      output.shape.count == 2
    else { return nil }
    let (rows, depth, channels) = (input.shape[0], input.shape[1], weights.shape[0])
    guard rows > 0, depth > 0, channels > 0, weights.shape[1] == depth,
      output.shape == [rows, channels],
      RawLayer.holds(input, rows, depth), RawLayer.holds(weights, channels, depth),
      bias.map({ $0.shape == [channels] && RawLayer.holds($0, channels, 1) }) ?? true
    else { return nil }
    return (rows, depth, channels)
  }

  private static func holds(_ tensor: RawTensor, _ rows: Int, _ columns: Int) -> Bool {
    let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
    return !overflow && count <= 1 << 40 && tensor.data.count == count * tensor.type.byteCount
  }

  func keeping(rows kept: [Int]) -> RawLayer? {
    guard let size = dimensions else { return nil }
    var layer = self
    layer.input.data = RawLayer.rows(input, kept, width: size.depth)
    layer.input.shape[0] = kept.count
    layer.output.shape[0] = kept.count
    return layer
  }

  func keeping(channels kept: [Int]) -> RawLayer? {
    guard let size = dimensions else { return nil }
    var layer = self
    layer.weights.data = RawLayer.rows(weights, kept, width: size.depth)
    layer.weights.shape[0] = kept.count
    layer.output.shape[1] = kept.count
    layer.weights.keepParameters(kept, of: size.channels)
    if let bias {
      layer.bias?.data = RawLayer.rows(bias, kept, width: 1)
      layer.bias?.shape = [kept.count]
      layer.bias?.keepParameters(kept, of: size.channels)
    }
    return layer
  }

  func keeping(terms kept: [Int]) -> RawLayer? {
    guard let size = dimensions else { return nil }
    var layer = self
    layer.input.data = RawLayer.columns(input, kept, size.rows, size.depth)
    layer.weights.data = RawLayer.columns(weights, kept, size.channels, size.depth)
    layer.input.shape[1] = kept.count
    layer.weights.shape[1] = kept.count
    return layer
  }

  private static func rows(_ tensor: RawTensor, _ kept: [Int], width: Int) -> [UInt8] {
    let bytes = width * tensor.type.byteCount
    var data: [UInt8] = []
    data.reserveCapacity(kept.count * bytes)
    for row in kept { data += tensor.data[row * bytes..<(row + 1) * bytes] }
    return data
  }

  private static func columns(
    _ tensor: RawTensor, _ kept: [Int], _ rows: Int, _ width: Int
  ) -> [UInt8] {
    let bytes = tensor.type.byteCount
    var data: [UInt8] = []
    data.reserveCapacity(rows * kept.count * bytes)
    for row in 0..<rows {
      for column in kept {
        let start = (row * width + column) * bytes
        data += tensor.data[start..<start + bytes]
      }
    }
    return data
  }
}

extension RawTensor {
  /// Keeps the scales and zero points of some channels, where there is one a channel.
  fileprivate mutating func keepParameters(_ kept: [Int], of channels: Int) {
    if scales.count == channels, channels > 1 { scales = kept.map { scales[$0] } }
    if zeroPoints.count == channels, channels > 1 { zeroPoints = kept.map { zeroPoints[$0] } }
  }

  /// The zero point of the element at `index`, row by row of `width` elements.
  func zeroPoint(_ index: Int, width: Int) -> Int64 {
    guard zeroPoints.count > 1 else { return zeroPoints.first ?? 0 }
    return zeroPoints[min(index / max(1, width), zeroPoints.count - 1)]
  }

  /// The same tensor with these elements.
  func holding(_ elements: [Int64]) -> RawTensor {
    var tensor = self
    tensor.data = ElementBytes.bytes(elements, as: type)
    return tensor
  }
}
