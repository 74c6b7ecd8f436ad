import Oracles
import QuantizedArithmetic
import QuantizedLayers

extension DerivationCheck {
  /// The findings as text of at most 100 columns.
  package var lines: [String] {
    var text = Lines(wraps: true)
    let schemes = [
      (BiasScheme.none, "without a bias"), (.accumulator, "with one in accumulator units"),
      (.general, "with a general one"),
    ].map { "\(biasSchemes[$0.0] ?? 0) \($0.1)" }
    text.add(
      "The derivation, line by line: \(configurations) random configurations, exact rationals",
      indent: 0)
    text.add("\(schemes.joined(separator: ", ")); \(perChannel) per channel", indent: 0)

    text.heading("FORMS", "y + Zo, compared with F1")
    for form in Form.allCases {
      let count = forms[form] ?? Count()
      let verdict =
        count.applied == 0 ? "never applied" : count.equal == count.applied ? "holds" : "FAILS"
      let label = "\(form.rawValue)  equal in \(count.equal) of \(count.applied)".padded(to: 30)
      text.add("\(label)\(verdict.padded(to: 8))\(form.formula)\(form == .f1 ? " + Zo" : "")")
    }

    text.heading("F3x", "the misprint: P·(Qi−Zi)(Qw−Zw)/Sb + P·(Qb−Zb)/(Si·Sw) + (1/P)·Zo")
    text.add("differs from F2 in \(misprintDiffers) of \(configurations); P = Si·Sw·Sb/So")
    let expected = commonFactorIsOne + zeroPointIsZero - both
    text.add(
      "P = 1 in \(commonFactorIsOne), Zo = 0 in \(zeroPointIsZero), either in \(expected)")
    text.add("P = 1 or Zo = 0, and it differs all the same:  \(differsDespiteReason)")
    text.add("P ≠ 1 and Zo ≠ 0, and it coincides:            \(coincidesWithoutReason)")
    if let small = smallCounterExample { add(small, &text) }
    if let first = firstCounterExample { add(first, &text) }

    text.heading("VERDICT")
    text.add(
      holds
        ? "F1 = F2 = F3, and F4 and F5 where they apply. F3x is wrong: it equals F2 exactly where"
          + " P = 1 or Zo = 0."
        : "A line of the derivation, or this program, is wrong: see above.")
    return text.lines
  }

  private func add(_ small: SmallCounterExample, _ text: inout Lines) {
    func decimal(_ value: Double) -> String { NumberText.decimal(value) }
    let product = small.inputScale * small.weightScale
    let (p, y) = (small.commonFactor, small.right - Rational(small.outputZeroPoint))
    text.heading("BY HAND", "one product, no bias (so Sb = Si·Sw), Zi = Zw = 0")
    text.add(
      "qi = \(small.input), qw = \(small.weight), Si = \(decimal(small.inputScale)),"
        + " Sw = \(decimal(small.weightScale)), So = \(decimal(small.outputScale)),"
        + " Zo = \(small.outputZeroPoint)")
    text.add(
      "P   = Si·Sw·Sb/So = \(decimal(product))·\(decimal(product))/\(decimal(small.outputScale))"
        + " = \(p)")
    text.add(
      "F2  = \(small.input)·\(small.weight)·\(decimal(product))/\(decimal(small.outputScale))"
        + " + \(small.outputZeroPoint) = \(y) + \(small.outputZeroPoint) = \(small.right)")
    let third = Rational(small.outputZeroPoint) / p
    text.add(
      "F3x = P·\(small.input)·\(small.weight)/Sb + 0 + Zo/P = \(y) + \(third)"
        + " = \(small.misprinted)")
  }

  private func add(_ first: RandomConfiguration, _ text: inout Lines) {
    let (forms, number) = (first.forms, NumberText(isFull: false))
    let layer = first.layer
    text.heading(
      "FIRST DRAWN", "configuration \(first.index), row \(first.row), channel \(first.channel)")
    text.add(
      "\(layer.types), bias \(layer.biasScheme.rawValue), K = \(layer.depth),"
        + " Zo = \(NumberText.signed(layer.outputZeroPoint))")
    let values = [
      ("P", forms.commonFactor), ("F2", forms.values[1].value), ("F3x", forms.f3x),
    ]
    for (name, value) in values {
      text.add(
        "\(name.padded(to: 4))= \(NumberText.decimal(value.approximation).padded(to: 24))"
          + number.rational(value))
    }
  }
}
