import Profiles
import QuantizedLayers

/// What a requantization does for every accumulator of its domain, and how that became known.
package struct FunctionSteps: Sendable {
  package let outputs: StepFunction
  /// 0 where nothing departs, 1 elsewhere.
  let departures: StepFunction
  package let method: RequantizationProof.Method

  /// Accumulators that are asked one by one, at most.
  static let mostSwept = 1 << 32

  /// - Parameters:
  ///   - function: the requantization.
  ///   - guide: the true value, near whose steps those of the function are looked for.
  ///   - sweeps: ask at every accumulator instead of relying on monotone pieces.
  ///   - jobs: threads that sweep.
  /// - Throws: ``ProofError`` where more would have to be swept than ``mostSwept``, or where the output
  ///   changes more often than ``Sweep/mostSteps``.
  init(
    _ function: RequantizationFunction, near guide: StepFunction, sweeps: Bool, jobs: Int
  ) throws(ProofError) {
    let pieces = MonotonePieces(function)
    let unknown = pieces.unknown.reduce(0) { $0 + $1.count }
    guard !sweeps && unknown <= Self.mostSwept || function.domain.count <= Self.mostSwept else {
      throw ProofError(
        "\(function.profile.name) is defined for \(function.domain.count) accumulators here: too many"
          + " to ask at each")
    }
    if !sweeps, !pieces.pieces.isEmpty {
      let found = FunctionSteps.steps(function, pieces, guide, jobs)
      try FunctionSteps.check(found.0, function)
      if FunctionSteps.holds(found.0, of: function) {
        (outputs, departures, method) = found
        return
      }
      guard function.domain.count <= Self.mostSwept else {
        throw ProofError("\(function.profile.name) contradicts its steps, and cannot be swept")
      }
    }
    (outputs, departures) = Sweep.functions(function, function.domain, jobs: jobs)
    method = .swept
    try FunctionSteps.check(outputs, function)
  }

  private static func check(
    _ steps: StepFunction, _ function: RequantizationFunction
  ) throws(ProofError) {
    guard steps.end < function.domain.upperBound else { return }
    throw ProofError(
      "the output of \(function.profile.name) changes more than \(Sweep.mostSteps) times here: too"
        + " often for a statement about stretches of accumulators")
  }

  private static func steps(
    _ function: RequantizationFunction, _ pieces: MonotonePieces, _ guide: StepFunction,
    _ jobs: Int
  ) -> (StepFunction, StepFunction, RequantizationProof.Method) {
    let domain = function.domain
    var outputs = StepFunction(from: domain.lowerBound)
    var swept: Int64 = 0
    var known = pieces.pieces[...]
    var unknown = pieces.unknown[...]
    while outputs.end < domain.upperBound {
      if let piece = known.first, piece.range.lowerBound == outputs.end + 1 {
        outputs.append(piece.range, near: guide, offset: piece.offset, monotone: function.output)
        known.removeFirst()
      } else if let range = unknown.popFirst() {
        outputs.append(Sweep.functions(function, range, jobs: jobs).outputs)
        swept += Int64(range.count)
      } else {
        break
      }
    }
    var departures = StepFunction(from: domain.lowerBound)
    let inside = pieces.undeparted ?? 0...0
    if inside.lowerBound > domain.lowerBound {
      departures.append(domain.lowerBound...(inside.lowerBound - 1), constant: 1)
    }
    departures.append(inside, constant: 0)
    if inside.upperBound < domain.upperBound {
      departures.append((inside.upperBound + 1)...domain.upperBound, constant: 1)
    }
    let count = pieces.pieces.count + pieces.unknown.count
    return (
      outputs, departures, swept > 0 ? .partlySwept(accumulators: swept) : .steps(pieces: count)
    )
  }

  /// Whether the function is what its steps say at places that they did not ask for.
  ///
  /// The argument that the pieces are monotone is one of a person; where a place contradicts it, every
  /// accumulator is asked instead.
  private static func holds(_ steps: StepFunction, of function: RequantizationFunction) -> Bool {
    let domain = function.domain
    guard steps.end == domain.upperBound else { return false }
    let width = UInt64(domain.count)
    // Weyl's sequence: multiples of the golden ratio, as evenly spread as so few places can be.
    return (1...64).allSatisfy { number in
      let share = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
      let place = domain.lowerBound + Int64(share.multipliedFullWidth(by: width).high)
      return steps.value(at: place) == function.output(place)
    }
  }
}
