import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// What the numbers themselves leave out.
extension Exclusion {
  package static let all: [Exclusion] =
    domain + rounding + bounds + withoutClamp + centred + accumulators + departures

  private static let beyondTies = ["32 bits", "more bits"]
  private static let signed = ["y < 0", "y > 0"]

  /// Places between two integers. Of a general bias' second term, which might reach them, nothing is
  /// asked.
  private static let rounding: [Exclusion] = [
    Exclusion(
      "0 is an integer",
      [
        (.sign, ["y = 0"]),
        (.place, ["tie", "just below a tie", "just above a tie", "elsewhere"]),
      ]),
    Exclusion(
      "y is an odd multiple of half of D's odd part: beyond 2^30, where places are not told apart",
      [(.significand, beyondTies), (.place, ["tie"])]),
    Exclusion(
      "y is a multiple of D's odd part: more than RESCALE takes",
      [(.significand, beyondTies), (.place, ["integer"]), (.sign, signed)],
      where: isPredictable),
    Exclusion(
      "32 bits times less than 2^−32 stay below a half",
      [(.shift, ["D < 2^−32"]), (.place, ["integer", "tie"]), (.sign, signed)], where: isNarrow),
    Exclusion(
      "32 bits times less than 2^−32 stay below a half",
      [(.shift, ["D < 2^−32"]), (.place, ["just below a tie"]), (.sign, ["y < 0"])],
      where: isNarrow),
    Exclusion(
      "32 bits times less than 2^−32 stay below a half",
      [(.shift, ["D < 2^−32"]), (.place, ["just above a tie"]), (.sign, ["y > 0"])],
      where: isNarrow),
  ]

  private static let below = ["far below", "one below"]
  private static let above = ["one above", "far above"]

  /// Sides of the bounds.
  private static let bounds: [Exclusion] = [
    Exclusion(
      "y ≤ 0 leaves the low end as it is or below",
      [
        (.outputZeroPoint, ["low end"]), (.sign, ["y < 0", "y = 0"]),
        (.saturation, ["inside", "at the greatest"] + above),
      ]),
    Exclusion(
      "y ≥ 0 leaves the high end as it is or above",
      [
        (.outputZeroPoint, ["high end"]), (.sign, ["y > 0", "y = 0"]),
        // Where the bounds meet, the greatest is the least.
        (.saturation, ["inside"] + below),
      ]),
    Exclusion(
      "the zero point lies in the type, and y < 0 leads down from it",
      [(.activation, ["none"]), (.sign, ["y < 0"]), (.saturation, above)]),
    Exclusion(
      "the zero point lies in the type, and y > 0 leads up from it",
      [(.activation, ["none"]), (.sign, ["y > 0"]), (.saturation, below)]),
    Exclusion(
      "the zero point lies in the type",
      [(.activation, ["none"]), (.sign, ["y = 0"]), (.saturation, below + above)]),
    Exclusion(
      "the least output is the zero point",
      [
        (.activation, ["relu", "relu6"]), (.sign, ["y < 0"]),
        (.saturation, ["inside", "at the greatest"] + above),
      ]),
    Exclusion(
      "the least output is the zero point",
      [
        (.activation, ["relu", "relu6"]), (.sign, ["y = 0"]),
        (.saturation, below + ["inside", "at the greatest"] + above),
      ]),
    Exclusion(
      "the least output is the zero point",
      [(.activation, ["relu", "relu6"]), (.sign, ["y > 0"]), (.saturation, below)]),
  ]

  /// Where no bounds of one's own can be set.
  private static let withoutClamp: [Exclusion] = [
    Exclusion(
      "without a clamp, y < 0 leads down from the zero point",
      [(.sign, ["y < 0"]), (.saturation, above)], where: hasNoClamp),
    Exclusion(
      "without a clamp, y > 0 leads up from the zero point",
      [(.sign, ["y > 0"]), (.saturation, below)], where: hasNoClamp),
    Exclusion(
      "without a clamp, y = 0 is in range",
      [(.sign, ["y = 0"]), (.saturation, below + above)], where: hasNoClamp),
  ]

  /// Where the zero point is 0, in the middle of the type.
  private static let centred: [Exclusion] = [
    Exclusion(
      "the zero point is 0", [(.activation, ["none"]), (.sign, ["y = 0"]), (.saturation, ends)],
      where: { $1.conditions.contains(.zeroActivationZeroPoints) }),
    Exclusion(
      "the zero point is 0",
      [(.activation, ["none"]), (.sign, ["y < 0"]), (.saturation, ["at the greatest"])],
      where: { $1.conditions.contains(.zeroActivationZeroPoints) }),
    Exclusion(
      "the zero point is 0",
      [(.activation, ["none"]), (.sign, ["y > 0"]), (.saturation, ["at the least"])],
      where: { $1.conditions.contains(.zeroActivationZeroPoints) }),
  ]

  private static let ends = ["at the least", "at the greatest"]

  private static let accumulators: [Exclusion] = [
    Exclusion(
      "without a bias it would need more than 2^16 terms",
      [(.accumulator, ["near 2^31", "beyond int32"])], where: hasNoBias),
    Exclusion(
      "the accumulator has 32 bits", [(.accumulator, ["beyond int32"])],
      where: { has32Bits($1.arithmetic.accumulator) }),
    Exclusion(
      "RESCALE would become unpredictable",
      [(.accumulator, ["near 2^31", "beyond int32"]), (.shift, ["D ≥ 1", "1/2 ≤ D"])],
      where: isPredictable),
  ]

  private static let departures: [Exclusion] = [
    Exclusion(
      "without a bias accumulators stay small",
      [(.departure, ["accumulator", "left shift", "conversion", "zero point addition"])],
      where: hasNoBias),
    Exclusion(
      "the accumulator holds every sum", [(.departure, ["accumulator"])],
      where: { [.exact, .int48].contains($1.arithmetic.accumulator) }),
    Exclusion(
      "pairs of products are added without loss", [(.departure, ["pairs"])],
      where: { !hasPairs($1.arithmetic.accumulator) }),
    Exclusion(
      "the arithmetic has no left shift of its own", [(.departure, ["left shift"])],
      where: { !shiftsLeft($1.arithmetic) }),
    Exclusion(
      "results fit the conversion, or meet its nearer end", [(.departure, ["conversion"])],
      where: { !converts($1) }),
    Exclusion(
      "the sum with the zero point fits or saturates", [(.departure, ["zero point addition"])],
      where: { !wrapsZeroPoint($1) }),
  ]

  // MARK: Conditions

  @Sendable
  private static func hasNoClamp(_ profile: Profile, _ rule: ProfileRule) -> Bool {
    !profile.activations.contains("clamp")
  }

  @Sendable
  private static func hasNoBias(_ profile: Profile, _ rule: ProfileRule) -> Bool {
    rule.biasTypes == [nil]
  }

  @Sendable
  private static func isPredictable(_ profile: Profile, _ rule: ProfileRule) -> Bool {
    rule.conditions.contains(.predictableRescale)
  }

  /// Accumulators of 32 bits, or not much more.
  @Sendable
  private static func isNarrow(_ profile: Profile, _ rule: ProfileRule) -> Bool {
    !rule.biasTypes.contains(.int64)
  }

  private static func has32Bits(_ rule: AccumulatorRule) -> Bool {
    rule == .int32Wrapping || hasPairs(rule)
  }

  private static func hasPairs(_ rule: AccumulatorRule) -> Bool {
    switch rule {
    case .int16PairSaturating, .int16PairWrapping, .int16PairWrappingZeroPoints: true
    case .exact, .int32Wrapping, .int64Wrapping, .int48: false
    }
  }

  private static func shiftsLeft(_ arithmetic: Arithmetic) -> Bool {
    ([arithmetic.requantization] + arithmetic.variants.map(\.requantization)).contains {
      if case .fixedPoint(let rule) = $0 { rule.highMultiply != nil } else { false }
    }
  }

  private static func converts(_ rule: ProfileRule) -> Bool {
    guard !rule.conditions.contains(.predictableRescale) else { return false }
    switch rule.arithmetic.requantization {
    case .exact, .float32, .narrowedTo16: return false
    case .float64: return rule.arithmetic.conversion == .lowestBeyond
    case .fixedPoint(let fixed): return fixed.highMultiply == nil && fixed.result != .isWide
    }
  }

  private static func wrapsZeroPoint(_ rule: ProfileRule) -> Bool {
    guard rule.arithmetic.zeroPointAddition == .wrapping32,
      !rule.conditions.contains(.zeroActivationZeroPoints),
      !rule.conditions.contains(.predictableRescale)
    else { return false }
    switch rule.arithmetic.requantization {
    case .exact, .narrowedTo16, .float32(.bothBeforeRounding), .float32(.afterRounding):
      return false
    // Only −2^31 is met so far out, and it needs a zero point below 0.
    case .float32(.upperBeforeRounding), .float64: return rule.types.output != .uint8
    // A last shift by at least 1 leaves results below 2^30; of its kernel for one row nothing is asked.
    case .fixedPoint(let fixed): return fixed.leastRightShift == 0
    }
  }
}
