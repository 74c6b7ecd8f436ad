import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// Ways of making a layer's accumulators what a class wants them to be, one target a channel.
extension CaseBuilder {
  /// Sets one row of small random products and a bias that brings every channel to its target.
  ///
  /// Where the bias would leave its type, the channel's weights are at their zero point and the
  /// bias is the target itself. Needs a profile with a bias.
  mutating func deliverThroughBias(_ targets: [Int64]) {
    let type = signature.biasType ?? .int32
    draft.biasType = type
    draft.biasScales = []
    draft.rows = 1
    draft.channels = targets.count
    draft.depth = random.integer(in: 1...4)
    spreadChannelParameters()
    drawData()
    let sums = centredSums()
    var bias: [Int64] = []
    bias.reserveCapacity(targets.count)
    for (channel, target) in targets.enumerated() {
      let (rest, overflow) = target.subtractingReportingOverflow(sums[channel])
      if !overflow, type.range.contains(rest) {
        bias.append(rest)
      } else {
        setWeightsToZeroPoint(channel)
        bias.append(min(max(target, type.range.lowerBound), type.range.upperBound))
      }
    }
    draft.setBias(bias)
  }

  /// Sets one row of inputs X, …, X, ±1 and weights whose products with it sum up to the targets; see
  /// ``ProductSplit``.
  ///
  /// - Returns: false where the zero points leave no way to reach any target within `limit` terms;
  ///   targets beyond reach become the farthest that is reached.
  mutating func deliverThroughProducts(_ targets: [Int64], limit: Int) -> Bool {
    draft.rows = 1
    draft.channels = targets.count
    draft.biasType = nil
    draft.biasScales = []
    spreadChannelParameters()
    guard
      let split = ProductSplit(
        inputs: draft.centredInput,
        weights: (0..<draft.weightZeroPoints.count).map { draft.centredWeights($0) },
        farthest: targets.map { Int64($0.magnitude) }.max() ?? 0, limit: limit)
    else { return false }
    let terms = split.terms
    draft.depth = terms + 1
    draft.setInput(centred: (0...terms).map { $0 == terms ? split.unit : split.large })
    draft.weights.removeAll(keepingCapacity: true)
    for (channel, target) in targets.enumerated() {
      let row = split.weights(for: target, in: draft.centredWeights(channel))
      draft.appendWeights(centred: row, channel: channel)
    }
    return true
  }

  /// Lists of channel parameters become as long as there are channels, repeating what they hold.
  mutating func spreadChannelParameters() {
    func spread<T>(_ list: [T]) -> [T] {
      list.count <= 1 ? list : (0..<draft.channels).map { list[$0 % list.count] }
    }
    guard draft.channels > 1 else {
      draft.weightScales = [draft.weightScales[0]]
      draft.weightZeroPoints = [draft.weightZeroPoints[0]]
      return
    }
    draft.weightScales = spread(draft.weightScales)
    draft.weightZeroPoints = spread(draft.weightZeroPoints)
  }

  /// `Σ (x − Zx)(w − Zw)` of row 0 for every channel.
  func centredSums() -> [Int64] {
    let input = ElementBytes.integers(draft.input, as: draft.types.input)
    let weights = ElementBytes.integers(draft.weights, as: draft.types.weights)
    return (0..<draft.channels).map { channel in
      let zeroPoint = draft.weightZeroPoint(channel)
      var sum: Int64 = 0
      for k in 0..<draft.depth {
        sum += (input[k] - draft.inputZeroPoint) * (weights[channel * draft.depth + k] - zeroPoint)
      }
      return sum
    }
  }

  private mutating func setWeightsToZeroPoint(_ channel: Int) {
    let width = draft.types.weights.byteCount
    let bytes = ElementBytes.bytes([draft.weightZeroPoint(channel)], as: draft.types.weights)
    let start = channel * draft.depth * width
    for index in 0..<(draft.depth * width) {
      draft.weights[start + index] = bytes[index % width]
    }
  }

  /// The accumulators of the signature's profile: int32, or wider where it has wider ones.
  var accumulatorRange: ClosedRange<Int64> {
    switch signature.rule.arithmetic.accumulator {
    case .int32Wrapping, .int16PairSaturating, .int16PairWrapping, .int16PairWrappingZeroPoints,
      .int32Saturating, .int32SaturatingSteps, .int24Wrapping, .int24Saturating, .int16Wrapping,
      .int16Saturating:
      ElementType.int32.range
    case .exact, .int64Wrapping, .int48:
      signature.biasType == .int64 ? -(1 << 46)...(1 << 46) : ElementType.int32.range
    }
  }
}
