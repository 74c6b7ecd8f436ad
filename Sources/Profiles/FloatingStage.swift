import QuantizedArithmetic

/// Requantization in binary64: `round(f64(accumulator) · D)`.
struct Float64Stage {
  let rounding: RoundingMode
  let effectiveScale: Double

  /// An int32 value. Beyond int32 the conversion gives −2^31, as x86's `cvttsd2si` does.
  func apply(to accumulator: Int64, departure: inout Departure) -> Int64 {
    let value = Double(accumulator) * effectiveScale
    let rounded = value.rounded(rounding.floatingPointRule)
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
  func apply(to accumulator: Int32, departure: inout Departure) -> Int64 {
    var value = Float(accumulator) * effectiveScale
    switch clamp {
    case .bothBeforeRounding:
      value = value > lower ? value : lower
      value = value < upper ? value : upper
    case .upperBeforeRounding:
      value = value < upper ? value : upper
    }
    let rounded = value.rounded(.toNearestOrEven)
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
