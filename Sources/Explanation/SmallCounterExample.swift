import Oracles
package import QuantizedArithmetic
import QuantizedLayers

/// One product, no bias, zero points of the operands 0: the least numbers for which F3x is wrong.
package struct SmallCounterExample: Hashable, Sendable {
  package let input: Int64
  package let weight: Int64
  package let inputScale: Double
  package let weightScale: Double
  package let outputScale: Double
  package let outputZeroPoint: Int64
  /// F2 and F3x of it.
  package let right: Rational
  package let misprinted: Rational
  package let commonFactor: Rational

  /// The first, in the order of small integers and scales near 1, whose right result is a whole
  /// number (so that no rounding hides anything) and whose misprinted one rounds to another.
  package static func find() -> SmallCounterExample? {
    let scales: [Double] = [1, 2, 0.5, 4, 0.25]
    for cost in 0...12 {
      for si in 0..<scales.count {
        for sw in 0..<scales.count {
          for so in 0..<scales.count {
            let rest = cost - si - sw - so
            guard rest >= 0 else { continue }
            for zo in 0...rest {
              for input in 0...(rest - zo) {
                let weight = rest - zo - input
                let candidate = evaluate(
                  input + 1, weight + 1, scales[si], scales[sw], scales[so], zo)
                if let candidate { return candidate }
              }
            }
          }
        }
      }
    }
    return nil
  }

  private static func evaluate(
    _ input: Int, _ weight: Int, _ si: Double, _ sw: Double, _ so: Double, _ zo: Int
  ) -> SmallCounterExample? {
    func tensor(_ value: Int?, _ scale: Double, _ zero: Int) -> RawTensor {
      RawTensor(
        type: .int8, shape: [1, 1], scales: [scale], zeroPoints: [Int64(zero)],
        data: value.map { [UInt8(truncatingIfNeeded: $0)] } ?? [])
    }
    let raw = RawLayer(
      operation: FullyConnected.name, activation: .none, input: tensor(input, si, 0),
      weights: tensor(weight, sw, 0), bias: nil, output: tensor(nil, so, zo))
    guard let layer = try? raw.validated() else { return nil }
    var operands = Operands()
    FullyConnected.lower(layer, into: &operands)
    let forms = RationalForms(layer, operands, row: 0, channel: 0)
    let right = forms.values[1].value
    let nearest = forms.f3x.position
    guard right.isWhole,
      !RoundingMode.faithful.map(nearest.rounded).contains(where: {
        Rational($0) == right
      })
    else { return nil }
    return SmallCounterExample(
      input: Int64(input), weight: Int64(weight), inputScale: si, weightScale: sw,
      outputScale: so, outputZeroPoint: Int64(zo), right: right, misprinted: forms.f3x,
      commonFactor: forms.commonFactor)
  }
}
