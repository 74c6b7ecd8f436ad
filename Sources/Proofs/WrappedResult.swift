import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// The pieces of a product that is rounded once and then cut to 32 bits.
///
/// `g(a) = ⌊(a·significand + h) / 2^c⌋ + addend` is monotone, where h is 2^(c − 1) and, for a rule that
/// carries, ±2^30 with the sign of a; what is left of it is g less k·2^32 on the accumulators with
/// `(2k − 1)·2^31 ≤ g(a) < (2k + 1)·2^31`: the k-th piece.
struct WrappedResult: Hashable, Sendable {
  private let significand: Int128
  /// c.
  private let count: Int
  /// h.
  private let half: Int128
  private let addend: Int128

  /// Of accumulators of one sign; `nil` for a requantization of another form.
  init?(_ function: RequantizationFunction, isNegative: Bool) {
    guard case .fixedPoint(let rule) = function.requantization,
      let multiplier = function.multiplier, rule.highMultiply == nil, rule.result == .wraps,
      rule.rightShift == .toNearestOrUp, function.arithmetic.accumulatorPrecision == .whole
    else { return nil }
    let shift = 31 - multiplier.exponent
    count = min(shift, 62)
    let carry: Int128 = rule.carries && shift > 31 ? (isNegative ? -(1 << 30) : 1 << 30) : 0
    half = carry + (count >= 1 ? 1 << Int128(count - 1) : 0)
    significand = Int128(multiplier.significand)
    let isEarly = function.arithmetic.zeroPointAddition == .beforeRounding
    addend = isEarly ? Int128(function.layer.outputZeroPoint) : 0
    guard significand > 0, count >= 1 else { return nil }
  }

  /// Whether g rises by 0 or 1 from one accumulator to the next; otherwise it rises by at least 1.
  var risesByAtMostOne: Bool { significand <= 1 << Int128(count) }

  /// After so many accumulators the result repeats: the least P whose product is a multiple of
  /// 2^(c + 32), so that g(a + P) = g(a) + m·2^32. `nil` where that is beyond 64 bits.
  var period: Int64? {
    let exponent = count + 32 - significand.trailingZeroBitCount
    return exponent < 62 ? 1 << Int64(max(exponent, 0)) : nil
  }

  /// k.
  private func number(_ accumulator: Int64) -> Int128 {
    let value = (Int128(accumulator) * significand + half) >> Int128(count) + addend
    return (value + (1 << 31)) >> 32
  }

  /// The least a with g(a) ≥ (2k − 1)·2^31.
  private func start(_ k: Int128) -> Int128 {
    let wanted = (((2 * k - 1) << 31) - addend) << Int128(count) - half
    let (quotient, remainder) = wanted.quotientAndRemainder(dividingBy: significand)
    return remainder > 0 ? quotient + 1 : quotient
  }

  func pieceCount(_ range: ClosedRange<Int64>) -> Int {
    Int(clamping: number(range.upperBound) - number(range.lowerBound) + 1)
  }

  /// Calls `body` for every piece, in order.
  func forEachPiece(_ range: ClosedRange<Int64>, _ body: (MonotonePieces.Piece) -> Void) {
    var first = range.lowerBound
    while first <= range.upperBound {
      let k = number(first)
      let last = min(Int64(clamping: start(k + 1) - 1), range.upperBound)
      let offset = Int64(clamping: start(k) - start(0))
      body(MonotonePieces.Piece(range: first...last, offset: offset))
      first = last + 1
    }
  }
}
