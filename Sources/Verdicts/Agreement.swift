/// How often the implementations of a run gave the same outputs, pair by pair.
package struct Agreement: Hashable, Sendable {
  /// Two implementations, by their places in the run, the smaller first.
  package struct Pair: Hashable, Sendable {
    package let first: Int
    package let second: Int

    package init(_ one: Int, _ other: Int) { (first, second) = (min(one, other), max(one, other)) }
  }

  /// Cases that both answered with outputs, and how many of them differ.
  package struct Counts: Hashable, Sendable {
    package var compared = 0
    package var differing = 0

    package init() {}
  }

  package private(set) var pairs: [Pair: Counts] = [:]

  package init() {}

  /// Adds one case: each implementation's output bytes, `nil` where it gave none.
  package mutating func add(_ outputs: [[UInt8]?]) {
    for (one, first) in outputs.enumerated() {
      guard let first else { continue }
      for other in outputs.indices.dropFirst(one + 1) {
        guard let second = outputs[other] else { continue }
        var counts = pairs[Pair(one, other)] ?? Counts()
        counts.compared += 1
        if first != second { counts.differing += 1 }
        pairs[Pair(one, other)] = counts
      }
    }
  }

  package static func += (left: inout Agreement, right: Agreement) {
    for (pair, counts) in right.pairs {
      left.pairs[pair, default: Counts()].compared += counts.compared
      left.pairs[pair, default: Counts()].differing += counts.differing
    }
  }

  /// The implementations that never differed from each other, as groups of places: every two of a
  /// group were compared, and always agreed. The first group is the largest.
  package func clusters(of count: Int) -> [[Int]] {
    var groups: [[Int]] = []
    for place in 0..<count {
      let home = groups.firstIndex { group in
        group.allSatisfy { member in
          pairs[Pair(member, place)].map { $0.compared > 0 && $0.differing == 0 } ?? false
        }
      }
      if let home { groups[home].append(place) } else { groups.append([place]) }
    }
    return groups.enumerated().sorted {
      ($1.element.count, $0.offset) < ($0.element.count, $1.offset)
    }
    .map(\.element)
  }
}
