/// Where a real number lies between two integers: all that rounding can depend on.
///
/// A number is kept as its floor and the relation of its fraction to one half. Every rounding mode,
/// and every conformance class, follows from that without another look at the number, and the order
/// of two positions decides between the numbers as far as any rounding can tell them apart.
package struct ExactPosition: Hashable, Comparable, Sendable {
  /// The fraction `y − ⌊y⌋` beside 1/2.
  package enum Fraction: UInt8, CaseIterable, Sendable {
    case zero
    case belowHalf
    case half
    case aboveHalf
  }

  /// Floors beyond this are saturated to it; every quantized type is far narrower.
  package static let limit: Int64 = 1 << 30

  /// Floor in the upper 62 bits, fraction in the lowest two: ordered as the numbers are.
  @usableFromInline package let packed: Int64

  @inlinable
  package init(floor: Int64, fraction: Fraction) {
    packed = (floor &<< 2) | Int64(fraction.rawValue)
  }

  /// The greatest integer that is not greater than the number.
  @inlinable package var floor: Int64 { packed >> 2 }

  @inlinable package var fraction: Fraction {
    // The two lowest bits always name a case.
    Fraction(rawValue: UInt8(truncatingIfNeeded: packed & 3)) ?? .zero
  }

  /// The least integer that is not less than the number.
  @inlinable package var ceiling: Int64 { floor &+ (packed & 3 == 0 ? 0 : 1) }

  /// The number, rounded by `mode`.
  @inlinable
  package func rounded(_ mode: RoundingMode) -> Int64 {
    ExactPosition.rounded(floor: floor, fraction: fraction, mode)
  }

  /// The number of this floor and fraction, rounded by `mode`; for floors of 64 bits too.
  @inlinable
  package static func rounded(floor: Int64, fraction: Fraction, _ mode: RoundingMode) -> Int64 {
    let roundsUp: Bool
    switch (fraction, mode) {
    case (_, .halfAddedTowardZero): return truncated(floor: floor, fraction: fraction)
    case (.zero, _), (_, .down): roundsUp = false
    case (_, .up): roundsUp = true
    case (_, .towardZero): roundsUp = floor < 0
    case (_, .toOdd): roundsUp = floor & 1 == 0
    case (.belowHalf, _): roundsUp = false
    case (.aboveHalf, _): roundsUp = true
    case (.half, .toNearestOrUp), (.half, .halfAddedDown): roundsUp = true
    case (.half, .toNearestOrAway), (.half, .signedHalfAddedTowardZero): roundsUp = floor >= 0
    case (.half, .toNearestOrEven): roundsUp = floor & 1 == 1
    case (.half, .toNearestOrDown): roundsUp = false
    case (.half, .toNearestOrTowardZero): roundsUp = floor < 0
    case (.half, .toNearestOrOdd): roundsUp = floor & 1 == 0
    }
    return roundsUp ? floor &+ 1 : floor
  }

  /// `y + 1/2`, truncated.
  @usableFromInline
  static func truncated(floor: Int64, fraction: Fraction) -> Int64 {
    let isHalf = fraction == .half || fraction == .aboveHalf
    guard floor < 0 else { return isHalf ? floor &+ 1 : floor }
    return floor &+ (fraction == .aboveHalf && floor < -1 ? 2 : 1)
  }

  /// The position of `−y`, where `self` is the position of `y`.
  package var negated: ExactPosition {
    switch fraction {
    case .zero: ExactPosition(floor: 0 &- floor, fraction: .zero)
    case .belowHalf: ExactPosition(floor: -1 &- floor, fraction: .aboveHalf)
    case .half: ExactPosition(floor: -1 &- floor, fraction: .half)
    case .aboveHalf: ExactPosition(floor: -1 &- floor, fraction: .belowHalf)
    }
  }

  @inlinable
  package static func < (left: ExactPosition, right: ExactPosition) -> Bool {
    left.packed < right.packed
  }

  /// The position of the integer `value`.
  package init(_ value: Int64) {
    self.init(floor: value, fraction: .zero)
  }

  /// The position of `halves / 2`, or a little more than that where `isInexact`; saturated at
  /// ``limit``.
  package init(halves: UInt64, isInexact: Bool) {
    let floor = Int64(halves >> 1)
    guard floor < ExactPosition.limit else {
      self.init(floor: ExactPosition.limit, fraction: .zero)
      return
    }
    let fraction: Fraction =
      switch (halves & 1 == 1, isInexact) {
      case (false, false): .zero
      case (false, true): .belowHalf
      case (true, false): .half
      case (true, true): .aboveHalf
      }
    self.init(floor: floor, fraction: fraction)
  }
}
