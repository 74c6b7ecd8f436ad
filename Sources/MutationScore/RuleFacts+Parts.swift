import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// Parts of the arithmetic whose other choice gives the same function.
extension RuleFacts {
  func reason(_ part: ArithmeticPart, _ choice: String) -> String? {
    switch part {
    case .accumulator: return accumulatorRule(choice)
    case .weightsZeroPoint: return weightsZeroPointRule(choice)
    case .bias: return hasBias ? nil : "there is no bias"
    case .accumulatorPrecision: return accumulatorPrecision
    case .effectiveScale: return effectiveScale(choice)
    case .leftShift: return leftShift(choice)
    case .leastRightShift:
      return arithmetic.fixedPoint?.highMultiply == nil ? "there is one shift for all" : nil
    case .carries:
      return arithmetic.fixedPoint?.highMultiply != nil ? "the product is rounded at bit 31" : nil
    case .result: return result(choice)
    case .conversion: return conversion
    case .zeroPointAddition: return zeroPointAddition(choice)
    case .clampOrder: return clampOrder
    case .activationBounds:
      return has("relu6") ? nil : "no real bound but 0, which is the zero point under every rule"
    case .multiplier: return multiplierRule(choice)
    case .requantization, .firstRounding, .rounding, .floatClamp: return nil
    }
  }

  // MARK: Sums

  private func accumulatorRule(_ choice: String) -> String? {
    let current = arithmetic.accumulator.rawValue
    let wide = ["int64Wrapping", "int48"]
    if wide.contains(current), wide.contains(choice) { return "both are kept in 64 bits" }
    if !hasWideBias, (wide + ["exact"]).contains(current), (wide + ["exact"]).contains(choice) {
      return "no sum of products and a bias of 32 bits leaves 64 bits"
    }
    let filled = ["int16PairWrapping", "int16PairWrappingZeroPoints"]
    if filled.contains(current), filled.contains(choice), weightsZeroPointIsZero,
      types.weights.range.lowerBound < 0
    {
      return "the weights' zero point is 0"
    }
    return nil
  }

  private func weightsZeroPointRule(_ choice: String) -> String? {
    if weightsZeroPointIsZero { return "the weights' zero point is 0" }
    guard channelsHaveNoZeroPoint, choice != "ignored", arithmetic.weightsZeroPoint != .ignored
    else { return nil }
    return isPerTensor ? "weights are per tensor" : "weights per channel have zero point 0"
  }

  private var accumulatorPrecision: String? {
    let isFloat32 = requantizations.allSatisfy { $0.kind == .float32 }
    return isFloat32 ? "the requantization converts to float32 anyway" : nil
  }

  // MARK: D

  private func effectiveScale(_ choice: String) -> String? {
    let kinds = requantizations.map(\.kind)
    if kinds.allSatisfy({ $0 == .exact }) { return "an exact requantization forms no D" }
    let current = arithmetic.effectiveScale.text
    func isOneOf(_ names: [String]) -> Bool { names.contains(current) && names.contains(choice) }
    if isOneOf(["exact", "binary64"]) { return "both are (Si·Sw)/So in float64" }
    if isPerTensor, isOneOf(["binary32ProductPerTensor", "binary32Product"]) {
      return "weights are per tensor"
    }
    if kinds.allSatisfy({ $0 == .float32 }), isOneOf(["exact", "binary64", "binary32OfBinary64"]) {
      return "D is rounded to float32 anyway"
    }
    guard kinds.allSatisfy({ $0 == .fixedPoint || $0 == .narrowedTo16 }) else { return nil }
    // A multiplier is made of the undivided D.
    if isOneOf(["exact", "binary64", "binary64Dividing"]) || isOneOf(["binary32", "binary32Dividing"])
    {
      return "the multiplier is made of the same D"
    }
    return nil
  }

  private func multiplierRule(_ choice: String) -> String? {
    guard let rule = arithmetic.fixedPoint else { return nil }
    let current = rule.multiplier.rawValue
    func isOneOf(_ names: [String]) -> Bool { names.contains(current) && names.contains(choice) }
    if isOneOf(["bits31", "bits31LimitedAbove"]), greatestExponent <= 30 {
      return "D stays below 2^30"
    }
    return nil
  }

  // MARK: Fixed-point steps

  private func leftShift(_ choice: String) -> String? {
    guard let rule = arithmetic.fixedPoint else { return nil }
    if rule.highMultiply == nil { return "there is one shift for all" }
    let current = rule.leftShift.rawValue
    let cut = ["wrapsToZero", "folded"]
    if cut.contains(current), cut.contains(choice) { return "both cut the same bits" }
    let wrapping = cut + ["wraps"]
    if wrapping.contains(current), wrapping.contains(choice),
      greatestExponent.addingReportingOverflow(rule.leastRightShift).partialValue <= 31,
      greatestExponent < 32
    {
      return "no shift to the left reaches 32"
    }
    return nil
  }

  private func result(_ choice: String) -> String? {
    guard let rule = arithmetic.fixedPoint else { return nil }
    if rule.highMultiply != nil { return "a product of two roundings fits int32" }
    if isPredictable { return "TOSA's domain keeps results within int32" }
    let modular = ["wraps", "isWide"]
    if modular.contains(rule.result.rawValue), modular.contains(choice),
      arithmetic.zeroPointAddition == .wrapping32, arithmetic.clampOrder == .last
    {
      return "the zero point's addition wraps anyway"
    }
    return nil
  }

  /// A float beyond int32.
  private var conversion: String? {
    guard multiplierIsFinite, arithmetic.variants.isEmpty else { return nil }
    if isPredictable { return "TOSA's domain keeps results within int32" }
    guard case .float32(let clamp, _) = arithmetic.requantization, clamp != .afterRounding,
      arithmetic.effectiveScale.dividesNothing
    else { return nil }
    // Below int32 both give its lowest number; there is no NaN, for D and accumulator are finite.
    return "the float has been clamped above"
  }

  // MARK: The end

  /// Whether the choice adds the zero point without any loss that the bounds do not hide.
  private func isPlain(_ addition: String) -> Bool {
    let zero = activationZeroPointsAreZero
    let range = types.output.range
    let zeroPoints = zero ? 0...0 : range
    let sums = scaled.map {
      $0.lowerBound + zeroPoints.lowerBound...$0.upperBound + zeroPoints.upperBound
    }
    switch addition {
    // Bounds lie within the type, the type within 32 bits.
    case "saturating32": return true
    // What is cut lies beyond every 8-bit bound, with any zero point of the type.
    case "saturating16": return outputHas8Bits || zero
    case "wrapping32":
      if arithmetic.requantization.kind == .exact { return true }
      return sums.map { int32.holds($0) } ?? false
    case "wrapping16": return sums.map { int16.holds($0) } ?? false
    case "beforeRounding":
      if arithmetic.requantization == .narrowedTo16, arithmetic.variants.isEmpty { return true }
      if case .exact(let mode) = arithmetic.requantization {
        return zero || mode == .down || mode == .up || mode == .toNearestOrUp
      }
      return zero
    default: return false
    }
  }

  private func zeroPointAddition(_ choice: String) -> String? {
    guard multiplierIsFinite || arithmetic.requantization.kind != .float32 else { return nil }
    let current = arithmetic.zeroPointAddition.rawValue
    // With the zero point before the rounding, other numbers are rounded, unless it is 0.
    guard isPlain(current), isPlain(choice) else { return nil }
    return activationZeroPointsAreZero
      ? "the output's zero point is 0" : "the sum never overflows within the bounds"
  }

  private var clampOrder: String? {
    guard activationZeroPointsAreZero, isPlain(arithmetic.zeroPointAddition.rawValue) else {
      return nil
    }
    return "the output's zero point is 0"
  }
}

extension EffectiveScaleRule {
  /// Whether `D` is formed.
  var dividesNothing: Bool { self != .binary32Dividing && self != .binary64Dividing }
}
