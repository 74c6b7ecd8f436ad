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

  /// Sets one row of inputs X, …, X, ±1 and weights whose products with it sum up to the targets.
  ///
  /// With a = X·Σw + r, the remainder r is one weight and Σw is spread evenly over the others.
  ///
  /// - Returns: false where the zero points leave no way to reach any target within `limit` terms;
  ///   targets beyond reach become the farthest that is reached.
  mutating func deliverThroughProducts(_ targets: [Int64], limit: Int) -> Bool {
    draft.rows = 1
    draft.channels = targets.count
    draft.biasType = nil
    draft.biasScales = []
    spreadChannelParameters()
    let inputs = draft.centredInput
    let widest = (0..<draft.weightZeroPoints.count).reduce(Int64.max) { width, channel in
      let range = draft.centredWeights(channel)
      return min(width, range.upperBound - range.lowerBound)
    }
    let isHigh = inputs.upperBound >= 0 - inputs.lowerBound
    let large = isHigh ? min(inputs.upperBound, widest) : max(inputs.lowerBound, 0 - widest)
    let unit: Int64 = inputs.upperBound >= 1 ? 1 : -1
    guard large.magnitude >= 2 else { return false }
    let farthest = targets.map { Int64($0.magnitude) }.max() ?? 0
    let narrowest = (0..<draft.weightZeroPoints.count).reduce(Int64.max) { least, channel in
      let range = draft.centredWeights(channel)
      return min(least, max(range.upperBound, 0 - range.lowerBound))
    }
    let step = Int64(large.magnitude) * max(narrowest, 1)
    let terms = Int(min(farthest / step + 2, Int64(max(limit - 1, 1))))
    draft.depth = terms + 1
    draft.setInput(centred: (0...terms).map { $0 == terms ? unit : large })
    draft.weights.removeAll(keepingCapacity: true)
    for (channel, target) in targets.enumerated() {
      let row = weightsRow(target, large: large, unit: unit, terms: terms, channel: channel)
      draft.appendWeights(centred: row, channel: channel)
    }
    return true
  }

  private func weightsRow(
    _ target: Int64, large: Int64, unit: Int64, terms: Int, channel: Int
  ) -> [Int64] {
    let range = draft.centredWeights(channel)
    // The remainder that has the target's residue modulo |X| and lies in the range.
    let modulus = Int64(large.magnitude)
    let wanted = (target &* unit) - range.lowerBound
    let residue = ((wanted % modulus) + modulus) % modulus
    let rest = min(range.lowerBound + residue, range.upperBound)
    let total = (target - unit * rest) / large
    let count = Int64(terms)
    let clamped = min(max(total, range.lowerBound * count), range.upperBound * count)
    let (base, extra) = floorDivided(clamped, by: count)
    return (0..<terms).map { Int64($0) < extra ? base + 1 : base } + [rest]
  }

  private func floorDivided(_ value: Int64, by divisor: Int64) -> (Int64, Int64) {
    let quotient = value >= 0 ? value / divisor : 0 - ((0 - value + divisor - 1) / divisor)
    return (quotient, value - quotient * divisor)
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
    case .int32Wrapping, .int16PairSaturating, .int16PairWrapping, .int16PairWrappingZeroPoints:
      ElementType.int32.range
    case .exact, .int64Wrapping, .int48:
      signature.biasType == .int64 ? -(1 << 46)...(1 << 46) : ElementType.int32.range
    }
  }
}
