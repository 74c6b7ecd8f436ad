import QuantizedArithmetic

/// Requantization in binary64: `round(f64(accumulator) · D)`.
struct Float64Stage {
  let rounding: RoundingMode
  let conversion: FloatConversion
  let effectiveScale: Double
  /// 1 where `D` is formed first.
  let divisor: Double
  /// An integer that is added before the rounding.
  let addend: Double

  /// An int32 value.
  @inline(__always)
  func apply(
    to accumulator: Int64, _ departure: inout Departure, _ recorder: inout some StepRecorder
  ) -> Int64 {
    let converted = Double(accumulator)
    var value = converted * effectiveScale
    if divisor != 1 { value /= divisor }
    if addend != 0 { value += addend }
    recorder.note(.float64(scale: effectiveScale, converted: converted, product: value))
    let rounded = rounding.apply(to: value)
    recorder.note(.floatRounded(rounding, rounded))
    return conversion.apply(to: rounded, &departure)
  }
}

/// Requantization in binary32: `f32(f32(accumulator) · D)`, clamped, rounded.
struct Float32Stage {
  let clamp: Float32Clamp
  var rounding = RoundingMode.toNearestOrEven
  let conversion: FloatConversion
  let effectiveScale: Float
  var precision = AccumulatorPrecision.whole
  /// 1 where `D` is formed first.
  var divisor: Float = 1
  /// An integer that is added before the rounding.
  var addend: Float = 0
  /// The output's bounds less the zero point.
  let lower: Float
  let upper: Float

  /// An int32 value.
  @inline(__always)
  func apply(
    to accumulator: Int64, _ departure: inout Departure, _ recorder: inout some StepRecorder
  ) -> Int64 {
    if precision == .binary64Product { return inDouble(accumulator, &departure, &recorder) }
    let converted = Float(accumulator)
    var value =
      precision == .binary64
      ? Float(Double(accumulator) * Double(effectiveScale)) : converted * effectiveScale
    if divisor != 1 { value /= divisor }
    if addend != 0 { value += addend }
    recorder.note(.float32(scale: effectiveScale, converted: converted, product: value))
    if clamp != .afterRounding {
      // A NaN becomes the bound on x86 and stays what it is on Arm.
      let keepsNaN = conversion == .saturating && value.isNaN
      if clamp == .bothBeforeRounding, !keepsNaN { value = value > lower ? value : lower }
      if !keepsNaN { value = value < upper ? value : upper }
      recorder.note(
        .floatClamp(low: clamp == .bothBeforeRounding ? lower : nil, high: upper, result: value))
    }
    let rounded =
      rounding == .toNearestOrEven
      ? Double(value.rounded(.toNearestOrEven)) : rounding.apply(to: value)
    recorder.note(.floatRounded(rounding, rounded))
    return conversion.apply(to: rounded, &departure)
  }

  /// The same with a product that stays a double; no runtime's, so that speed does not matter.
  private func inDouble(
    _ accumulator: Int64, _ departure: inout Departure, _ recorder: inout some StepRecorder
  ) -> Int64 {
    let (converted, scale) = (Double(accumulator), Double(effectiveScale))
    var value = converted * scale / Double(divisor) + Double(addend)
    recorder.note(.float64(scale: scale, converted: converted, product: value))
    if clamp == .bothBeforeRounding { value = value > Double(lower) ? value : Double(lower) }
    if clamp != .afterRounding { value = value < Double(upper) ? value : Double(upper) }
    let rounded = rounding.apply(to: value)
    recorder.note(.floatRounded(rounding, rounded))
    return conversion.apply(to: rounded, &departure)
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
  /// A binary32 number, rounded to a whole number.
  @inline(__always)
  func apply(to value: Float) -> Double {
    switch self {
    // The sum is one of binary32.
    case .halfAddedTowardZero: return Double((value + 0.5).rounded(.towardZero))
    case .halfAddedDown: return Double((value + 0.5).rounded(.down))
    case .signedHalfAddedTowardZero:
      return Double((value + (value < 0 ? -0.5 : 0.5)).rounded(.towardZero))
    default: return apply(to: Double(value))
    }
  }

  /// A double, rounded to a whole number.
  @inline(__always)
  func apply(to value: Double) -> Double {
    switch self {
    case .down: return value.rounded(.down)
    case .up: return value.rounded(.up)
    case .towardZero: return value.rounded(.towardZero)
    case .toNearestOrAway: return value.rounded(.toNearestOrAwayFromZero)
    case .toNearestOrEven: return value.rounded(.toNearestOrEven)
    case .toOdd:
      let floor = value.rounded(.down)
      // An infinity and what is not a number are left as they are.
      return floor == value || floor.isNaN || (floor / 2).rounded(.down) * 2 != floor
        ? floor : floor + 1
    case .halfAddedTowardZero: return (value + 0.5).rounded(.towardZero)
    case .halfAddedDown: return (value + 0.5).rounded(.down)
    case .signedHalfAddedTowardZero:
      return (value + (value < 0 ? -0.5 : 0.5)).rounded(.towardZero)
    case .toNearestOrUp, .toNearestOrDown, .toNearestOrTowardZero, .toNearestOrOdd:
      // The difference is exact: it is less than 1, with no bit below the value's last.
      let floor = value.rounded(.down)
      let fraction = value - floor
      guard fraction == 0.5 else { return fraction > 0.5 ? floor + 1 : floor }
      let isUp =
        switch self {
        case .toNearestOrUp: true
        case .toNearestOrTowardZero: floor < 0
        case .toNearestOrOdd: (floor / 2).rounded(.down) * 2 == floor
        default: false
        }
      return isUp ? floor + 1 : floor
    }
  }
}
