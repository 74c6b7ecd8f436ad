internal import BigInt

/// How exact halves are rounded.
enum TieRule: Hashable, Sendable {
  case even, away, up
}

/// A positive finite binary64 as `significand · 2^exponent`, the significand odd.
struct BinaryScale: Hashable, Sendable {
  let significand: UInt64
  let exponent: Int

  /// - Parameter value: finite and greater than 0.
  init(_ value: Double) {
    let isNormal = value.exponentBitPattern != 0
    let bits = value.significandBitPattern | (isNormal ? 1 << 52 : 0)
    let zeros = bits.trailingZeroBitCount
    significand = bits &>> UInt64(truncatingIfNeeded: zeros)
    exponent = (isNormal ? Int(value.exponentBitPattern) &- 1075 : -1074) &+ zeros
  }
}

/// `count · significand · 2^exponent`, a term of the sum that a layer's output is.
struct ExactTerm: Hashable, Sendable {
  let count: Int128
  let significand: UInt128
  let exponent: Int

  /// An accumulator times the product of two scales.
  init(_ count: Int128, times first: BinaryScale, _ second: BinaryScale) {
    self.count = count
    significand = UInt128(first.significand) &* UInt128(second.significand)
    exponent = first.exponent &+ second.exponent
  }

  /// A bias times its scale.
  init(_ count: Int128, times scale: BinaryScale) {
    self.count = count
    significand = UInt128(scale.significand)
    exponent = scale.exponent
  }

  /// The bits of `count · significand`, at most.
  fileprivate var bitWidth: Int {
    256 &- count.magnitude.leadingZeroBitCount &- significand.leadingZeroBitCount
  }
}

/// Rounds (first + second) / divisor to an integer, exactly, and clamps it to `bounds`.
///
/// In Int128 where numerator and denominator fit 125 bits, else with big integers.
struct ExactRounding {
  let divisor: BinaryScale
  let tie: TieRule
  let bounds: ClosedRange<Int64>

  /// The clamped nearest integer; ties by ``tie``.
  func rounded(_ first: ExactTerm, _ second: ExactTerm? = nil) -> Int64 {
    let low = min(first.exponent, second?.exponent ?? first.exponent)
    // The quotient is sum · 2^shift / divisor.significand.
    let shift = low &- divisor.exponent
    let bits =
      max(
        first.bitWidth &+ first.exponent &- low,
        second.map { $0.bitWidth &+ $0.exponent &- low } ?? 0) &+ max(shift, 0)
    if bits <= 125, shift >= -64 {
      let numerator =
        (Self.narrow(first, low) &+ (second.map { Self.narrow($0, low) } ?? 0)) << max(shift, 0)
      let denominator = Int128(divisor.significand) << max(-shift, 0)
      let nearest = Self.nearest(numerator, denominator, tie)
      return Int64(min(max(nearest, Int128(bounds.lowerBound)), Int128(bounds.upperBound)))
    }
    let sum = Self.wide(first, low) + (second.map { Self.wide($0, low) } ?? 0)
    let nearest = Self.nearest(
      sum << max(shift, 0), BigInt(divisor.significand) << max(-shift, 0), tie)
    return Int64(min(max(nearest, BigInt(bounds.lowerBound)), BigInt(bounds.upperBound)))
  }

  private static func narrow(_ term: ExactTerm, _ low: Int) -> Int128 {
    (term.count &* Int128(truncatingIfNeeded: term.significand)) << (term.exponent &- low)
  }

  private static func wide(_ term: ExactTerm, _ low: Int) -> BigInt {
    (BigInt(term.count) * BigInt(term.significand)) << (term.exponent &- low)
  }

  /// The integer nearest to numerator / denominator; the denominator is positive, and twice it can
  /// be represented.
  private static func nearest<Integer: SignedInteger>(
    _ numerator: Integer, _ denominator: Integer, _ tie: TieRule
  ) -> Integer {
    var (floor, remainder) = numerator.quotientAndRemainder(dividingBy: denominator)
    if remainder < 0 {
      floor -= 1
      remainder += denominator
    }
    let twice = remainder + remainder
    if twice != denominator { return twice < denominator ? floor : floor + 1 }
    switch tie {
    case .up: return floor + 1
    case .away: return floor < 0 ? floor : floor + 1
    case .even: return floor % 2 == 0 ? floor : floor + 1
    }
  }
}
