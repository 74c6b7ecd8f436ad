import Glibc
import QuantizedArithmetic
import QuantizedLayers

/// The parameters of one channel as doubles, each quotient formed as the forms write it.
struct FormConstants {
  let outputScale: Double
  let weightsScale: Double
  /// Sb; without a bias and in accumulator units Si·Sw.
  let biasScale: Double
  /// Si·Sw
  let product: Double
  /// Si·Sw/So
  let multiplier: Double
  /// Sb/So
  let biasMultiplier: Double
  /// Si·Sw·Sb/So
  let common: Double
  /// (So/(Si·Sw·Sb))·Zo
  let zeroPointTerm: Double
  /// Whether every intermediate result is a normal number far from both ends of the range, so that
  /// the standard model holds. Sums of integers below 2^64 move an exponent by at most 64.
  let isUsable: Bool

  init(_ layer: Layer, _ channel: Int) {
    let (si, so) = (layer.inputScale.value, layer.outputScale.value)
    let sw = layer.weights.scale(channel).value
    outputScale = so
    weightsScale = sw
    product = si * sw
    let sb = layer.generalBias?.scale(channel).value ?? product
    biasScale = sb
    multiplier = product / so
    biasMultiplier = sb / so
    common = product * sb / so
    let inverse = so / (product * sb)
    zeroPointTerm = inverse * Double(layer.outputZeroPoint)
    let all = [si, sw, so, sb, product, product * sb, multiplier, biasMultiplier, common, inverse]
    isUsable = all.allSatisfy { $0 > 0x1p-400 && $0 < 0x1p400 }
  }

  /// `(n + 1)·u`, which exceeds n·u/(1 − n·u) for every n here (n ≤ 2^21), with room for the few
  /// roundings of the bound itself.
  static func gamma(_ roundings: Int) -> Double { Double(roundings + 1) * 0x1p-53 }
}

/// Compares the value of a form with the exact value of one output.
struct FormJudge {
  let index: Int
  let head: Double
  let tail: Double
  let uncertainty: Double
  let position: ExactPosition

  init(_ exact: ExactValues, _ index: Int) {
    self.index = index
    head = exact.heads[index]
    tail = exact.tails[index]
    uncertainty = exact.magnitudes[index] * ExactOracle.relativeError + 0x1p-1000
    position = exact.positions[index]
  }

  /// The value must lie within `bound` of the exact value; and unless the exact value lies within
  /// `bound` of a tie, both must round to the same integer.
  @inline(__always)
  func check(_ form: Form, _ value: Double, bound: Double, _ result: inout FormCheck) {
    result.compared += 1
    // Both subtractions lose at most a unit in the last place of a small difference.
    let distance = ((value - head) - tail).magnitude
    if !(distance <= bound + uncertainty) {
      let reason = "differs from the exact value by \(distance)"
      result.violations.append(violation(form, value, bound, reason))
    }
    // Beyond this the position is saturated; after cancellation the tail may exceed the head.
    guard (head + tail).magnitude < 0x1p29 else { return }
    let rounded = (value + 0x1.8p52) - 0x1.8p52
    if rounded != Double(position.rounded(.toNearestOrEven)), !isNearTie(bound) {
      let reason = "rounds to \(rounded), the exact value to \(position.rounded(.toNearestOrEven))"
      result.violations.append(violation(form, value, bound, reason))
    }
  }

  private func isNearTie(_ bound: Double) -> Bool {
    let rest = (head - head.rounded(.down)) + tail
    let fraction = rest - rest.rounded(.down)
    return (fraction - 0.5).magnitude <= bound + uncertainty
  }

  private func violation(
    _ form: Form, _ value: Double, _ bound: Double, _ reason: String
  ) -> FormViolation {
    FormViolation(form: form, index: index, value: value, bound: bound, reason: reason)
  }
}
