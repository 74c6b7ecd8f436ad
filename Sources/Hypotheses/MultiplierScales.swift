import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// The scales that multipliers are formed of, changed or not.
struct MultiplierScales {
  private let input: Double
  private let weights: [Double]
  private let output: Double
  /// Whether all channels have the same.
  let isOne: Bool

  init(_ numbers: Numbers, _ changes: [Change], isFixedPoint: Bool) {
    var (input, weights, output) = (numbers.inputScale, numbers.weightScales, numbers.outputScale)
    for case .multiplier(let slip) in changes {
      switch slip {
      case .exponent(let count) where !isFixedPoint, .power(let count):
        // Exact, and the exponent of whatever is made of it.
        weights = weights.map { $0 * Double(sign: .plus, exponent: count, significand: 1) }
      case .scaleMissing(.input): input = 1
      case .scaleMissing(.weights): weights = weights.map { _ in 1 }
      case .scaleMissing(.output): output = 1
      case .outputScaleMultiplied: output = 1 / output
      case .inputAndOutputSwapped: (input, output) = (output, input)
      case .sharedExponent where !numbers.isPerChannel: break
      case .sharedExponent:
        let most = weights.max().map { input * $0 / output } ?? 1
        guard most > 0, most.isFinite else { break }
        let unit = Double(sign: .plus, exponent: most.exponent - 30, significand: 1)
        weights = weights.map {
          ((input * $0 / output) / unit).rounded(.toNearestOrAwayFromZero) * unit * output / input
        }
      case .exponent, .significand, .lowBitsCut, .leftShiftLost, .zeroFromShift, .shiftLimited,
        .limitedInPlaceOfZero, .rounded, .madeOf, .leftShiftLast, .leftShiftFirst,
        .reducedTruncated, .firstExponent, .firstSignificand,
        .halvedWhenFull,
        .negatedWhenFull:
        break
      }
    }
    self.input = input
    self.weights = weights
    self.output = output
    isOne = weights.allSatisfy { $0 == weights.first }
  }

  /// `nil` where one of them is no scale.
  func parameters(_ channel: Int, _ numbers: Numbers) -> ChannelParameters? {
    guard let input = try? Scale(input), let weights = try? Scale(weights[channel]),
      let output = try? Scale(output)
    else { return nil }
    let bias = numbers.biasScales.isEmpty ? nil : try? Scale(numbers.biasScales[channel])
    return ChannelParameters(
      input: input, weights: weights, bias: bias, output: output,
      outputZeroPoint: numbers.outputZeroPoint, isPerChannel: numbers.isPerChannel)
  }

  /// The fixed-point multiplier of channel 0.
  func firstMultiplier(_ numbers: Numbers, _ arithmetic: Arithmetic) -> FixedPointMultiplier? {
    multiplier(0, numbers, arithmetic)
  }

  /// By how much a channel's multiplier shifts to the left.
  func leftShift(_ channel: Int, _ numbers: Numbers, _ arithmetic: Arithmetic) -> Int {
    max(multiplier(channel, numbers, arithmetic)?.exponent ?? 0, 0)
  }

  private func multiplier(
    _ channel: Int, _ numbers: Numbers, _ arithmetic: Arithmetic
  ) -> FixedPointMultiplier? {
    guard let rule = arithmetic.fixedPoint, let parameters = parameters(channel, numbers) else {
      return nil
    }
    return rule.multiplier.multiplier(
      of: arithmetic.effectiveScale.value(
        input: parameters.input, weights: parameters.weights, output: parameters.output,
        isPerChannel: numbers.isPerChannel))
  }

  /// What changes, given channel 0's multiplier, make of a fixed-point multiplier; `nil`: nothing.
  static func adjustment(
    _ changes: [Change], first: FixedPointMultiplier?
  ) -> MultiplierAdjustment? {
    for case .multiplier(let slip) in changes {
      switch slip {
      case .significand(let count):
        return { multiplier, _ in
          multiplier.significand == 0
            ? multiplier
            : FixedPointMultiplier(
              significand: multiplier.significand &+ Int32(truncatingIfNeeded: count),
              exponent: multiplier.exponent)
        }
      case .exponent(let count):
        return { multiplier, _ in
          FixedPointMultiplier(
            significand: multiplier.significand, exponent: multiplier.exponent + count)
        }
      case .lowBitsCut(let count):
        return { multiplier, _ in
          FixedPointMultiplier(
            significand: multiplier.significand & -(1 << Int32(count)),
            exponent: multiplier.exponent)
        }
      case .rounded(let bits): return { multiplier, _ in multiplier.rounded(bits: bits) }
      case .firstExponent:
        return { multiplier, _ in
          FixedPointMultiplier(
            significand: multiplier.significand, exponent: first?.exponent ?? multiplier.exponent)
        }
      case .firstSignificand:
        return { multiplier, _ in
          FixedPointMultiplier(
            significand: first?.significand ?? multiplier.significand,
            exponent: multiplier.exponent)
        }
      case .madeOf(let bits):
        return { multiplier, real in
          multiplier.significand == 0
            ? multiplier : FixedPointMultiplier(of: real, bits: bits) ?? multiplier
        }
      case .reducedTruncated(let atOnce):
        return { multiplier, real in
          // A significand of 15 bits, in units of its own.
          guard 1..<(1 << 16) ~= multiplier.significand,
            let whole = FixedPointMultiplier(of: real, bits: 31)
          else { return multiplier }
          if atOnce, real.isFinite, real > 0 {
            return FixedPointMultiplier(
              significand: Int32(real.significand * 0x1p14), exponent: Int(real.exponent) + 17)
          }
          return FixedPointMultiplier(
            significand: whole.significand >> 16, exponent: whole.exponent + 16)
        }
      case .leftShiftLost, .leftShiftLast, .leftShiftFirst:
        return { multiplier, _ in
          FixedPointMultiplier(
            significand: multiplier.significand, exponent: min(multiplier.exponent, 0))
        }
      case .zeroFromShift(let count):
        return { multiplier, _ in
          multiplier.exponent <= -count
            ? FixedPointMultiplier(significand: 0, exponent: 0) : multiplier
        }
      case .shiftLimited(let count):
        return { multiplier, _ in
          FixedPointMultiplier(
            significand: multiplier.significand, exponent: max(multiplier.exponent, -count))
        }
      case .limitedInPlaceOfZero(let count):
        return { multiplier, real in
          let whole =
            multiplier.significand == 0
            ? FixedPointMultiplier(of: real, bits: 31) ?? multiplier : multiplier
          return FixedPointMultiplier(
            significand: whole.significand, exponent: max(whole.exponent, -count))
        }
      case .halvedWhenFull, .negatedWhenFull:
        return { multiplier, real in
          // The significand was rounded up to 2^31 where the multiplier is a power of two above `D`.
          guard multiplier.significand == 1 << 30, multiplier.value > real else {
            return multiplier
          }
          return FixedPointMultiplier(
            significand: slip == .halvedWhenFull ? 1 << 30 : .min,
            exponent: multiplier.exponent - 1)
        }
      default: break
      }
    }
    return nil
  }
}

extension FixedPointMultiplier {
  /// A positive number's of so many bits, half away from zero, in a significand of 31.
  fileprivate init?(of real: Double, bits: Int) {
    guard real.isFinite, real > 0 else { return nil }
    let exponent = real.exponent + 1
    let fraction = real.significand / 2
    let scaled = (fraction * Double(1 << Int64(bits))).rounded(.toNearestOrAwayFromZero)
    let isFull = scaled == Double(1 << Int64(bits))
    let significand = isFull ? 1 << 30 : Int64(scaled) << Int64(31 - bits)
    self.init(significand: Int32(significand), exponent: Int(exponent) + (isFull ? 1 : 0))
  }

  /// Of `bits` bits, half away from zero; unchanged where the significand is not one of 31 bits.
  fileprivate func rounded(bits: Int) -> FixedPointMultiplier {
    guard significand >= 1 << 30 else { return self }
    let unit = Int64(1) << Int64(31 - bits)
    let value = (Int64(significand) + unit / 2) & -unit
    return value == 1 << 31
      ? FixedPointMultiplier(significand: 1 << 30, exponent: exponent + 1)
      : FixedPointMultiplier(significand: Int32(value), exponent: exponent)
  }
}
