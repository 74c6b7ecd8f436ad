import BigInt
package import QuantizedArithmetic
package import QuantizedLayers

/// The forms of the derivation for one output, as rational numbers: nothing is rounded anywhere.
package struct RationalForms: Sendable {
  /// `y + Zo` by each form that applies. F4 and F5 need a bias in accumulator units or none.
  package let values: [(form: Form, value: Rational)]
  /// The derivation's misprinted line, where the third term lacks the common factor:
  /// `P·(Qi−Zi)(Qw−Zw)/Sb + P·(Qb−Zb)/(Si·Sw) + (1/P)·Zo` with `P = Si·Sw·Sb/So`.
  package let f3x: Rational
  /// `P = Si·Sw·Sb/So`; the misprint is harmless only where P = 1 or Zo = 0.
  package let commonFactor: Rational

  /// The forms that differ from F1: none, unless the derivation or this program is wrong.
  package var disagreeing: [Form] {
    values.filter { $0.value != values[0].value }.map(\.form)
  }

  /// Evaluates every form of output (row, channel), each as it is written.
  package init(_ layer: Layer, _ operands: Operands, row: Int, channel: Int) {
    let scales = FormScales(layer, channel)
    let (si, sw, so, sb) = (scales.input, scales.weights, scales.output, scales.bias)
    let zo = Rational(layer.outputZeroPoint)
    let zeroPoint = layer.generalBias?.zeroPoint(channel) ?? 0
    let term = Rational(operands.bias[channel]) - Rational(zeroPoint)
    let sum = Rational(RationalForms.centredSum(layer, operands, row, channel))

    let direct = RationalForms.dequantizedSum(layer, operands, row, channel)
    let f1 = (direct + term * sb) / so + zo
    let f2 = sum * (si * sw / so) + term * (sb / so) + zo
    let common = si * sw * sb / so
    let f3 = common * (sum / sb + term / (si * sw) + so / (si * sw * sb) * zo)
    var values: [(form: Form, value: Rational)] = [(.f1, f1), (.f2, f2), (.f3, f3)]
    if layer.generalBias == nil {
      let multiplier = si * sw / so
      values.append((.f4, multiplier * (sum + term) + zo))
      let expanded = Rational(RationalForms.expandedSum(layer, operands, row, channel))
      values.append((.f5, multiplier * (expanded + term) + zo))
    }
    self.values = values
    commonFactor = common
    f3x = common * (sum / sb) + common * (term / (si * sw)) + Rational(1) / common * zo
  }

  /// `Σ (qi − Zi)(qw − Zw)`
  private static func centredSum(
    _ layer: Layer, _ operands: Operands, _ row: Int, _ channel: Int
  ) -> Int64 {
    let zeroPoint = layer.weights.zeroPoint(channel)
    var sum: Int64 = 0
    for k in 0..<layer.depth {
      let x = Int64(operands.input[row * layer.depth + k]) - layer.inputZeroPoint
      let w = Int64(operands.weights[channel * layer.depth + k]) - zeroPoint
      sum += x * w
    }
    return sum
  }

  /// `Σ qi·qw − Zw·Σ qi − Zi·Σ qw + K·Zi·Zw`
  private static func expandedSum(
    _ layer: Layer, _ operands: Operands, _ row: Int, _ channel: Int
  ) -> Int64 {
    let (inputZeroPoint, weightsZeroPoint) = (
      layer.inputZeroPoint, layer.weights.zeroPoint(channel)
    )
    var (products, inputs, weights): (Int64, Int64, Int64) = (0, 0, 0)
    for k in 0..<layer.depth {
      let x = Int64(operands.input[row * layer.depth + k])
      let w = Int64(operands.weights[channel * layer.depth + k])
      products += x * w
      inputs += x
      weights += w
    }
    return products - weightsZeroPoint * inputs - inputZeroPoint * weights
      + Int64(layer.depth) * inputZeroPoint * weightsZeroPoint
  }

  /// `Σ ((qi − Zi)·Si)·((qw − Zw)·Sw)`, each operand dequantized before it is multiplied.
  private static func dequantizedSum(
    _ layer: Layer, _ operands: Operands, _ row: Int, _ channel: Int
  ) -> Rational {
    let (si, sw) = (layer.inputScale.binary, layer.weights.scale(channel).binary)
    let zeroPoint = layer.weights.zeroPoint(channel)
    let bits = 128 - si.significand.leadingZeroBitCount - sw.significand.leadingZeroBitCount
    var narrow: Int128 = 0
    var wide = BigInt(0)
    for k in 0..<layer.depth {
      let x = Int128(Int64(operands.input[row * layer.depth + k]) - layer.inputZeroPoint)
      let w = Int128(Int64(operands.weights[channel * layer.depth + k]) - zeroPoint)
      let (left, right) = (x * Int128(si.significand), w * Int128(sw.significand))
      // 34 bits of differences and 21 of the sum beside the significands.
      if bits <= 70 { narrow += left * right } else { wide += BigInt(left) * BigInt(right) }
    }
    let total = bits <= 70 ? BigInt(narrow) : wide
    let exponent = si.exponent + sw.exponent
    return exponent >= 0
      ? Rational(total << exponent) : Rational(total, over: BigInt(1) << (0 - exponent))
  }
}

/// The scales of one channel as rational numbers.
private struct FormScales {
  let input: Rational
  let weights: Rational
  let output: Rational
  /// Without a bias, and in accumulator units, exactly Si·Sw.
  let bias: Rational

  init(_ layer: Layer, _ channel: Int) {
    input = Rational(exactly: layer.inputScale.value)
    weights = Rational(exactly: layer.weights.scale(channel).value)
    output = Rational(exactly: layer.outputScale.value)
    if let general = layer.generalBias {
      bias = Rational(exactly: general.scale(channel).value)
    } else {
      bias = input * weights
    }
  }
}
