import Profiles
import Synchronization

/// Two requantizations of the same layer, compared for every accumulator that both are defined for.
package struct ProfileComparison: Hashable, Sendable {
  package let domain: ClosedRange<Int64>
  /// Where they differ: the first one's output and, as expected, the other's.
  package let differences: DifferenceSet
  /// How each of them became known.
  package let methods: [RequantizationProof.Method]
  package let evaluations: Int

  /// - Parameters:
  ///   - first: a requantization.
  ///   - second: another of the same layer.
  ///   - sweeps: ask at every accumulator instead of relying on monotone pieces.
  ///   - jobs: threads.
  ///   - progress: is told of it as parts of the domain are done.
  /// - Throws: ``ProofError`` where too many accumulators would have to be swept.
  package init(
    _ first: RequantizationFunction, _ second: RequantizationFunction, sweeps: Bool = false,
    jobs: Int = 1, progress: @escaping ProofProgress = { _, _ in }
  ) throws(ProofError) {
    let domain = first.domain.clamped(to: second.domain)
    let one = try FunctionParts(first, near: TrueFunctions(first)[TrueSteps.Tie.up], sweeps: sweeps)
    let other = try FunctionParts(
      second, near: TrueFunctions(second)[TrueSteps.Tie.up], sweeps: sweeps)
    let common = FunctionParts.common(one, other, domain)
    var differences = DifferenceSet()
    var evaluations = 0
    let listing = Atomic<Int>(DifferenceSet.mostListed)
    let isKnown = OrderedWork.run(common.count, jobs: jobs) { number -> (DifferenceSet, Int)? in
      let part = common[number]
      guard let left = one.outcomes(part.range, part.first),
        let right = other.outcomes(part.range, part.second)
      else { return nil }
      var differences = DifferenceSet(listing: listing.load(ordering: .relaxed))
      StepFunction.merge([left.outputs, right.outputs]) { start, end, values in
        guard values[0] != values[1] else { return }
        differences.add(start, end, output: values[0], expected: values[1])
      }
      progress(part.range.count, domain.count)
      return (differences, left.evaluations + right.evaluations)
    } take: { part in
      differences.add(part.0)
      evaluations += part.1
      listing.store(differences.listingOfNext, ordering: .relaxed)
      return true
    }
    guard isKnown else {
      self = try ProfileComparison(first, second, sweeps: true, jobs: jobs, progress: progress)
      return
    }
    self.domain = domain
    self.differences = differences
    methods = [one.method, other.method]
    self.evaluations = evaluations
  }
}
