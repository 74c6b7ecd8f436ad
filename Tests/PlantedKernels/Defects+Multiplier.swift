extension Defect {
  /// Multipliers and shifts that are not quite those of the scales.
  static let multipliers: [Defect] = [
    Defect("multiplier of 15 bits, low bits cut", "tflm") {
      $0.requantize = FixedPoint(adjust: { significand, _ in significand &= -(1 << 16) })
    },
    Defect("multiplier of 24 bits", "tflm") {
      $0.requantize = FixedPoint(adjust: { significand, _ in significand &= -(1 << 7) })
    },
    Defect("last bit of the multiplier cut", "single-rounding") {
      var stage = FixedPoint.single
      stage.adjust = { significand, _ in significand &= ~1 }
      $0.requantize = stage
    },
    Defect("multiplier of 2^31 wraps", "tflm") {
      $0.requantize = FixedPoint(renormalise: { significand, _ in significand = -(1 << 31) })
    },
    Defect("multiplier of 2^31 becomes 2^31 − 1", "single-rounding") {
      var stage = FixedPoint.single
      stage.renormalise = { significand, _ in significand = (1 << 31) - 1 }
      $0.requantize = stage
    },
    Defect("multiplier of 2^31 halved, exponent kept", "tflm") {
      $0.requantize = FixedPoint(renormalise: { significand, _ in significand = 1 << 30 })
    },
    Defect("multiplier one unit too large", "tflm") {
      $0.requantize = FixedPoint(adjust: { significand, _ in significand += 1 })
    },
    Defect("multiplier one unit too small", "single-rounding") {
      var stage = FixedPoint.single
      stage.adjust = { significand, _ in significand -= 1 }
      $0.requantize = stage
    },
    Defect("multiplier truncated instead of rounded", "tflm") {
      $0.requantize = FixedPoint(effectiveScale: { layer, channel in
        let real = layer.multiplier(channel)
        let step = real.ulp * 0x1p22
        return (real / step).rounded(.down) * step
      })
    },
    Defect("right shift off by one", "tflm") {
      $0.requantize = FixedPoint(adjust: { _, exponent in exponent -= 1 })
    },
    Defect("right shift of 31 gives 0", "tflm") {
      $0.requantize = FixedPoint(adjust: { significand, exponent in
        if exponent <= -31 { significand = 0 }
      })
    },
    Defect("left shift lost", "tflm") { $0.requantize = FixedPoint(leftShift: .lost) },
    Defect("left shift saturates where it wraps", "tflm") {
      $0.requantize = FixedPoint(leftShift: .saturates)
    },
    Defect("left shift wraps where it saturates", "gemmlowp") {
      $0.requantize = FixedPoint(leftShift: .wraps)
    },
    Defect("result wraps where it saturates", "single-rounding") {
      var stage = FixedPoint.single
      stage.saturates = false
      $0.requantize = stage
    },
    Defect("scale product in float32", "litert-reference") {
      $0.requantize = InDouble(product: { accumulator, channel, layer in
        let product = Float(layer.inputScale) * Float(layer.weightScales[channel])
        return Double(accumulator) * (Double(product) / layer.outputScale)
      })
    },
    Defect("scale product in float32 before the multiplier", "tflm") {
      $0.requantize = FixedPoint(effectiveScale: { layer, channel in
        Double(Float(layer.inputScale) * Float(layer.weightScales[channel])) / layer.outputScale
      })
    },
    Defect("input scale divided first", "ort") {
      $0.requantize = InFloat(product: { accumulator, channel, layer in
        let quotient = Float(layer.inputScale) / Float(layer.outputScale)
        return Float(accumulator) * (quotient * Float(layer.weightScales[channel]))
      })
    },
    Defect("reciprocal of the output scale", "ort") {
      $0.requantize = InFloat(product: { accumulator, channel, layer in
        let product = Float(layer.inputScale) * Float(layer.weightScales[channel])
        return Float(accumulator) * (product * (1 / Float(layer.outputScale)))
      })
    },
    Defect("accumulator as float32", "exact-even") {
      $0.requantize = InDouble(
        product: { accumulator, channel, layer in
          let sum = Double(Float(accumulator)) * layer.inputScale * layer.weightScales[channel]
          let bias = Double(layer.biasTerm(channel)) * layer.biasScale(channel)
          return min(max((sum + bias) / layer.outputScale, -0x1p30), 0x1p30)
        }, rounding: .even)
    },
    Defect("accumulator as float32", "litert-reference") {
      $0.requantize = InDouble(product: { accumulator, channel, layer in
        Double(Float(accumulator)) * layer.multiplier(channel)
      })
    },
  ]

  /// Roundings of another kind, in another order or in another number.
  static let roundings: [Defect] =
    [
      ("ties up", Rounding.up), ("ties to even", .even), ("truncation", .truncation),
      ("floor", .floor), ("ceiling", .ceiling),
    ].flatMap { text, rounding in
      [
        Defect("second rounding: \(text)", "tflm") {
          $0.requantize = FixedPoint(second: rounding)
        },
        Defect("rounding: \(text)", "litert-reference") {
          $0.requantize = InDouble(rounding: rounding)
        },
      ]
    }
    + [("ties up", Rounding.up), ("ties away", .away), ("truncation", .truncation)].flatMap {
      text, rounding in
      [
        Defect("rounding: \(text)", "exact-even") { $0.requantize = Exactly(rounding: rounding) },
        Defect("rounding: \(text)", "ort") { $0.requantize = InFloat(rounding: rounding) },
      ]
    }
    + [("ties away", Rounding.away), ("ties to even", .even), ("floor", .floor)].map {
      text, rounding in
      Defect("first rounding: \(text)", "tflm") { $0.requantize = FixedPoint(first: rounding) }
    }
    + [
      Defect("one rounding where there are two", "tflm") {
        $0.requantize = FixedPoint(leftShift: .folded, first: nil, second: .away)
      },
      Defect("two roundings where there is one", "single-rounding") {
        $0.requantize = FixedPoint(leftShift: .wraps, second: .up)
      },
      Defect("ties away where they go up", "single-rounding") {
        var stage = FixedPoint.single
        stage.second = .away
        $0.requantize = stage
      },
      Defect("zero point added before the rounding", "exact-even") {
        $0.requantize = Exactly(addsZeroPointFirst: true)
      },
      Defect("zero point added before the rounding", "ort") {
        $0.requantize = InFloat(addsZeroPointFirst: true)
      },
    ]
}
