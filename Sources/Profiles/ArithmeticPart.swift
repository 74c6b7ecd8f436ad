package import QuantizedArithmetic

/// One choice of an ``Arithmetic``, by name: how a profile is written down and described.
///
/// The parts of the requantization exist only where its kind has them: a float has no multiplier.
package enum ArithmeticPart: String, CaseIterable, Hashable, Sendable {
  case accumulator
  case weightsZeroPoint
  case bias
  case accumulatorPrecision
  case effectiveScale
  /// `exact`, `float64`, `float32`, `fixedPoint` or `narrowedTo16`.
  case requantization
  case multiplier
  case leftShift
  /// Of the product at bit 31, or `none`.
  case firstRounding
  /// The last one.
  case rounding
  case leastRightShift
  case carries
  case result
  case floatClamp
  case conversion
  case zeroPointAddition
  case clampOrder
  case activationBounds

  /// What the part is, in words.
  package var summary: String {
    switch self {
    case .accumulator: "accumulator"
    case .weightsZeroPoint: "zero point of the weights"
    case .bias: "bias in accumulator units"
    case .accumulatorPrecision: "accumulator converted to"
    case .effectiveScale: "D = Si·Sw/So is formed as"
    case .requantization: "requantization"
    case .multiplier: "multiplier"
    case .leftShift: "left shift"
    case .firstRounding: "first rounding, of the product at bit 31"
    case .rounding: "last rounding"
    case .leastRightShift: "least count of the last right shift"
    case .carries: "±2^30 before a shift of more than 31"
    case .result: "result beyond int32"
    case .floatClamp: "clamp of the float"
    case .conversion: "float that no int32 represents"
    case .zeroPointAddition: "addition of the output's zero point"
    case .clampOrder: "clamp of the output"
    case .activationBounds: "bounds of an activation"
    }
  }

  /// The texts that ``set(_:in:)`` takes.
  package var choices: [String] {
    switch self {
    case .accumulator: AccumulatorRule.allCases.map(\.rawValue)
    case .weightsZeroPoint: WeightsZeroPointRule.allCases.map(\.rawValue)
    case .bias: BiasRule.allCases.map(\.rawValue)
    case .accumulatorPrecision: AccumulatorPrecision.allCases.map(\.rawValue)
    case .effectiveScale: EffectiveScaleRule.all.map(\.text)
    case .requantization: RequantizationKind.allCases.map(\.rawValue)
    case .multiplier: MultiplierRule.allCases.map(\.rawValue)
    case .leftShift: FixedPointRule.LeftShift.allCases.map(\.rawValue)
    case .firstRounding: ["none"] + RoundingMode.ofAllNumbers.map(\.rawValue)
    case .rounding: RoundingMode.allCases.map(\.rawValue)
    case .leastRightShift: ["0", "1"]
    case .carries: ["false", "true"]
    case .result: FixedPointRule.Result.allCases.map(\.rawValue)
    case .floatClamp: Float32Clamp.allCases.map(\.rawValue)
    case .conversion: FloatConversion.allCases.map(\.rawValue)
    case .zeroPointAddition: ZeroPointAddition.allCases.map(\.rawValue)
    case .clampOrder: ClampOrder.allCases.map(\.rawValue)
    case .activationBounds: ActivationBounds.all.map(\.text)
    }
  }

  /// The choice of `arithmetic`; `nil` where its requantization has no such part.
  package func choice(of arithmetic: Arithmetic) -> String? {
    switch self {
    case .accumulator: arithmetic.accumulator.rawValue
    case .weightsZeroPoint: arithmetic.weightsZeroPoint.rawValue
    case .bias: arithmetic.bias.rawValue
    case .accumulatorPrecision: arithmetic.accumulatorPrecision.rawValue
    case .effectiveScale: arithmetic.effectiveScale.text
    case .requantization: arithmetic.requantization.kind.rawValue
    case .multiplier: arithmetic.fixedPoint?.multiplier.rawValue
    case .leftShift: arithmetic.fixedPoint?.leftShift.rawValue
    case .firstRounding:
      arithmetic.fixedPoint.map { $0.highMultiply.map(\.rawValue) ?? "none" }
    case .rounding: arithmetic.requantization.lastRounding?.rawValue
    case .leastRightShift: arithmetic.fixedPoint.map { String($0.leastRightShift) }
    case .carries: arithmetic.fixedPoint.map { String($0.carries) }
    case .result: arithmetic.fixedPoint?.result.rawValue
    case .floatClamp:
      if case .float32(let clamp, _) = arithmetic.requantization { clamp.rawValue } else { nil }
    case .conversion: arithmetic.requantization.isFloat ? arithmetic.conversion.rawValue : nil
    case .zeroPointAddition: arithmetic.zeroPointAddition.rawValue
    case .clampOrder: arithmetic.clampOrder.rawValue
    case .activationBounds: arithmetic.activationBounds.text
    }
  }

  /// Makes the choice that `text` names.
  ///
  /// - Returns: false, and nothing is changed, where there is no such choice or no such part.
  package func set(_ text: String, in arithmetic: inout Arithmetic) -> Bool {
    switch self {
    case .accumulator: assign(text, &arithmetic.accumulator)
    case .weightsZeroPoint: assign(text, &arithmetic.weightsZeroPoint)
    case .bias: assign(text, &arithmetic.bias)
    case .accumulatorPrecision: setPrecision(text, &arithmetic)
    case .effectiveScale: named(text, EffectiveScaleRule.all, \.text, &arithmetic.effectiveScale)
    case .requantization: setKind(text, &arithmetic)
    case .rounding: setRounding(text, &arithmetic)
    case .floatClamp: setFloatClamp(text, &arithmetic)
    case .conversion:
      arithmetic.requantization.isFloat && assign(text, &arithmetic.conversion)
    case .zeroPointAddition: assign(text, &arithmetic.zeroPointAddition)
    case .clampOrder: assign(text, &arithmetic.clampOrder)
    case .activationBounds:
      named(text, ActivationBounds.all, \.text, &arithmetic.activationBounds)
    case .multiplier, .leftShift, .firstRounding, .leastRightShift, .carries, .result:
      setFixedPoint(text, &arithmetic)
    }
  }

  private func assign<Choice: RawRepresentable<String>>(
    _ text: String, _ place: inout Choice
  ) -> Bool {
    guard let choice = Choice(rawValue: text) else { return false }
    place = choice
    return true
  }

  private func named<Choice>(
    _ text: String, _ all: [Choice], _ name: (Choice) -> String, _ place: inout Choice
  ) -> Bool {
    guard let choice = all.first(where: { name($0) == text }) else { return false }
    place = choice
    return true
  }

  private func setKind(_ text: String, _ arithmetic: inout Arithmetic) -> Bool {
    guard let kind = RequantizationKind(rawValue: text) else { return false }
    if arithmetic.requantization.kind != kind { arithmetic.requantization = kind.usual }
    return true
  }

  private func setPrecision(_ text: String, _ arithmetic: inout Arithmetic) -> Bool {
    guard let precision = AccumulatorPrecision(rawValue: text),
      !precision.isOfFloat32 || arithmetic.requantization.kind == .float32
    else { return false }
    arithmetic.accumulatorPrecision = precision
    return true
  }

  private func setRounding(_ text: String, _ arithmetic: inout Arithmetic) -> Bool {
    // A sum with one half that is exact is a rounding of another name.
    guard let mode = RoundingMode(rawValue: text),
      !RoundingMode.ofFloats.contains(mode) || arithmetic.requantization.kind == .float32
    else { return false }
    return arithmetic.requantization.setLastRounding(mode)
  }

  private func setFloatClamp(_ text: String, _ arithmetic: inout Arithmetic) -> Bool {
    guard case .float32(_, let rounding) = arithmetic.requantization,
      let clamp = Float32Clamp(rawValue: text)
    else { return false }
    arithmetic.requantization = .float32(clamp, rounding)
    return true
  }

  private func setFixedPoint(_ text: String, _ arithmetic: inout Arithmetic) -> Bool {
    guard case .fixedPoint(var rule) = arithmetic.requantization else { return false }
    let isSet: Bool
    switch self {
    case .multiplier: isSet = assign(text, &rule.multiplier)
    case .leftShift: isSet = assign(text, &rule.leftShift)
    case .firstRounding:
      rule.highMultiply = RoundingMode(rawValue: text)
      isSet = text == "none" || rule.highMultiply != nil
    case .leastRightShift:
      isSet = choices.contains(text)
      rule.leastRightShift = Int(text) ?? 0
    case .carries:
      isSet = choices.contains(text)
      rule.carries = text == "true"
    case .result: isSet = assign(text, &rule.result)
    default: isSet = false
    }
    if isSet { arithmetic.requantization = .fixedPoint(rule) }
    return isSet
  }
}

/// The kinds of requantization, without their parts.
package enum RequantizationKind: String, CaseIterable, Hashable, Sendable {
  case exact
  case float64
  case float32
  case fixedPoint
  case narrowedTo16

  /// What it is where nothing else is said.
  package var usual: Requantization {
    switch self {
    case .exact: .exact(.toNearestOrEven)
    case .float64: .float64(.toNearestOrEven)
    case .float32: .float32(.afterRounding)
    case .fixedPoint: .fixedPoint(.singleRounding)
    case .narrowedTo16: .narrowedTo16
    }
  }
}

extension Requantization {
  package var kind: RequantizationKind {
    switch self {
    case .exact: .exact
    case .float64: .float64
    case .float32: .float32
    case .fixedPoint: .fixedPoint
    case .narrowedTo16: .narrowedTo16
    }
  }

  package var isFloat: Bool { kind == .float64 || kind == .float32 }

  /// The rounding that gives the integer to which the zero point is added.
  package var lastRounding: RoundingMode? {
    switch self {
    case .exact(let mode), .float64(let mode), .float32(_, let mode): mode
    case .fixedPoint(let rule): rule.rightShift
    case .narrowedTo16: nil
    }
  }

  /// - Returns: false where there is no choice.
  package mutating func setLastRounding(_ mode: RoundingMode) -> Bool {
    switch self {
    case .exact: self = .exact(mode)
    case .float64: self = .float64(mode)
    case .float32(let clamp, _): self = .float32(clamp, mode)
    case .fixedPoint(var rule):
      rule.rightShift = mode
      self = .fixedPoint(rule)
    case .narrowedTo16: return false
    }
    return true
  }
}

extension Arithmetic {
  /// The rule of a fixed-point requantization.
  package var fixedPoint: FixedPointRule? {
    if case .fixedPoint(let rule) = requantization { rule } else { nil }
  }

  /// Every choice in the order of the parts.
  package var choices: [(part: ArithmeticPart, choice: String)] {
    ArithmeticPart.allCases.compactMap { part in part.choice(of: self).map { (part, $0) } }
  }
}

extension EffectiveScaleRule {
  package static let all: [EffectiveScaleRule] =
    [
      .exact, .binary64, .binary32ProductPerTensor, .binary32, .binary64InputFirst,
      .binary64WeightsFirst, .binary64Reciprocal, .binary64SingleReciprocal, .binary32Product,
      .binary32InputFirst,
      .binary32WeightsFirst, .binary32Reciprocal, .binary32OfBinary64, .binary64Dividing,
      .binary32Dividing, .binary32OfReciprocals,
    ] + MultiplierRule.allCases.map { .binary32OfMultiplier($0) }

  /// The name of the case, with what it is of in parentheses.
  package var text: String {
    if case .binary32OfMultiplier(let rule) = self { return "binary32OfMultiplier(\(rule))" }
    return "\(self)"
  }
}

extension ActivationBounds {
  package static let all: [ActivationBounds] =
    [.roundedQuotient, .roundedSum] + RoundingMode.ofAllNumbers.map { .exact($0) }
    + RoundingMode.ofAllNumbers.map { .binary64Quotient($0) }
    + RoundingMode.ofAllNumbers.filter { $0 != .toNearestOrAway }.map { .binary32Quotient($0) }

  /// The name of the case, with its rounding in parentheses.
  package var text: String {
    switch self {
    case .exact(let mode): "exact(\(mode.rawValue))"
    case .binary64Quotient(let mode): "binary64Quotient(\(mode.rawValue))"
    case .binary32Quotient(let mode): "binary32Quotient(\(mode.rawValue))"
    case .roundedQuotient: "roundedQuotient"
    case .roundedSum: "roundedSum"
    }
  }
}
