import QuantizedArithmetic
import QuantizedLayers

/// The first stage: raw operands in, accumulator out.
///
/// Written from the definition, term by term with zero points subtracted, in integers wide enough to
/// hold every sum; the rule of the profile is applied to the true sum at the end. (Two's complement
/// wrapping is a ring homomorphism, so wrapping once is the same as wrapping at every step.)
struct Accumulation {
  let rule: AccumulatorRule
  let layer: Layer
  let ignoresWeightsZeroPoint: Bool

  init(rule: AccumulatorRule, weightsZeroPoint: WeightsZeroPointRule, layer: Layer) {
    self.rule = rule
    self.layer = layer
    ignoresWeightsZeroPoint =
      weightsZeroPoint == .ignored
      || (weightsZeroPoint == .ignoredPerChannel && layer.isPerChannel)
  }

  /// The zero point that is subtracted from the weights of `channel`.
  func weightsZeroPoint(_ channel: Int) -> Int64 {
    ignoresWeightsZeroPoint ? 0 : layer.weights.zeroPoint(channel)
  }

  /// `Σ_k (qi − Zi)(qw − Zw)`, the bias not added: below 2^21·2^34 in magnitude.
  func sum(row: Int, channel: Int, operands: Operands) -> Int64 {
    let inputZeroPoint = Int32(truncatingIfNeeded: layer.inputZeroPoint)
    let weightsZeroPoint = Int32(truncatingIfNeeded: weightsZeroPoint(channel))
    let depth = layer.depth
    return operands.input.withUnsafeBufferPointer { input in
      operands.weights.withUnsafeBufferPointer { weights in
        var sum: Int64 = 0
        for k in 0..<depth {
          // Differences fit 17 bits, products 34.
          let left = Int64(input[row &* depth &+ k] &- inputZeroPoint)
          let right = Int64(weights[channel &* depth &+ k] &- weightsZeroPoint)
          sum &+= left &* right
        }
        return sum
      }
    }
  }

  /// By how much the rule for pairs of products changes the sum.
  func pairLoss(row: Int, channel: Int, operands: Operands) -> Int64 {
    switch rule {
    case .int16PairSaturating:
      pairSaturationLoss(row: row, channel: channel, operands: operands)
    case .int16PairWrapping:
      pairWrappingLoss(row, channel, operands, padding: (0, 0))
    case .int16PairWrappingZeroPoints:
      pairWrappingLoss(
        row, channel, operands,
        padding: (
          layer.inputZeroPoint - inputOffset, weightsZeroPoint(channel) - weightsOffset
        ))
    case .exact, .int32Wrapping, .int64Wrapping, .int48, .int32Saturating, .int32SaturatingSteps,
      .int24Wrapping, .int24Saturating, .int16Wrapping, .int16Saturating:
      0
    }
  }

  /// The sum when every step saturates to int32, the bias not added.
  func saturatedSum(row: Int, channel: Int, operands: Operands) -> Int64 {
    let weightsZeroPoint = weightsZeroPoint(channel)
    var sum: Int64 = 0
    for k in 0..<layer.depth {
      let left = Int64(operands.input[row * layer.depth + k]) - layer.inputZeroPoint
      let right = Int64(operands.weights[channel * layer.depth + k]) - weightsZeroPoint
      sum = Int64(Int32(clamping: sum + left * right))
    }
    return sum
  }

  /// By how much saturating every pair of raw products to 16 bits changes the sum.
  private func pairSaturationLoss(row: Int, channel: Int, operands: Operands) -> Int64 {
    let depth = layer.depth
    var loss: Int64 = 0
    var k = 0
    while k < depth {
      var pair = product(row, channel, k, operands)
      if k + 1 < depth { pair += product(row, channel, k + 1, operands) }
      loss += min(max(pair, -32_768), 32_767) - pair
      k += 2
    }
    return loss
  }

  /// What makes raw operands signed.
  private var inputOffset: Int64 { layer.input.type == .uint8 ? 128 : 0 }
  private var weightsOffset: Int64 { layer.weights.type == .uint8 ? 128 : 0 }

  /// By how much wrapping the pairs k and k + 8 of every block of 16 changes the sum; `padding` has
  /// the signed operands beyond the depth.
  private func pairWrappingLoss(
    _ row: Int, _ channel: Int, _ operands: Operands, padding: (input: Int64, weights: Int64)
  ) -> Int64 {
    func product(_ k: Int) -> Int64 {
      guard k < layer.depth else { return padding.input * padding.weights }
      return (Int64(operands.input[row * layer.depth + k]) - inputOffset)
        * (Int64(operands.weights[channel * layer.depth + k]) - weightsOffset)
    }
    var loss: Int64 = 0
    for block in stride(from: 0, to: layer.depth, by: 16) {
      for k in block..<(block + 8) {
        let pair = product(k) + product(k + 8)
        loss += Int64(Int16(truncatingIfNeeded: pair)) - pair
      }
    }
    return loss
  }

  private func product(_ row: Int, _ channel: Int, _ k: Int, _ operands: Operands) -> Int64 {
    Int64(operands.input[row * layer.depth + k])
      * Int64(operands.weights[channel * layer.depth + k])
  }

  /// The accumulator that the rule keeps of the true `total`.
  func kept(_ total: Int128, departure: inout Departure) -> Int128 {
    let kept: Int128 =
      switch rule {
      case .int48: Int128(Int64(truncatingIfNeeded: total))
      case .exact: total
      case .int32Wrapping, .int16PairSaturating, .int16PairWrapping, .int16PairWrappingZeroPoints:
        Int128(Int32(truncatingIfNeeded: total))
      case .int64Wrapping: Int128(Int64(truncatingIfNeeded: total))
      case .int32Saturating, .int32SaturatingSteps: Int128(Int32(clamping: total))
      case .int24Wrapping: Accumulation.wrapped24(total)
      case .int24Saturating: min(max(total, -(1 << 23)), (1 << 23) - 1)
      case .int16Wrapping: Int128(Int16(truncatingIfNeeded: total))
      case .int16Saturating: Int128(Int16(clamping: total))
      }
    if kept != total { departure.insert(.accumulator) }
    if rule == .int48, kept >= 1 << 47 || kept < -(1 << 47) { departure.insert(.accumulator) }
    return kept
  }

  private static func wrapped24(_ total: Int128) -> Int128 {
    Int128((Int32(truncatingIfNeeded: total) &<< 8) >> 8)
  }
}
