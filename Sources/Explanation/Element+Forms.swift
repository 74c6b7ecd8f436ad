import Oracles
import QuantizedArithmetic
import QuantizedLayers

extension Element {
  func addForms(_ text: inout Lines) {
    addBias(&text)
    let real = Rational(sum) * inputScale * weightsScale + biasTerm * biasScale
    text.heading("F0", "(Qo − Zo)·So = (Qi − Zi)Si·(Qw − Zw)Sw + (Qb − Zb)Sb")
    text.row("real value", NumberText.decimal(real.approximation), number.rational(real))
    text.row(
      "divided by So: y", NumberText.decimal(exact.approximation), number.rational(exact))

    text.heading("F1 … F5", "as rational numbers, y + Zo; and evaluated in binary64")
    for (form, value) in forms.values {
      text.add("\(form.rawValue)  \(form.formula)\(form == .f1 ? " + Zo" : "")")
      text.add(
        "exact    \(number.rational(value))\(value == shifted ? "" : "  DIFFERS FROM F1")",
        indent: 6)
      let evaluated = binary64(form)
      text.add(
        "binary64 \(NumberText.decimal(evaluated))\(difference(evaluated, value))", indent: 6)
    }
    let names = forms.values.map(\.form.rawValue).joined(separator: " = ")
    text.add(
      forms.disagreeing.isEmpty
        ? "\(names), exactly"
        : "The forms disagree: \(forms.disagreeing.map(\.rawValue).joined(separator: ", "))")
    if layer.generalBias != nil {
      text.add("F4 and F5 do not apply: the bias has a scale and a zero point of its own.")
    }
  }

  func addBias(_ text: inout Lines) {
    let bias = operands.bias[channel]
    switch layer.biasScheme {
    case .none:
      text.heading("BIAS", "none: Qb − Zb = 0, and Sb stands for Si·Sw")
    case .accumulator:
      text.heading("BIAS", "in accumulator units: Sb = Si·Sw, Zb = 0")
      text.row(
        "sum + Qb", NumberText.sum(sum, bias),
        "= " + number.rational(Rational(sum) + biasTerm))
    case .general:
      let zero = layer.generalBias?.zeroPoint(channel) ?? 0
      text.heading("BIAS", "general: a scale and a zero point of its own")
      text.row(
        "Qb − Zb", "\(NumberText.signed(bias)) − (\(NumberText.signed(zero)))",
        "= " + number.rational(biasTerm))
      let folded = biasTerm * biasScale / (inputScale * weightsScale)
      text.row(
        "in accumulator units", NumberText.decimal(folded.approximation), number.rational(folded))
    }
    text.row(
      "M = Si·Sw/So", decimal(inputScale * weightsScale / outputScale),
      number.rational(inputScale * weightsScale / outputScale))
  }

  private func decimal(_ value: Rational) -> String { NumberText.decimal(value.approximation) }

  /// Where a floating evaluation stands beside the exact value of its form.
  private func difference(_ value: Double, _ exact: Rational) -> String {
    guard value.isFinite else { return "  (out of range: no claim)" }
    let distance = Rational(exactly: value) - exact
    guard distance.numerator != 0 else { return "  (exact)" }
    let text = NumberText.brief(distance.magnitude.approximation)
    return "  (\(distance.numerator < 0 ? "−" : "+")\(text))"
  }

  /// A form evaluated in doubles, operation by operation as it is written.
  private func binary64(_ form: Form) -> Double {
    let (si, so) = (layer.inputScale.value, layer.outputScale.value)
    let sw = layer.weights.scale(channel).value
    let sb = layer.generalBias?.scale(channel).value ?? si * sw
    let (sum, term) = (Double(self.sum), biasTerm.approximation)
    let zo = Double(layer.outputZeroPoint)
    switch form {
    case .f1:
      var real = 0.0
      for k in 0..<layer.depth {
        real +=
          (Double(input(k) - layer.inputZeroPoint) * si)
          * (Double(weight(k) - weightsZeroPoint) * sw)
      }
      return (real + term * sb) / so + zo
    case .f2: return sum * (si * sw / so) + term * (sb / so) + zo
    case .f3:
      return (si * sw * sb / so) * (sum / sb + term / (si * sw) + so / (si * sw * sb) * zo)
    case .f4, .f5: return (si * sw / so) * (sum + term) + zo
    }
  }

  func addMisprint(_ text: inout Lines) {
    text.heading("F3x", "the misprint: P·(Qi−Zi)(Qw−Zw)/Sb + P·(Qb−Zb)/(Si·Sw) + (1/P)·Zo")
    let common = forms.commonFactor
    text.row("P = Si·Sw·Sb/So", decimal(common), number.rational(common))
    let third = Rational(layer.outputZeroPoint) / common
    text.row(
      "third term of F3x", decimal(third),
      "Zo/P; right would be Zo = "
        + NumberText.signed(layer.outputZeroPoint))
    text.row("F3x", decimal(forms.f3x), number.rational(forms.f3x))
    text.row("F2", decimal(shifted), number.rational(shifted))
    if forms.f3x == shifted {
      let isOne = common == Rational(1)
      let reasons = (isOne ? ["P = 1"] : []) + (layer.outputZeroPoint == 0 ? ["Zo = 0"] : [])
      text.add("Here the misprint coincides with F2, since \(reasons.joined(separator: " and ")).")
    } else {
      text.row("F3x − F2", decimal(forms.f3x - shifted), number.rational(forms.f3x - shifted))
      text.add("F3x ≠ F2: the misprinted line is wrong here, since P ≠ 1 and Zo ≠ 0.")
    }
  }
}
