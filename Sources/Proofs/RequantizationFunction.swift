import Oracles
package import Profiles
package import QuantizedArithmetic
package import QuantizedLayers

/// The last two stages of a profile for one channel, in the first row: from an int32 accumulator to an output integer,
/// and beside it the true value.
package struct RequantizationFunction: Sendable {
  package let profile: Profile
  package let layer: Layer
  package let channel: Int
  private let reference: Reference
  private let oracle: ExactOracle
  private let ratio: ScaleRatio

  /// All accumulators, ends included: of int32, or of the 48 bits that 64-bit accumulators are
  /// declared for.
  package var domain: ClosedRange<Int64> {
    switch reference.arithmetic.accumulator {
    case .exact, .int32Wrapping, .int16PairSaturating, .int16PairWrapping,
      .int16PairWrappingZeroPoints, .int32Saturating, .int32SaturatingSteps, .int24Wrapping,
      .int24Saturating, .int16Wrapping, .int16Saturating:
      Int64(Int32.min)...Int64(Int32.max)
    case .int64Wrapping, .int48: -(1 << 47)...((1 << 47) - 1)
    }
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

  package var multiplier: FixedPointMultiplier? { reference.multiplier(channel: channel) }
  package var requantization: Requantization {
    reference.requantization(row: 0, channel: channel)
  }
}
