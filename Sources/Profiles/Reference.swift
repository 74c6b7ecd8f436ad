import Glibc
package import QuantizedArithmetic
package import QuantizedLayers

/// The outputs of a reference, one element an output.
package struct ReferenceOutputs: Sendable {
  package var values: [Int32] = []
  package var departures: [Departure] = []
  /// Accumulators, the bias added where it is in accumulator units, as the profile keeps them; cut to
  /// 64 bits.
  package var accumulators: [Int64] = []

  package init() {}

  mutating func removeAll(reserving count: Int) {
    values.removeAll(keepingCapacity: true)
    departures.removeAll(keepingCapacity: true)
    accumulators.removeAll(keepingCapacity: true)
    values.reserveCapacity(count)
    departures.reserveCapacity(count)
    accumulators.reserveCapacity(count)
  }
}

/// The integer reference: a layer computed by an ``Arithmetic``, bit for bit.
///
/// Written for reading: definition order, wide integers, no tricks. Parameters are prepared once a
/// channel; each output then passes the three stages of a profile, *accumulate*, *requantize* and
/// *bound*.
package struct Reference {
  package let layer: Layer
  /// As it is for a layer of this shape.
  package let arithmetic: Arithmetic
  /// Bounds of the output integers.
  package let outputRange: ClosedRange<Int64>
  private let accumulation: Accumulation
  private let channels: [Channel]
  private let bounding: Bounding
  /// The part of the layer that another kernel requantizes, with its channels.
  private let variant: (region: KernelRegion, channels: [Channel])?

  /// - Returns: `nil` where the activation has no bounds under this arithmetic (see
  ///   ``ActivationBounds/outputRange(of:)``).
  package init?(layer: Layer, arithmetic: Arithmetic) {
    guard let outputRange = arithmetic.activationBounds.outputRange(of: layer) else { return nil }
    let arithmetic = arithmetic.resolved(for: layer)
    self.layer = layer
    self.arithmetic = arithmetic
    self.outputRange = outputRange
    accumulation = Accumulation(
      rule: arithmetic.accumulator, weightsZeroPoint: arithmetic.weightsZeroPoint, layer: layer)
    let count = max(layer.weights.scales.count, layer.generalBias?.scales.count ?? 1)
    func channels(_ arithmetic: Arithmetic) -> [Channel] {
      var channels: [Channel] = []
      channels.reserveCapacity(count)
      for channel in 0..<count {
        channels.append(Channel(ChannelParameters(layer, channel), arithmetic, outputRange))
      }
      return channels
    }
    self.channels = channels(arithmetic)
    bounding = Bounding(
      arithmetic, outputRange, type: layer.output.type, zeroPoint: layer.outputZeroPoint)
    variant = arithmetic.variants.first.map { variant in
      var other = arithmetic
      other.requantization = variant.requantization
      return (variant.region, channels(other))
    }
  }

  /// Computes every output.
  package func run(_ operands: Operands, into outputs: inout ReferenceOutputs) {
    outputs.removeAll(reserving: layer.outputCount)
    for row in 0..<layer.rows {
      for channel in 0..<layer.channels {
        var departure = Departure()
        var recorder = NoRecorder()
        let sums = accumulate(row, channel, operands, &departure, &recorder)
        let value = finish(sums, row, channel, &departure, &recorder)
        outputs.values.append(value)
        outputs.departures.append(departure)
        outputs.accumulators.append(Int64(truncatingIfNeeded: sums.accumulator))
      }
    }
  }

  /// The output of one `accumulator` (bias included) in `channel` of the first row; of a layer without
  /// a general bias.
  package func output(
    accumulator: Int64, channel: Int, departure: inout Departure
  ) -> Int32 {
    let kept = accumulation.kept(Int128(accumulator), departure: &departure)
    var recorder = NoRecorder()
    return finish((kept, 0), 0, channel, &departure, &recorder)
  }

  /// The accumulator as the profile keeps it, and the term of a general bias beside it.
  @inline(__always)
  func accumulate(
    _ row: Int, _ channel: Int, _ operands: Operands, _ departure: inout Departure,
    _ recorder: inout some StepRecorder
  ) -> (accumulator: Int128, bias: Int128) {
    var total = Int128(accumulation.sum(row: row, channel: channel, operands: operands))
    recorder.note(
      .sum(Int64(truncatingIfNeeded: total), zeroPoint: accumulation.weightsZeroPoint(channel)))
    if accumulation.ignoresWeightsZeroPoint, layer.weights.zeroPoint(channel) != 0 {
      departure.insert(.zeroPointIgnored)
    }
    switch arithmetic.accumulator {
    case .int16PairSaturating:
      let loss = accumulation.pairLoss(row: row, channel: channel, operands: operands)
      if loss != 0 { departure.insert(.pairSaturation) }
      total += Int128(loss)
      recorder.note(.pairSaturation(loss: loss))
    case .int16PairWrapping, .int16PairWrappingZeroPoints:
      let loss = accumulation.pairLoss(row: row, channel: channel, operands: operands)
      if loss != 0 { departure.insert(.pairWrapping) }
      total += Int128(loss)
      recorder.note(.pairWrapping(loss: loss))
    case .int32SaturatingSteps:
      let kept = accumulation.saturatedSum(row: row, channel: channel, operands: operands)
      if Int128(kept) != total { departure.insert(.accumulator) }
      total = Int128(kept)
    case .exact, .int32Wrapping, .int64Wrapping, .int48, .int32Saturating, .int24Wrapping,
      .int24Saturating, .int16Wrapping, .int16Saturating:
      break
    }
    let bias = operands.bias[channel]
    if arithmetic.bias != .added, layer.biasScheme == .accumulator {
      let kept = arithmetic.bias.accumulator(total, bias) {
        accumulation.kept($0, departure: &departure)
      }
      if kept != total + Int128(bias) { departure.insert(.bias) }
      recorder.note(.accumulator(total: total + Int128(bias), kept: kept))
      return (kept, 0)
    }
    if let general = layer.generalBias {
      // One bit more than either of them.
      let term = Int128(bias) - Int128(general.zeroPoint(channel))
      let kept = accumulation.kept(total, departure: &departure)
      recorder.note(.accumulator(total: total, kept: kept))
      recorder.note(.separateBias(term))
      return (kept, term)
    }
    total += Int128(bias)
    let kept = accumulation.kept(total, departure: &departure)
    recorder.note(.accumulator(total: total, kept: kept))
    return (kept, 0)
  }

  /// The last two stages, from accumulator to output.
  @inline(__always)
  func finish(
    _ sums: (accumulator: Int128, bias: Int128), _ row: Int, _ channel: Int,
    _ departure: inout Departure, _ recorder: inout some StepRecorder
  ) -> Int32 {
    let (stage, region) = stage(row, channel)
    if let region { recorder.note(.kernel(region)) }
    let scaled = stage.requantize(sums.accumulator, bias: sums.bias, &departure, &recorder)
    return Int32(truncatingIfNeeded: bounding.apply(to: scaled, &departure, &recorder))
  }

  /// What requantizes output (row, channel), and of which part of the layer where it is another kernel.
  @inline(__always)
  private func stage(_ row: Int, _ channel: Int) -> (Channel, KernelRegion?) {
    let index = channels.count == 1 ? 0 : channel
    guard let variant, variant.region.contains(row: row, channel: channel, of: layer) else {
      return (channels[index], nil)
    }
    return (variant.channels[index], variant.region)
  }

  /// The outputs of consecutive accumulators in `channel` of the first row, each with whether it
  /// departs: `output·2 + (departs ? 1 : 0)`; the same as ``output(accumulator:channel:departure:)``.
  package func fill(
    _ outcomes: UnsafeMutableBufferPointer<Int64>, from first: Int64, channel: Int
  ) {
    let (stage, _) = stage(0, channel)
    stage.requantize(
      outcomes, from: first, kept: { accumulation.kept(Int128($0), departure: &$1) },
      bounded: {
        var recorder = NoRecorder()
        return Int64(
          Int32(truncatingIfNeeded: bounding.apply(to: $0, &$1, &recorder)))
      })
  }

  /// The requantization of output (row, channel).
  package func requantization(row: Int, channel: Int) -> Requantization {
    let variant = arithmetic.variants.first {
      $0.region.contains(row: row, channel: channel, of: layer)
    }
    return variant?.requantization ?? arithmetic.requantization
  }

  /// The bound on `|(Qo − Zo) − clamp(y)|` for an output without a departure, where `magnitude` is
  /// the true `|accumulator|` and `y` the true value.
  package func errorBound(channel: Int, magnitude: Double) -> Double {
    (channels.count == 1 ? channels[0] : channels[channel]).errorBound(magnitude: magnitude)
  }

  /// The multiplier of `channel` where the arithmetic has one.
  package func multiplier(channel: Int) -> FixedPointMultiplier? {
    switch channels[channels.count == 1 ? 0 : channel].stage {
    case .fixedPoint(let stage): stage.multiplier
    case .narrowed(let stage): stage.multiplier
    case .exact, .float64, .float32: nil
    }
  }
}

extension ReferenceOutputs {
  /// The outputs as the little-endian elements of a tensor.
  package func bytes(as type: ElementType) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(values.count * type.byteCount)
    switch type {
    case .int8, .uint8: for value in values { bytes.append(UInt8(truncatingIfNeeded: value)) }
    default: for value in values { ElementBytes.append(Int64(value), as: type, to: &bytes) }
    }
    return bytes
  }
}
