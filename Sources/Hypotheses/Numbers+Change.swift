import Profiles
import QuantizedArithmetic
import QuantizedLayers

extension Numbers {
  /// Makes a change of the numbers.
  ///
  /// - Returns: false where the change is none here: the layer has nothing that it could be about.
  mutating func apply(_ change: Change) -> Bool {
    switch change {
    case .zeroPoint(let operand, let slip): return changeZeroPoint(operand, slip)
    case .swappedZeroPoints(let perChannel):
      let first = weightZeroPoints.first ?? 0
      guard first != inputZeroPoint || weightZeroPoints.contains(where: { $0 != first }) else {
        return false
      }
      if perChannel { inputZeroPointByChannel = weightZeroPoints }
      weightZeroPoints = weightZeroPoints.map { _ in inputZeroPoint }
      inputZeroPoint = first
      return true
    case .correction(let correction, let slip): return make(correction, slip)
    case .bias(let slip): return make(slip)
    case .channel(let parameter, let slip): return make(parameter, slip)
    case .terms(let slip): return make(slip)
    case .layout(.transposed(.output)): return rows > 1 && channels > 1
    case .layout(let slip): return make(slip)
    case .elements(let operand, let slip): return make(operand, slip)
    case .difference(let operand, let overflow):
      differences[operand] = overflow
      return true
    case .product(let overflow):
      productOverflow = overflow
      return true
    case .sum(let bits, let overflow, let everyStep):
      sumRegister = (bits, overflow, everyStep)
      return true
    case .partialSums(let grouping, let count, let overflow, let isRaw):
      partialSums = (grouping, count, overflow, isRaw)
      // Even of a single term: 255 · 255 is more than a register of 16 bits holds.
      return true
    case .addedZeroPoint(let slip):
      addedZeroPoint = slip.value(outputZeroPoint, types.output)
      return addedZeroPoint != outputZeroPoint
    case .zeroPointSwappedWithOutput(let operand, let inBounds):
      return swapWithOutput(operand, inBounds)
    case .inSum(let part, let change):
      sumChange = (part, change)
      return true
    case .transposedAccumulators: return rows > 1 && channels > 1
    case .only, .accumulator, .roundings, .computed, .sumFromBias, .part, .profile, .tailChannels,
      .requantized, .multiplier, .bounds:
      return true
    }
  }

  // MARK: Zero points

  private mutating func changeZeroPoint(_ operand: Operand, _ slip: ZeroPointSlip) -> Bool {
    switch operand {
    case .input:
      let value = slip.value(inputZeroPoint, types.input)
      defer { inputZeroPoint = value }
      return value != inputZeroPoint
    case .weights:
      let values = weightZeroPoints.map { slip.value($0, types.weights) }
      defer { weightZeroPoints = values }
      return values != weightZeroPoints
    case .output:
      let value = slip.value(outputZeroPoint, types.output)
      defer { outputZeroPoint = value }
      return value != outputZeroPoint
    }
  }

  private mutating func swapWithOutput(_ operand: Operand, _ inBounds: Bool) -> Bool {
    let output = outputZeroPoint
    let other = operand == .input ? inputZeroPoint : weightZeroPoints.first ?? output
    if operand == .input {
      inputZeroPoint = output
    } else {
      weightZeroPoints = weightZeroPoints.map { _ in output }
    }
    if inBounds { outputZeroPoint = other } else { addedZeroPoint = other }
    return other != output
  }

  private mutating func make(_ correction: Correction, _ slip: CorrectionSlip) -> Bool {
    let factor: Int64 =
      switch correction {
      case .row: rowFactor
      case .column: columnFactor
      case .constant: constantFactor
      }
    let changed: Int64
    switch slip {
    case .missing: changed = 0
    case .negated: changed = -factor
    case .doubled: changed = 2 * factor
    case .depthOff(let count): changed = factor + Int64(count)
    case .depthRounded(let lanes):
      changed = Int64((depth + lanes - 1) / lanes * lanes)
    case .tailDropped(let lanes):
      let end = depth / lanes * lanes
      if correction == .row { rowSumEnd = end } else { columnSumEnd = end }
      return end != depth
    case .lastDropped:
      if correction == .row { rowSumEnd = depth - 1 } else { columnSumEnd = depth - 1 }
      return true
    case .firstForAll, .firstOfBlock:
      let count = correction == .row ? rows : channels
      let block = if case .firstOfBlock(let block) = slip { block } else { count }
      if correction == .row { rowSumBlock = block } else { columnSumBlock = block }
      hasOtherElements = true
      return count > 1
    case .wraps16:
      constantWraps16 = true
      return true
    }
    switch correction {
    case .row: rowFactor = changed
    case .column: columnFactor = changed
    case .constant: constantFactor = changed
    }
    return changed != factor
  }

  // MARK: Bias

  private mutating func make(_ slip: BiasSlip) -> Bool {
    guard hasBias else { return false }
    let before = bias
    switch slip {
    case .missing: bias = bias.map { _ in 0 }
    case .doubled: bias = bias.map { $0 &* 2 }
    case .negated: bias = bias.map { 0 &- $0 }
    case .halved: bias = bias.map { $0 / 2 }
    case .bits(let bits, .wraps): bias = bias.map { Narrow.wrapped($0, bits: bits) }
    case .bits(let bits, .saturates): bias = bias.map { Narrow.saturated($0, bits: bits) }
    case .shiftedLeft(let count): bias = bias.map { $0 &<< Int64(count) }
    case .shiftedRight(let count): bias = bias.map { $0 >> Int64(count) }
    case .unsigned16: bias = bias.map { $0 & 0xFFFF }
    case .perBlock(let count):
      let times = Int64((depth + count - 1) / count)
      bias = bias.map { $0 &* times }
    case .unit(let unit):
      guard biasScales.isEmpty else { return false }
      for channel in bias.indices {
        let right = inputScale * weightScales[channel]
        let wrong: Double =
          switch unit {
          case .inputScale: inputScale
          case .weightsScale: weightScales[channel]
          case .outputScale: outputScale
          case .firstChannel: inputScale * weightScales[0]
          }
        let value = (Double(bias[channel]) * wrong / right).rounded(.toNearestOrAwayFromZero)
        bias[channel] = Numbers.int32(value)
      }
    case .zeroPointMissing:
      defer { biasZeroPoints = biasZeroPoints.map { _ in 0 } }
      return biasZeroPoints.contains { $0 != 0 }
    case .folded: return foldBias()
    // The accumulator sees the products alone; see the kernel.
    case .afterRequantization, .skippedForZero: return bias.contains { $0 != 0 }
    }
    return bias != before
  }

  private mutating func foldBias() -> Bool {
    guard !biasScales.isEmpty else { return false }
    for channel in bias.indices {
      let real = Double(bias[channel] &- biasZeroPoints[channel]) * biasScales[channel]
      let value = (real / (inputScale * weightScales[channel])).rounded(.toNearestOrEven)
      bias[channel] = Numbers.int32(value)
    }
    biasScales = []
    biasZeroPoints = []
    return true
  }

  /// The nearer end of int32 beyond it; 0 of what is not a number.
  private static func int32(_ value: Double) -> Int64 {
    value.isNaN ? 0 : Int64(min(max(value, -0x1p31), 0x1p31 - 1))
  }

  // MARK: Channels

  private mutating func make(_ parameter: ChannelParameter, _ slip: ChannelSlip) -> Bool {
    guard channels > 1 else { return false }
    var isChange = false
    if slip == .largest { return makeLargest(parameter) }
    let sources = (0..<channels).map { slip.source(of: $0, among: channels) }
    if parameter == .scale || parameter == .all {
      let scales = sources.enumerated().map { weightScales[$1 ?? $0] }
      isChange = isChange || scales != weightScales
      weightScales = scales
    }
    if parameter == .bias || parameter == .all, hasBias {
      let moved = sources.map { $0.map { bias[$0] } ?? 0 }
      isChange = isChange || moved != bias
      bias = moved
    }
    if parameter == .weightsZeroPoint || parameter == .all {
      let moved = sources.map { $0.map { weightZeroPoints[$0] } ?? 0 }
      isChange = isChange || moved != weightZeroPoints
      weightZeroPoints = moved
    }
    return isChange
  }

  private mutating func makeLargest(_ parameter: ChannelParameter) -> Bool {
    let before = (weightScales, bias, weightZeroPoints)
    if parameter == .scale || parameter == .all, let most = weightScales.max() {
      weightScales = weightScales.map { _ in most }
    }
    if parameter == .bias || parameter == .all, hasBias, let most = bias.max() {
      bias = bias.map { _ in most }
    }
    if parameter == .weightsZeroPoint || parameter == .all, let most = weightZeroPoints.max() {
      weightZeroPoints = weightZeroPoints.map { _ in most }
    }
    return before != (weightScales, bias, weightZeroPoints)
  }

  // MARK: Terms

  private mutating func make(_ slip: TermSlip) -> Bool {
    var counts = multiplicity ?? Array(repeating: 1, count: depth)
    switch slip {
    case .tailDropped(let lanes):
      for k in (depth / lanes * lanes)..<depth { counts[k] = 0 }
    case .tailRepeated(let lanes):
      for k in (depth / lanes * lanes)..<depth { counts[k] *= 2 }
    case .tailOverlaps(let lanes):
      guard depth > lanes, depth % lanes != 0 else { return false }
      for k in (depth - lanes)..<(depth / lanes * lanes) { counts[k] *= 2 }
    case .tailProductsDropped(let lanes):
      guard depth % lanes != 0 else { return false }
      for k in (depth / lanes * lanes)..<depth { counts[k] = 0 }
      productMultiplicity = counts
      return true
    case .tailProductsRepeated(let lanes):
      guard depth % lanes != 0 else { return false }
      for k in (depth / lanes * lanes)..<depth { counts[k] = 2 }
      productMultiplicity = counts
      return true
    case .lastProductDropped:
      counts[depth - 1] = 0
      productMultiplicity = counts
      return true
    case .firstDropped: counts[0] = 0
    case .lastDropped: counts[depth - 1] = 0
    case .firstRepeated: counts[0] *= 2
    case .lastRepeated: counts[depth - 1] *= 2
    case .lastDroppedOfWhole(let lanes):
      if depth % lanes == 0 { counts[depth - 1] = 0 }
    case .lastVectorDroppedOfWhole(let lanes):
      if depth % lanes == 0 { for k in (depth - lanes)..<depth { counts[k] = 0 } }
    case .beyond(let first):
      for k in min(first, depth)..<depth { counts[k] = 0 }
    case .oddDropped:
      for k in stride(from: 1, to: depth, by: 2) { counts[k] = 0 }
    }
    guard counts.contains(where: { $0 != 1 }) else { return false }
    multiplicity = counts
    constantFactor = counts.reduce(0) { $0 + Int64($1) }
    return true
  }

  // MARK: Elements

  private mutating func make(_ operand: Operand, _ slip: ElementSlip) -> Bool {
    let type = operand == .input ? types.input : types.weights
    func changed(_ value: Int32) -> Int32 { slip.value(value, type) }
    hasOtherElements = true
    if operand == .input {
      let values = input.map(changed)
      defer { input = values }
      return values != input
    }
    let values = weights.map(changed)
    defer { weights = values }
    return values != weights
  }

  private mutating func make(_ slip: LayoutSlip) -> Bool {
    hasOtherElements = true
    switch slip {
    case .transposed(let operand): return remap(operand) { row, k, count, depth in k * count + row }
    case .transposedWhereSquare(let operand):
      guard (operand == .input ? rows : channels) == depth else { return false }
      return remap(operand) { row, k, count, _ in k * count + row }
    case .stride(let operand, let stride):
      let length = stride.length(self)
      // At a stride of 0 every row is the first.
      return length >= 0 && remap(operand) { row, k, _, _ in row * length + k }
    case .firstForAll(let operand): return remap(operand) { _, k, _, _ in k }
    case .next(let operand):
      return remap(operand) { row, k, count, depth in (row + 1) % count * depth + k }
    case .firstOfTail(let operand, let count):
      return remap(operand) { row, k, rows, depth in min(row, rows / count * count) * depth + k }
    case .reversed(let operand):
      return remap(operand) { row, k, _, depth in row * depth + depth - 1 - k }
    }
  }

  /// Reads elements from other places of the same data, which begins again behind its end.
  private mutating func remap(
    _ operand: Operand, _ place: (_ row: Int, _ k: Int, _ count: Int, _ depth: Int) -> Int
  ) -> Bool {
    let count = operand == .input ? rows : channels
    let old = operand == .input ? input : weights
    var new: [Int32] = []
    new.reserveCapacity(old.count)
    for row in 0..<count {
      for k in 0..<depth { new.append(old[place(row, k, count, depth) % old.count]) }
    }
    if operand == .input { input = new } else { weights = new }
    return new != old
  }
}
