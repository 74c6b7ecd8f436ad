import BigInt
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

/// The profile of a name; a test fails where there is none.
func profile(_ name: String) throws -> Profile {
  try #require(Profiles.named(name), "no profile is named \(name)")
}

/// What a profile computes of a layer inside its domain.
func outputs(_ name: String, _ maker: LayerMaker) throws -> ReferenceOutputs {
  try run(try profile(name).reference(for: try maker.layer()))
}

/// What an arithmetic computes, also of a layer outside the profile's domain.
func outputs(_ arithmetic: Arithmetic, _ maker: LayerMaker) throws -> ReferenceOutputs {
  try run(try #require(Reference(layer: try maker.layer(), arithmetic: arithmetic)))
}

private func run(_ reference: Reference) throws -> ReferenceOutputs {
  var outputs = ReferenceOutputs()
  reference.run(reference.layer.operands, into: &outputs)
  return outputs
}

extension LayerMaker {
  /// One output: the accumulator is the bias, the scales and the zero point are given.
  init(
    _ accumulator: Int64, _ input: Double, _ weights: Double, _ output: Double,
    zeroPoint: Int64 = 0,
    types: TypeTriple = TypeTriple(.int8)
  ) {
    self.init(accumulators: [accumulator], types: types)
    (inputScale, weightScales, outputScale) = (input, [weights], output)
    outputZeroPoint = zeroPoint
  }

  /// `Σ (x − Zx)(w − Zw)` of an output, from the definition.
  func sum(_ row: Int, _ channel: Int) -> Int64 {
    let zeroPoint = weightZeroPoints[weightZeroPoints.count == 1 ? 0 : channel]
    var sum: Int64 = 0
    for k in 0..<depth {
      let x = input.isEmpty ? 0 : input[row * depth + k]
      let w = weights.isEmpty ? 0 : weights[channel * depth + k]
      sum += (x - inputZeroPoint) * (w - zeroPoint)
    }
    return sum
  }

  /// `y` of an output, from the definition: dequantized, computed, divided by So.
  func exact(_ row: Int, _ channel: Int) -> Rational {
    func pick<T>(_ list: [T]) -> T { list[list.count == 1 ? 0 : channel] }
    let product = Rational(exactly: inputScale) * Rational(exactly: pick(weightScales))
    var value = product * Rational(sum(row, channel))
    if biasType != nil {
      if biasScales.isEmpty {
        value = value + product * Rational(bias[channel])
      } else {
        let offset = BigInt(bias[channel]) - BigInt(pick(biasZeroPoints))
        value = value + Rational(exactly: pick(biasScales)) * Rational(offset)
      }
    }
    return value / Rational(exactly: outputScale)
  }
}

func clamp<T: Comparable>(_ value: T, _ low: T, _ high: T) -> T { min(max(value, low), high) }
