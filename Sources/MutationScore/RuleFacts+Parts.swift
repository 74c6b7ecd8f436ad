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
    case .accumulatorPrecision: return accumulatorPrecision(choice)
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
    case .activationBounds: return activationBounds(choice)
    case .multiplier: return multiplierRule(choice)
    case .floatClamp: return floatClamp(choice)
    case .requantization, .firstRounding, .rounding: return nil
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
    if current == "int64Wrapping", choice == "exact", arithmetic.accumulatorPrecision == .whole,
      requantizations.allSatisfy({ $0.kind != .exact })
    {
      return "the requantization takes an integer of 64 bits anyway"
    }
    if current == "int32Wrapping", (wide + ["exact"]).contains(choice), takesInt32 {
      return "the requantization takes the lower 32 bits anyway"
    }
    let filled = ["int16PairWrapping", "int16PairWrappingZeroPoints"]
    if filled.contains(current), filled.contains(choice), weightsZeroPointIsZero,
      types.weights.range.lowerBound < 0
    {
      return "the weights' zero point is 0"
    }
    return nil
  }

  /// Whether every requantization begins with the accumulator's lower 32 bits.
  private var takesInt32: Bool {
    arithmetic.accumulatorPrecision == .whole
      && requantizations.allSatisfy { requantization in
        if case .fixedPoint(let rule) = requantization { return rule.highMultiply != nil }
        return requantization == .narrowedTo16
      }
  }

  private func weightsZeroPointRule(_ choice: String) -> String? {
    if weightsZeroPointIsZero { return "the weights' zero point is 0" }
    guard channelsHaveNoZeroPoint, choice != "ignored", arithmetic.weightsZeroPoint != .ignored
    else { return nil }
    return isPerTensor ? "weights are per tensor" : "weights per channel have zero point 0"
  }

  private func accumulatorPrecision(_ choice: String) -> String? {
    guard !arithmetic.accumulatorPrecision.isOfFloat32,
      AccumulatorPrecision(rawValue: choice)?.isOfFloat32 == false
    else { return nil }
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
    if kinds.allSatisfy({ $0 == .float32 }) {
      if isOneOf(["exact", "binary64", "binary32OfBinary64"]) {
        return "D is rounded to float32 anyway"
      }
      // The quotient of two float32 numbers is no nearer than 2^−49 to a tie of float32.
      let products =
        ["binary32", "binary32Product"] + (isPerTensor ? ["binary32ProductPerTensor"] : [])
      if scalesAreBinary32, isOneOf(products) {
        return "a quotient of float32 numbers is rounded to float32 through float64 as at once"
      }
    }
    if kinds.allSatisfy({ $0 == .float32 }), let reason = multiplierAsFloat(current, choice) {
      return reason
    }
    guard kinds.allSatisfy({ $0 == .fixedPoint || $0 == .narrowedTo16 }) else { return nil }
    // A multiplier is made of the undivided D.
    if isOneOf(["exact", "binary64", "binary64Dividing"])
      || isOneOf(["binary32", "binary32Dividing"])
    {
      return "the multiplier is made of the same D"
    }
    return nil
  }

  /// Multipliers of 31 bits that become a float32 `D`.
  private func multiplierAsFloat(_ current: String, _ choice: String) -> String? {
    func isOneOf(_ rules: [MultiplierRule]) -> Bool {
      let names = rules.map { EffectiveScaleRule.binary32OfMultiplier($0).text }
      return names.contains(current) && names.contains(choice)
    }
    guard keeps32Bits, arithmetic.zeroPointAddition != .beforeRounding, isPredictable,
      requantizations.allSatisfy({ $0.lastRounding?.isToNearest == true })
    else { return nil }
    if isOneOf([.bits31, .bits31ShiftedTo62, .bits31LimitedAbove, .bits31Saturated]) {
      return "2^31 − 1 is 2^31 in float32, and below 2^−32 every accumulator gives 0"
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
    if multiplierIsNeverFull, isOneOf(["bits31", "bits31Saturated"]) {
      return "no D is as near below a power of two"
    }
    let whole = [
      "bits31", "bits31Truncated", "bits31HalfToEven", "bits31Saturated", "bits24",
      "bits24Truncated",
    ]
    if multiplierIsFloat32, isOneOf(whole) {
      return "D is a float32 number, whose significand has 24 bits"
    }
    let long =
      ["bits31", "bits31ShiftedTo62"] + (greatestExponent <= 30 ? ["bits31LimitedAbove"] : [])
    if isOneOf(long) || isOneOf(["bits15", "bits15ShiftedTo62"]), roundsToNearest, keeps32Bits,
      arithmetic.zeroPointAddition != .beforeRounding
    {
      return "they differ below 2^−32, where every accumulator gives 0"
    }
    return nil
  }

  /// Whether the last shift rounds to nearest.
  var roundsToNearest: Bool {
    arithmetic.fixedPoint?.rightShift.isToNearest == true
  }

  var keeps32Bits: Bool {
    switch arithmetic.accumulator {
    case .exact, .int64Wrapping, .int48: false
    default: true
    }
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

  /// Takes over the other of two ways to one function, where the left shift keeps all bits:
  ///
  /// * rounded at bit 31, ties up, and then by the rest of the shift, ties away from zero;
  /// * ±2^30 added with the accumulator's sign where the shift is more than 31, and rounded once, ties up.
  ///
  /// For p ≥ 0 both are ⌊(p + 2^30 + 2^(s−1))/2^s⌋, since floors of floors join; for p < 0 both are
  /// ⌊(p − 2^30 + 2^(s−1))/2^s⌋, the first since −⌊(−h + 2^(q−1))/2^q⌋ = ⌊(h + 2^(q−1) − 1)/2^q⌋. With
  /// a shift of 31 and less both round once.
  mutating func roundsTwiceAlike(_ other: Arithmetic) -> String? {
    guard isPredictable, keeps32Bits, arithmetic.zeroPointAddition != .beforeRounding,
      let own = arithmetic.fixedPoint, let rule = other.fixedPoint, own.multiplier.bits == 31,
      own.roundsTwice && rule.carriesOnce || own.carriesOnce && rule.roundsTwice
    else { return nil }
    var changed = rule
    changed.multiplier = own.multiplier
    arithmetic.requantization = .fixedPoint(changed)
    return "a carry of 2^30 with the accumulator's sign is a rounding at bit 31"
  }

  private func result(_ choice: String) -> String? {
    guard let rule = arithmetic.fixedPoint else { return nil }
    if rule.highMultiply != nil { return "a product of two roundings fits int32" }
    if choice == "wrapsBeforeHalving" {
      // A shift of 31 and less leaves 2^30 at most there; a longer one halves D of less than 1/2.
      return isPredictable && rule.multiplier.bits == 31
        ? "TOSA's domain keeps results within 31 bits" : nil
    }
    if rule.result == .isWide, choice == "saturates", arithmetic.zeroPointAddition == .saturating16
    {
      return "the zero point's addition saturates at 16 bits anyway"
    }
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
  func isPlain(_ addition: ZeroPointAddition) -> Bool {
    let zero = activationZeroPointsAreZero
    let range = types.output.range
    let zeroPoints = zero ? 0...0 : range
    let sums = scaled.map {
      $0.lowerBound + zeroPoints.lowerBound...$0.upperBound + zeroPoints.upperBound
    }
    switch addition {
    // Bounds lie within the type, the type within 32 bits.
    case .saturating32: return true
    // What is cut lies beyond every 8-bit bound, with any zero point of the type.
    case .saturating16: return outputHas8Bits || zero
    case .wrapping32:
      if arithmetic.requantization.kind == .exact { return true }
      return sums.map { int32.holds($0) } ?? false
    case .wrapping16: return sums.map { int16.holds($0) } ?? false
    case .beforeRounding:
      if arithmetic.requantization == .narrowedTo16, arithmetic.variants.isEmpty { return true }
      if case .exact(let mode) = arithmetic.requantization {
        return zero || mode == .down || mode == .up || mode == .toNearestOrUp
      }
      return zero || addsEarlyAlike
    }
  }

  /// Whether a fixed-point rounding commutes with the addition of an integer.
  private var addsEarlyAlike: Bool {
    guard case .fixedPoint(let rule) = arithmetic.requantization, arithmetic.variants.isEmpty,
      keeps32Bits, rule.rightShift == .toNearestOrUp || rule.rightShift == .down
    else { return false }
    return rule.highMultiply != nil || rule.result == .isWide || isPredictable
  }

  /// Whether a product is rounded once, in a way that commutes with the addition of an integer, and cut
  /// to int32 then.
  private var addsModulo32: Bool {
    guard case .fixedPoint(let rule) = arithmetic.requantization, arithmetic.variants.isEmpty,
      keeps32Bits, rule.rightShift == .toNearestOrUp || rule.rightShift == .down
    else { return false }
    return rule.highMultiply == nil && rule.result == .wraps && arithmetic.clampOrder == .last
  }

  private func zeroPointAddition(_ choice: String) -> String? {
    guard multiplierIsFinite || arithmetic.requantization.kind != .float32 else { return nil }
    let current = arithmetic.zeroPointAddition
    guard let choice = ZeroPointAddition(rawValue: choice) else { return nil }
    if current == .wrapping32, choice == .beforeRounding, addsModulo32 {
      return "the sum is kept modulo 2^32 anyway"
    }
    // With the zero point before the rounding, other numbers are rounded, unless it is 0.
    guard isPlain(current), isPlain(choice) else { return nil }
    return activationZeroPointsAreZero
      ? "the output's zero point is 0" : "the sum never overflows within the bounds"
  }

  private func activationBounds(_ choice: String) -> String? {
    guard has("relu6") else {
      return "no real bound but 0, which is the zero point under every rule"
    }
    // Half way up is away from zero: a bound is not negative.
    let upward = ["toNearestOrUp", "toNearestOrAway", "halfAddedTowardZero"]
    let exact = upward.map { "exact(\($0))" }
    let float = ["roundedQuotient"] + upward.map { "binary32Quotient(\($0))" }
    let current = arithmetic.activationBounds.text
    return [exact, float].contains { $0.contains(current) && $0.contains(choice) }
      ? "a bound is not negative" : nil
  }

  /// Whether a float32 requantization ends in the rounded float plus the zero point, brought into the
  /// bounds, as if nothing overflowed: wherever it clamps, rounding keeps the order and the bounds.
  private var endsPlainly: Bool {
    guard case .float32(let clamp, let rounding) = arithmetic.requantization,
      rounding != .halfAddedTowardZero, multiplierIsFinite, arithmetic.variants.isEmpty,
      arithmetic.effectiveScale.dividesNothing, arithmetic.clampOrder == .last,
      arithmetic.zeroPointAddition != .beforeRounding, isPlain(arithmetic.zeroPointAddition)
    else { return false }
    return clamp != .afterRounding || arithmetic.conversion == .saturating || isPredictable
  }

  private func floatClamp(_ choice: String) -> String? {
    var changed = self
    guard ArithmeticPart.floatClamp.set(choice, in: &changed.arithmetic) else { return nil }
    return endsPlainly && changed.endsPlainly ? "clamping and rounding commute" : nil
  }

  /// Takes over where another float32 arithmetic clamps, converts and adds, if that is the same.
  mutating func endsAlike(_ other: Arithmetic) -> String? {
    guard case .float32(let clamp, _) = other.requantization else { return nil }
    var changed = self
    guard ArithmeticPart.floatClamp.set(clamp.rawValue, in: &changed.arithmetic) else { return nil }
    changed.arithmetic.conversion = other.conversion
    changed.arithmetic.zeroPointAddition = other.zeroPointAddition
    guard changed.arithmetic != arithmetic, endsPlainly, changed.endsPlainly else { return nil }
    arithmetic = changed.arithmetic
    return "clamping and rounding commute"
  }

  private var clampOrder: String? {
    guard activationZeroPointsAreZero, isPlain(arithmetic.zeroPointAddition) else {
      return nil
    }
    return "the output's zero point is 0"
  }
}

extension RoundingMode {
  /// Whether what is less than 1/2 becomes 0.
  fileprivate var isToNearest: Bool {
    self == .toNearestOrUp || self == .toNearestOrAway || self == .toNearestOrEven
  }
}

extension FixedPointRule {
  /// At bit 31, ties up, then by the rest of the shift, ties away from zero.
  fileprivate var roundsTwice: Bool {
    highMultiply == .toNearestOrUp && rightShift == .toNearestOrAway && leastRightShift == 0
  }

  /// Once, ties up, with TOSA's carry.
  fileprivate var carriesOnce: Bool {
    highMultiply == nil && rightShift == .toNearestOrUp && carries
  }
}

extension DomainCondition {
  /// Whether it is about `D` as a profile forms it.
  var isAboutMultiplier: Bool {
    switch self {
    case .finiteMultiplier, .shiftBelow32, .shiftBelow8, .normalMultiplier, .predictableRescale,
      .multiplierBelow256:
      true
    default: false
    }
  }
}

extension EffectiveScaleRule {
  /// Whether `D` is formed.
  var dividesNothing: Bool { self != .binary32Dividing && self != .binary64Dividing }
}
