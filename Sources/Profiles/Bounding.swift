package import QuantizedArithmetic

/// The last stage of a profile: the zero point is added, and the output brought into its bounds.
struct Bounding: Sendable {
  private let addition: ZeroPointAddition
  private let order: ClampOrder
  private let isExact: Bool
  private let zeroPoint: Int64
  private let typeRange: ClosedRange<Int64>
  private let lower: Int64
  private let upper: Int64

  init(
    _ arithmetic: Arithmetic, _ range: ClosedRange<Int64>, type: ElementType, zeroPoint: Int64
  ) {
    order = arithmetic.clampOrder
    self.zeroPoint = zeroPoint
    typeRange = type.range
    lower = range.lowerBound
    // XNNPACK has applied the activation's upper bound before rounding and only saturates to the type
    // here, which shows where the addition wrapped.
    if case .float32(.upperBeforeRounding, _) = arithmetic.requantization {
      upper = type.range.upperBound
    } else {
      upper = range.upperBound
    }
    if case .exact = arithmetic.requantization { isExact = true } else { isExact = false }
    // The narrow stage has no place before its last rounding.
    if arithmetic.requantization == .narrowedTo16, arithmetic.zeroPointAddition == .beforeRounding {
      addition = .wrapping32
    } else {
      addition = arithmetic.zeroPointAddition
    }
  }

  /// From the requantized integer to the output.
  @inline(__always)
  func apply(
    to value: Int64, _ departure: inout Departure, _ recorder: inout some StepRecorder
  ) -> Int64 {
    let kept = order == .last ? value : min(max(value, typeRange.lowerBound), typeRange.upperBound)
    let shifted = add(kept, &departure)
    recorder.note(.zeroPoint(added: zeroPoint, sum: shifted))
    let bounded = min(max(shifted, lower), upper)
    if kept != value, bounded != min(max(value &+ zeroPoint, lower), upper) {
      departure.insert(.zeroPointAddition)
    }
    recorder.note(.clamp(low: lower, high: upper, result: bounded))
    return bounded
  }

  @inline(__always)
  private func add(_ value: Int64, _ departure: inout Departure) -> Int64 {
    // A result that stays wide (a profile from a file, D beyond 2^31) may fill 64 bits, and wraps.
    let sum = value &+ zeroPoint
    switch addition {
    case .wrapping32:
      if isExact { return sum }
      let wrapped = Int64(Int32(truncatingIfNeeded: sum))
      if wrapped != sum { departure.insert(.zeroPointAddition) }
      return wrapped
    case .saturating16:
      let narrow = min(max(value, -32_768), 32_767)
      return min(max(narrow + zeroPoint, -32_768), 32_767)
    case .saturating32: return Int64(Int32(clamping: sum))
    case .wrapping16:
      let wrapped = Int64(Int16(truncatingIfNeeded: sum))
      if wrapped != sum { departure.insert(.zeroPointAddition) }
      return wrapped
    case .beforeRounding: return value
    }
  }
}

extension BiasRule {
  /// What is added in place of `bias`.
  package func value(_ bias: Int64) -> Int64 {
    switch self {
    case .added, .addedInBinary32: bias
    case .ignored: 0
    case .wrapping16: Int64(Int16(truncatingIfNeeded: bias))
    case .saturating16: Int64(Int16(clamping: bias))
    }
  }

  /// The accumulator of a sum of products and a bias, where `kept` is what a sum becomes in the width of
  /// the accumulator.
  package func accumulator(
    _ sum: Int128, _ bias: Int64, kept: (Int128) -> Int128
  ) -> Int128 {
    guard self == .addedInBinary32 else { return kept(sum + Int128(value(bias))) }
    // A sum of whole floats is whole.
    return Int128(Float(Int64(truncatingIfNeeded: kept(sum))) + Float(bias))
  }
}

/// The last two stages of a profile for one channel, apart from any layer: from an accumulator to an
/// output integer.
package struct Requantizer: Sendable {
  private let channel: Channel
  private let bounding: Bounding

  /// - Parameters:
  ///   - parameters: of the channel.
  ///   - arithmetic: without variants.
  ///   - range: the bounds of the output integers.
  ///   - type: of the output.
  ///   - adjusted: changes a fixed-point multiplier.
  package init(
    _ parameters: ChannelParameters, _ arithmetic: Arithmetic, range: ClosedRange<Int64>,
    type: ElementType, adjusted: MultiplierAdjustment? = nil
  ) {
    channel = Channel(parameters, arithmetic, range, adjusted: adjusted)
    bounding = Bounding(
      arithmetic, range, type: type, zeroPoint: parameters.outputZeroPoint)
  }

  /// The output of an accumulator as the profile keeps it, and of the term of a general bias.
  package func output(accumulator: Int128, bias: Int128 = 0) -> Int64 {
    bounded(scaled(accumulator: accumulator, bias: bias))
  }

  /// The integer to which the zero point is added.
  package func scaled(accumulator: Int128, bias: Int128 = 0) -> Int64 {
    var departure = Departure()
    var recorder = NoRecorder()
    return channel.requantize(accumulator, bias: bias, &departure, &recorder)
  }

  /// The output of such an integer.
  package func bounded(_ scaled: Int64) -> Int64 {
    var departure = Departure()
    var recorder = NoRecorder()
    return bounding.apply(to: scaled, &departure, &recorder)
  }
}
