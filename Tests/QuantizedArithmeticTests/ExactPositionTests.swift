import BigInt
import QuantizedArithmetic
import TestSupport
import Testing

/// Rounding of a rational number by floor division of big integers.
private func defined(_ value: Rational, _ mode: RoundingMode) -> BigInt {
  func floor(_ value: Rational) -> BigInt {
    let (quotient, remainder) = value.numerator.quotientAndRemainder(dividingBy: value.denominator)
    return remainder < 0 ? quotient - 1 : quotient
  }
  let half = Rational(1, over: 2)
  switch mode {
  case .down: return floor(value)
  case .up: return 0 - floor(Rational.zero - value)
  case .towardZero: return value < .zero ? 0 - floor(Rational.zero - value) : floor(value)
  case .toOdd:
    let below = floor(value)
    return Rational(below) == value || below % 2 != 0 ? below : below + 1
  case .toNearestOrUp, .halfAddedDown: return floor(value + half)
  case .toNearestOrDown: return 0 - floor(half - value)
  case .toNearestOrTowardZero:
    return value < .zero ? floor(value + half) : 0 - floor(half - value)
  case .toNearestOrOdd:
    let up = floor(value + half)
    return Rational(up) - value == half && up % 2 == 0 ? up - 1 : up
  case .halfAddedTowardZero:
    let sum = value + half
    return sum < .zero ? 0 - floor(Rational.zero - sum) : floor(sum)
  case .toNearestOrAway, .signedHalfAddedTowardZero:
    return value < .zero ? 0 - floor(half - value) : floor(value + half)
  case .toNearestOrEven:
    let up = floor(value + half)
    // A tie is the only number whose half-up neighbour lies exactly 1/2 above it.
    return Rational(up) - value == half && up % 2 != 0 ? up - 1 : up
  }
}

/// Numbers with all fractions: every twelfth from −5 to 5, and random ones beside ties.
private func sample() -> [Rational] {
  var random = SplitMix64(seed: 2)
  var numbers = (-60...60).map { Rational(BigInt($0), over: 12) }
  for _ in 0..<draws(3_000) {
    let denominator = BigInt(random.integer(in: 1...(1 << 40)))
    numbers.append(Rational(BigInt(random.integer(bits: 63)), over: denominator))
    let halves = BigInt(random.integer(bits: 28)) * denominator
    numbers.append(Rational(halves + BigInt(random.below(3) - 1), over: denominator * 2))
  }
  let limit = Rational(ExactPosition.limit)
  return numbers.filter { $0.magnitude < limit }
}

@Suite struct ExactPositionTests {
  @Test(arguments: RoundingMode.allCases)
  func roundingThePositionRoundsTheNumber(mode: RoundingMode) {
    for number in sample() {
      let rounded = number.position.rounded(mode)
      if BigInt(rounded) != defined(number, mode) {
        Issue.record("\(number) becomes \(rounded), not \(defined(number, mode))")
      }
    }
  }

  @Test func negatingThePositionNegatesTheNumber() {
    for number in sample() where number.position.negated != (Rational.zero - number).position {
      Issue.record("\(number)")
    }
  }

  @Test func positionsAreOrderedAsNumbersAre() {
    let numbers = sample().sorted()
    for (left, right) in zip(numbers, numbers.dropFirst()) {
      // Equal positions of different numbers are allowed, the reverse order is not.
      if right.position < left.position { Issue.record("\(left) and \(right)") }
    }
  }

  @Test func everyFractionIsAboveTheOneBefore() {
    for floor in Int64(-3)...3 {
      let all = ExactPosition.Fraction.allCases.map { ExactPosition(floor: floor, fraction: $0) }
      #expect(all == all.sorted() && Set(all).count == 4)
      #expect(all.allSatisfy { $0.floor == floor && $0 < ExactPosition(floor + 1) })
      #expect(all.map(\.ceiling) == [floor, floor + 1, floor + 1, floor + 1])
    }
  }

  @Test func halvesGiveFloorAndFraction() {
    for halves in UInt64(0)...9 {
      for isInexact in [false, true] {
        // A little more than n/2 is n/2 and a quarter: nothing lies between as far as rounding goes.
        let number = Rational(BigInt(halves * 2 + (isInexact ? 1 : 0)), over: 4)
        #expect(ExactPosition(halves: halves, isInexact: isInexact) == number.position)
      }
    }
  }

  @Test(arguments: [Int64(1) << 30, (1 << 30) + 1, 1 << 40, .max])
  func numbersBeyondTheLimitAreSaturated(value: Int64) {
    #expect(Rational(value).position == ExactPosition(ExactPosition.limit))
    #expect(Rational(0 - value).position == ExactPosition(0 - ExactPosition.limit))
    #expect(ExactPosition(halves: .max, isInexact: true) == ExactPosition(ExactPosition.limit))
    // Between the greatest floor below the limit and the limit nothing is saturated.
    let below = Rational(BigInt(ExactPosition.limit) * 4 - 1, over: 4)
    #expect(below.position == ExactPosition(floor: ExactPosition.limit - 1, fraction: .aboveHalf))
  }
}
