package import Profiles
import QuantizedArithmetic
package import QuantizedLayers

/// A case that hypotheses are held against, prepared once for all of them.
package final class Subject {
  package let layer: Layer
  /// What is claimed, resolved for the layer.
  package let arithmetic: Arithmetic
  /// The outputs of the claimed arithmetic.
  package let expected: [Int32]
  let operands: Operands
  let numbers: Numbers
  /// Of the layer's own elements; only from one thread.
  private(set) lazy var rawSums = RawSums(numbers)

  /// - Throws: ``OutsideDomain`` where the profile does not define the layer.
  package init(_ layer: Layer, _ profile: Profile) throws(OutsideDomain) {
    let reference = try profile.reference(for: layer)
    self.layer = layer
    arithmetic = reference.arithmetic
    var operands = Operands()
    (try? Operators.named(layer.raw.operation))?.lower(layer, into: &operands)
    var outputs = ReferenceOutputs()
    reference.run(operands, into: &outputs)
    expected = outputs.values
    self.operands = operands
    numbers = Numbers(layer, operands)
  }
}

/// What a hypothesis says of a subject.
package enum Prediction: Hashable, Sendable {
  /// The outputs, row by row.
  case outputs([Int32])
  /// The change is none here: the outputs are the claimed ones.
  case unchanged
  /// Nothing can be computed: the bounds contradict each other, a scale is not one.
  case undefined

  func outputs(of subject: Subject) -> [Int32] {
    if case .outputs(let outputs) = self { outputs } else { subject.expected }
  }
}

extension Arithmetic {
  /// Another kind of arithmetic throughout; the last rounding and where `D` allows it the order stay.
  package mutating func compute(in kind: RequantizationKind, _ conversion: Conversion) {
    let rounding = conversion.rounding ?? requantization.lastRounding ?? .toNearestOrUp
    switch kind {
    case .exact:
      requantization = .exact(rounding)
      effectiveScale = .exact
    case .float64:
      requantization = .float64(rounding)
      effectiveScale = .binary64
    case .float32:
      requantization = .float32(.afterRounding, rounding)
      effectiveScale = .binary32
    case .fixedPoint:
      var rule = FixedPointRule.singleRounding
      rule.rightShift = conversion.rounding ?? rule.rightShift
      requantization = .fixedPoint(rule)
      effectiveScale = .binary64
    case .narrowedTo16: requantization = .narrowedTo16
    }
    if conversion.isClamped {
      self.conversion = .saturating
      zeroPointAddition = .saturating32
    }
  }
}
