/// The ways of writing one fully connected layer, in the order of its derivation.
package enum Form: String, CaseIterable, Hashable, Sendable {
  /// Dequantize, compute, requantize.
  case f1 = "F1"
  /// Scales collected.
  case f2 = "F2"
  /// The common factor Si·Sw·Sb/So pulled out.
  case f3 = "F3"
  /// Bias in accumulator units, one real multiplier.
  case f4 = "F4"
  /// Offsets expanded: raw products, row sums, column sums.
  case f5 = "F5"

  /// The formula, for messages.
  package var formula: String {
    switch self {
    case .f1: "[(Qi−Zi)Si·(Qw−Zw)Sw + (Qb−Zb)Sb] / So"
    case .f2: "(Qi−Zi)·(Qw−Zw)·(Si·Sw/So) + (Qb−Zb)·(Sb/So) + Zo"
    case .f3: "(Si·Sw·Sb/So)·[(Qi−Zi)·(Qw−Zw)/Sb + (Qb−Zb)/(Si·Sw) + (So/(Si·Sw·Sb))·Zo]"
    case .f4: "M·[(Qi−Zi)·(Qw−Zw) + Qb] + Zo,  M = Si·Sw/So"
    case .f5: "M·[Σqi·qw − Zw·Σqi − Zi·Σqw + K·Zi·Zw + Qb] + Zo"
    }
  }
}

/// One disagreement between a float64 form and the exact value.
package struct FormViolation: Hashable, Sendable {
  package let form: Form
  package let index: Int
  package let value: Double
  package let bound: Double
  package let reason: String
}

/// What a pass over the float64 forms of one layer found.
package struct FormCheck: Sendable {
  /// Values of a form that were compared with the exact value.
  package var compared = 0
  /// Values for which the bound is infinite (scales near the ends of the range): no claim is made.
  package var withoutClaim = 0
  package var violations: [FormViolation] = []

  package init() {}
}
