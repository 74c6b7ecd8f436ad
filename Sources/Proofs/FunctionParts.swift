import Profiles

/// The parts of a requantization's domain, in order and without gaps, each with the way in which it
/// becomes known.
struct FunctionParts: Sendable {
  enum Way: Hashable, Sendable {
    /// It is monotone: through its steps, which lie about so far behind those of the true value.
    case steps(offset: Int64)
    /// It is asked at every accumulator.
    case swept
    /// It repeats with a period, and the true value does not change: asked at one period.
    case repeating(period: Int64)
    /// Its result wraps, in pieces that are counted one by one, and the true value does not change;
    /// where there is a period, the range is a number of whole ones, and one is counted.
    case wrapped(WrappedResult, period: Int64?)
  }

  struct Part: Hashable, Sendable {
    let range: ClosedRange<Int64>
    let way: Way
  }

  let parts: [Part]
  let method: RequantizationProof.Method
  let function: RequantizationFunction
  /// The true value, near whose steps those of the function are looked for.
  private let guide: StepFunction
  /// Where nothing departs; `nil` where that is asked for at every accumulator.
  private let undeparted: ClosedRange<Int64>?
  /// Places at which the steps are held against the function, in order.
  let witnesses: [Int64]

  /// Accumulators that are asked one by one, at most.
  static let mostSwept = 1 << 32
  /// Pieces of a result that wraps, which are counted one by one, at most.
  static let mostCounted = 1 << 20
  /// Accumulators of one swept part: their steps, at worst one each, are in memory together.
  private static let sweptAtOnce: Int64 = 1 << 19

  /// - Parameters:
  ///   - function: the requantization.
  ///   - guide: the true value.
  ///   - table: the true value under every tie rule; where it does not change, a function that repeats
  ///     is asked at one period. `nil`: nothing is taken by periods.
  ///   - sweeps: ask at every accumulator instead of relying on monotone pieces.
  /// - Throws: ``ProofError`` where more would have to be swept than ``mostSwept``.
  init(
    _ function: RequantizationFunction, near guide: StepFunction, table: TrueTable? = nil,
    sweeps: Bool
  ) throws(ProofError) {
    let domain = function.domain
    let (pieces, wrapped) = Self.pieces(function, table, sweeps: sweeps)
    var parts: [Part] = []
    // Accumulators that are asked one by one.
    var swept = 0
    var period: Int64?
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
      for range in pieces.unknown {
        let (outer, inner) = FunctionParts.split(range, pieces.period)
        if let outer, let length = pieces.period, table?.isConstant(on: outer) == true {
          parts.append(Part(range: outer, way: .repeating(period: length)))
          sweep(inner)
          period = length
        } else {
          sweep(range)
        }
      }
      parts += wrapped
      parts.sort { $0.range.lowerBound < $1.range.lowerBound }
      undeparted = pieces.undeparted
      if !wrapped.isEmpty {
        method = Self.method(pieces.pieces.count, wrapped)
      } else if let period {
        method = .repeating(period: period, accumulators: Int64(swept))
      } else if swept > 0 {
        method = .partlySwept(accumulators: Int64(swept))
      } else {
        method = .steps(pieces: pieces.pieces.count)
      }
    }
    guard swept <= Self.mostSwept else {
      throw ProofError(
        "\(function.profile.name) is defined for \(domain.count) accumulators here: too many"
          + " to ask at each")
    }
    (self.function, self.guide, self.parts) = (function, guide, parts)
    let width = UInt64(domain.count)
    // Weyl's sequence: multiples of the golden ratio, as evenly spread as so few places can be.
    witnesses = (1...64).map { number in
      let share = UInt64(number) &* 0x9E37_79B9_7F4A_7C15
      return domain.lowerBound + Int64(share.multipliedFullWidth(by: width).high)
    }.sorted()
  }

  /// The first period of a range, or all of it.
  static func first(_ range: ClosedRange<Int64>, _ period: Int64?) -> ClosedRange<Int64> {
    range.lowerBound...(period.map { range.lowerBound + $0 - 1 } ?? range.upperBound)
  }

  /// Divides a range on one side of 0 into whole periods, beyond ±2^17 and a period, and the rest.
  private static func split(
    _ range: ClosedRange<Int64>, _ period: Int64?
  ) -> (outer: ClosedRange<Int64>?, inner: ClosedRange<Int64>) {
    // Two powers of two: the larger is a multiple of the period.
    guard let width = period.map({ max($0, 1 << 17) }) else { return (nil, range) }
    if range.lowerBound < 0 - width, range.upperBound >= 0 - width, range.upperBound < 0 {
      return (range.lowerBound...(-1 - width), (0 - width)...range.upperBound)
    }
    if range.upperBound >= width, range.lowerBound < width, range.lowerBound >= 0 {
      return (width...range.upperBound, range.lowerBound...(width - 1))
    }
    return (nil, range)
  }

  /// What the function does on a range that lies in one part; on the first period where it repeats.
  /// Not of a result that wraps in pieces: see ``survey(_:_:listing:)``.
  ///
  /// - Returns: `nil` where the function, at a place that was not asked for, is not what follows: the
  ///   argument for monotone pieces and periods is one of a person.
  func outcomes(_ range: ClosedRange<Int64>, _ way: Way) -> PartOutcomes? {
    let offset: Int64
    switch way {
    case .steps(let distance): offset = distance
    case .swept: return PartOutcomes(range, sweeping: function)
    case .wrapped: return nil
    case .repeating(let period):
      let outcomes = PartOutcomes(Self.first(range, period), sweeping: function)
      return repeats(range, period) ? outcomes : nil
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
