/// Which integer a real number between two integers becomes.
///
///     value │ down │ up │ towardZero │ toNearestOrUp │ …OrAway │ …OrEven │ toOdd │ halfAddedTowardZero
///     −1.7  │  −2  │ −1 │     −1     │      −2       │   −2    │   −2    │  −1   │         −1
///     −1.5  │  −2  │ −1 │     −1     │      −1       │   −2    │   −2    │  −1   │         −1
///     −0.5  │  −1  │  0 │      0     │       0       │   −1    │    0    │  −1   │          0
///      0.5  │   0  │  1 │      0     │       1       │    1    │    0    │   1   │          1
///      2.5  │   2  │  3 │      2     │       3       │    3    │    2    │   3   │          3
package enum RoundingMode: String, CaseIterable, Hashable, Codable, Sendable {
  case down
  case up
  case towardZero
  /// Ties toward +∞: Arm `VQRDMULH`, XNNPACK `rndnu`, ruy's right shift.
  case toNearestOrUp
  /// Ties away from 0: gemmlowp `RoundingDivideByPOT`, C `round`.
  case toNearestOrAway
  /// Ties to even: IEEE 754's default, C `lrintf`, ONNX `QuantizeLinear`.
  case toNearestOrEven
  /// Ties toward −∞: `(x + half − 1) >> n`, `ceil(x − 0.5)`.
  case toNearestOrDown
  /// Ties toward 0: a nudge of the wrong side.
  case toNearestOrTowardZero
  /// Ties to the odd neighbour.
  case toNearestOrOdd
  /// The odd one of both neighbours, whatever is nearer: a lost bit is or-ed into the lowest ("jam";
  /// RISC-V's `vxrm` = `rod`, the others of which are ``toNearestOrUp`` `rnu`, ``toNearestOrEven``
  /// `rne` and ``down`` `rdn`).
  case toOdd
  /// One half is added and the sum truncated: C's `(int)(x + 0.5)`, and `(x + half) / divisor`. A
  /// mistake rather than a rounding: of a negative number it gives the integer above, or one more.
  case halfAddedTowardZero
  /// One half is added in the number's own precision, and the floor taken: C's `floorf(x + 0.5f)`. Of
  /// integers and exact numbers ``toNearestOrUp``; of a float just below one half, 1.
  case halfAddedDown
  /// One half with the number's sign is added in its own precision, and the sum truncated: C's
  /// `(int)(x + (x < 0 ? -0.5f : 0.5f))`. Of integers and exact numbers ``toNearestOrAway``.
  case signedHalfAddedTowardZero

  /// Those that differ from the others of floats alone: the sum with one half is rounded.
  package static let ofFloats: [RoundingMode] = [.halfAddedDown, .signedHalfAddedTowardZero]
  /// Those that differ from each other of integers and exact numbers too.
  package static let ofAllNumbers = allCases.filter { !ofFloats.contains($0) }
  /// Those that give one of the two integers that enclose a number.
  package static let faithful = ofAllNumbers.filter { $0 != .halfAddedTowardZero }
}

extension RoundingMode {
  /// `value / 2^count`, rounded.
  ///
  /// Decides from the discarded bits and adds no half to the value, so that no intermediate value
  /// overflows, not even for `Int64.max`.
  ///
  /// - Precondition: `0 <= count && count <= 62`.
  @inlinable @inline(__always)
  package func shifted(_ value: Int64, rightBy count: Int) -> Int64 {
    precondition(count >= 0 && count <= 62)
    guard count > 0 else { return value }
    let floor = value >> Int64(count)
    let lost = value & ((1 << Int64(count)) &- 1)
    let half: Int64 = 1 << Int64(count - 1)
    switch self {
    // Those of nearly every fixed-point rule, without another call.
    case .toNearestOrUp: return floor &+ (lost >= half ? 1 : 0)
    case .toNearestOrAway: return floor &+ (lost >= half &+ (floor < 0 ? 1 : 0) ? 1 : 0)
    default:
      let fraction: ExactPosition.Fraction =
        lost == 0 ? .zero : lost < half ? .belowHalf : lost == half ? .half : .aboveHalf
      return ExactPosition.rounded(floor: floor, fraction: fraction, self)
    }
  }
}

extension Int64 {
  /// `self / 2^count`, rounded by `mode`; see ``RoundingMode/shifted(_:rightBy:)``.
  package func shifted(rightBy count: Int, rounding mode: RoundingMode) -> Int64 {
    mode.shifted(self, rightBy: count)
  }
}
