import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// The changes that are made after the sum of products.
struct OutputSlips {
  private(set) var tail: (lanes: Int, slip: ChannelTailSlip)?
  private(set) var register: (bits: Int, overflow: Overflow)?
  private(set) var addsBiasLate = false
  private(set) var skipsBiasForZero = false
  /// The sum begins with the bias, in a register of so many bits that saturates.
  private(set) var biasFirstBits: Int?
  private(set) var isTransposed = false
  private(set) var transposesAccumulators = false
  private(set) var accumulatorRegister: (bits: Int, overflow: Overflow)?
  private var bounds: BoundSlip?
  private var style = ClampStyle.lowerLast
  /// Bounds in the wrong order, which are applied here.
  private var crossed: (low: Int64, high: Int64)?

  init(_ changes: [Change]) {
    for change in changes {
      switch change {
      case .tailChannels(let lanes, let slip): tail = (lanes, slip)
      case .requantized(let bits, let overflow): register = (bits, overflow)
      case .bias(.afterRequantization): addsBiasLate = true
      case .bias(.skippedForZero): skipsBiasForZero = true
      case .bounds(let slip, let style): (bounds, self.style) = (slip, style)
      case .accumulator(let bits, let overflow): accumulatorRegister = (bits, overflow)
      case .sumFromBias(let bits): biasFirstBits = bits
      case .layout(.transposed(.output)): isTransposed = true
      case .transposedAccumulators: transposesAccumulators = true
      default: break
      }
    }
  }

  /// Bounds as they are written, in the wrong order where a change has brought that about.
  private struct Limits {
    var low: Int64
    var high: Int64

    init(_ range: ClosedRange<Int64>) { (low, high) = (range.lowerBound, range.upperBound) }
  }

  /// Finds the bounds of the requantizer; none where they are in the wrong order, and applied later.
  ///
  /// - Returns: `nil` where an activation has no bounds.
  mutating func resolve(_ numbers: Numbers, _ rule: ActivationBounds) -> ClosedRange<Int64>? {
    guard let limits = limits(numbers, rule) else { return nil }
    guard limits.low > limits.high else { return limits.low...limits.high }
    crossed = (limits.low, limits.high)
    return -OutputSlips.far...OutputSlips.far
  }

  /// Beyond every requantized integer.
  private static let far: Int64 = 1 << 40

  private func limits(_ numbers: Numbers, _ rule: ActivationBounds) -> Limits? {
    guard let scale = try? Scale(numbers.outputScale) else { return nil }
    func whole(_ activation: Activation, zeroPoint: Int64? = nil) -> Limits? {
      rule.outputRange(
        activation, type: numbers.types.output, scale: scale,
        zeroPoint: zeroPoint ?? numbers.outputZeroPoint
      ).map { Limits($0) }
    }
    let type = Limits(numbers.types.output.range)
    let activation = numbers.activation
    guard let bounds else { return whole(activation) }
    switch bounds {
    case .noLower, .noUpper, .none: return unlimited(bounds, whole(activation))
    case .noTypeUpper, .noTypeLower:
      return whole(activation).map {
        var open = $0
        if bounds == .noTypeUpper, open.high == type.high { open.high = Self.far }
        if bounds == .noTypeLower, open.low == type.low { open.low = -Self.far }
        return open
      }
    case .relu6InSteps, .relu6AtIntegerSix:
      guard activation == .relu6, let zero = whole(.relu) else { return whole(activation) }
      return limited(
        zero, type.low, bounds == .relu6InSteps ? numbers.outputZeroPoint + 6 : 6)
    case .typeOnly, .beforeZeroPoint, .beforeZeroPointThenCut: return type
    case .allBeforeZeroPointThenCut, .allBeforeZeroPoint: return whole(activation)
    case .symmetric: return whole(activation).map { limited($0, -type.high, type.high) }
    case .otherSignedness:
      let span = type.high - type.low
      return limited(
        type.low < 0 ? Limits(0...span) : Limits(-(span + 1) / 2...span / 2), -Self.far, Self.far)
    case .reluIgnored: return activation == .relu ? type : whole(activation)
    case .relu6Ignored: return activation == .relu6 ? type : whole(activation)
    case .reluAtIntegerZero:
      guard activation == .relu || activation == .relu6 else { return whole(activation) }
      return whole(activation).map { limited(type, 0, $0.high) }
    case .relu6UpperMissing: return whole(activation == .relu6 ? .relu : activation)
    case .relu6LowerMissing:
      return activation == .relu6
        ? whole(activation).map { limited($0, from: type.low) } : whole(activation)
    case .relu6WithoutZeroPoint:
      guard activation == .relu6, let zero = whole(.relu), let six = whole(.relu6, zeroPoint: 0)
      else { return whole(activation) }
      return limited(zero, type.low, six.high)
    case .clampIgnored:
      if case .clamp = activation { return type }
      return whole(activation)
    case .upperOff(let count):
      return whole(activation).map { limited($0, type.low, $0.high + Int64(count)) }
    case .lowerOff(let count):
      return whole(activation).map { limited($0, $0.low + Int64(count), $0.high) }
    }
  }

  private func unlimited(_ slip: BoundSlip, _ limits: Limits?) -> Limits? {
    limits.map {
      var open = $0
      if slip != .noUpper { open.low = -Self.far }
      if slip != .noLower { open.high = Self.far }
      return open
    }
  }

  private func limited(_ limits: Limits, from low: Int64) -> Limits {
    var changed = limits
    changed.low = low
    return changed
  }

  private func limited(_ limits: Limits, _ low: Int64, _ high: Int64) -> Limits {
    var changed = limits
    changed.low = max(limits.low, low)
    changed.high = min(limits.high, high)
    return changed
  }

  /// From the requantized integer to what is stored, in the width of the output's type.
  func bounded(
    _ scaled: Int64, _ requantizer: Requantizer, _ numbers: Numbers, _ range: ClosedRange<Int64>
  ) -> Int64 {
    let type = numbers.types.output
    if let (low, high) = crossed {
      let sum = requantizer.bounded(scaled)
      switch style {
      case .lowerLast: return cut(max(low, min(sum, high)), type)
      case .upperLast: return cut(min(high, max(sum, low)), type)
      case .compared: return cut(sum < low ? low : sum > high ? high : sum, type)
      }
    }
    switch bounds {
    case .beforeZeroPoint?:
      guard case .clamp(let low, let high) = numbers.activation else { break }
      let kept = min(max(scaled, low), high)
      return requantizer.bounded(kept)
    case .beforeZeroPointThenCut?:
      let kept = min(max(scaled, type.range.lowerBound), type.range.upperBound)
      return cut(kept + numbers.outputZeroPoint, type)
    case .allBeforeZeroPoint?:
      let kept =
        min(max(scaled, range.lowerBound), range.upperBound)
        + (numbers.addedZeroPoint ?? numbers.outputZeroPoint)
      return min(max(kept, type.range.lowerBound), type.range.upperBound)
    case .allBeforeZeroPointThenCut?:
      let kept = min(max(scaled, range.lowerBound), range.upperBound)
      return cut(kept + numbers.outputZeroPoint, type)
    default: break
    }
    return cut(requantizer.bounded(scaled), type)
  }

  private func cut(_ value: Int64, _ type: ElementType) -> Int64 {
    if type.range.contains(value) { return value }
    let bits = type.byteCount * 8
    return type.range.lowerBound < 0
      ? Narrow.wrapped(value, bits: bits) : value & ((1 << Int64(bits)) - 1)
  }
}
