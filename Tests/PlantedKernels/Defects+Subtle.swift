import QuantizedArithmetic
import QuantizedLayers

extension Defect {
  /// Kernels that are right nearly everywhere.
  static let subtle: [Defect] = [
    inDouble("float64 with the multiplier formed first") { accumulator, bias, channel, layer in
      accumulator * layer.multiplier(channel)
        + bias * (layer.biasScale(channel) / layer.outputScale)
    },
    inDouble("float64 with the division last") { accumulator, bias, channel, layer in
      let products = accumulator * (layer.inputScale * layer.weightScales[channel])
      return (products + bias * layer.biasScale(channel)) / layer.outputScale
    },
    inDouble("general bias below 2^-30 of a step dropped") { accumulator, bias, channel, layer in
      let other = bias * layer.biasScale(channel) / layer.outputScale
      return accumulator * layer.multiplier(channel) + (other.magnitude < 0x1p-30 ? 0 : other)
    },
    Defect("float64 where float32 is asked for", "ort") {
      $0.requantize = InFloat(product: { accumulator, channel, layer in
        let value = Double(accumulator) * layer.multiplier(channel)
        // Brought to integers here, since the next step has only floats.
        return Float(Rounding.even.round(min(max(value, -0x1p20), 0x1p20)))
      })
    },
    Defect("input scale divided first in float64", "litert-reference") {
      $0.requantize = InDouble(product: { accumulator, channel, layer in
        Double(accumulator) * (layer.inputScale / layer.outputScale * layer.weightScales[channel])
      })
    },
    Defect("multiplier's own tie to even", "tflm") {
      $0.requantize = FixedPoint(effectiveScale: { layer, channel in
        let real = layer.multiplier(channel)
        let step = real.ulp * 0x1p22
        return Rounding.even.round(real / step) * step
      })
    },
    Defect("multiplier of 2^31 becomes 2^31 − 1", "tflm") {
      $0.requantize = FixedPoint(renormalise: { significand, _ in significand = (1 << 31) - 1 })
    },
    Defect("shifts of 32 and more taken modulo 32", "tflm") {
      $0.requantize = FixedPoint(effectiveScale: { layer, channel in
        let real = layer.multiplier(channel)
        return real < 0x1p-32 ? real * 0x1p32 : real
      })
    },
    Defect("shifts of 64 and more taken modulo 64", "exact-even") {
      $0.prepare = { layer in
        if layer.multiplier(0) < 0x1p-64, layer.biasScales.isEmpty { layer.inputScale *= 0x1p64 }
      }
    },
    Defect("exponents from 30 on give 0", "single-rounding") {
      var stage = FixedPoint.single
      stage.adjust = { significand, exponent in
        if exponent >= 30 { (significand, exponent) = (0, 0) }
      }
      $0.requantize = stage
    },
    Defect("difference of bias and its zero point in 32 bits", "exact-even") {
      $0.prepare = { layer in
        guard !layer.biasScales.isEmpty, layer.biasType == .int32 else { return }
        layer.bias = zip(layer.bias, layer.biasZeroPoints).map { wrapped($0 &- $1, bits: 32) + $1 }
      }
    },
    Defect("general bias of int64 cut to int32", "exact-even") {
      $0.prepare = { layer in
        if !layer.biasScales.isEmpty { layer.bias = layer.bias.map { wrapped($0, bits: 32) } }
      }
    },
    Defect("rows in pairs share the first one's sum", "ort") {
      $0.adjustSums = { rows, _ in
        for row in rows.indices where row % 2 == 1 { rows[row] = rows[row - 1] }
      }
    },
    Defect("requantized value in 16 bits", "tflm") {
      $0.finish = { value, _, limits, layer in
        clamped(wrapped(value, bits: 16) + layer.outputZeroPoint, limits)
      }
    },
    Defect("reciprocal of the output scale in float64", "litert-reference") {
      $0.requantize = InDouble(product: { accumulator, channel, layer in
        Double(accumulator)
          * (layer.inputScale * layer.weightScales[channel] * (1 / layer.outputScale))
      })
    },
    Defect("floor(y + 1/2) in float64", "litert-reference") {
      $0.requantize = InDouble(
        product: { Double($0) * $2.multiplier($1) + 0.5 }, rounding: .floor)
    },
    Defect("truncation of y ± 1/2 in float64", "litert-reference") {
      $0.requantize = InDouble(
        product: { accumulator, channel, layer in
          let value = Double(accumulator) * layer.multiplier(channel)
          return value < 0 ? value - 0.5 : value + 0.5
        }, rounding: .truncation)
    },
    Defect("zero point added with a fused multiplication", "ort") {
      $0.requantize = InFloat(product: { accumulator, channel, layer in
        let scale =
          Float(layer.inputScale) * Float(layer.weightScales[channel]) / Float(layer.outputScale)
        let zeroPoint = Float(layer.outputZeroPoint)
        return zeroPoint.addingProduct(Float(accumulator), scale) - zeroPoint
      })
    },
    Defect("subnormal scales flushed to 0", "litert-reference") {
      $0.prepare = { layer in
        if Float(layer.inputScale).isSubnormal { layer.inputScale = 0 }
        layer.weightScales = layer.weightScales.map { Float($0).isSubnormal ? 0 : $0 }
      }
    },
    Defect("subnormal output scale taken as the least normal", "exact-even") {
      $0.prepare = { layer in
        if layer.outputScale < 0x1p-126 { layer.outputScale = 0x1p-126 }
      }
    },
    Defect("scales rounded to binary32", "exact-even") {
      $0.prepare = { layer in
        layer.inputScale = Double(Float(layer.inputScale))
        layer.weightScales = layer.weightScales.map { Double(Float($0)) }
      }
    },
    Defect("one exponent for all channels", "tflm") {
      $0.requantize = FixedPoint(effectiveScale: { layer, channel in
        // The multipliers share the greatest one's unit of 2^-31.
        let most = layer.weightScales.max().map { layer.inputScale * $0 / layer.outputScale } ?? 1
        let unit = Double(sign: .plus, exponent: most.exponent - 30, significand: 1)
        return (layer.multiplier(channel) / unit).rounded() * unit
      })
    },
    Defect("left shifts of 8 and more lost", "tflm") {
      $0.requantize = FixedPoint(adjust: { _, exponent in
        if exponent >= 8 { exponent = 0 }
      })
    },
    Defect("multiplier of 23 bits where the shift is 0", "tflm") {
      $0.requantize = FixedPoint(adjust: { significand, exponent in
        if exponent == 0 { significand &= -(1 << 8) }
      })
    },
    Defect("bias skipped for sums of 0", "tflm") { $0.add = { $0 == 0 ? 0 : $0 + $1 } },
    Defect("differences from the zero point in 8 bits", "tflm") {
      $0.prepare = { layer in
        guard layer.types.input == .int8 else { return }
        let zeroPoint = layer.inputZeroPoint
        layer.input = layer.input.map { wrapped($0 - zeroPoint, bits: 8) + zeroPoint }
      }
    },
    Defect("differences of weights from the zero point saturate at 8 bits", "ort") {
      $0.prepare = { layer in
        guard layer.types.weights == .int8 else { return }
        for index in layer.weights.indices {
          let zeroPoint = layer.weightZeroPoints[index / layer.depth]
          layer.weights[index] = clamped(layer.weights[index] - zeroPoint, -128...127) + zeroPoint
        }
      }
    },
    Defect("channel 0's zero point where one scale serves all", "ort") {
      $0.prepare = { layer in
        guard !layer.isPerChannel else { return }
        layer.weightZeroPoints = layer.weightZeroPoints.map {
          [first = layer.weightZeroPoints[0]] _ in first
        }
      }
    },
    Defect("channel 0's zero point of a general bias for all", "exact-even") {
      $0.prepare = { layer in
        guard !layer.biasScales.isEmpty else { return }
        layer.biasZeroPoints = layer.biasZeroPoints.map { [first = layer.biasZeroPoints[0]] _ in
          first
        }
      }
    },
    Defect("last channel of an odd number in 16 bits", "tflm") {
      $0.finish = { value, channel, limits, layer in
        let isLast = channel == layer.channels - 1 && layer.channels % 2 == 1
        let kept = isLast ? wrapped(value, bits: 16) : value
        return clamped(wrapped(kept + layer.outputZeroPoint, bits: 32), limits)
      }
    },
    Defect("weights' zero point ignored for one row", "gemmlowp") {
      $0.prepare = { layer in
        if layer.rows == 1 { layer.weightZeroPoints = layer.weightZeroPoints.map { _ in 0 } }
      }
    },
    Defect("weights' zero point ignored for more than 4 rows", "ort") {
      $0.prepare = { layer in
        if layer.rows > 4 { layer.weightZeroPoints = layer.weightZeroPoints.map { _ in 0 } }
      }
    },
    Defect("last of a whole number of 32 terms dropped", "single-rounding") {
      $0.prepare = { layer in
        if layer.depth % 32 == 0 { layer.dropTerms(from: layer.depth - 1) }
      }
    },
    Defect("multiplier of exactly 1 skips the clamp's bounds", "tflm") {
      $0.limits = { limits, layer in
        layer.multiplier(0) == 1 ? layer.outputRange : limits
      }
    },
    Defect("int16 outputs saturate at ±32767", "tflm") {
      $0.limits = { limits, layer in
        layer.types.output == .int16
          ? range(max(limits.lowerBound, -32_767), limits.upperBound) : limits
      }
    },
  ]

  /// The true value as float64 has it, saturated where the conversion would overflow.
  private static func inDouble(
    _ name: String,
    _ value: @escaping @Sendable (_ sum: Double, _ bias: Double, Int, PlainLayer) -> Double
  ) -> Defect {
    Defect(name, "exact-even") {
      $0.requantize = InDouble(
        product: { accumulator, channel, layer in
          let bias = Double(layer.biasTerm(channel))
          let real = value(Double(accumulator), bias, channel, layer)
          return min(max(real, -0x1p30), 0x1p30)
        }, rounding: .even)
    }
  }

  static let all: [Defect] =
    multipliers + roundings + zeroPoints + channelsAndBias + sums + bounds + stores + acceptances
    + refusals + subtle
}
