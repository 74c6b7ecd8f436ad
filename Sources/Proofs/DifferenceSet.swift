/// The stretches of accumulators on which a function and what it is held to differ: all of them counted,
/// and listed up to a bound.
package struct DifferenceSet: Hashable, Sendable {
  package typealias Difference = RequantizationProof.Difference

  /// Two functions of 65,536 outputs that never fall differ on fewer stretches than these.
  package static let mostListed = 1 << 17

  /// How many accumulators lie in them.
  package private(set) var accumulators: Int64 = 0
  /// How many stretches there are.
  package private(set) var intervals = 0
  /// The first stretches, in order.
  package private(set) var listed: [Difference] = []
  package private(set) var last: Difference?
  /// The largest |output − expected|.
  package private(set) var largest: Int64 = 0
  /// The first stretch, also of a set that lists none.
  private var first: Difference?
  private let room: Int

  /// - Parameter room: stretches that are listed, at most.
  package init(listing room: Int = mostListed) { self.room = room }

  package var isListedWhole: Bool { listed.count == intervals }
  /// How many stretches a set that is to be added has to list: one more than there is room for, since
  /// its first may continue the last of these.
  var listingOfNext: Int { listed.count < room ? room - listed.count + 1 : 0 }

  /// Stretches that are counted, and of which only the first and the last are known: no other has an
  /// output beyond theirs.
  ///
  /// - Parameters:
  ///   - count: how many there are, at least 1.
  ///   - accumulators: how many lie in them.
  ///   - first: the first one.
  ///   - last: the last one; of one stretch, the first.
  init(counting count: Int, accumulators: Int64, first: Difference, last: Difference) {
    room = 0
    (intervals, self.accumulators) = (count, accumulators)
    (self.first, self.last) = (first, last)
    largest = [first, last].map { Int64(($0.output - $0.expected).magnitude) }.max() ?? 0
  }

  /// Takes a stretch that begins after all others; one that continues the last is joined to it.
  @inline(__always)
  mutating func add(_ start: Int64, _ end: Int64, output: Int64, expected: Int64) {
    accumulators &+= end &- start &+ 1
    largest = max(largest, Int64((output &- expected).magnitude))
    if let last, last.range.upperBound == start &- 1, last.output == output,
      last.expected == expected
    {
      extend(to: end)
      return
    }
    append(Difference(range: start...end, output: output, expected: expected))
  }

  /// Takes the stretches of a set of accumulators that lie after all of these.
  mutating func add(_ other: DifferenceSet) {
    guard let next = other.first else { return }
    accumulators += other.accumulators
    largest = max(largest, other.largest)
    let isJoined =
      last.map {
        $0.range.upperBound == next.range.lowerBound - 1 && $0.output == next.output
          && $0.expected == next.expected
      } ?? false
    if isJoined { extend(to: next.range.upperBound) }
    let added = other.intervals - (isJoined ? 1 : 0)
    if isListedWhole {
      listed += other.listed.dropFirst(isJoined ? 1 : 0).prefix(room - listed.count)
    }
    if first == nil { first = next }
    intervals += added
    if added > 0 { last = other.last }
  }

  /// Makes of the stretches of one period those of `times` periods, one after another.
  mutating func repeatEvery(_ period: Int64, times: Int64) {
    var (unit, length, rest, done) = (self, period, times, Int64(0))
    self = DifferenceSet(listing: room)
    // 2^k periods at a time, from the binary digits of their number.
    while rest > 0 {
      if rest & 1 == 1 {
        add(unit.shifted(by: done))
        done += length
      }
      rest >>= 1
      if rest > 0 { unit.add(unit.shifted(by: length)) }
      length *= 2
    }
  }

  private func shifted(by distance: Int64) -> DifferenceSet {
    func shifted(_ old: Difference) -> Difference {
      let range = old.range
      return Difference(
        range: (range.lowerBound + distance)...(range.upperBound + distance), output: old.output,
        expected: old.expected)
    }
    var other = self
    other.listed = listed.map(shifted)
    other.first = first.map(shifted)
    other.last = last.map(shifted)
    return other
  }

  private mutating func append(_ difference: Difference) {
    if isListedWhole, listed.count < room { listed.append(difference) }
    if first == nil { first = difference }
    intervals += 1
    last = difference
  }

  /// Lets the last stretch end later.
  private mutating func extend(to end: Int64) {
    guard let old = last else { return }
    let longer = Difference(
      range: old.range.lowerBound...end, output: old.output, expected: old.expected)
    if isListedWhole { listed[listed.count - 1] = longer }
    if intervals == 1 { first = longer }
    last = longer
  }
}
