extension FunctionParts {
  /// What a part says of the whole.
  ///
  /// - Parameters:
  ///   - part: one of ``parts``.
  ///   - table: the true value.
  ///   - room: stretches that are listed, at most.
  /// - Returns: `nil` where the function, at a place that was not asked for, is not what follows.
  func survey(_ part: Part, _ table: TrueTable, listing room: Int) -> Survey? {
    switch part.way {
    case .steps, .swept, .repeating:
      guard let outcomes = outcomes(part.range, part.way) else { return nil }
      var survey = Survey(function, listing: room)
      survey.add(outcomes, table)
      if case .repeating(let period) = part.way {
        survey.repeatEvery(period, times: Int64(part.range.count) / period)
      }
      return survey
    case .wrapped(let result, let period):
      let first = Self.first(part.range, period)
      guard var survey = survey(first, result, table, room) else { return nil }
      if let period {
        guard repeats(part.range, period) else { return nil }
        survey.repeatEvery(period, times: Int64(part.range.count) / period)
      }
      return survey
    }
  }

  /// Piece by piece: listed while there is room, and counted from there on.
  private func survey(
    _ range: ClosedRange<Int64>, _ result: WrappedResult, _ table: TrueTable, _ room: Int
  ) -> Survey? {
    var survey = Survey(function, listing: room)
    let truth = table.stretch(at: range.lowerBound)
    var isKnown = true
    result.forEachPiece(range) { whole in
      for piece in MonotonePieces.split(function, whole.range, offset: whole.offset) where isKnown {
        if survey.listingOfNext > 0 {
          let outcomes = outcomes(piece.range, .steps(offset: piece.offset))
          if let outcomes { survey.add(outcomes, table) } else { isKnown = false }
        } else {
          var asked = 0
          let counted = CountedPiece(
            piece.range, risesByAtMostOne: result.risesByAtMostOne
          ) {
            asked += 1
            return function.output($0)
          }
          isKnown = isKnown && rises(counted)
          survey.add(counted, truth)
          survey.count(asked)
        }
      }
    }
    return isKnown ? survey : nil
  }

  /// Whether the outputs at the places that are looked at once more are such as the piece may have.
  private func rises(_ piece: CountedPiece) -> Bool {
    var (place, output) = (piece.range.lowerBound, piece.lowest)
    func follows(_ next: Int64, _ value: Int64) -> Bool {
      let rise = value - output
      // Where it does not rest at an end, it rises with every accumulator, or by no more than they.
      let isRestless = output > piece.lowest && value < piece.highest
      let isPossible =
        piece.risesByAtMostOne ? rise <= next - place : !isRestless || rise >= next - place
      (place, output) = (next, value)
      return rise >= 0 && isPossible
    }
    for witness in witnesses where piece.range.contains(witness) {
      guard follows(witness, function.output(witness)) else { return false }
    }
    return follows(piece.range.upperBound, piece.highest)
  }

  /// Whether the places that are looked at once more are as those of the first period.
  func repeats(_ range: ClosedRange<Int64>, _ period: Int64) -> Bool {
    witnesses.allSatisfy { place in
      guard range.contains(place) else { return true }
      let same = range.lowerBound + (place - range.lowerBound) % period
      return function.output(same) == function.output(place)
    }
  }
}
