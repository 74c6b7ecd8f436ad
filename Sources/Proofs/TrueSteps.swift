import QuantizedArithmetic
import QuantizedLayers
import Verdicts

/// Where a·D, rounded to nearest, steps from one integer to the next: by division, not by search.
///
/// With `D = numerator·2^exponent / divisor`, the value reaches n − 1/2 at `a = (2n − 1)·c/m`, where
/// `c = divisor·2^s`, `m = numerator·2^t` and one of s, t is 0. Quotient and remainder for n + 1 are
/// those for n plus those of 2c/m: two divisions serve all steps. Those for n ≤ 0 mirror those for
/// 1 − n.
struct TrueSteps {
  /// What a tie becomes.
  enum Tie: CaseIterable {
    case even, away, up, down
  }

  /// For n = 1, 2, …: the least a with a·D ≥ n − 1/2, and whether they are equal there.
  private let steps: [(place: Int64, isTie: Bool)]

  /// - Parameters:
  ///   - ratio: D.
  ///   - levels: how many steps are of interest on each side of 0.
  ///   - limit: accumulators beyond it in magnitude are of no interest; at most 2^48.
  ///
  /// `nil` where 128 bits do not hold the operands.
  init?(_ ratio: ScaleRatio, levels: Int64, limit: Int64) {
    let shift = ratio.exponent + 1
    let (s, t) = (max(0 - shift, 0), max(shift, 0))
    let divisor = UInt128(ratio.divisor)
    guard ratio.numerator != 0, s < divisor.leadingZeroBitCount - 1,
      t < ratio.numerator.leadingZeroBitCount - 1
    else { return nil }
    let (c, m) = (divisor << UInt128(s), ratio.numerator << UInt128(t))
    var (quotient, remainder) = c.quotientAndRemainder(dividingBy: m)
    let (stride, rest) = (2 * c).quotientAndRemainder(dividingBy: m)
    var steps: [(place: Int64, isTie: Bool)] = []
    steps.reserveCapacity(Int(min(levels, 1 << 17)))
    while Int64(steps.count) < levels, quotient <= UInt128(limit.magnitude) {
      let whole = Int64(truncatingIfNeeded: quotient)
      steps.append((remainder == 0 ? whole : whole + 1, remainder == 0))
      quotient += stride
      remainder += rest
      if remainder >= m {
        remainder -= m
        quotient += 1
      }
    }
    self.steps = steps
  }

  /// The least accumulator that becomes at least n; `nil` beyond the limit, on the side of n.
  private func place(of n: Int64, _ tie: Tie) -> Int64? {
    let isPositive = n > 0
    let index = Int(isPositive ? n - 1 : 0 - n)
    guard index < steps.count else { return nil }
    let step = steps[index]
    if !step.isTie { return isPositive ? step.place : 1 - step.place }
    let place = isPositive ? step.place : 0 - step.place
    let goesUp =
      switch tie {
      case .even: n & 1 == 0
      case .away: isPositive
      case .up: true
      case .down: false
      }
    return goesUp ? place : place + 1
  }

  /// a·D rounded, the zero point added, within `bounds`, for every accumulator of a domain.
  func function(
    _ tie: Tie, _ domain: ClosedRange<Int64>, _ bounds: ClosedRange<Int64>, zeroPoint: Int64
  ) -> StepFunction {
    var function = StepFunction(from: domain.lowerBound)
    function.begin(bounds.lowerBound, reserving: Int(bounds.upperBound - bounds.lowerBound) + 1)
    var level = bounds.lowerBound + 1
    while level <= bounds.upperBound {
      let n = level - zeroPoint
      if let place = place(of: n, tie) {
        if place > domain.upperBound { break }
        function.step(to: level, at: max(place, domain.lowerBound))
      } else if n > 0 {
        break
      } else {
        // Beyond the limit on the left: reached before the domain begins.
        function.step(to: level, at: domain.lowerBound)
      }
      level += 1
    }
    function.finish(at: domain.upperBound)
    return function
  }
}

/// The true value, rounded to nearest under every tie rule, for every accumulator of a domain.
struct TrueFunctions {
  let functions: [TrueSteps.Tie: StepFunction]

  /// Without `byDivision` they are found by halving, to compare.
  init(_ function: RequantizationFunction, byDivision: Bool = true) {
    let domain = function.domain
    let reach = max(domain.upperBound.magnitude, domain.lowerBound.magnitude)
    // The first and the last output lie within this many steps of the zero point.
    let zeroPoint = function.layer.outputZeroPoint
    let range = function.layer.outputRange
    let levels =
      1 + max((range.lowerBound - zeroPoint).magnitude, (range.upperBound - zeroPoint).magnitude)
    let steps =
      byDivision ? TrueSteps(function.ratio, levels: Int64(levels), limit: Int64(reach)) : nil
    var functions: [TrueSteps.Tie: StepFunction] = [:]
    for tie in TrueSteps.Tie.allCases {
      if let steps {
        functions[tie] = steps.function(
          tie, domain, function.trueBounds(tie), zeroPoint: function.layer.outputZeroPoint)
      } else {
        var halved = StepFunction(from: domain.lowerBound)
        halved.append(domain, monotone: { function.trueOutput($0, tie) })
        functions[tie] = halved
      }
    }
    self.functions = functions
  }

  subscript(_ tie: TrueSteps.Tie) -> StepFunction {
    functions[tie] ?? StepFunction(from: 0)
  }

  subscript(_ rule: TieRule) -> StepFunction {
    switch rule {
    case .even: self[TrueSteps.Tie.even]
    case .away: self[TrueSteps.Tie.away]
    case .up: self[TrueSteps.Tie.up]
    }
  }
}

extension ExactPosition {
  /// Rounded to nearest.
  func rounded(_ tie: TrueSteps.Tie) -> Int64 {
    switch tie {
    case .even: rounded(.toNearestOrEven)
    case .away: rounded(.toNearestOrAway)
    case .up: rounded(.toNearestOrUp)
    case .down: fraction == .half ? floor : rounded(.toNearestOrUp)
    }
  }
}
