package import QuantizedArithmetic
package import QuantizedLayers

/// From the multiplier that a rule makes of `D`, and `D`, to the one that is used.
package typealias MultiplierAdjustment =
  @Sendable (FixedPointMultiplier, Double) ->
  FixedPointMultiplier

/// Scales and zero point of the output of one channel.
package struct ChannelParameters: Hashable, Sendable {
  package var input: Scale
  package var weights: Scale
  /// Of a general bias.
  package var bias: Scale?
  package var output: Scale
  package var outputZeroPoint: Int64
  /// Whether the layer has more than one weight scale.
  package var isPerChannel: Bool

  package init(
    input: Scale, weights: Scale, bias: Scale? = nil, output: Scale, outputZeroPoint: Int64,
    isPerChannel: Bool
  ) {
    self.input = input
    self.weights = weights
    self.bias = bias
    self.output = output
    self.outputZeroPoint = outputZeroPoint
    self.isPerChannel = isPerChannel
  }

  /// Those of a channel of a layer.
  package init(_ layer: Layer, _ channel: Int) {
    self.init(
      input: layer.inputScale, weights: layer.weights.scale(channel),
      bias: layer.generalBias?.scale(channel), output: layer.outputScale,
      outputZeroPoint: layer.outputZeroPoint, isPerChannel: layer.isPerChannel)
  }
}

/// The requantization of one channel: parameters derived once, applied to every accumulator.
struct Channel: Sendable {
  enum Stage: Sendable {
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
  private let precision: AccumulatorPrecision
  /// Whether an accumulator of 32 bits reaches the stage unchanged.
  let keepsInt32: Bool

  init(
    _ parameters: ChannelParameters, _ arithmetic: Arithmetic, _ outputRange: ClosedRange<Int64>,
    adjusted: MultiplierAdjustment? = nil
  ) {
    let (input, weights, output) = (parameters.input, parameters.weights, parameters.output)
    let isPerChannel = parameters.isPerChannel
    let effective = arithmetic.effectiveScale.value(
      input: input, weights: weights, output: output, isPerChannel: isPerChannel)
    let factors = arithmetic.effectiveScale.factors(
      input: input, weights: weights, output: output, isPerChannel: isPerChannel)
    let early =
      arithmetic.zeroPointAddition == .beforeRounding ? parameters.outputZeroPoint : 0
    precision = arithmetic.accumulatorPrecision
    keepsInt32 = precision == .whole && arithmetic.accumulator.keepsInt32
    // Of an accumulator that is converted first: one rounding of binary32.
    let conversionError = precision == .binary32 ? 0x1p-24 : 0
    let used: Double
    switch arithmetic.requantization {
    case .exact(let rounding):
      stage = .exact(
        ExactStage(
          rounding: rounding, input: input, weights: weights, bias: parameters.bias,
          output: output, addend: early))
      (multiplierError, relativeError, roundingError) = (0, conversionError, 0.5)
      scale = conversionError > 0 ? effective : 0
      return
    case .float64(let rounding):
      stage = .float64(
        Float64Stage(
          rounding: rounding, conversion: arithmetic.conversion, effectiveScale: factors.scale,
          divisor: factors.divisor, addend: Double(early)))
      used = effective
      // Conversion of the accumulator and product: two roundings of binary64; three more in other
      // orders, one of a sum with the zero point.
      relativeError = 6 * 0x1p-53 + conversionError
      roundingError = 0.5 + Double(early.magnitude) * 0x1p-52
    case .float32(let clamp, let rounding):
      let zeroPoint = parameters.outputZeroPoint - early
      stage = .float32(
        Float32Stage(
          clamp: clamp, rounding: rounding, conversion: arithmetic.conversion,
          effectiveScale: Float(factors.scale), precision: arithmetic.accumulatorPrecision,
          divisor: Float(factors.divisor), addend: Float(early),
          lower: Float(outputRange.lowerBound - zeroPoint),
          upper: Float(outputRange.upperBound - zeroPoint)))
      used = effective
      // Conversion of the accumulator and product: two roundings of binary32; more as above.
      relativeError = (factors.divisor == 1 && early == 0 ? 3 : 6) * 0x1p-24 + conversionError
      roundingError = 0.5 + Double(early.magnitude) * 0x1p-23
    case .fixedPoint(let rule):
      let fixed = FixedPointStage(
        rule: rule, effectiveScale: effective, addend: early, adjusted: adjusted)
      stage = .fixedPoint(fixed)
      used = fixed.multiplier.value
      relativeError = conversionError
      roundingError = Channel.roundingError(rule, exponent: fixed.multiplier.exponent)
    case .narrowedTo16:
      let narrowed = NarrowedStage(effectiveScale: effective)
      stage = .narrowed(narrowed)
      used = narrowed.multiplier.value
      relativeError = conversionError
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
    let accumulator = precision == .binary32 ? Channel.inBinary32(accumulator) : accumulator
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

  private static func inBinary32(_ accumulator: Int128) -> Int128 {
    // A profile's accumulator fits 64 bits but for exact ones, which are cut there.
    let clamped = Int64(clamping: accumulator)
    let value = Float(clamped)
    return value < 0x1p63 ? Int128(Int64(value)) : Int128(Int64.max)
  }

  func errorBound(magnitude: Double) -> Double {
    let error = magnitude * (multiplierError + scale * relativeError) + roundingError
    return error * (1 + 0x1p-40)
  }
}
