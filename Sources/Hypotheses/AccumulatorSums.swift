import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// The sum of products of every output, zero points corrected, bias not added.
struct AccumulatorSums {
  private let numbers: Numbers
  private let raw: RawSums
  private let rule: AccumulatorRule
  private let ignoresWeightsZeroPoint: Bool
  /// What a change of a part of the sum adds to every output's; empty where there is none.
  private let changes: [Int64]

  init(_ numbers: Numbers, _ raw: RawSums, _ arithmetic: Arithmetic, biasFirstBits: Int?) {
    self.biasFirstBits = biasFirstBits
    self.numbers = numbers
    self.raw = raw
    rule = arithmetic.accumulator
    changes = numbers.sumChange.map { SumChange.differences($0, $1, numbers, arithmetic) } ?? []
    ignoresWeightsZeroPoint =
      arithmetic.weightsZeroPoint == .ignored
      || (arithmetic.weightsZeroPoint == .ignoredPerChannel && numbers.isPerChannel)
  }

  private func weightsZeroPoint(_ channel: Int) -> Int64 {
    ignoresWeightsZeroPoint ? 0 : numbers.weightZeroPoints[channel]
  }

  /// Whether each term has to be looked at.
  private var isStepwise: Bool {
    rule == .int32SaturatingSteps || !numbers.differences.isEmpty || numbers.productOverflow != nil
      || numbers.sumRegister?.everyStep == true || biasFirstBits != nil
  }

  /// Where the sum begins with the bias and saturates: the bits of its register.
  let biasFirstBits: Int?

  /// The sum of products of an output; with the bias where the sum begins with it.
  func sum(_ row: Int, _ channel: Int) -> Int64 {
    var sum = isStepwise ? steps(row, channel) : plain(row, channel)
    if !changes.isEmpty { sum &+= changes[row * numbers.channels + channel] }
    guard let register = numbers.sumRegister, !register.everyStep else { return sum }
    return Narrow.apply(register.overflow, sum, bits: register.bits)
  }

  private func inputZeroPoint(_ channel: Int) -> Int64 {
    numbers.inputZeroPointByChannel?[channel] ?? numbers.inputZeroPoint
  }

  private func plain(_ row: Int, _ channel: Int) -> Int64 {
    let (zx, zw) = (inputZeroPoint(channel), weightsZeroPoint(channel))
    var constant = numbers.constantFactor &* zx &* zw
    if numbers.constantWraps16 { constant = Narrow.wrapped(constant, bits: 16) }
    return raw.products[row * numbers.channels + channel]
      &- numbers.rowFactor &* zw &* raw.rows[row]
      &- numbers.columnFactor &* zx &* raw.columns[channel] &+ constant
      &+ pairLoss(row, channel) &+ partialLoss(row, channel)
  }

  /// By how much registers of 16 bits for some of the products change the sum.
  private func partialLoss(_ row: Int, _ channel: Int) -> Int64 {
    guard let partial = numbers.partialSums else { return 0 }
    let (zx, zw) =
      partial.isRaw ? (0, 0) : (inputZeroPoint(channel), weightsZeroPoint(channel))
    var registers = Array(
      repeating: Int64(0),
      count: partial.grouping == .lanes ? partial.count : (numbers.depth - 1) / partial.count + 1)
    var whole: Int64 = 0
    for k in 0..<numbers.depth {
      let product =
        (Int64(numbers.input[row * numbers.depth + k]) - zx)
        * (Int64(numbers.weights[channel * numbers.depth + k]) - zw)
      let place = partial.grouping == .lanes ? k % partial.count : k / partial.count
      whole += product
      registers[place] = Narrow.apply(partial.overflow, registers[place] + product, bits: 16)
    }
    return registers.reduce(0, +) - whole
  }

  /// Term by term, zero points subtracted first.
  private func steps(_ row: Int, _ channel: Int) -> Int64 {
    let zw = weightsZeroPoint(channel)
    let zx = inputZeroPoint(channel)
    var sum: Int64 = biasFirstBits == nil ? 0 : numbers.bias[channel]
    for k in 0..<numbers.depth {
      var left = Int64(numbers.input[row * numbers.depth + k]) - zx
      var right = Int64(numbers.weights[channel * numbers.depth + k]) - zw
      if let overflow = numbers.differences[.input] {
        left = Narrow.apply(overflow, left, bits: numbers.types.input.byteCount * 8)
      }
      if let overflow = numbers.differences[.weights] {
        right = Narrow.apply(overflow, right, bits: numbers.types.weights.byteCount * 8)
      }
      var product = left &* right
      if let overflow = numbers.productOverflow {
        product = Narrow.apply(overflow, product, bits: 16)
      }
      sum = sum &+ product &* Int64(numbers.multiplicity?[k] ?? 1)
      if rule == .int32SaturatingSteps { sum = Int64(Int32(clamping: sum)) }
      if let bits = biasFirstBits { sum = Narrow.saturated(sum, bits: bits) }
      if let register = numbers.sumRegister, register.everyStep {
        sum = Narrow.apply(register.overflow, sum, bits: register.bits)
      }
    }
    return sum
  }

  /// By how much a rule for pairs of raw 8-bit products changes the sum; see ``AccumulatorRule``.
  private func pairLoss(_ row: Int, _ channel: Int) -> Int64 {
    switch rule {
    case .int16PairSaturating: saturationLoss(row, channel)
    case .int16PairWrapping: wrappingLoss(row, channel, padding: 0)
    case .int16PairWrappingZeroPoints:
      wrappingLoss(
        row, channel,
        padding: (numbers.inputZeroPoint - offset(numbers.types.input))
          * (weightsZeroPoint(channel) - offset(numbers.types.weights)))
    default: 0
    }
  }

  private func offset(_ type: ElementType) -> Int64 { type == .uint8 ? 128 : 0 }

  private func saturationLoss(_ row: Int, _ channel: Int) -> Int64 {
    var loss: Int64 = 0
    for k in stride(from: 0, to: numbers.depth, by: 2) {
      let pair =
        product(row, channel, k) + (k + 1 < numbers.depth ? product(row, channel, k + 1) : 0)
      loss += Narrow.saturated(pair, bits: 16) - pair
    }
    return loss
  }

  private func wrappingLoss(_ row: Int, _ channel: Int, padding: Int64) -> Int64 {
    let (first, second) = (offset(numbers.types.input), offset(numbers.types.weights))
    func signed(_ k: Int) -> Int64 {
      guard k < numbers.depth else { return padding }
      return (Int64(numbers.input[row * numbers.depth + k]) - first)
        * (Int64(numbers.weights[channel * numbers.depth + k]) - second)
    }
    var loss: Int64 = 0
    for block in stride(from: 0, to: numbers.depth, by: 16) {
      for k in block..<(block + 8) {
        let pair = signed(k) + signed(k + 8)
        loss += Narrow.wrapped(pair, bits: 16) - pair
      }
    }
    return loss
  }

  private func product(_ row: Int, _ channel: Int, _ k: Int) -> Int64 {
    Int64(numbers.input[row * numbers.depth + k])
      * Int64(numbers.weights[channel * numbers.depth + k])
  }

  /// The accumulator as the rule keeps it.
  func kept(_ exact: Int128) -> Int128 {
    if rule == .exact { return exact }
    return Int128(kept(Int64(truncatingIfNeeded: exact)))
  }

  private func kept(_ total: Int64) -> Int64 {
    switch rule {
    case .exact, .int64Wrapping, .int48: total
    case .int32Wrapping, .int16PairSaturating, .int16PairWrapping, .int16PairWrappingZeroPoints:
      Narrow.wrapped(total, bits: 32)
    case .int32Saturating, .int32SaturatingSteps: Narrow.saturated(total, bits: 32)
    case .int24Wrapping: Narrow.wrapped(total, bits: 24)
    case .int24Saturating: Narrow.saturated(total, bits: 24)
    case .int16Wrapping: Narrow.wrapped(total, bits: 16)
    case .int16Saturating: Narrow.saturated(total, bits: 16)
    }
  }
}
