import Hypotheses
import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// Changes of numbers that the domain pins.
extension RuleFacts {
  func zeroPoint(_ operand: Operand, _ slip: ZeroPointSlip) -> String? {
    let isZero = operand == .weights ? weightsZeroPointIsZero : activationZeroPointsAreZero
    if isZero { return "the zero point is 0" }
    let type =
      switch operand {
      case .input: types.input
      case .weights: types.weights
      case .output: types.output
      }
    let isUnsigned = type.range.lowerBound >= 0
    if slip == .unsigned, isUnsigned { return "the type is unsigned" }
    if slip == .signed, !isUnsigned { return "the type is signed" }
    return nil
  }

  func correctionReason(_ correction: Correction) -> String? {
    if correction != .column, weightsZeroPointIsZero { return "the weights' zero point is 0" }
    if correction != .row, activationZeroPointsAreZero { return "the input's zero point is 0" }
    return nil
  }

  func bias(_ slip: BiasSlip) -> String? {
    guard hasBias else { return "there is no bias" }
    switch slip {
    case .bits(let bits, _) where bits >= 32 && !hasWideBias: return "the bias has 32 bits"
    case .zeroPointMissing, .folded:
      return hasGeneralBias ? nil : "the bias is in accumulator units"
    case .unit(.firstChannel) where isPerTensor && scalesAreBinary32 && !hasWideBias:
      // (b·s)/s is within 2^−21 of b, and is rounded to an integer.
      return "all channels have one scale"
    default: return nil
    }
  }

  func channel(_ parameter: ChannelParameter, _ slip: ChannelSlip) -> String? {
    switch parameter {
    case .scale: return isPerTensor ? "all channels have one scale" : nil
    case .bias: return hasBias ? nil : "there is no bias"
    case .weightsZeroPoint:
      if weightsZeroPointIsZero { return "the weights' zero point is 0" }
      // One of the variants puts a 0 where there is no channel.
      if slip == .next(.isZero) || slip == .previous(.isZero) { return nil }
      return weightsZeroPointIsOne ? "all channels have one zero point" : nil
    case .all: return nil
    }
  }

  func elements(_ operand: Operand, _ slip: ElementSlip) -> String? {
    let type = operand == .input ? types.input : types.weights
    let isUnsigned = type.range.lowerBound >= 0
    switch slip {
    case .signed: return isUnsigned ? nil : "the type is signed"
    case .unsigned: return isUnsigned ? "the type is unsigned" : nil
    case .symmetric: return isUnsigned ? "the type is unsigned: its lowest value is 0" : nil
    case .lowByte, .highByte: return type.byteCount == 1 ? "elements have 8 bits" : nil
    case .offset128, .offsetMinus128: return nil
    }
  }

  // MARK: Registers

  /// Of an element less its zero point.
  private func differences(_ operand: Operand) -> ClosedRange<Int64> {
    let range = (operand == .input ? types.input : types.weights).range
    let isZero = operand == .input ? activationZeroPointsAreZero : weightsZeroPointIsZero
    return isZero
      ? range : range.lowerBound - range.upperBound...range.upperBound - range.lowerBound
  }

  private func signed(_ bits: Int) -> ClosedRange<Int64> {
    -(1 << Int64(bits - 1))...(1 << Int64(bits - 1)) - 1
  }

  /// Rules for pairs of products say what becomes of raw products: there is no single sum.
  private var isPlainSum: Bool {
    switch arithmetic.accumulator {
    case .int16PairSaturating, .int16PairWrapping, .int16PairWrappingZeroPoints,
      .int32SaturatingSteps:
      false
    default: true
    }
  }

  func difference(_ operand: Operand) -> String? {
    let type = operand == .input ? types.input : types.weights
    let range = differences(operand)
    guard isPlainSum, signed(type.byteCount * 8).holds(range) else { return nil }
    return "with a zero point of 0 every difference fits"
  }

  var product: String? {
    let (a, b) = (differences(.input), differences(.weights))
    let ends = [
      a.lowerBound * b.lowerBound, a.lowerBound * b.upperBound, a.upperBound * b.lowerBound,
      a.upperBound * b.upperBound,
    ]
    guard isPlainSum, ends.allSatisfy({ signed(16).contains($0) }) else { return nil }
    return "every product fits 16 bits"
  }

  func sum(_ bits: Int, _ overflow: Overflow, _ everyStep: Bool) -> String? {
    guard bits == 32, overflow == .wraps, !everyStep else { return nil }
    switch arithmetic.accumulator {
    case .int32Wrapping, .int16PairSaturating, .int16PairWrapping, .int16PairWrappingZeroPoints,
      .int24Wrapping, .int16Wrapping:
      return "the accumulator is kept modulo 2^32 anyway"
    default: return nil
    }
  }

  func accumulator(_ bits: Int) -> String? {
    let width: Int
    switch arithmetic.accumulator {
    case .exact, .int64Wrapping, .int48: return nil
    case .int24Wrapping, .int24Saturating: width = 24
    case .int16Wrapping, .int16Saturating: width = 16
    default: width = 32
    }
    return bits >= width ? "the accumulator has \(width) bits anyway" : nil
  }

  /// The integer to which the zero point is added; `nil`: any.
  var scaled: ClosedRange<Int64>? {
    if isPredictable, arithmetic.zeroPointAddition != .beforeRounding {
      // TOSA's bound leaves room for the rounding and a zero point.
      return -(1 << 31) + (1 << 17)...(1 << 31) - (1 << 17)
    }
    var whole: ClosedRange<Int64>?
    for requantization in requantizations {
      guard let range = scaled(requantization) else { return nil }
      whole =
        whole.map {
          min($0.lowerBound, range.lowerBound)...max($0.upperBound, range.upperBound)
        } ?? range
    }
    return whole
  }

  private func scaled(_ requantization: Requantization) -> ClosedRange<Int64>? {
    let output = types.output.range
    let span = output.upperBound - output.lowerBound
    switch requantization {
    case .exact: return nil
    case .float32(.bothBeforeRounding, _): return -span...span
    case .float32(.upperBeforeRounding, _): return -(1 << 31)...span
    case .float32, .float64: return -(1 << 31)...(1 << 31) - 1
    case .narrowedTo16: return signed(16)
    case .fixedPoint(let rule):
      if rule.highMultiply != nil, rule.leastRightShift > 0 {
        // What 31 bits take is halved at least once.
        let reach = Int64(1) << Int64(31 - rule.leastRightShift)
        return -reach...reach
      }
      return rule.highMultiply == nil && rule.result == .isWide ? nil : -(1 << 31)...(1 << 31) - 1
    }
  }

  func requantized(_ bits: Int, _ overflow: Overflow) -> String? {
    guard bits == 16 else { return nil }
    if multiplierIsFinite, let scaled, signed(16).holds(scaled) {
      return "the requantized value fits 16 bits"
    }
    guard overflow == .saturates, outputHas8Bits || activationZeroPointsAreZero,
      isPlain(arithmetic.zeroPointAddition), arithmetic.zeroPointAddition != .beforeRounding,
      arithmetic.clampOrder == .last
    else { return nil }
    return "what is cut lies beyond the output's bounds"
  }

  // MARK: Multipliers

  func multiplier(_ slip: MultiplierSlip) -> String? {
    let rules = requantizations.compactMap { requantization in
      if case .fixedPoint(let rule) = requantization { rule.multiplier } else { nil }
    }
    if isPerTensor, [.sharedExponent, .firstExponent, .firstSignificand].contains(slip) {
      return "all channels have one scale"
    }
    switch slip {
    case .significand, .lowBitsCut, .rounded, .firstExponent, .firstSignificand, .leftShiftLost,
      .zeroFromShift, .shiftLimited, .halvedWhenFull, .negatedWhenFull:
      if rules.isEmpty { return "the arithmetic has no fixed-point multiplier" }
    default: return nil
    }
    switch slip {
    case .zeroFromShift(let count):
      if rules.allSatisfy({ $0.leastExponent > -count }) {
        return "no multiplier is shifted as far to the right"
      }
      return shiftsToZero(rules, from: count) ? "every accumulator gives 0 from there on" : nil
    case .shiftLimited(let count):
      if rules.allSatisfy({ $0.leastExponent >= -count }) {
        return "no multiplier is shifted further to the right"
      }
      return shiftsToZero(rules, from: count) ? "every accumulator gives 0 from there on" : nil
    case .halvedWhenFull, .negatedWhenFull:
      if multiplierIsNeverFull, rules.allSatisfy({ $0.bits == 31 }) {
        return "no D is as near below a power of two"
      }
      return rules.allSatisfy { $0.isNarrow } ? "significands stay below 2^30" : nil
    case .rounded(let bits):
      if rules.allSatisfy({ $0.isNarrow }) { return "significands stay below 2^30" }
      return multiplierIsFloat32 && bits >= 24 && rules == [.bits31]
        ? "D is a float32 number, whose significand has 24 bits" : nil
    case .lowBitsCut(let count):
      return multiplierIsFloat32 && count <= 7 && rules == [.bits31]
        ? "D is a float32 number, whose significand has 24 bits" : nil
    default: return nil
    }
  }

  /// Whether every multiplier with an exponent of `-count` or less brings every accumulator to 0: it is
  /// below 2^(bits − 31 − count), the accumulator at most 2^31, and a product of less than 1/2 is
  /// rounded to 0.
  private func shiftsToZero(_ rules: [MultiplierRule], from count: Int) -> Bool {
    keeps32Bits && roundsToNearest && arithmetic.zeroPointAddition != .beforeRounding
      && rules.allSatisfy { $0.isNarrow && $0.bits - 31 - count <= -32 }
  }

  /// Whether `D` has the 24 bits of a float32 number.
  var multiplierIsFloat32: Bool { arithmetic.effectiveScale == .binary32 }

  /// Whether no `D` is rounded up to a power of two by 31 bits: a quotient of two numbers of 24 bits is
  /// one, or lies 2^−25 or more (relative) below it.
  var multiplierIsNeverFull: Bool {
    multiplierIsFloat32
      || (isPerTensor && scalesAreBinary32
        && arithmetic.effectiveScale == .binary32ProductPerTensor)
  }

  // MARK: Bounds

  func bounds(_ slip: BoundSlip) -> String? {
    let hasZero = activationZeroPointsAreZero
    switch slip {
    case .typeOnly:
      return target.profile.activations == ["none"] ? "there are only the type's bounds" : nil
    case .reluIgnored: return has("relu") ? nil : "there is no relu"
    case .relu6Ignored, .relu6UpperMissing, .relu6LowerMissing:
      return has("relu6") ? nil : "there is no relu6"
    case .relu6WithoutZeroPoint:
      return !has("relu6") ? "there is no relu6" : hasZero ? "the output's zero point is 0" : nil
    case .reluAtIntegerZero:
      return !has("relu") && !has("relu6")
        ? "there is no relu" : hasZero ? "the output's zero point is 0" : nil
    case .clampIgnored: return has("clamp") ? nil : "there is no clamp"
    case .symmetric:
      return types.output.range.lowerBound >= 0 ? "the output is unsigned" : nil
    case .allBeforeZeroPointThenCut:
      guard hasZero, let scaled, int32.holds(scaled) else { return nil }
      return "the output's zero point is 0"
    case .beforeZeroPoint:
      guard hasZero, !has("relu"), !has("relu6"), let scaled, int32.holds(scaled) else {
        return nil
      }
      return "the output's zero point is 0"
    default: return nil
    }
  }

  var int32: ClosedRange<Int64> { signed(32) }
  var int16: ClosedRange<Int64> { signed(16) }
}

extension ClosedRange<Int64> {
  func holds(_ other: ClosedRange<Int64>) -> Bool {
    lowerBound <= other.lowerBound && other.upperBound <= upperBound
  }
}

extension MultiplierRule {
  /// Of a multiplier that is not 0.
  var leastExponent: Int {
    switch self {
    case .bits31ReducedTo15: -15
    case .bits15OfBits31: -47
    default: -31
    }
  }

  /// Whether a significand has 15 bits, not aligned to 31.
  var isNarrow: Bool { self == .bits15ShiftedTo62 || self == .bits31ReducedTo15 }
}
