import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// The parts of all accumulators on which a profile's requantization is monotone.
///
/// Documentation/proofs.md argues it stage by stage: a float or integer product with D ≥ 0, every
/// rounding, every clamp and the addition of a constant keep the order of two accumulators, and what
/// does not is named by a ``Departure``. Where nothing departs the function is therefore monotone, and
/// where nothing departs is one interval around 0, since every departure is a magnitude beyond a bound:
///
/// * a left shift that loses bits: `|x·2^l| ≥ 2^31`. It repeats with the period 2^(32 − l), and on each
///   period the shifted value is monotone, from −2^31 to its end; one by 32 or more that leaves 0 is
///   constant;
/// * a conversion that overflows: one value for all beyond it, or the nearer end;
/// * a result that is cut to 32 bits: between two odd multiples of 2^31 nothing is cut but a constant;
/// * an addition of the zero point that wraps: of one sign, since the zero point has one; beyond its
///   bound the sum is monotone again.
///
/// Of an arithmetic with a part that this argument does not name, nothing is claimed: it is swept.
package struct MonotonePieces: Sendable {
  package struct Piece: Hashable, Sendable {
    package let range: ClosedRange<Int64>
    /// The piece's steps lie about so far behind those of the true value.
    package let offset: Int64
  }

  /// Where nothing departs: an interval around 0; `nil` where that is not known.
  package let undeparted: ClosedRange<Int64>?
  /// In order; with ``unknown``, all of the domain.
  package let pieces: [Piece]
  /// Parts of which nothing is known, and which have to be swept; in order.
  package let unknown: [ClosedRange<Int64>]
  /// Parts on which the result wraps, each with its pieces, which may be many; in order.
  let wrapped: [(range: ClosedRange<Int64>, result: WrappedResult)]

  /// With which the function repeats on those parts, where that is known.
  let period: Int64?

  package var ranges: [ClosedRange<Int64>] { pieces.map(\.range) }

  /// More periods of a left shift than these are not treated one by one.
  static let mostPeriods = 1 << 12
  /// More parts of a result that wraps than these are not treated one by one.
  static let mostWraps = 1 << 16

  package init(_ function: RequantizationFunction) {
    self.init(function, keepsWrapped: false)
  }

  /// - Parameters:
  ///   - function: the requantization.
  ///   - keepsWrapped: whether parts on which the result wraps are kept as ``wrapped``, instead of
  ///     being divided into pieces here.
  init(_ function: RequantizationFunction, keepsWrapped: Bool) {
    let domain = function.domain
    guard MonotoneArgument.covers(function) else {
      (undeparted, pieces, unknown, wrapped, period) = (nil, [], [domain], [], nil)
      return
    }
    let undeparted = MonotonePieces.undeparted(function, domain)
    var pieces = [Piece(range: undeparted, offset: 0)]
    var unknown: [ClosedRange<Int64>] = []
    var wrapped: [(range: ClosedRange<Int64>, result: WrappedResult)] = []
    func add(_ outer: ClosedRange<Int64>) {
      if keepsWrapped, let result = WrappedResult(function, isNegative: outer.upperBound < 0) {
        wrapped.append((outer, result))
      } else {
        MonotonePieces.outer(function, outer, &pieces, &unknown)
      }
    }
    if undeparted.lowerBound > domain.lowerBound {
      add(domain.lowerBound...(undeparted.lowerBound - 1))
    }
    if undeparted.upperBound < domain.upperBound {
      add((undeparted.upperBound + 1)...domain.upperBound)
    }
    self.wrapped = wrapped
    self.undeparted = undeparted
    self.pieces = pieces.sorted { $0.range.lowerBound < $1.range.lowerBound }
    self.unknown = unknown.sorted { $0.lowerBound < $1.lowerBound }
    period = MonotonePieces.period(function)
  }

  /// The interval around 0 without a departure.
  private static func undeparted(
    _ function: RequantizationFunction, _ domain: ClosedRange<Int64>
  ) -> ClosedRange<Int64> {
    func last(_ end: Int64) -> Int64 {
      if function.departure(end).isEmpty { return end }
      var (inside, outside) = (Int64(0), end)
      while (outside - inside).magnitude > 1 {
        let middle = inside + (outside - inside) / 2
        if function.departure(middle).isEmpty { inside = middle } else { outside = middle }
      }
      return inside
    }
    guard function.departure(0).isEmpty else { return 0...0 }
    return last(domain.lowerBound)...last(domain.upperBound)
  }

  /// Pieces of one side, on all of which something departs.
  private static func outer(
    _ function: RequantizationFunction, _ range: ClosedRange<Int64>, _ pieces: inout [Piece],
    _ unknown: inout [ClosedRange<Int64>]
  ) {
    guard case .fixedPoint(let rule) = function.requantization else {
      // Converted to one end, or wrapped once by the zero point: at most two changes of what departs.
      pieces += split(function, range, offset: 0)
      return
    }
    guard let multiplier = function.multiplier else { return unknown.append(range) }
    guard rule.highMultiply != nil else {
      guard rule.result == .wraps else {
        pieces += split(function, range, offset: 0)
        return
      }
      guard let result = WrappedResult(function, isNegative: range.upperBound < 0),
        result.pieceCount(range) <= mostWraps
      else {
        return unknown.append(range)
      }
      result.forEachPiece(range) { pieces += split(function, $0.range, offset: $0.offset) }
      return
    }
    let shift = leftShift(rule, multiplier)
    if rule.leftShift == .saturates || shift == 0 {
      pieces += split(function, range, offset: 0)
      return
    }
    if shift >= 32, rule.leftShift == .wrapsToZero {
      pieces += split(function, range, offset: 0)
      return
    }
    guard let period = period(function), 1 << shift <= mostPeriods else {
      return unknown.append(range)
    }
    // Each period is divided again where the zero point wraps.
    var start = range.lowerBound
    while start <= range.upperBound {
      // Accumulators ≡ period/2 shift to −2^31, where the next period begins.
      let centre = (start + period / 2) & ~(period - 1)
      let end = min(centre + period / 2 - 1, range.upperBound)
      pieces += split(function, start...end, offset: centre)
      start = end + 1
    }
  }

  /// Of a left shift that loses bits: 2^(32 − l), since `x·2^l` modulo 2^32 is all that follows.
  private static func period(_ function: RequantizationFunction) -> Int64? {
    guard case .fixedPoint(let rule) = function.requantization,
      let multiplier = function.multiplier, rule.highMultiply != nil,
      rule.leftShift == .wraps || rule.leftShift == .wrapsToZero
    else { return nil }
    let shift = leftShift(rule, multiplier)
    return 1..<32 ~= shift ? 1 << (32 - shift) : nil
  }

  private static func leftShift(
    _ rule: FixedPointRule, _ multiplier: FixedPointMultiplier
  ) -> Int {
    guard rule.highMultiply != nil else { return 0 }
    let right = max(0 - multiplier.exponent, rule.leastRightShift)
    return multiplier.exponent + right
  }

  /// Divides a range where the kind of departure changes from its lower to its upper end: on what is
  /// given here it changes at most twice.
  static func split(
    _ function: RequantizationFunction, _ range: ClosedRange<Int64>, offset: Int64
  ) -> [Piece] {
    var pieces: [Piece] = []
    var start = range.lowerBound
    let last = function.departure(range.upperBound)
    while start <= range.upperBound {
      let kind = function.departure(start)
      var (inside, outside) = (start, range.upperBound + 1)
      if kind == last {
        inside = range.upperBound
      } else {
        while outside - inside > 1 {
          let middle = inside + (outside - inside) / 2
          if function.departure(middle) == kind { inside = middle } else { outside = middle }
        }
      }
      pieces.append(Piece(range: start...inside, offset: offset))
      start = inside + 1
    }
    return pieces
  }
}

/// Which arithmetics the argument of ``MonotonePieces`` is about.
///
/// A part that is added to ``Arithmetic`` later, as a property or as a case, is not in these lists:
/// nothing is claimed of it before somebody has argued for it, here and in Documentation/proofs.md.
enum MonotoneArgument {
  /// The parts of an arithmetic, by the names of their properties.
  private static let parts: Set<String> = [
    "accumulator", "weightsZeroPoint", "effectiveScale", "requantization", "conversion",
    "zeroPointAddition", "clampOrder", "activationBounds", "bias", "accumulatorPrecision",
    "variants",
  ]
  private static let fixedPointParts: Set<String> = [
    "multiplier", "leftShift", "highMultiply", "rightShift", "leastRightShift", "carries", "result",
  ]
  private static let accumulators: [AccumulatorRule] = [
    .exact, .int32Wrapping, .int64Wrapping, .int48, .int16PairSaturating, .int16PairWrapping,
    .int16PairWrappingZeroPoints, .int32Saturating, .int32SaturatingSteps,
  ]
  private static let additions: [ZeroPointAddition] = [
    .wrapping32, .saturating16, .saturating32, .beforeRounding,
  ]
  private static let clampOrders: [ClampOrder] = [.last, .beforeZeroPoint]
  private static let precisions: [AccumulatorPrecision] = [
    .whole, .binary32, .binary64, .binary64Product,
  ]
  private static let conversions: [FloatConversion] = [.lowestBeyond, .saturating]
  private static let clamps: [Float32Clamp] = [
    .upperBeforeRounding, .bothBeforeRounding, .afterRounding,
  ]
  private static let leftShifts: [FixedPointRule.LeftShift] = [
    .wraps, .wrapsToZero, .saturates, .folded,
  ]
  private static let results: [FixedPointRule.Result] = [.wraps, .saturates, .isWide]

  static func covers(_ function: RequantizationFunction) -> Bool {
    let arithmetic = function.arithmetic
    guard labels(arithmetic) == parts, accumulators.contains(arithmetic.accumulator),
      additions.contains(arithmetic.zeroPointAddition),
      conversions.contains(arithmetic.conversion), clampOrders.contains(arithmetic.clampOrder),
      precisions.contains(arithmetic.accumulatorPrecision)
    else { return false }
    switch function.requantization {
    case .exact, .float64, .narrowedTo16: return true
    case .float32(let clamp, _): return clamps.contains(clamp)
    case .fixedPoint(let rule):
      return labels(rule) == fixedPointParts && leftShifts.contains(rule.leftShift)
        && results.contains(rule.result)
        && (rule.highMultiply == nil || rule.leftShift != .folded)
    }
  }

  private static func labels(_ value: Any) -> Set<String> {
    Set(Mirror(reflecting: value).children.compactMap(\.label))
  }
}
