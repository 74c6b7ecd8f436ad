/// SplitMix64 (Steele, Lea, Flood, 2014): the same numbers on every machine.
package struct SplitMix64: Sendable {
  private var state: UInt64

  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// From `0 ..< bound`, evenly enough for tests.
  package mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  package mutating func integer(in range: ClosedRange<Int64>) -> Int64 {
    let width = UInt64(bitPattern: range.upperBound &- range.lowerBound)
    let value = width == .max ? next() : next() % (width + 1)
    return range.lowerBound &+ Int64(bitPattern: value)
  }

  /// An integer of 1 to `bits` significant bits, every width equally likely, of either sign.
  package mutating func integer(bits: Int) -> Int64 {
    let value = Int64(bitPattern: next() >> UInt64(64 - 1 - below(bits)))
    return next() & 1 == 0 ? value : 0 &- value
  }

  package mutating func pick<T>(_ values: [T]) -> T { values[below(values.count)] }

  /// A positive number of `bits` significant bits, uniform in the logarithm.
  package mutating func scale(_ exponents: ClosedRange<Int>, bits: Int = 24) -> Double {
    let fraction = (next() >> 12) & ~((1 << UInt64(53 - bits)) &- 1)
    let significand = Double(bitPattern: 0x3FF0_0000_0000_0000 | fraction)
    let exponent = exponents.lowerBound + below(exponents.count)
    return Double(sign: .plus, exponent: exponent, significand: significand)
  }

  /// A finite, positive number of any exponent, subnormal ones included.
  package mutating func anyPositiveDouble() -> Double {
    while true {
      let value = Double(bitPattern: next() & 0x7FFF_FFFF_FFFF_FFFF)
      if value.isFinite, value > 0 { return value }
    }
  }
}

/// How many of `count` random draws a test makes: debug builds are far slower and make a part.
package func draws(_ count: Int, debug divisor: Int = 10) -> Int {
  #if DEBUG
  max(1, count / divisor)
  #else
  count
  #endif
}
