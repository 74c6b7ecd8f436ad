import QuantizedArithmetic

/// How a quotient becomes an integer.
enum Rounding {
  case away, up, even, truncation, floor, ceiling, odd
  /// To nearest, with other ties.
  case tiesDown, tiesTowardZero, tiesToOdd

  /// `value / 2^count`, rounded.
  ///
  /// - Precondition: `count` is at most 62.
  func shift(_ value: Int64, by count: Int) -> Int64 {
    guard count > 0 else { return value }
    let floor = value >> Int64(count)
    let rest = value - floor << Int64(count)
    return roundsUp(floor, isExact: rest == 0, besideHalf: rest - 1 << Int64(count - 1))
      ? floor + 1 : floor
  }

  func round(_ value: Double) -> Double {
    let whole = value.rounded(.towardZero)
    // Exact: what is left of the significand. (value − ⌊value⌋ would not be, just above −1/2.)
    let rest = value - whole
    guard rest != 0 else { return whole }
    let isOdd = whole.magnitude < 0x1p53 && Int64(whole) & 1 == 1
    let isNegative = value < 0
    // The floor's parity and sign are all that a rule asks for.
    let floor: Int64 = isNegative ? (isOdd ? -2 : -1) : isOdd ? 1 : 0
    let half: Int64 = rest.magnitude < 0.5 ? -1 : rest.magnitude > 0.5 ? 1 : 0
    let isUp = roundsUp(floor, isExact: false, besideHalf: isNegative ? -half : half)
    return isNegative ? (isUp ? whole : whole - 1) : isUp ? whole + 1 : whole
  }

  /// `besideHalf` is negative below one half and 0 on a tie.
  private func roundsUp(_ floor: Int64, isExact: Bool, besideHalf: Int64) -> Bool {
    switch self {
    case .floor: false
    case .ceiling: !isExact
    case .truncation: !isExact && floor < 0
    case .away: besideHalf > 0 || (besideHalf == 0 && floor >= 0)
    case .up: besideHalf >= 0
    case .odd: !isExact && floor & 1 == 0
    case .even: besideHalf > 0 || (besideHalf == 0 && floor & 1 == 1)
    case .tiesDown: besideHalf > 0
    case .tiesTowardZero: besideHalf > 0 || (besideHalf == 0 && floor < 0)
    case .tiesToOdd: besideHalf > 0 || (besideHalf == 0 && floor & 1 == 0)
    }
  }
}

/// From the accumulator to the integer that the zero point is added to.
protocol Requantizer: Sendable {
  func callAsFunction(_ accumulator: Int64, _ channel: Int, _ layer: PlainLayer) -> Int64
}

/// A multiplier of 31 bits, shifts and one or two roundings: `tflm` as it stands.
struct FixedPoint: Requantizer {
  enum LeftShift { case wraps, saturates, lost, folded }

  var effectiveScale: @Sendable (PlainLayer, Int) -> Double = { $0.multiplier($1) }
  /// How the significand becomes one of 31 bits.
  var significandRounding = Rounding.away
  /// From the significand of 31 bits and the exponent, as derived, to what is used.
  var adjust: @Sendable (inout Int64, inout Int) -> Void = { _, _ in }
  /// What becomes of a significand that rounds to 2^31.
  var renormalise: @Sendable (inout Int64, inout Int) -> Void = {
    $0 = 1 << 30
    $1 += 1
  }
  var leftShift = LeftShift.wraps
  /// `nil`: the product is rounded once.
  var first: Rounding? = .up
  var second = Rounding.away
  var saturates = false

  static let single = FixedPoint(
    leftShift: .folded, first: nil, second: .up, saturates: true)

  func callAsFunction(_ accumulator: Int64, _ channel: Int, _ layer: PlainLayer) -> Int64 {
    let (significand, exponent) = multiplier(effectiveScale(layer, channel))
    guard let first else {
      let product = accumulator * significand
      let count = 31 - exponent
      let value = count >= 0 ? second.shift(product, by: min(count, 62)) : product << Int64(-count)
      return saturates ? clamped(value, ElementType.int32.range) : wrapped(value, bits: 32)
    }
    var shifted = accumulator
    if exponent > 0 {
      let wide = accumulator << Int64(min(exponent, 31))
      switch leftShift {
      case .wraps, .folded: shifted = wrapped(wide, bits: 32)
      case .saturates: shifted = clamped(wide, ElementType.int32.range)
      case .lost: break
      }
    }
    let high = first.shift(shifted * significand, by: 31)
    return second.shift(high, by: max(-exponent, 0))
  }

  private func multiplier(_ real: Double) -> (Int64, Int) {
    guard real > 0, real.isFinite else { return (0, 0) }
    var exponent = Int(real.exponent) + 1
    var significand = Int64(significandRounding.round(real.significand * 0x1p30))
    if significand == 1 << 31 { renormalise(&significand, &exponent) }
    if exponent < -31 { return (0, 0) }
    if saturates, exponent > 30 { (significand, exponent) = ((1 << 31) - 1, 30) }
    adjust(&significand, &exponent)
    return (significand, exponent)
  }
}

/// `((int32_t)(product >> (30 − shift)) + 1) >> 1`: CMSIS-NN's single rounding up to 22.9.0, as x86 and Arm
/// execute it where the count is negative.
struct HalvedInt32: Requantizer {
  func callAsFunction(_ accumulator: Int64, _ channel: Int, _ layer: PlainLayer) -> Int64 {
    let real = layer.multiplier(channel)
    var exponent = Int(real.exponent) + 1
    var significand = Int64((real.significand * 0x1p30).rounded(.toNearestOrAwayFromZero))
    if significand == 1 << 31 { (significand, exponent) = (1 << 30, exponent + 1) }
    if exponent < -31 { (significand, exponent) = (0, 0) }
    // Swift's masking shift takes the count modulo 64, as the instructions do.
    let twice = wrapped((accumulator * significand) &>> Int64(30 - exponent), bits: 32)
    return wrapped(twice + 1, bits: 32) >> 1
  }
}

/// `round(f64(accumulator) · D)`: `litert-reference` as it stands.
struct InDouble: Requantizer {
  var product: @Sendable (Int64, Int, PlainLayer) -> Double = {
    Double($0) * $2.multiplier($1)
  }
  var rounding = Rounding.away

  func callAsFunction(_ accumulator: Int64, _ channel: Int, _ layer: PlainLayer) -> Int64 {
    let rounded = rounding.round(product(accumulator, channel, layer))
    return rounded >= -0x1p31 && rounded < 0x1p31 ? Int64(rounded) : Int64(Int32.min)
  }
}

/// `f32(f32(accumulator) · D)`, clamped, rounded half to even: `ort` as it stands.
struct InFloat: Requantizer {
  var product: @Sendable (Int64, Int, PlainLayer) -> Float = { accumulator, channel, layer in
    let scale =
      Float(layer.inputScale) * Float(layer.weightScales[channel]) / Float(layer.outputScale)
    return Float(accumulator) * scale
  }
  var rounding = Rounding.even
  /// Takes the zero point in before it rounds.
  var addsZeroPointFirst = false

  func callAsFunction(_ accumulator: Int64, _ channel: Int, _ layer: PlainLayer) -> Int64 {
    let value = product(accumulator, channel, layer)
    // Far outside every output type, where the clamp decides.
    let bounded = Double(min(max(value, -0x1p20), 0x1p20))
    guard addsZeroPointFirst else { return Int64(rounding.round(bounded)) }
    let zeroPoint = Double(layer.outputZeroPoint)
    return Int64(rounding.round(bounded + zeroPoint) - zeroPoint)
  }
}

/// `f32(f32(f32(accumulator) · D) + f32 Zo)`, rounded half to even.
struct ZeroPointInFloat: Requantizer {
  let scale: @Sendable (PlainLayer, Int) -> Float

  init(_ scale: @escaping @Sendable (PlainLayer, Int) -> Float) { self.scale = scale }

  func callAsFunction(_ accumulator: Int64, _ channel: Int, _ layer: PlainLayer) -> Int64 {
    let value = Float(accumulator) * scale(layer, channel) + Float(layer.outputZeroPoint)
    // Far outside every output type, where the clamp decides.
    return Int64(Rounding.even.round(Double(min(max(value, -0x1p20), 0x1p20))))
      - layer.outputZeroPoint
  }
}

/// The true value, rounded: `exact-even` as it stands.
struct Exactly: Requantizer {
  var rounding = Rounding.even
  var addsZeroPointFirst = false

  func callAsFunction(_ accumulator: Int64, _ channel: Int, _ layer: PlainLayer) -> Int64 {
    let shift = addsZeroPointFirst ? layer.outputZeroPoint : 0
    let (bias, biasScale) = (layer.biasTerm(channel), layer.biasScale(channel))
    let first = Double(accumulator) * layer.inputScale * layer.weightScales[channel]
    let second = Double(Int64(clamping: bias)) * biasScale
    let value = (first + second) / layer.outputScale
    // Doubles decide wherever their error, some 2^-50 of the terms, does not matter.
    let error = (first.magnitude + second.magnitude) / layer.outputScale * 0x1p-48
    if value.magnitude > 0x1p30, error < 0x1p29 { return value < 0 ? -(1 << 30) : 1 << 30 }
    let rest = value - value.rounded(.down)
    if error < 0x1p-10, min(rest, (rest - 0.5).magnitude, 1 - rest) > error + 0x1p-40 {
      return Int64(rounding.round(value))
    }
    let sum =
      Rational(accumulator) * Rational(exactly: layer.inputScale)
      * Rational(exactly: layer.weightScales[channel])
      + Rational(bias) * Rational(exactly: biasScale)
    let exact = sum / Rational(exactly: layer.outputScale) + Rational(shift)
    return exact.position.rounded(rounding.mode) - shift
  }
}

extension Rounding {
  var mode: RoundingMode {
    switch self {
    case .away: .toNearestOrAway
    case .up: .toNearestOrUp
    case .even: .toNearestOrEven
    case .truncation: .towardZero
    case .floor: .down
    case .ceiling: .up
    case .odd: .toOdd
    case .tiesDown: .toNearestOrDown
    case .tiesTowardZero: .toNearestOrTowardZero
    case .tiesToOdd: .toNearestOrOdd
    }
  }
}
