import QuantizedArithmetic
import TestSupport
import Testing

/// The rounding of `value / 2^count`, from floor division and the distance to both neighbours.
private func defined(_ value: Int64, over divisor: Int64, _ mode: RoundingMode) -> Int64 {
  let remainder = ((value % divisor) + divisor) % divisor
  let floor = (value - remainder) / divisor
  if mode == .halfAddedTowardZero, divisor > 1 {
    // Swift divides as C does, toward zero.
    return Int64((Int128(value) + Int128(divisor) / 2) / Int128(divisor))
  }
  guard remainder != 0 else { return floor }
  let (below, above) = (remainder, divisor - remainder)
  switch mode {
  case .down: return floor
  case .up: return floor + 1
  case .towardZero, .halfAddedTowardZero: return value / divisor
  case .toOdd: return floor % 2 == 0 ? floor + 1 : floor
  case .toNearestOrUp, .halfAddedDown: return below < above ? floor : floor + 1
  case .toNearestOrDown: return below <= above ? floor : floor + 1
  case .toNearestOrTowardZero:
    if below == above { return value < 0 ? floor + 1 : floor }
    return below < above ? floor : floor + 1
  case .toNearestOrOdd:
    if below == above { return floor % 2 == 0 ? floor + 1 : floor }
    return below < above ? floor : floor + 1
  case .toNearestOrAway, .signedHalfAddedTowardZero:
    if below == above { return value < 0 ? floor : floor + 1 }
    return below < above ? floor : floor + 1
  case .toNearestOrEven:
    if below == above { return floor % 2 == 0 ? floor : floor + 1 }
    return below < above ? floor : floor + 1
  }
}

@Suite struct RoundingModeTests {
  @Test(arguments: RoundingMode.allCases)
  func shiftOfEveryNineBitValueIsTheRoundedQuotient(mode: RoundingMode) {
    var wrong: [String] = []
    for value in Int64(-256)...255 {
      for count in 0...12 {
        let shifted = value.shifted(rightBy: count, rounding: mode)
        if shifted != defined(value, over: 1 << Int64(count), mode) {
          wrong.append("\(value) >> \(count): \(shifted)")
        }
      }
    }
    #expect(wrong.isEmpty)
  }

  @Test(arguments: RoundingMode.allCases)
  func shiftOfWideValuesIsTheRoundedQuotient(mode: RoundingMode) {
    var random = SplitMix64(seed: 1)
    var values: [Int64] = [.min, .min + 1, .max, .max - 1, 1 << 61, -(1 << 61)]
    values += (0..<draws(20_000)).map { _ in random.integer(bits: 63) }
    var wrong: [String] = []
    for value in values {
      // Beside a tie as often as not.
      let count = 1 + random.below(61)
      let near = (value >> Int64(count)) << Int64(count) | (1 << Int64(count - 1))
      for value in [value, near] {
        let divisor = Int64(1) << Int64(count)
        if value.shifted(rightBy: count, rounding: mode) != defined(value, over: divisor, mode) {
          wrong.append("\(value) >> \(count)")
        }
      }
    }
    #expect(wrong.isEmpty)
  }

  /// The rows of the table in the documentation of ``RoundingMode``, in halves.
  @Test(
    arguments: [
      (-3, [-2, -1, -1, -1, -2, -2]), (-1, [-1, 0, 0, 0, -1, 0]), (1, [0, 1, 0, 1, 1, 0]),
      (5, [2, 3, 2, 3, 3, 2]),
    ] as [(Int64, [Int64])])
  func documentedRowsHold(halves: Int64, expected: [Int64]) {
    let modes: [RoundingMode] = [
      .down, .up, .towardZero, .toNearestOrUp, .toNearestOrAway, .toNearestOrEven,
    ]
    #expect(modes.map { halves.shifted(rightBy: 1, rounding: $0) } == expected)
  }
}
