import QuantizedArithmetic
import QuantizedLayers

/// The requantization of one channel: parameters derived once, applied to every accumulator.
struct Channel {
  enum Stage {
    case exact(ExactStage)
    case float64(Float64Stage)
    case float32(Float32Stage)
    case fixedPoint(FixedPointStage)
    case narrowed(NarrowedStage)
  }

  let stage: Stage
  /// Upper bound on `|D̂ − D|`, the error of the multiplier that is really used.
  private let multiplierError: Double
  /// Relative error of what happens between the multiplier and the last rounding.
  private let relativeError: Double
  /// Upper bound on the errors of all roundings to integers, in output units.
  private let roundingError: Double
  private let scale: Double

  init(
    layer: Layer, arithmetic: Arithmetic, _ outputRange: ClosedRange<Int64>, _ channel: Int
  ) {
    let (input, output) = (layer.inputScale, layer.outputScale)
    let weights = layer.weights.scale(channel)
    let effective = arithmetic.effectiveScale.value(
      input: input, weights: weights, output: output, isPerChannel: layer.isPerChannel)
    let used: Double
    switch arithmetic.requantization {
    case .exact(let rounding):
      stage = .exact(
        ExactStage(
          rounding: rounding, input: input, weights: weights,
          bias: layer.generalBias?.scale(channel), output: output))
      (multiplierError, relativeError, roundingError, scale) = (0, 0, 0.5, 0)
      return
    case .float64(let rounding):
      stage = .float64(
        Float64Stage(
          rounding: rounding, conversion: arithmetic.conversion, effectiveScale: effective))
      used = effective
      // Conversion of the accumulator and product: two roundings of binary64.
      relativeError = 3 * 0x1p-53
      roundingError = 0.5
    case .float32(let clamp):
      let zeroPoint = layer.outputZeroPoint
      stage = .float32(
        Float32Stage(
          clamp: clamp, conversion: arithmetic.conversion, effectiveScale: Float(effective),
          lower: Float(outputRange.lowerBound - zeroPoint),
          upper: Float(outputRange.upperBound - zeroPoint)))
      used = effective
      // Conversion of the accumulator and product: two roundings of binary32.
      relativeError = 3 * 0x1p-24
      roundingError = 0.5
    case .fixedPoint(let rule):
      let fixed = FixedPointStage(rule: rule, effectiveScale: effective)
      stage = .fixedPoint(fixed)
      used = fixed.multiplier.value
      relativeError = 0
      roundingError = Channel.roundingError(rule, exponent: fixed.multiplier.exponent)
    case .narrowedTo16:
      let narrowed = NarrowedStage(effectiveScale: effective)
      stage = .narrowed(narrowed)
      used = narrowed.multiplier.value
      relativeError = 0
      roundingError = narrowed.roundingError
    }
    scale = used
    multiplierError = Channel.distance(
      used, from: ScaleRatio(input, times: weights, over: output))
  }

  /// The upper bound on the roundings of fixed-point steps, in output units.
  private static func roundingError(_ rule: FixedPointRule, exponent: Int) -> Double {
    func unit(_ power: Int) -> Double { Double(sign: .plus, exponent: power, significand: 1) }
    guard let highMultiply = rule.highMultiply else {
      // ±2^30 of a product that is shifted by 31 − exponent.
      return 0.5 + (rule.carries && exponent < 0 ? unit(exponent - 1) : 0)
    }
    let rightCount = max(0 - exponent, rule.leastRightShift)
    // floor(floor(a) / 2^r + 1/2) = floor(a / 2^r + 1/2) for r ≥ 1: one rounding after all.
    if highMultiply == .down, rule.rightShift == .toNearestOrUp, rightCount > 0 { return 0.5 }
    // The first errs by half a unit, or a whole one if directed, before the right shift.
    let isNearest =
      highMultiply == .toNearestOrUp || highMultiply == .toNearestOrAway
      || highMultiply == .toNearestOrEven
    return unit((isNearest ? -1 : 0) - rightCount) + (rightCount == 0 ? 0 : 0.5)
  }

  /// An upper bound on `|value − ratio|`.
  private static func distance(_ value: Double, from ratio: ScaleRatio) -> Double {
    let expansion = RatioExpansion(ratio)
    guard expansion.isUsable else { return .infinity }
    let difference = ((value - expansion.leading) - expansion.middle) - expansion.trailing
    // Each of the three subtractions is rounded once; the expansion itself is within 2^−74.
    return difference.magnitude * (1 + 0x1p-50) + (value.magnitude + expansion.leading) * 0x1p-70
      + (value - expansion.leading).magnitude * 0x1p-52
  }

  /// The integer to which the zero point is added.
  ///
  /// `accumulator` is what the profile keeps: it fits int32 or int64 for all but exact stages.
  @inline(__always)
  func requantize(
    _ accumulator: Int128, bias: Int128, _ departure: inout Departure,
    _ recorder: inout some StepRecorder
  ) -> Int64 {
    switch stage {
    case .exact(let stage):
      let rounded = stage.apply(sum: accumulator, bias: bias)
      recorder.note(.exact(stage.rounding, result: rounded))
      return rounded
    case .float64(let stage):
      return stage.apply(to: Int64(truncatingIfNeeded: accumulator), &departure, &recorder)
    case .float32(let stage):
      return stage.apply(to: Int64(truncatingIfNeeded: accumulator), &departure, &recorder)
    case .fixedPoint(let stage):
      return stage.apply(to: Int64(truncatingIfNeeded: accumulator), &departure, &recorder)
    case .narrowed(let stage):
      return stage.apply(to: Int32(truncatingIfNeeded: accumulator), &recorder)
    }
  }

  func errorBound(magnitude: Double) -> Double {
    let error = magnitude * (multiplierError + scale * relativeError) + roundingError
    return error * (1 + 0x1p-40)
  }
}
