import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// In what layer accumulators are delivered: kernels have loops of their own for single rows, for tails
/// and for scales a channel.
struct DeliveryShape: Hashable, Sendable {
  /// Rows, all alike.
  var rows = 1
  /// One channel, and a target a row; one target alone where products do not reach.
  var hasOneChannel = false
  /// One scale becomes a list of the same.
  var hasScales = false
}

/// Ways of making a layer's accumulators what a class wants them to be, one target a channel.
extension CaseBuilder {
  /// One row and one scale in half of the cases, otherwise another shape.
  mutating func drawDeliveryShape() -> DeliveryShape {
    let rows = random.integer(in: 2...9)
    let turn = random.below(12)
    return DeliveryShape(
      rows: [0, 1, 2, 3].contains(turn) ? rows : 1, hasOneChannel: [2, 4].contains(turn),
      hasScales: [1, 3, 5].contains(turn))
  }

  /// Delivers through the products where asked or where there is no bias, otherwise through the bias;
  /// in a shape that is drawn if it is left out.
  ///
  /// - Returns: false where the products reach no target.
  mutating func deliver(
    _ targets: [Int64], throughProducts: Bool, shape: DeliveryShape? = nil
  ) -> Bool {
    let shape = shape ?? drawDeliveryShape()
    var targets = targets
    if shape.hasOneChannel {
      if deliverThroughRows(targets) { return true }
      targets = [random.element(of: targets)]
    }
    if shape.hasScales, targets.count > 1, signature.allowsPerChannel,
      draft.weightScales.count == 1
    {
      repeatScale(targets.count)
    }
    if signature.allowsBias, !throughProducts {
      deliverThroughBias(targets)
    } else if !deliverThroughProducts(targets, limit: min(4_096, (1 << 21) / targets.count)) {
      return false
    }
    let products = targets.count * draft.depth
    repeatRow(min(shape.rows, max(1, min(2_048 / targets.count, (1 << 20) / products))))
    return true
  }

  /// Sets one channel of weights W, …, W, ±1 and, for each of up to 48 neighbouring targets, a row of
  /// inputs whose products with it sum up to the target; see ``ProductSplit``.
  ///
  /// - Returns: false where some target is beyond reach; nothing is changed then.
  private mutating func deliverThroughRows(_ targets: [Int64]) -> Bool {
    let count = min(targets.count, 48)
    let first = random.integer(in: 0...targets.count - count)
    let chosen = Array(targets[first..<first + count])
    let inputs = draft.centredInput
    let farthest = chosen.map { Int64(clamping: $0.magnitude) }.max() ?? 0
    let limit = 4_096
    guard
      let split = ProductSplit(
        inputs: draft.centredWeights(0), weights: [inputs], farthest: farthest, limit: limit),
      split.terms < limit - 1
    else { return false }
    draft.rows = count
    draft.channels = 1
    draft.biasType = nil
    draft.biasScales = []
    spreadChannelParameters()
    draft.depth = split.terms + 1
    draft.weights.removeAll(keepingCapacity: true)
    draft.appendWeights(
      centred: (0...split.terms).map { $0 == split.terms ? split.unit : split.large }, channel: 0)
    draft.setInput(centred: chosen.flatMap { split.weights(for: $0, in: inputs) })
    return true
  }

  /// Makes so many rows of the one there is.
  private mutating func repeatRow(_ count: Int) {
    let row = draft.input
    for _ in 1..<max(count, 1) { draft.input += row }
    draft.rows = max(count, 1)
  }

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
