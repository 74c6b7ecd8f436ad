import Profiles

/// The parts of a requantization's domain, in order and without gaps, each with the way in which it
/// becomes known.
struct FunctionParts: Sendable {
  enum Way: Hashable, Sendable {
    /// It is monotone: through its steps, which lie about so far behind those of the true value.
    case steps(offset: Int64)
    /// It is asked at every accumulator.
    case swept
  }

  struct Part: Hashable, Sendable {
    let range: ClosedRange<Int64>
    let way: Way
  }

  let parts: [Part]
  let method: RequantizationProof.Method
  /// Accumulators that are asked one by one.
  let swept: Int
  private let function: RequantizationFunction
  /// The true value, near whose steps those of the function are looked for.
  private let guide: StepFunction
  /// Where nothing departs; `nil` where that is asked for at every accumulator.
  private let undeparted: ClosedRange<Int64>?
  /// Places at which the steps are held against the function, in order.
  private let witnesses: [Int64]

  /// Accumulators that are asked one by one, at most.
  static let mostSwept = 1 << 32
  /// Accumulators of one swept part: their steps, at worst one each, are in memory together.
  private static let sweptAtOnce: Int64 = 1 << 19

  /// - Parameters:
  ///   - function: the requantization.
  ///   - guide: the true value.
  ///   - sweeps: ask at every accumulator instead of relying on monotone pieces.
  /// - Throws: ``ProofError`` where more would have to be swept than ``mostSwept``.
  init(
    _ function: RequantizationFunction, near guide: StepFunction, sweeps: Bool
  ) throws(ProofError) {
    let domain = function.domain
    let pieces = MonotonePieces(function)
    var parts: [Part] = []
    var swept = 0
    func sweep(_ range: ClosedRange<Int64>) {
      swept += range.count
      guard swept <= Self.mostSwept else { return }
      var start = range.lowerBound
      while start <= range.upperBound {
        let end = min(start + Self.sweptAtOnce - 1, range.upperBound)
        parts.append(Part(range: start...end, way: .swept))
        start = end + 1
      }
    }
    if sweeps || pieces.pieces.isEmpty {
      sweep(domain)
      undeparted = nil
      method = .swept
    } else {
      for piece in pieces.pieces {
        parts.append(Part(range: piece.range, way: .steps(offset: piece.offset)))
      }
      for range in pieces.unknown { sweep(range) }
      parts.sort { $0.range.lowerBound < $1.range.lowerBound }
      undeparted = pieces.undeparted
      method =
        swept > 0
        ? .partlySwept(accumulators: Int64(swept)) : .steps(pieces: pieces.pieces.count)
    }
    guard swept <= Self.mostSwept else {
      throw ProofError(
        "\(function.profile.name) is defined for \(domain.count) accumulators here: too many"
          + " to ask at each")
    }
    (self.function, self.guide, self.parts, self.swept) = (function, guide, parts, swept)
    let width = UInt64(domain.count)
    // Weyl's sequence: multiples of the golden ratio, as evenly spread as so few places can be.
    witnesses = (1...64).map { number in
      let share = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
      return domain.lowerBound + Int64(share.multipliedFullWidth(by: width).high)
    }.sorted()
  }

  /// What the function does on a range that lies in one part.
  ///
  /// - Returns: `nil` where the function, at a place that its steps did not ask for, is not what they
  ///   say: the argument that the pieces are monotone is one of a person.
  func outcomes(_ range: ClosedRange<Int64>, _ way: Way) -> PartOutcomes? {
    guard case .steps(let offset) = way else {
      return PartOutcomes(range, sweeping: function)
    }
    var steps = StepFunction(from: range.lowerBound)
    steps.append(range, near: guide, offset: offset, monotone: function.output)
    let departs = undeparted.map { !$0.contains(range.lowerBound) } ?? true
    let outcomes = PartOutcomes(range, steps: steps, departs: departs)
    for place in witnesses where range.contains(place) {
      guard outcomes.output(place) == function.output(place) else { return nil }
    }
    return outcomes
  }

  /// The parts that two functions have together on a domain.
  static func common(
    _ first: FunctionParts, _ second: FunctionParts, _ domain: ClosedRange<Int64>
  ) -> [(range: ClosedRange<Int64>, first: Way, second: Way)] {
    var common: [(range: ClosedRange<Int64>, first: Way, second: Way)] = []
    var (left, right) = (first.parts[...], second.parts[...])
    while let one = left.first, let other = right.first {
      let range = one.range.clamped(to: other.range)
      if one.range.overlaps(other.range), range.overlaps(domain) {
        common.append((range.clamped(to: domain), one.way, other.way))
      }
      if one.range.upperBound <= other.range.upperBound { left.removeFirst() }
      if other.range.upperBound <= one.range.upperBound { right.removeFirst() }
    }
    return common
  }
}
