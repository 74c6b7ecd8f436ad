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
  private var bounds: BoundSlip?

  init(_ changes: [Change]) {
    for change in changes {
      switch change {
      case .tailChannels(let lanes, let slip): tail = (lanes, slip)
      case .requantized(let bits, let overflow): register = (bits, overflow)
      case .bias(.afterRequantization): addsBiasLate = true
      case .bias(.skippedForZero): skipsBiasForZero = true
      case .bounds(let slip): bounds = slip
      case .sumFromBias(let bits): biasFirstBits = bits
      case .layout(.transposed(.output)): isTransposed = true
      default: break
      }
    }
  }

  /// The bounds that the output is brought into; `nil` where there are none.
  func range(_ numbers: Numbers, _ rule: ActivationBounds) -> ClosedRange<Int64>? {
    guard let scale = try? Scale(numbers.outputScale) else { return nil }
    func whole(_ activation: Activation, zeroPoint: Int64? = nil) -> ClosedRange<Int64>? {
      rule.outputRange(
        activation, type: numbers.types.output, scale: scale,
        zeroPoint: zeroPoint ?? numbers.outputZeroPoint)
    }
    let type = numbers.types.output.range
    let activation = numbers.activation
    guard let bounds else { return whole(activation) }
    switch bounds {
    case .noLower, .noUpper, .none: return unlimited(bounds, whole(activation))
    case .typeOnly, .beforeZeroPoint, .beforeZeroPointThenCut: return type
    case .symmetric:
      return whole(activation).flatMap { limited($0, -type.upperBound, type.upperBound) }
    case .otherSignedness:
      let span = type.upperBound - type.lowerBound
      return type.lowerBound < 0 ? 0...span : -(span + 1) / 2...span / 2
    case .reluIgnored: return activation == .relu ? type : whole(activation)
    case .relu6Ignored: return activation == .relu6 ? type : whole(activation)
    case .reluAtIntegerZero:
      guard activation == .relu || activation == .relu6 else { return whole(activation) }
      return whole(activation).flatMap { limited(type, 0, $0.upperBound) }
    case .relu6UpperMissing: return whole(activation == .relu6 ? .relu : activation)
    case .relu6LowerMissing:
      return activation == .relu6
        ? whole(activation).map { type.lowerBound...$0.upperBound } : whole(activation)
    case .relu6WithoutZeroPoint:
      guard activation == .relu6, let zero = whole(.relu), let six = whole(.relu6, zeroPoint: 0)
      else { return whole(activation) }
      return limited(zero, type.lowerBound, six.upperBound)
    case .clampIgnored:
      if case .clamp = activation { return type }
      return whole(activation)
    case .upperOff(let count):
      return whole(activation).flatMap { limited($0, type.lowerBound, $0.upperBound + Int64(count)) }
    case .lowerOff(let count):
      return whole(activation).flatMap { limited($0, $0.lowerBound + Int64(count), $0.upperBound) }
    }
  }

  private func unlimited(
    _ slip: BoundSlip, _ range: ClosedRange<Int64>?
  ) -> ClosedRange<Int64>? {
    let far: Int64 = 1 << 40
    return range.map {
      (slip == .noUpper ? $0.lowerBound : -far)...(slip == .noLower ? $0.upperBound : far)
    }
  }

  /// `nil` where they are in the wrong order: what such a clamp gives depends on how it is written.
  private func limited(
    _ range: ClosedRange<Int64>, _ low: Int64, _ high: Int64
  ) -> ClosedRange<Int64>? {
    let (lower, upper) = (max(range.lowerBound, low), min(range.upperBound, high))
    return lower <= upper ? lower...upper : nil
  }

  /// From the requantized integer to what is stored, in the width of the output's type.
  func bounded(
    _ scaled: Int64, _ requantizer: Requantizer, _ numbers: Numbers, _ range: ClosedRange<Int64>
  ) -> Int64 {
    let type = numbers.types.output
    switch bounds {
    case .beforeZeroPoint?:
      guard case .clamp(let low, let high) = numbers.activation else { break }
      let kept = min(max(scaled, low), high)
      return requantizer.bounded(kept)
    case .beforeZeroPointThenCut?:
      let kept = min(max(scaled, type.range.lowerBound), type.range.upperBound)
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
