import BigInt
import QuantizedArithmetic

/// The true value of `(a1·Si·Sw + a2·Sb) / So`, rounded: by integer division with remainder.
///
/// The oracle decides the same question from doubles and twice the magnitude; this divides. They
/// share only the decomposition of a scale into significand and exponent.
struct ExactStage {
  let rounding: RoundingMode
  /// An integer that is added before the rounding.
  let addend: Int64
  private let product: Int128
  private let productExponent: Int
  private let bias: Int128
  private let biasExponent: Int
  private let divisor: Int128
  private let divisorExponent: Int

  init(
    rounding: RoundingMode, input: Scale, weights: Scale, bias: Scale?, output: Scale,
    addend: Int64 = 0
  ) {
    self.rounding = rounding
    self.addend = addend
    let (a, b, c) = (input.binary, weights.binary, output.binary)
    product = Int128(a.significand) * Int128(b.significand)
    productExponent = a.exponent + b.exponent
    self.bias = Int128(bias?.binary.significand ?? 0)
    biasExponent = bias?.binary.exponent ?? productExponent
    divisor = Int128(c.significand)
    divisorExponent = c.exponent
  }

  /// The real bound `constant / output`, rounded.
  init(rounding: RoundingMode, constantOver output: Scale) {
    self.rounding = rounding
    addend = 0
    product = 1
    productExponent = 0
    bias = 0
    biasExponent = 0
    divisor = Int128(output.binary.significand)
    divisorExponent = output.binary.exponent
  }

  /// The rounded value, saturated far outside every quantized type.
  func apply(sum: Int128, bias biasTerm: Int128) -> Int64 {
    if addend != 0 { return position(sum: sum, bias: biasTerm) }
    let common = min(productExponent, biasTerm == 0 ? productExponent : biasExponent)
    if let first = shifted(product, by: productExponent - common, times: sum),
      let second = biasTerm == 0 ? 0 : shifted(bias, by: biasExponent - common, times: biasTerm),
      let result = divided(first + second, common - divisorExponent)
    {
      return result
    }
    return rational(sum: sum, bias: biasTerm).position.rounded(rounding)
  }

  /// `round(y + addend)`: where the rounding looks at parity or sign, another integer than
  /// `round(y) + addend`.
  private func position(sum: Int128, bias biasTerm: Int128) -> Int64 {
    let position = rational(sum: sum, bias: biasTerm).position
    return ExactPosition.rounded(
      floor: position.floor + addend, fraction: position.fraction, rounding)
  }

  private func rational(sum: Int128, bias biasTerm: Int128) -> Rational {
    let sumTerm = scaled(BigInt(product) * BigInt(sum), productExponent - divisorExponent)
    let whole = sumTerm + scaled(BigInt(bias) * BigInt(biasTerm), biasExponent - divisorExponent)
    return whole / Rational(BigInt(divisor))
  }

  /// `value · factor · 2^count`, where that stays below 2^125.
  private func shifted(_ value: Int128, by count: Int, times factor: Int128) -> Int128? {
    let (product, overflow) = value.multipliedReportingOverflow(by: factor)
    guard !overflow, product != 0 else { return overflow ? nil : 0 }
    let room = product.magnitude.leadingZeroBitCount - 3
    return count <= room ? product << Int128(count) : nil
  }

  /// `numerator · 2^exponent / divisor`, rounded; `nil` where 128 bits do not hold the operands.
  private func divided(_ numerator: Int128, _ exponent: Int) -> Int64? {
    guard numerator != 0 else { return 0 }
    if rounding == .halfAddedTowardZero { return nil }
    var (dividend, divisor) = (numerator.magnitude, divisor.magnitude)
    if exponent >= 0 {
      guard exponent <= dividend.leadingZeroBitCount - 1 else { return nil }
      dividend <<= UInt128(exponent)
    } else {
      guard 0 - exponent <= divisor.leadingZeroBitCount - 2 else { return nil }
      divisor <<= UInt128(0 - exponent)
    }
    let (quotient, remainder) = dividend.quotientAndRemainder(dividingBy: divisor)
    guard quotient < 1 << 40 else { return numerator < 0 ? -(1 << 40) : 1 << 40 }
    let magnitude = Int64(quotient)
    return numerator < 0
      ? 0 - roundedUp(magnitude, remainder, divisor, isNegative: true)
      : roundedUp(magnitude, remainder, divisor, isNegative: false)
  }

  /// The magnitude, or one more where the rounding mode says so.
  private func roundedUp(
    _ magnitude: Int64, _ remainder: UInt128, _ divisor: UInt128, isNegative: Bool
  ) -> Int64 {
    guard remainder != 0 else { return magnitude }
    let rest = divisor - remainder
    let awayFromZero: Bool =
      switch rounding {
      case .down: isNegative
      case .up: !isNegative
      case .towardZero, .halfAddedTowardZero: false
      case .toOdd: magnitude & 1 == 0
      case .toNearestOrAway, .signedHalfAddedTowardZero: remainder >= rest
      case .toNearestOrUp, .halfAddedDown: isNegative ? remainder > rest : remainder >= rest
      case .toNearestOrDown: isNegative ? remainder >= rest : remainder > rest
      case .toNearestOrTowardZero: remainder > rest
      case .toNearestOrOdd: remainder > rest || (remainder == rest && magnitude & 1 == 0)
      case .toNearestOrEven: remainder > rest || (remainder == rest && magnitude & 1 == 1)
      }
    return awayFromZero ? magnitude + 1 : magnitude
  }

  private func scaled(_ integer: BigInt, _ exponent: Int) -> Rational {
    exponent >= 0
      ? Rational(integer << exponent) : Rational(integer, over: BigInt(1) << (0 - exponent))
  }
}
