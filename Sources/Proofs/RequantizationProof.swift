import Profiles
import QuantizedArithmetic
import QuantizedLayers
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
  package init(_ function: RequantizationFunction, sweeps: Bool = false, jobs: Int = 1) {
    let pieces = MonotonePieces(function)
    if sweeps {
      self.init(function, Sweep.steps(function, jobs: jobs), .swept, pieces)
    } else {
      let (profile, method) = RequantizationProof.steps(function, pieces, jobs)
      self.init(function, profile, method, pieces)
    }
  }

  private static func steps(
    _ function: RequantizationFunction, _ pieces: MonotonePieces, _ jobs: Int
  ) -> (StepFunction, Method) {
    var steps = StepFunction(from: function.domain.lowerBound)
    var swept: Int64 = 0
    let parts =
      pieces.ranges.map { (range: $0, isKnown: true) }
      + pieces.unknown.map { (range: $0, isKnown: false) }
    for part in parts.sorted(by: { $0.range.lowerBound < $1.range.lowerBound }) {
      if part.isKnown {
        steps.append(part.range, monotone: function.output)
      } else {
        steps.append(Sweep.steps(function, part.range, jobs: jobs))
        swept += Int64(part.range.count)
      }
    }
    return (steps, swept > 0 ? .partlySwept(accumulators: swept) : .steps(pieces: parts.count))
  }

  private init(
    _ function: RequantizationFunction, _ profile: StepFunction, _ method: Method,
    _ pieces: MonotonePieces
  ) {
    self.method = method
    domain = function.domain
    var truth = StepFunction(from: domain.lowerBound)
    truth.append(
      domain, monotone: { function.clamped(function.position($0).rounded(.toNearestOrEven)) })
    var survey = Survey(function, truth)
    StepFunction.zip(profile, truth) { survey.visit($0, output: $1, even: $2) }
    survey.finish(pieces)
    differences = survey.differences
    ties = survey.ties
    departed = survey.departed
    largestDifference = survey.largest
    accuracy = survey.accuracy
    evaluations = profile.evaluations + truth.evaluations + survey.evaluations
  }
}
