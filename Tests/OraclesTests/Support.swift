import BigInt
import Oracles
import QuantizedArithmetic
import QuantizedLayers
import TestSupport

/// A layer with what the exact oracle says of it.
struct Judged {
  let layer: Layer
  let oracle: ExactOracle
  var values = ExactValues()

  init(_ maker: LayerMaker) throws {
    layer = try maker.layer()
    oracle = ExactOracle(layer)
    oracle.run(layer.operands, into: &values)
  }

  /// What the float64 oracle finds against these exact values.
  func forms() -> FormCheck {
    var (workspace, result) = (Float64Workspace(), FormCheck())
    Float64Oracle(layer).check(
      layer.operands, against: values, workspace: &workspace, into: &result)
    return result
  }
}

extension LayerMaker {
  /// `Σ (x − Zx)(w − Zw)` of an output, from the definition.
  func sum(_ row: Int, _ channel: Int) -> Int64 {
    let zeroPoint = weightZeroPoints[weightZeroPoints.count == 1 ? 0 : channel]
    var sum: Int64 = 0
    for k in 0..<depth {
      sum += (input[row * depth + k] - inputZeroPoint) * (weights[channel * depth + k] - zeroPoint)
    }
    return sum
  }

  /// `y` of an output, from the definition.
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
