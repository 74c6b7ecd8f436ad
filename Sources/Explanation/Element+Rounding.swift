import BigInt
import Profiles
import QuantizedArithmetic
import QuantizedLayers

extension Element {
  func addRounding(_ text: inout Lines) {
    text.heading("EXACT", "round y, add Zo, clamp")
    let floor = exact.floor
    let fraction = exact - Rational(floor)
    text.row("y", NumberText.decimal(exact.approximation), number.rational(exact))
    text.row("floor", number.integer(floor))
    text.row("fraction", NumberText.decimal(fraction.approximation), relation(fraction))
    var rows = [["ties", "round(y)", "+ Zo", "bounds", "Qo"]]
    for (name, mode) in Element.modes {
      let position = exact.position
      let rounded = position.rounded(mode)
      // Positions are saturated far outside every type.
      let isSaturated = rounded.magnitude >= UInt64(ExactPosition.limit)
      let shifted = rounded + layer.outputZeroPoint
      guard let bounds = ActivationBounds.exact(mode).outputRange(of: layer) else {
        rows.append([name, NumberText.signed(rounded), NumberText.signed(shifted), "none", "—"])
        continue
      }
      let clamped = min(max(shifted, bounds.lowerBound), bounds.upperBound)
      rows.append([
        name, isSaturated ? "beyond ±2^30" : NumberText.signed(rounded),
        isSaturated ? "" : NumberText.signed(shifted),
        "\(NumberText.signed(bounds.lowerBound))...\(NumberText.signed(bounds.upperBound))",
        NumberText.signed(clamped),
      ])
    }
    text.table(rows, named: true)
    if layer.activation == .relu || layer.activation == .relu6 {
      text.add("The bounds are \(layer.activation.name)'s: its real bounds over So, rounded, + Zo.")
    }
  }

  private static let modes: [(String, RoundingMode)] = [
    ("even", .toNearestOrEven), ("away", .toNearestOrAway), ("up", .toNearestOrUp),
  ]

  private func relation(_ fraction: Rational) -> String {
    let half = Rational(1, over: 2)
    if fraction.numerator == 0 { return "y is whole: every rounding agrees" }
    if fraction == half { return "exactly 1/2: a tie, and the rule decides" }
    return fraction < half ? "below 1/2: nearest is the floor" : "above 1/2: nearest is floor + 1"
  }
}
