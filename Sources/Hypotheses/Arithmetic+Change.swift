package import Profiles
package import QuantizedArithmetic
package import QuantizedLayers

extension Arithmetic {
  /// What a change makes of an arithmetic.
  package enum Application: Hashable, Sendable {
    case changed
    /// It has no such part, or is that already.
    case unchanged
    /// The other profile does not define the layer.
    case undefined
  }

  /// Takes over a change of the arithmetic itself.
  ///
  /// - Returns: `nil` where the change is about a layer's numbers, and nothing is done.
  package mutating func apply(_ change: Change, for layer: Layer) -> Application? {
    let before = self
    switch change {
    case .part(let part, let choice):
      // Made for a float: a multiplier of a multiplier is none of a fixed-point stage.
      let isOfFloat = part == .effectiveScale && choice.hasPrefix("binary32OfMultiplier")
      guard !isOfFloat || requantization.kind == .float32, part.set(choice, in: &self) else {
        return .unchanged
      }
    case .roundings(let first, let last): setRoundings(first, last)
    case .computed(let kind, let conversion): compute(in: kind, conversion)
    case .profile(let name):
      guard let other = try? Profiles.named(name)?.arithmetic(for: layer) else { return .undefined }
      self = other.resolved(for: layer)
      return .changed
    default: return nil
    }
    return self == before ? .unchanged : .changed
  }

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

  /// Sets the roundings of a fixed-point product: at bit 31, if any, and the last one.
  package mutating func setRoundings(_ first: RoundingMode?, _ last: RoundingMode) {
    guard case .fixedPoint(var rule) = requantization else { return }
    // Two roundings have a left shift before the product.
    if rule.highMultiply == nil, first != nil { rule.leftShift = .wraps }
    (rule.highMultiply, rule.rightShift) = (first, last)
    requantization = .fixedPoint(rule)
  }
}
