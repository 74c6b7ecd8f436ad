import Coverage
import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// Accumulators for bins of coverage.
extension CaseBuilder {
  /// Finds accumulators that lead to the outputs wished for, and delivers them.
  mutating func buildOutputs(_ wish: CoverWish) -> Bool {
    if wish.bin(.weightsZeroPoint) == nil { draft.weightZeroPoints = [draft.weightZeroPoints[0]] }
    setMultiplier(wish)
    drawActivation(wish)
    if wish.name(.accumulator) == "beyond int32", signature.biasType != .int64 { return buildFar() }
    guard let ratio, let reference = probe() else { return false }
    let targets = accumulators(wish, ratio, OutputClassifier(reference))
    guard !targets.isEmpty else { return false }
    let isBias = signature.allowsBias && (wish.contains(.accumulator) || random.chance(2, in: 3))
    // As many channels as are wished for.
    let isCounted = wish.points.contains { $0.tailWidth != nil && !$0.isOfDepth }
    let count = isCounted ? draft.channels : targets.count
    let shape = DeliveryShape(rows: draft.rows, hasScales: wish.name(.granularity) == "per channel")
    return deliver(
      (0..<max(count, shape.hasScales ? 2 : 1)).map { targets[$0 % targets.count] },
      throughProducts: !isBias, shape: shape)
  }

  /// Sums beyond int32, which a bias of 32 bits reaches only together with the products.
  private mutating func buildFar() -> Bool {
    draft.rows = 1
    draft.channels = 2
    draft.depth = random.integer(in: 600...1_200)
    draft.weightScales = [draft.weightScales[0]]
    fill(1)
    guard let type = signature.biasType else { return true }
    draft.biasType = type
    let ends = [type.range.lowerBound, type.range.upperBound]
    draft.setBias(random.chance(1, in: 2) ? ends : ends.reversed())
    return true
  }

  /// Up to eight accumulators of all that are tried.
  private mutating func accumulators(
    _ wish: CoverWish, _ ratio: ScaleRatio, _ classifier: OutputClassifier
  ) -> [Int64] {
    let multiplier = draft.multiplier(0)
    let range = wantedRange(wish)
    var found: [Int64] = []
    func note(_ accumulator: Int64) {
      guard range.contains(accumulator), found.count < 8, !found.contains(accumulator) else {
        return
      }
      let position = ratio.position(times: Int128(accumulator))
      let value = Double(accumulator) * multiplier
      let fits = classifier.bins(accumulator: accumulator, position, value: value).allSatisfy {
        wish.bin($0.point).map { [bin = $0.bin] in $0 == bin } ?? true
      }
      if fits { found.append(accumulator) }
    }
    for steps in levels(classifier) {
      for candidate in candidates(steps, multiplier, ratio) { note(candidate) }
      if found.count == 8 { return found }
    }
    for accumulator in [0, 1, -1, range.lowerBound, range.upperBound] { note(accumulator) }
    for _ in 0..<600 where found.count < 8 { note(randomAccumulator(range, multiplier)) }
    return found
  }

  /// Values of y, in steps, that lead to each side of the bounds, in an order of chance.
  private mutating func levels(_ classifier: OutputClassifier) -> [Double] {
    let zeroPoint = draft.outputZeroPoint
    let (low, high) = (classifier.low - zeroPoint, classifier.high - zeroPoint)
    var levels: [Double] = [0, 1, -1]
    for distance: Int64 in [-20, -3, -2, -1, 0, 1, 2] {
      levels += [Double(low + distance), Double(high - distance)]
    }
    for _ in 0..<12 { levels.append(Double(random.integer(in: low...max(low, high)))) }
    random.shuffle(&levels)
    return levels
  }

  /// Accumulators about `steps` and half a step away from it: the nearest, and the nearest for which
  /// y is an integer or a tie.
  private func candidates(_ steps: Double, _ multiplier: Double, _ ratio: ScaleRatio) -> [Int64] {
    var candidates: [Int64] = []
    for offset in [-0.5, 0, 0.5] {
      let nearest = ((steps + offset) / multiplier).rounded()
      guard nearest.magnitude < 0x1p46 else { continue }
      candidates += (-1...1).map { Int64(nearest) + $0 }
      guard let period = period(ratio), period > 1 else { continue }
      let multiple = (nearest / Double(period)).rounded()
      let half = period & 1 == 0 ? period / 2 : period
      for place in -1...1 {
        let whole = (Int64(multiple) + Int64(place)) * period
        candidates += [whole, whole + half, whole + half - 1, whole + half + 1]
      }
    }
    return candidates
  }

  /// The least a > 0 for which a·D is an integer, where it is not too large.
  private func period(_ ratio: ScaleRatio) -> Int64? {
    let common = greatestCommonDivisor(ratio.numerator, UInt128(ratio.divisor))
    let divisor = UInt128(ratio.divisor) / common
    let power = 0 - ratio.exponent - (ratio.numerator / common).trailingZeroBitCount
    guard power < 40, divisor < 1 << 20 else { return nil }
    return Int64(divisor) << Int64(max(power, 0))
  }

  private func greatestCommonDivisor(_ a: UInt128, _ b: UInt128) -> UInt128 {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
  }

  /// Those of the wished size.
  private func wantedRange(_ wish: CoverWish) -> ClosedRange<Int64> {
    let all = accumulatorRange
    switch wish.name(.accumulator) {
    case "beyond int32": return -(1 << 33)...(1 << 33)
    case "": return all
    default: return ElementType.int32.range
    }
  }

  private mutating func randomAccumulator(
    _ range: ClosedRange<Int64>, _ multiplier: Double
  ) -> Int64 {
    // Of any size, as often small as large.
    let bits = random.integer(in: 1...34)
    let drawn = random.integer(in: Int64(0)...(Int64(1) << Int64(bits)))
    let accumulator = random.chance(1, in: 2) ? drawn : 0 - drawn
    switch random.below(4) {
    case 0: return min(range.upperBound - (drawn & 0x7FFF), range.upperBound)
    case 1: return max(range.lowerBound + (drawn & 0x7FFF), range.lowerBound)
    default: return min(max(accumulator, range.lowerBound), range.upperBound)
    }
  }

  // MARK: Departures

  /// A layer in which some outputs leave the mathematics in the way wished for.
  mutating func buildDeparture(_ wish: CoverWish) -> Bool {
    drawScales(perChannel: false)
    draft.weightZeroPoints = [draft.weightZeroPoints[0]]
    switch wish.name(.departure) {
    case "accumulator":
      let type = signature.biasType ?? .int32
      draft.biasType = type
      fill(variant >> 1 & 1)
      let range = type.range
      draft.setBias(
        (0..<draft.channels).map { $0 & 1 == 0 ? range.upperBound : range.lowerBound })
      return true
    case "pairs":
      draft.depth = random.integer(in: 16...64)
      fill(4)
      return true
    case "zero point addition": return buildZeroPointOverflow()
    default:
      let most = signature.multiplierLimit < 256 ? 5 : 20
      setRandomMultiplier(exponent: 1...most)
      return deliver(
        wideTargets() + steps(), throughProducts: false, shape: DeliveryShape())
    }
  }

  /// Results at the ends of int32, and a zero point that leads out of it.
  private mutating func buildZeroPointOverflow() -> Bool {
    let range = draft.types.output.range
    let isHigh = variant & 1 == 1 || range.lowerBound == 0
    draft.outputZeroPoint = isHigh ? range.upperBound : range.lowerBound
    if variant & 2 == 0 {
      // Just below 1: 31 bits of ones.
      let isBinary32 = variant & 4 != 0
      draft.inputScale = isBinary32 ? 1 : 1 + 0x1p-14
      draft.weightScales = [1 - (isBinary32 ? 0x1p-24 : 0x1p-14)]
      draft.outputScale = 1
    } else {
      setRandomMultiplier(exponent: 1...4)
    }
    let ends = ElementType.int32.range
    let targets = [ends.lowerBound, ends.lowerBound + 1, ends.upperBound, ends.upperBound - 1]
    return deliver(targets + steps(), throughProducts: false, shape: DeliveryShape())
  }
}
