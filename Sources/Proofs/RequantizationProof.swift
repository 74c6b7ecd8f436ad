package import Verdicts

/// What holds of a requantization for every accumulator of its domain.
package struct RequantizationProof: Hashable, Sendable {
  /// How the function became known.
  package enum Method: Hashable, Sendable {
    /// Through the steps of so many monotone pieces.
    case steps(pieces: Int)
    /// Some pieces were asked at every accumulator, so many in all.
    case partlySwept(accumulators: Int64)
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
  /// Stretches where the output is not the true value, rounded to nearest by the rule; in order.
  package let differences: [TieRule: [Difference]]
  /// Accumulators whose true value is a tie inside the output's range.
  package let ties: Int64
  /// Accumulators for which the profile leaves the mathematics; the accuracy class is over the others.
  package let departed: Int64
  package let accuracy: AccuracyClass
  /// The largest `|output − nearest|` over all accumulators, departed ones too.
  package let largestDifference: Int64
  /// Evaluations of the profile and of the true value.
  package let evaluations: Int
  /// The profile's outputs, for every accumulator.
  package let steps: StepFunction

  /// How many accumulators differ from the rule's value.
  package func count(_ rule: TieRule) -> Int64 {
    (differences[rule] ?? []).reduce(0) { $0 + Int64($1.range.count) }
  }
}

extension RequantizationProof {
  /// Proves the statement for a function.
  ///
  /// - Parameters:
  ///   - function: the requantization.
  ///   - sweeps: ask the profile at every accumulator instead of relying on its monotone pieces.
  ///   - jobs: threads that sweep.
  /// - Throws: ``ProofError`` where too many accumulators would have to be swept.
  package init(
    _ function: RequantizationFunction, sweeps: Bool = false, jobs: Int = 1
  ) throws(ProofError) {
    let truth = TrueFunctions(function)
    let steps = try FunctionSteps(function, near: truth[TieRule.up], sweeps: sweeps, jobs: jobs)
    var survey = Survey(function)
    StepFunction.merge(
      [
        steps.outputs, truth[TrueSteps.Tie.down], truth[TrueSteps.Tie.up], steps.departures,
      ]
    ) { range, values in
      survey.visit(
        range, output: values[0], nearest: (values[1], values[2]), isDeparted: values[3] != 0)
    }
    var differences: [TieRule: [Difference]] = [:]
    var misses: Set<TieRule> = []
    for rule in TieRule.allCases {
      let list = StepFunction.differences(steps.outputs, truth[rule])
      differences[rule] = list
      let isMissed = list.contains { difference in
        steps.departures.value(at: difference.range.lowerBound) == 0
          || steps.departures.value(at: difference.range.upperBound) == 0
          || steps.departures.changes(within: difference.range)
      }
      if isMissed { misses.insert(rule) }
    }
    self.differences = differences
    self.steps = steps.outputs
    method = steps.method
    domain = function.domain
    ties = survey.ties
    departed = survey.departed
    largestDifference = survey.largest
    accuracy = survey.accuracy(misses: misses)
    evaluations = steps.outputs.evaluations + truth[TieRule.up].evaluations
  }
}
