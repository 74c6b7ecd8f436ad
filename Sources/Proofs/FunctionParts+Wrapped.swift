/// Results that wrap, whose pieces are counted instead of being followed one by one.
extension FunctionParts {
  /// The pieces of a function, and the parts on which its result wraps and the true value does not
  /// change.
  static func pieces(
    _ function: RequantizationFunction, _ table: TrueTable?, sweeps: Bool
  ) -> (MonotonePieces, wrapped: [Part]) {
    if let table, !sweeps {
      let pieces = MonotonePieces(function, keepsWrapped: true)
      let sides = pieces.wrapped.map { side in
        table.isConstant(on: side.range) ? parts(side.range, side.result) : nil
      }
      if sides.allSatisfy({ $0 != nil }) { return (pieces, sides.flatMap { $0 ?? [] }) }
    }
    return (MonotonePieces(function), [])
  }

  /// Divides a range on one side of 0 into whole periods and the rest.
  ///
  /// - Returns: `nil` where there are too many pieces.
  private static func parts(
    _ range: ClosedRange<Int64>, _ result: WrappedResult
  ) -> [Part]? {
    var (parts, rest) = ([Part](), Optional(range))
    if let period = result.period, case let times = Int64(range.count) / period, times > 1 {
      // Where it begins does not matter to a period.
      let end = range.lowerBound + times * period - 1
      parts.append(
        Part(range: range.lowerBound...end, way: .wrapped(result, period: period)))
      rest = end < range.upperBound ? (end + 1)...range.upperBound : nil
    }
    if let rest { parts.append(Part(range: rest, way: .wrapped(result, period: nil))) }
    return counted(parts).allSatisfy { $0 <= mostCounted } ? parts : nil
  }

  /// How many pieces of each part are counted one by one.
  private static func counted(_ parts: [Part]) -> [Int] {
    parts.map { part in
      guard case .wrapped(let result, let period) = part.way else { return 0 }
      return result.pieceCount(first(part.range, period))
    }
  }

  static func method(_ pieces: Int, _ wrapped: [Part]) -> RequantizationProof.Method {
    let periods = wrapped.compactMap { part -> Int64? in
      guard case .wrapped(_, let period) = part.way else { return nil }
      return period
    }
    let counted = pieces + counted(wrapped).reduce(0, +)
    return periods.first.map { .repeatingPieces(period: $0, pieces: counted) }
      ?? .steps(pieces: counted)
  }
}
