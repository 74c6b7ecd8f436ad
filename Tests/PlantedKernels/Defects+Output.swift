import QuantizedLayers

extension Defect {
  /// Zero points, clamps and activations on the way out.
  static let bounds: [Defect] = [
    Defect("no lower clamp", "tflm") {
      $0.limits = { limits, _ in range(-0x8000_0000, limits.upperBound) }
    },
    Defect("no upper clamp", "ort") {
      $0.limits = { limits, _ in range(limits.lowerBound, 0x7FFF_FFFF) }
    },
    Defect("clamped to the type before the zero point is added", "litert-reference") {
      $0.finish = { value, _, limits, layer in
        clamped(clamped(value, layer.outputRange) + layer.outputZeroPoint, limits)
      }
    },
    Defect("least output is the negated greatest", "tflm") {
      $0.limits = { limits, layer in
        range(max(limits.lowerBound, -layer.outputRange.upperBound), limits.upperBound)
      }
    },
    Defect("relu clamps at the integer 0", "tflm") {
      $0.limits = { limits, layer in
        layer.activation == .relu ? range(max(limits.lowerBound, 0), limits.upperBound) : limits
      }
    },
    Defect("relu ignored", "single-rounding") {
      $0.limits = { limits, layer in layer.activation == .relu ? layer.outputRange : limits }
    },
    Defect("relu6 without its upper bound", "tflm") {
      $0.limits = { limits, layer in
        layer.activation == .relu6 ? range(limits.lowerBound, layer.outputRange.upperBound) : limits
      }
    },
    Defect("relu6 ignored per channel", "litert-reference") {
      $0.limits = { limits, layer in
        layer.activation == .relu6 && layer.isPerChannel ? layer.outputRange : limits
      }
    },
    Defect("bound of relu6 truncated", "tflm") {
      $0.bound = { real, layer in
        Int64(min(real / Float(layer.outputScale), 0x1p40)) + layer.outputZeroPoint
      }
    },
    Defect("bound of relu6: ties to even", "tflm") {
      $0.bound = { real, layer in
        let quotient = Double(min(real / Float(layer.outputScale), 0x1p40))
        return Int64(Rounding.even.round(quotient)) + layer.outputZeroPoint
      }
    },
    Defect("bound of relu6: zero point added before the rounding", "litert-reference") {
      $0.bound = { real, layer in
        let sum =
          Double(min(real / Float(layer.outputScale), 0x1p40)) + Double(layer.outputZeroPoint)
        return Int64(Rounding.away.round(sum))
      }
    },
    Defect("bound of relu6: ties away", "exact-even") {
      $0.bound = { real, layer in
        let quotient = Double(min(real / Float(layer.outputScale), 0x1p40))
        return Int64(Rounding.away.round(quotient)) + layer.outputZeroPoint
      }
    },
    Defect("explicit clamp ignored", "ort") {
      $0.limits = { limits, layer in
        if case .clamp = layer.activation { layer.outputRange } else { limits }
      }
    },
    Defect("explicit clamp without its lower bound", "tflm") {
      $0.limits = { limits, layer in
        if case .clamp = layer.activation {
          range(layer.outputRange.lowerBound, limits.upperBound)
        } else {
          limits
        }
      }
    },
    Defect("explicit clamp applied before the zero point", "ort") {
      $0.finish = { value, _, limits, layer in
        guard case .clamp = layer.activation else {
          return clamped(value + layer.outputZeroPoint, limits)
        }
        return clamped(clamped(value, limits) + layer.outputZeroPoint, layer.outputRange)
      }
    },
  ]

  /// Right numbers in the wrong places.
  static let stores: [Defect] = [
    Defect("tail of N beyond a multiple of 4 not written", "tflm") {
      $0.store = { outputs, _, layer in
        for channel in (layer.channels / 4 * 4)..<layer.channels where channel >= 4 {
          for row in 0..<layer.rows { outputs[row * layer.channels + channel] = 0 }
        }
      }
    },
    Defect("tail of N beyond a multiple of 4 repeats the block before", "tflm") {
      $0.store = { outputs, _, layer in
        for channel in (layer.channels / 4 * 4)..<layer.channels where channel >= 4 {
          for row in 0..<layer.rows {
            let index = row * layer.channels + channel
            outputs[index] = outputs[index - 4]
          }
        }
      }
    },
    Defect("tail of M beyond a multiple of 2 not written", "ort") {
      $0.store = { outputs, _, layer in
        guard layer.rows > 1, layer.rows % 2 == 1 else { return }
        for channel in 1...layer.channels { outputs[outputs.count - channel] = 0 }
      }
    },
    Defect("tail of M beyond a multiple of 2 repeats the row before", "ort") {
      $0.store = { outputs, _, layer in
        guard layer.rows > 1, layer.rows % 2 == 1 else { return }
        for channel in 1...layer.channels {
          outputs[outputs.count - channel] = outputs[outputs.count - channel - layer.channels]
        }
      }
    },
    Defect("rows beyond 128 not written", "tflm") {
      $0.store = { outputs, _, layer in
        for index in min(outputs.count, 128 * layer.channels)..<outputs.count { outputs[index] = 0 }
      }
    },
    Defect("output transposed", "litert-reference") {
      $0.store = { outputs, _, layer in
        let right = outputs
        for row in 0..<layer.rows {
          for channel in 0..<layer.channels {
            outputs[channel * layer.rows + row] = right[row * layer.channels + channel]
          }
        }
      }
    },
    Defect("output transposed where M = N", "single-rounding") {
      $0.store = { outputs, _, layer in
        guard layer.rows == layer.channels else { return }
        let right = outputs
        for index in right.indices {
          outputs[index % layer.rows * layer.rows + index / layer.rows] = right[index]
        }
      }
    },
    Defect("last element not written", "tflm") {
      $0.store = { outputs, _, _ in outputs[outputs.count - 1] = 0 }
    },
    Defect("first element left from the case before", "tflm") {
      $0.store = { outputs, previous, _ in outputs[0] = previous.first ?? 0 }
    },
    Defect("a single output left from the case before", "exact-even") {
      $0.store = { outputs, previous, _ in
        if outputs.count == 1 { outputs[0] = previous.first ?? 0 }
      }
    },
  ]
}
