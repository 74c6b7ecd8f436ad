import QuantizedArithmetic
import QuantizedLayers

/// The requantization of one channel: parameters derived once, applied to every accumulator.
struct Channel {
  enum Stage {
    case exact(ExactStage)
    case float64(Float64Stage)
    case float32(Float32Stage)
    case fixedPoint(FixedPointStage)
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
      stage = .float64(Float64Stage(rounding: rounding, effectiveScale: effective))
      used = effective
      // Conversion of the accumulator and product: two roundings of binary64.
      relativeError = 3 * 0x1p-53
      roundingError = 0.5
    case .float32(let clamp):
      let zeroPoint = layer.outputZeroPoint
      stage = .float32(
        Float32Stage(
          clamp: clamp, effectiveScale: Float(effective),
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
      // The first of two roundings errs by half a unit of 2^exponent, before the right shift.
      let exponent = fixed.multiplier.exponent
      let first = rule.highMultiply == nil ? 0 : Double(sign: .plus, exponent: min(exponent, 0) - 1, significand: 1)
      roundingError = first + (rule.highMultiply != nil && exponent >= 0 ? 0 : 0.5)
    }
    scale = used
    multiplierError = Channel.distance(
      used, from: ScaleRatio(input, times: weights, over: output))
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
  func requantize(_ accumulator: Int128, bias: Int128, departure: inout Departure) -> Int64 {
    switch stage {
    case .exact(let stage): stage.apply(sum: accumulator, bias: bias)
    case .float64(let stage):
      stage.apply(to: Int64(truncatingIfNeeded: accumulator), departure: &departure)
    case .float32(let stage):
      stage.apply(to: Int32(truncatingIfNeeded: accumulator), departure: &departure)
    case .fixedPoint(let stage):
      stage.apply(to: Int32(truncatingIfNeeded: accumulator), departure: &departure)
    }
  }

  func errorBound(magnitude: Double) -> Double {
    let error = magnitude * (multiplierError + scale * relativeError) + roundingError
    return error * (1 + 0x1p-40)
  }
}
