import Profiles
import QuantizedLayers

/// What a requantization does for every accumulator of its domain, as a whole.
package struct FunctionSteps: Sendable {
  package let outputs: StepFunction
  /// 0 where nothing departs, 1 elsewhere.
  let departures: StepFunction
  package let method: RequantizationProof.Method

  /// Steps that are kept, at most: they are in memory together.
  static let mostSteps = 1 << 22

  /// - Parameters:
  ///   - function: the requantization.
  ///   - guide: the true value, near whose steps those of the function are looked for.
  ///   - sweeps: ask at every accumulator instead of relying on monotone pieces.
  ///   - jobs: threads.
  /// - Throws: ``ProofError`` where more would have to be swept than ``FunctionParts/mostSwept``, or
  ///   where the output changes more often than ``mostSteps``.
  package init(
    _ function: RequantizationFunction, near guide: StepFunction, sweeps: Bool, jobs: Int
  ) throws(ProofError) {
    let parts = try FunctionParts(function, near: guide, sweeps: sweeps)
    var outputs = StepFunction(from: function.domain.lowerBound)
    var departures = outputs
    let isKnown = OrderedWork.run(parts.parts.count, jobs: jobs) { number in
      parts.outcomes(parts.parts[number].range, parts.parts[number].way)
    } take: { outcomes in
      outputs.count(outcomes.evaluations)
      outcomes.forEach { start, end, output, isDeparted in
        outputs.append(start...end, constant: output)
        departures.append(start...end, constant: isDeparted ? 1 : 0)
      }
      return outputs.runs.count <= Self.mostSteps
    }
    guard outputs.runs.count <= Self.mostSteps else {
      throw ProofError(
        "the output of \(function.profile.name) changes more than \(Self.mostSteps) times here")
    }
    guard isKnown else {
      self = try FunctionSteps(function, near: guide, sweeps: true, jobs: jobs)
      return
    }
    (self.outputs, self.departures, method) = (outputs, departures, parts.method)
  }
}
