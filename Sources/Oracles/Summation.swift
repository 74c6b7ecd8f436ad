import QuantizedArithmetic
import QuantizedLayers

/// The oracle's own sums of products: zero points subtracted first, then summed exactly.
enum Summation {
  /// Fills `values.sums`.
  static func run(_ layer: Layer, _ operands: Operands, into values: inout ExactValues) {
    let isNarrow = layer.input.type != .int16 && layer.weights.type != .int16
    if isNarrow {
      narrow(layer, operands, into: &values)
    } else {
      wide(layer, operands, into: &values)
    }
  }

  /// 8-bit operands: differences fit int16, products 2^16, and 2^14 of them int32.
  private static func narrow(_ layer: Layer, _ operands: Operands, into values: inout ExactValues) {
    let (rows, depth, channels) = (layer.rows, layer.depth, layer.channels)
    resize(&values.narrowInput, to: rows * depth)
    resize(&values.narrowWeights, to: channels * depth)
    let inputZeroPoint = Int32(truncatingIfNeeded: layer.inputZeroPoint)
    values.narrowInput.withUnsafeMutableBufferPointer { input in
      values.narrowWeights.withUnsafeMutableBufferPointer { weights in
        operands.input.withUnsafeBufferPointer { raw in
          for index in 0..<(rows &* depth) {
            input[index] = Int16(truncatingIfNeeded: raw[index] &- inputZeroPoint)
          }
        }
        operands.weights.withUnsafeBufferPointer { raw in
          for channel in 0..<channels {
            let zeroPoint = Int32(truncatingIfNeeded: layer.weights.zeroPoint(channel))
            for index in (channel &* depth)..<(channel &* depth &+ depth) {
              weights[index] = Int16(truncatingIfNeeded: raw[index] &- zeroPoint)
            }
          }
        }
        guard let x = input.baseAddress, let w = weights.baseAddress else { return }
        for row in 0..<rows {
          for channel in 0..<channels {
            values.sums.append(dot(x + row &* depth, w + channel &* depth, depth))
          }
        }
      }
    }
  }

  private static func dot(
    _ x: UnsafePointer<Int16>, _ w: UnsafePointer<Int16>, _ depth: Int
  ) -> Int64 {
    var total: Int64 = 0
    var start = 0
    while start < depth {
      let end = min(start &+ 16_384, depth)
      var partial: Int32 = 0
      for k in start..<end { partial &+= Int32(x[k]) &* Int32(w[k]) }
      total &+= Int64(partial)
      start = end
    }
    return total
  }

  /// 16-bit operands: differences fit 17 bits, products 34, sums of 2^21 of them 55.
  private static func wide(_ layer: Layer, _ operands: Operands, into values: inout ExactValues) {
    let (rows, depth, channels) = (layer.rows, layer.depth, layer.channels)
    let inputZeroPoint = layer.inputZeroPoint
    operands.input.withUnsafeBufferPointer { input in
      operands.weights.withUnsafeBufferPointer { weights in
        guard let x = input.baseAddress, let w = weights.baseAddress else { return }
        for row in 0..<rows {
          for channel in 0..<channels {
            let zeroPoint = layer.weights.zeroPoint(channel)
            let (left, right) = (x + row &* depth, w + channel &* depth)
            var total: Int64 = 0
            for k in 0..<depth {
              total &+= (Int64(left[k]) &- inputZeroPoint) &* (Int64(right[k]) &- zeroPoint)
            }
            values.sums.append(total)
          }
        }
      }
    }
  }

  private static func resize(_ array: inout [Int16], to count: Int) {
    if array.count < count {
      array.append(contentsOf: repeatElement(0, count: count - array.count))
    }
  }
}
