import Oracles
package import Profiles
package import QuantizedArithmetic
package import QuantizedLayers
package import Verdicts

/// The last two stages of a profile for one channel, in the first row: from an int32 accumulator to an output integer,
/// and beside it the true value.
package struct RequantizationFunction: Sendable {
  package let profile: Profile
  package let layer: Layer
  package let channel: Int
  private let reference: Reference
  private let oracle: ExactOracle
  /// Si·Sw/So, exactly.
  package let ratio: ScaleRatio

  /// All accumulators, ends included: of int32, or of the 48 bits that 64-bit accumulators are
  /// declared for.
  package var domain: ClosedRange<Int64> {
    let wide: [AccumulatorRule] = [.int64Wrapping, .int48]
    return wide.contains(arithmetic.accumulator)
      ? -(1 << 47)...((1 << 47) - 1) : Int64(Int32.min)...Int64(Int32.max)
  }

  /// - Parameters:
  ///   - profile: the arithmetic.
  ///   - layer: whose scales, zero points, types and activation are meant; its data is not looked at.
  ///   - channel: of the layer.
  /// - Throws: ``OutsideDomain`` where the profile does not define the layer.
  package init(
    _ profile: Profile, _ layer: Layer, channel: Int = 0
  ) throws(OutsideDomain) {
    guard layer.biasScheme != .general else {
      throw OutsideDomain(profile: profile.name, reason: "bias is in accumulator units")
    }
    self.profile = profile
    self.layer = layer
    self.channel = channel
    reference = try profile.reference(for: layer)
    oracle = ExactOracle(layer)
    ratio = ScaleRatio(
      layer.inputScale, times: layer.weights.scale(channel), over: layer.outputScale)
  }

  /// The arithmetic, as it is for a layer of this shape.
  package var arithmetic: Arithmetic { reference.arithmetic }

  /// What the profile does with consecutive accumulators: `output·2 + (departs ? 1 : 0)` of each.
  func fill(_ outcomes: UnsafeMutableBufferPointer<Int64>, from first: Int64) {
    reference.fill(outcomes, from: first, channel: channel)
  }

  /// The output of the profile.
  package func output(_ accumulator: Int64) -> Int64 {
    var departure = Departure()
    return Int64(
      reference.output(accumulator: accumulator, channel: channel, departure: &departure))
  }

  /// Where the profile leaves the mathematics.
  package func departure(_ accumulator: Int64) -> Departure {
    var departure = Departure()
    _ = reference.output(accumulator: accumulator, channel: channel, departure: &departure)
    return departure
  }

  /// Where the true value lies, the activation applied, the zero point not added.
  package func position(_ accumulator: Int64) -> ExactPosition {
    oracle.activated(ratio.position(times: Int128(accumulator)))
  }

  /// A true value as an output integer: rounded, the zero point added, saturated.
  package func clamped(_ integer: Int64) -> Int64 {
    min(
      max(integer + layer.outputZeroPoint, layer.outputRange.lowerBound),
      layer.outputRange.upperBound)
  }

  /// What the true value can become: bounded by the type, the activation and an explicit clamp.
  ///
  /// Rounding never changes an order, so the rounded bound is the bound of the rounded; only that of
  /// relu6 may itself be a tie.
  func trueBounds(_ tie: TrueSteps.Tie) -> ClosedRange<Int64> {
    let range = layer.outputRange
    func end(_ extreme: Int64) -> Int64 {
      clamped(oracle.activated(ExactPosition(extreme)).rounded(tie))
    }
    let reach = ExactPosition.limit
    switch layer.activation {
    case .none, .clamp: return range
    case .relu, .relu6: return end(0 - reach)...end(reach)
    }
  }

  /// The true value, rounded to nearest, as an output integer.
  package func trueOutput(_ accumulator: Int64, _ rule: TieRule) -> Int64 {
    switch rule {
    case .even: trueOutput(accumulator, TrueSteps.Tie.even)
    case .away: trueOutput(accumulator, TrueSteps.Tie.away)
    case .up: trueOutput(accumulator, TrueSteps.Tie.up)
    }
  }

  func trueOutput(_ accumulator: Int64, _ tie: TrueSteps.Tie) -> Int64 {
    clamped(position(accumulator).rounded(tie))
  }

  package var multiplier: FixedPointMultiplier? { reference.multiplier(channel: channel) }
  package var requantization: Requantization {
    reference.requantization(row: 0, channel: channel)
  }
}
