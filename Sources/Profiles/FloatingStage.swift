import QuantizedArithmetic

/// Requantization in binary64: `round(f64(accumulator) · D)`.
struct Float64Stage {
  let rounding: RoundingMode
  let effectiveScale: Double

  /// An int32 value. Beyond int32 the conversion gives −2^31, as x86's `cvttsd2si` does.
  @inline(__always)
  func apply(
    to accumulator: Int64, _ departure: inout Departure, _ recorder: inout some StepRecorder
  ) -> Int64 {
    let converted = Double(accumulator)
    let value = converted * effectiveScale
    recorder.note(.float64(scale: effectiveScale, converted: converted, product: value))
    let rounded = value.rounded(rounding.floatingPointRule)
    recorder.note(.floatRounded(rounding, rounded))
    if rounded >= -0x1p31 && rounded < 0x1p31 { return Int64(rounded) }
    // Below the range, −2^31 is also where saturation would end.
    if !(rounded < 0) { departure.insert(.conversion) }
    return Int64(Int32.min)
  }
}

/// Requantization in binary32: `f32(f32(accumulator) · D)`, clamped, rounded half to even.
struct Float32Stage {
  let clamp: Float32Clamp
  let effectiveScale: Float
  /// The output's bounds less the zero point.
  let lower: Float
  let upper: Float

  /// An int32 value; a conversion below int32 gives −2^31.
  @inline(__always)
  func apply(
    to accumulator: Int32, _ departure: inout Departure, _ recorder: inout some StepRecorder
  ) -> Int64 {
    let converted = Float(accumulator)
    var value = converted * effectiveScale
    recorder.note(.float32(scale: effectiveScale, converted: converted, product: value))
    switch clamp {
    case .bothBeforeRounding:
      value = value > lower ? value : lower
      value = value < upper ? value : upper
    case .upperBeforeRounding:
      value = value < upper ? value : upper
    }
    recorder.note(
      .floatClamp(low: clamp == .bothBeforeRounding ? lower : nil, high: upper, result: value))
    let rounded = value.rounded(.toNearestOrEven)
    recorder.note(.floatRounded(.toNearestOrEven, Double(rounded)))
    guard rounded >= -0x1p31 else { return Int64(Int32.min) }
    return Int64(rounded)
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
