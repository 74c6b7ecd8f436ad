import QuantizedArithmetic

/// Requantization in binary64: `round(f64(accumulator) · D)`.
struct Float64Stage {
  let rounding: RoundingMode
  let conversion: FloatConversion
  let effectiveScale: Double

  /// An int32 value.
  @inline(__always)
  func apply(
    to accumulator: Int64, _ departure: inout Departure, _ recorder: inout some StepRecorder
  ) -> Int64 {
    let converted = Double(accumulator)
    let value = converted * effectiveScale
    recorder.note(.float64(scale: effectiveScale, converted: converted, product: value))
    let rounded = value.rounded(rounding.floatingPointRule)
    recorder.note(.floatRounded(rounding, rounded))
    return conversion.apply(to: rounded, &departure)
  }
}

/// Requantization in binary32: `f32(f32(accumulator) · D)`, clamped, rounded half to even.
struct Float32Stage {
  let clamp: Float32Clamp
  let conversion: FloatConversion
  let effectiveScale: Float
  /// The output's bounds less the zero point.
  let lower: Float
  let upper: Float

  /// An int32 value.
  @inline(__always)
  func apply(
    to accumulator: Int64, _ departure: inout Departure, _ recorder: inout some StepRecorder
  ) -> Int64 {
    let converted = Float(accumulator)
    var value = converted * effectiveScale
    recorder.note(.float32(scale: effectiveScale, converted: converted, product: value))
    if clamp != .afterRounding {
      // A NaN becomes the bound on x86 and stays what it is on Arm.
      let keepsNaN = conversion == .saturating && value.isNaN
      if clamp == .bothBeforeRounding, !keepsNaN { value = value > lower ? value : lower }
      if !keepsNaN { value = value < upper ? value : upper }
      recorder.note(
        .floatClamp(low: clamp == .bothBeforeRounding ? lower : nil, high: upper, result: value))
    }
    let rounded = value.rounded(.toNearestOrEven)
    recorder.note(.floatRounded(.toNearestOrEven, Double(rounded)))
    return conversion.apply(to: Double(rounded), &departure)
  }
}

extension FloatConversion {
  /// `rounded`, a whole number, as an int32; departs where the nearer end of int32 is not met.
  @inline(__always)
  func apply(to rounded: Double, _ departure: inout Departure) -> Int64 {
    if rounded >= -0x1p31 && rounded < 0x1p31 { return Int64(rounded) }
    switch self {
    case .lowestBeyond:
      // Below the range, −2^31 is also where saturation would end.
      if !(rounded < 0) { departure.insert(.conversion) }
      return Int64(Int32.min)
    case .saturating:
      if rounded.isNaN { departure.insert(.conversion) }
      return rounded.isNaN ? 0 : rounded < 0 ? Int64(Int32.min) : Int64(Int32.max)
    }
  }
}

extension RoundingMode {
  /// The standard library's name of the rule; ties toward +∞ have none and are not used with floats.
  var floatingPointRule: FloatingPointRoundingRule {
    switch self {
    case .down: .down
    case .up: .up
    case .towardZero: .towardZero
    case .toNearestOrAway, .toNearestOrUp: .toNearestOrAwayFromZero
    case .toNearestOrEven: .toNearestOrEven
    }
  }
}
