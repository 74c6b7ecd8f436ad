/// Wrong kernels, by number: a set of bits.
struct KillSet: Sendable {
  private(set) var words: [UInt64]

  init(_ count: Int) { words = Array(repeating: 0, count: (count + 63) / 64) }

  subscript(_ place: Int) -> Bool {
    get { words[place >> 6] >> UInt64(place & 63) & 1 == 1 }
    set {
      let bit = UInt64(1) << UInt64(place & 63)
      if newValue { words[place >> 6] |= bit } else { words[place >> 6] &= ~bit }
    }
  }

  var isEmpty: Bool { words.allSatisfy { $0 == 0 } }
  var count: Int { words.reduce(0) { $0 + $1.nonzeroBitCount } }

  /// How many it shares with another.
  func shared(_ other: KillSet) -> Int {
    var count = 0
    for index in words.indices { count += (words[index] & other.words[index]).nonzeroBitCount }
    return count
  }

  mutating func subtract(_ other: KillSet) {
    for index in words.indices { words[index] &= ~other.words[index] }
  }

  mutating func formUnion(_ other: KillSet) {
    for index in words.indices { words[index] |= other.words[index] }
  }

  func isSuperset(of other: KillSet) -> Bool {
    words.indices.allSatisfy { other.words[$0] & ~words[$0] == 0 }
  }

  /// Those of `places` that are in it.
  var places: [Int] {
    var found: [Int] = []
    for (index, word) in words.enumerated() {
      var rest = word
      while rest != 0 {
        found.append(index << 6 + rest.trailingZeroBitCount)
        rest &= rest - 1
      }
    }
    return found
  }
}
