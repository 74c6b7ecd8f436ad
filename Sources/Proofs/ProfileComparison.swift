import Profiles

/// Two requantizations of the same layer, compared for every accumulator that both are defined for.
package struct ProfileComparison: Hashable, Sendable {
  package let domain: ClosedRange<Int64>
  /// Stretches where they differ: the first one's output and, as expected, the other's.
  package let differences: [RequantizationProof.Difference]
  /// How each of them became known.
  package let methods: [RequantizationProof.Method]
  package let evaluations: Int

  /// How many accumulators they differ on.
  package var count: Int64 { differences.reduce(0) { $0 + Int64($1.range.count) } }

  /// The largest |difference|.
  package var largest: Int64 {
    differences.reduce(0) { max($0, Int64(($1.output - $1.expected).magnitude)) }
  }

  package init(
    _ first: RequantizationFunction, _ second: RequantizationFunction, sweeps: Bool = false,
    jobs: Int = 1
  ) throws(ProofError) {
    var steps: [FunctionSteps] = []
    for function in [first, second] {
      steps.append(
        try FunctionSteps(
          function, near: TrueFunctions(function)[TrueSteps.Tie.up], sweeps: sweeps, jobs: jobs))
    }
    domain =
      max(
        first.domain.lowerBound, second.domain.lowerBound)...min(
        first.domain.upperBound, second.domain.upperBound)
    differences = StepFunction.differences(steps[0].outputs, steps[1].outputs)
    methods = steps.map(\.method)
    evaluations = steps.reduce(0) { $0 + $1.outputs.evaluations }
  }
}
