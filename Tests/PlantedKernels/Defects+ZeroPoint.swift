extension Defect {
  private static func unsigned(_ value: Int64) -> Int64 { value < 0 ? value + 256 : value }
  private static func signed(_ value: Int64) -> Int64 { value > 127 ? value - 256 : value }

  /// Zero points and their corrections.
  static let zeroPoints: [Defect] = [
    Defect("input zero point missing", "tflm") { $0.prepare = { $0.inputZeroPoint = 0 } },
    Defect("input zero point of the wrong sign", "tflm") {
      $0.prepare = { $0.inputZeroPoint.negate() }
    },
    Defect("weights' zero point missing", "gemmlowp") {
      $0.prepare = { $0.weightZeroPoints = $0.weightZeroPoints.map { _ in 0 } }
    },
    Defect("weights' zero point of the wrong sign", "ort") {
      $0.prepare = { $0.weightZeroPoints = $0.weightZeroPoints.map { -$0 } }
    },
    Defect("zero points of input and weights swapped", "single-rounding") {
      $0.prepare = { layer in
        let first = layer.weightZeroPoints[0]
        layer.weightZeroPoints = layer.weightZeroPoints.map { _ in layer.inputZeroPoint }
        layer.inputZeroPoint = first
      }
    },
    Defect("input zero point taken as unsigned", "tflm") {
      $0.prepare = { $0.inputZeroPoint = unsigned($0.inputZeroPoint) }
    },
    Defect("input zero point taken as signed", "gemmlowp") {
      $0.prepare = { $0.inputZeroPoint = signed($0.inputZeroPoint) }
    },
    Defect("output zero point taken as unsigned", "tflm") {
      $0.prepare = { $0.outputZeroPoint = unsigned($0.outputZeroPoint) }
    },
    Defect("weights' zero point taken as signed", "gemmlowp") {
      $0.prepare = { $0.weightZeroPoints = $0.weightZeroPoints.map(signed) }
    },
    Defect("output zero point missing", "litert-reference") {
      $0.prepare = { $0.outputZeroPoint = 0 }
    },
    Defect("output zero point doubled", "litert-reference") {
      $0.prepare = { $0.outputZeroPoint *= 2 }
    },
    Defect("output zero point of the wrong sign", "ort") {
      $0.prepare = { $0.outputZeroPoint.negate() }
    },
    Defect("correction by the row sum missing", "gemmlowp") { $0.prepare = { $0.rowFactor = 0 } },
    Defect("correction by the column sum missing", "tflm") { $0.prepare = { $0.columnFactor = 0 } },
    Defect("correction K·Zx·Zw missing", "ort") { $0.prepare = { $0.terms = 0 } },
    Defect("K too small by one in K·Zx·Zw", "ort") { $0.prepare = { $0.terms -= 1 } },
    Defect("K rounded up to 16 in K·Zx·Zw", "single-rounding") {
      $0.prepare = { $0.terms = ($0.terms + 15) / 16 * 16 }
    },
    Defect("K·Zx·Zw in 16 bits", "gemmlowp") { $0.constant = { wrapped($0, bits: 16) } },
    Defect("last element without its zero point when K is odd", "tflm") {
      $0.prepare = { layer in
        guard layer.depth % 2 == 1 else { return }
        for row in 0..<layer.rows {
          layer.input[(row + 1) * layer.depth - 1] += layer.inputZeroPoint
        }
      }
    },
    Defect("channel 0's weights' zero point for all", "ort") {
      $0.prepare = { layer in
        layer.weightZeroPoints = layer.weightZeroPoints.map { _ in layer.weightZeroPoints[0] }
      }
    },
    Defect("the next channel's weights' zero point", "exact-even") {
      $0.prepare = { layer in
        layer.weightZeroPoints.append(layer.weightZeroPoints.removeFirst())
      }
    },
  ]

  /// Parameters of the wrong channel, and what becomes of the bias.
  static let channelsAndBias: [Defect] = [
    Defect("channel 0's scale for all", "tflm") {
      $0.prepare = { layer in
        layer.weightScales = layer.weightScales.map { _ in layer.weightScales[0] }
      }
    },
    Defect("the next channel's scale", "litert-reference") {
      $0.prepare = { $0.weightScales.append($0.weightScales.removeFirst()) }
    },
    Defect("scales of channels beyond a multiple of 4 from 4 before", "ort") {
      $0.prepare = { layer in
        for channel in (layer.channels / 4 * 4)..<layer.channels where channel >= 4 {
          layer.weightScales[channel] = layer.weightScales[channel - 4]
        }
      }
    },
    Defect("channel 256 takes the parameters of channel 0", "tflm") {
      $0.prepare = { layer in
        for channel in 256..<max(256, layer.channels) {
          layer.weightScales[channel] = layer.weightScales[channel - 256]
        }
      }
    },
    Defect("the next channel's bias", "tflm") {
      $0.prepare = { $0.bias.append($0.bias.removeFirst()) }
    },
    Defect("channel 0's bias for all", "ort") {
      $0.prepare = { layer in layer.bias = layer.bias.map { _ in layer.bias[0] } }
    },
    Defect("bias missing", "tflm") { $0.prepare = { $0.bias = $0.bias.map { _ in 0 } } },
    Defect("bias doubled", "litert-reference") {
      $0.prepare = { $0.bias = $0.bias.map { 2 * $0 } }
    },
    Defect("bias negated", "ort") { $0.prepare = { $0.bias = $0.bias.map { 0 &- $0 } } },
    Defect("bias of 16 bits", "single-rounding") {
      $0.prepare = { $0.bias = $0.bias.map { wrapped($0, bits: 16) } }
    },
    Defect("bias of 24 bits", "tflm") {
      $0.prepare = { $0.bias = $0.bias.map { wrapped($0, bits: 24) } }
    },
    Defect("bias of int64 cut to int32", "litert-reference") {
      $0.prepare = { $0.bias = $0.bias.map { wrapped($0, bits: 32) } }
    },
    Defect("bias added after requantization", "tflm") {
      $0.add = { sum, _ in sum }
      $0.finish = { value, channel, limits, layer in
        clamped(value + layer.bias[channel] + layer.outputZeroPoint, limits)
      }
    },
    Defect("zero point of a general bias missing", "exact-even") {
      $0.prepare = { $0.biasZeroPoints = $0.biasZeroPoints.map { _ in 0 } }
    },
    Defect("general bias with channel 0's scale", "exact-even") {
      $0.prepare = { layer in layer.biasScales = layer.biasScales.map { _ in layer.biasScales[0] } }
    },
    Defect("general bias folded into accumulator units", "exact-even") {
      $0.prepare = { layer in
        guard !layer.biasScales.isEmpty else { return }
        for channel in 0..<layer.channels {
          let real = Double(layer.biasTerm(channel)) * layer.biasScale(channel)
          let unit = layer.inputScale * layer.weightScales[channel]
          layer.bias[channel] = Int64(min(max((real / unit).rounded(), -0x1p31), 0x1p31))
        }
        layer.biasScales = []
      }
    },
  ]
}
