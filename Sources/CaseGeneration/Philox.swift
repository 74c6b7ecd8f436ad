/// The counter-based generator Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random
/// numbers: as easy as 1, 2, 3" (SC 2011).
///
/// Block `counter` of the stream `key` is a function of both alone, so a case can be made without
/// those before it. Tested against the known answers of Random123 1.09.
package struct Philox4x32: Sendable {
  package typealias Block = (UInt32, UInt32, UInt32, UInt32)

  /// Ten rounds of the bijection.
  @inlinable
  package static func block(counter: Block, key: (UInt32, UInt32)) -> Block {
    var (c0, c1, c2, c3) = counter
    var (k0, k1) = key
    for _ in 0..<10 {
      let p0 = UInt64(c0) &* 0xD251_1F53
      let p1 = UInt64(c2) &* 0xCD9E_8D57
      (c0, c1, c2, c3) = (
        UInt32(truncatingIfNeeded: p1 >> 32) ^ c1 ^ k0, UInt32(truncatingIfNeeded: p1),
        UInt32(truncatingIfNeeded: p0 >> 32) ^ c3 ^ k1, UInt32(truncatingIfNeeded: p0)
      )
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return (c0, c1, c2, c3)
  }
}

/// The random numbers of one case: a stream that depends on seed, index and attempt alone.
///
/// The mappings from words to numbers are part of the generator's version: a change of any of them
/// changes what is generated.
package struct CaseRandom {
  private let key: (UInt32, UInt32)
  private let index: (UInt32, UInt32)
  private let attempt: UInt32
  private var block: UInt32 = 0
  private var words: Philox4x32.Block = (0, 0, 0, 0)
  private var left = 0

  package init(seed: UInt64, index: UInt64, attempt: UInt32 = 0) {
    key = (UInt32(truncatingIfNeeded: seed), UInt32(truncatingIfNeeded: seed >> 32))
    self.index = (UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32))
    self.attempt = attempt
  }

  private mutating func refill() {
    words = Philox4x32.block(counter: (block, attempt, index.0, index.1), key: key)
    block &+= 1
    left = 4
  }

  /// The next 32 bits.
  package mutating func word() -> UInt32 {
    if left == 0 { refill() }
    left -= 1
    switch left {
    case 3: return words.0
    case 2: return words.1
    case 1: return words.2
    default: return words.3
    }
  }

  /// The next 64 bits, low word first.
  package mutating func longWord() -> UInt64 {
    let low = UInt64(word())
    return low | UInt64(word()) << 32
  }

  /// Evenly from `0 ..< bound`: the upper half of `word × bound`, drawn again in the short part of
  /// the range (Lemire, "Fast random integer generation in an interval", 2019).
  ///
  /// - Precondition: `bound > 0`.
  package mutating func below(_ bound: UInt32) -> UInt32 {
    precondition(bound > 0)
    var product = UInt64(word()) &* UInt64(bound)
    if UInt32(truncatingIfNeeded: product) < bound {
      let threshold = (0 &- bound) % bound
      while UInt32(truncatingIfNeeded: product) < threshold {
        product = UInt64(word()) &* UInt64(bound)
      }
    }
    return UInt32(truncatingIfNeeded: product >> 32)
  }

  /// Evenly from a range of at most 2^32 − 1 integers.
  package mutating func integer(in range: ClosedRange<Int>) -> Int {
    range.lowerBound + Int(below(UInt32(range.upperBound - range.lowerBound + 1)))
  }

  /// Evenly from a range of integers, of any size.
  package mutating func integer(in range: ClosedRange<Int64>) -> Int64 {
    let width = UInt64(bitPattern: range.upperBound &- range.lowerBound)
    if width < 0xFFFF_FFFF {
      return range.lowerBound &+ Int64(below(UInt32(width) + 1))
    }
    // Rejection from the least power of two that covers the range.
    let mask = UInt64.max >> UInt64(width.leadingZeroBitCount)
    while true {
      let candidate = longWord() & mask
      if candidate <= width { return range.lowerBound &+ Int64(bitPattern: candidate) }
    }
  }

  package mutating func chance(_ numerator: UInt32, in denominator: UInt32) -> Bool {
    below(denominator) < numerator
  }

  /// Evenly one element.
  ///
  /// - Precondition: `elements` is not empty.
  package mutating func element<T>(of elements: [T]) -> T {
    elements[Int(below(UInt32(elements.count)))]
  }

  /// Evenly from `0 ..< 1`, a multiple of 2^−32.
  package mutating func fraction() -> Double { Double(word()) * 0x1p-32 }

  /// Overwrites `bytes` with random bits, four bytes a word, low byte first.
  package mutating func fill(_ bytes: inout [UInt8], count: Int) {
    bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      let raw = UnsafeMutableRawBufferPointer(buffer)
      var index = 0
      while index &+ 4 <= count {
        raw.storeBytes(of: word().littleEndian, toByteOffset: index, as: UInt32.self)
        index &+= 4
      }
      var rest = index < count ? word() : 0
      while index < count {
        raw[index] = UInt8(truncatingIfNeeded: rest)
        rest >>= 8
        index &+= 1
      }
      initialized = count
    }
  }

  /// Fisher and Yates's shuffle, from the last element down.
  package mutating func shuffle<T>(_ elements: inout [T]) {
    var last = elements.count - 1
    while last > 0 {
      elements.swapAt(last, Int(below(UInt32(last + 1))))
      last -= 1
    }
  }
}
