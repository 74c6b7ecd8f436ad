import Synchronization
package import Verdicts

/// What holds of a requantization for every accumulator of its domain.
package struct RequantizationProof: Hashable, Sendable {
  /// How the function became known.
  package enum Method: Hashable, Sendable {
    /// Through the steps of so many monotone pieces.
    case steps(pieces: Int)
    /// Some pieces were asked at every accumulator, so many in all.
    case partlySwept(accumulators: Int64)
    /// Beyond the monotone pieces so many accumulators and one period were asked; the rest repeats.
    case repeating(period: Int64, accumulators: Int64)
    /// The result wraps, and repeats with a period: so many pieces were counted, on each side those of
    /// one period and of what is left of the domain.
    case repeatingPieces(period: Int64, pieces: Int)
    /// Every accumulator was asked.
    case swept
  }

  /// A stretch of accumulators on which both functions are constant and differ.
  package struct Difference: Hashable, Sendable {
    package let range: ClosedRange<Int64>
    package let output: Int64
    package let expected: Int64
  }

  package let domain: ClosedRange<Int64>
  package let method: Method
  /// Where the output is not the true value, rounded to nearest by the rule.
  package let differences: [TieRule: DifferenceSet]
  /// Accumulators whose true value is a tie inside the output's range.
  package let ties: Int64
  /// Accumulators for which the profile leaves the mathematics; the accuracy class is over the others.
  package let departed: Int64
  package let accuracy: AccuracyClass
  /// The largest `|output − nearest|` over all accumulators, departed ones too.
  package let largestDifference: Int64
  /// Evaluations of the profile and of the true value.
  package let evaluations: Int

  /// How many accumulators differ from the rule's value.
  package func count(_ rule: TieRule) -> Int64 { differences[rule]?.accumulators ?? 0 }
}

extension RequantizationProof {
  /// Proves the statement for a function.
  ///
  /// - Parameters:
  ///   - function: the requantization.
  ///   - sweeps: ask the profile at every accumulator instead of relying on its monotone pieces.
  ///   - jobs: threads.
  ///   - progress: is told of it as parts of the domain are done.
  /// - Throws: ``ProofError`` where too many accumulators would have to be swept.
  package init(
    _ function: RequantizationFunction, sweeps: Bool = false, jobs: Int = 1,
    progress: @escaping ProofProgress = { _, _ in }
  ) throws(ProofError) {
    let truth = TrueFunctions(function)
    let table = TrueTable(truth)
    let parts = try FunctionParts(function, near: truth[TieRule.up], table: table, sweeps: sweeps)
    var survey = Survey(function, listing: DifferenceSet.mostListed)
    let listing = Atomic<Int>(DifferenceSet.mostListed)
    let isKnown = OrderedWork.run(parts.parts.count, jobs: jobs) { number -> Survey? in
      let part = parts.parts[number]
      let survey = parts.survey(part, table, listing: listing.load(ordering: .relaxed))
      progress(part.range.count, function.domain.count)
      return survey
    } take: { other in
      survey.add(other)
      listing.store(survey.listingOfNext, ordering: .relaxed)
      return true
    }
    guard isKnown else {
      self = try RequantizationProof(function, sweeps: true, jobs: jobs, progress: progress)
      return
    }
    differences = [.even: survey.even, .away: survey.away, .up: survey.up]
    method = parts.method
    domain = function.domain
    ties = table.ties
    departed = survey.departed
    largestDifference = survey.largest
    accuracy = survey.accuracy
    evaluations = survey.evaluations + truth[TieRule.up].evaluations
  }
}
