import Profiles

/// What a change of the sum of products makes of a part of it.
enum SumChange {
  /// What is added to the sum of every output, row by row.
  static func differences(
    _ part: SumPart, _ change: Change, _ numbers: Numbers, _ arithmetic: Arithmetic
  ) -> [Int64] {
    var plain = numbers
    plain.sumChange = nil
    var exact = arithmetic
    exact.accumulator = .exact
    switch part {
    case .products, .corrections:
      let changed = applied(change, plain)
      let products = subtracted(RawSums(changed).products, RawSums(plain).products)
      guard part == .corrections else { return products }
      return subtracted(subtracted(sums(changed, exact), sums(plain, exact)), products)
    case .tail, .tailBehindWhole, .whole, .firstTerm, .lastTerm:
      guard let range = part.terms(of: numbers.depth) else {
        return Array(repeating: 0, count: numbers.rows * numbers.channels)
      }
      let slice = plain.terms(range)
      return subtracted(sums(applied(change, slice), exact), sums(slice, exact))
    }
  }

  private static func applied(_ change: Change, _ numbers: Numbers) -> Numbers {
    var changed = numbers
    return changed.apply(change) ? changed : numbers
  }

  private static func subtracted(_ left: [Int64], _ right: [Int64]) -> [Int64] {
    zip(left, right).map { $0 &- $1 }
  }

  private static func sums(_ numbers: Numbers, _ arithmetic: Arithmetic) -> [Int64] {
    let sums = AccumulatorSums(numbers, RawSums(numbers), arithmetic, biasFirstBits: nil)
    return (0..<numbers.rows).flatMap { row in
      (0..<numbers.channels).map { sums.sum(row, $0) }
    }
  }
}

extension SumPart {
  /// The terms it is about; `nil`: none.
  fileprivate func terms(of depth: Int) -> Range<Int>? {
    let range: Range<Int> =
      switch self {
      case .products, .corrections: 0..<depth
      case .tail(let lanes): (depth / lanes * lanes)..<depth
      case .tailBehindWhole(let lanes): (depth < lanes ? depth : depth / lanes * lanes)..<depth
      case .whole(let lanes): 0..<(depth / lanes * lanes)
      case .firstTerm: 0..<1
      case .lastTerm: (depth - 1)..<depth
      }
    return range.isEmpty ? nil : range
  }
}
