import CaseGeneration
import QuantizedArithmetic
import QuantizedLayers

/// The questions of each stage. Question `number` of a stage is a function of the seed and the number.
extension QuestionMaker {
  /// Both sides of steps and ties of one multiplier.
  func requantization(_ number: Int, zeroPoint: Bool = false) -> Question? {
    var random = CaseRandom(seed: zeroPoint ? 2 : 1, index: UInt64(number))
    let bits = subject.types.output == .int16 ? 16 : 8
    let scales = ScaleSet.drawn(number, &random, outputBits: bits)
    var output = Output()
    if zeroPoint { output.zeroPoint = random.integer(in: subject.types.output.range) }
    let targets = steps(scales, output, &random)
    return question(
      scales.purpose + (zeroPoint ? ", Zo = \(output.zeroPoint)" : ""), scales, targets, output,
      throughProducts: number % 5 == 4)
  }

  /// Accumulators on both sides of steps, around ties, and some between.
  private func steps(
    _ scales: ScaleSet, _ output: Output, _ random: inout CaseRandom
  ) -> [Int64] {
    let range = subject.types.output.range
    let (low, high) = (range.lowerBound - output.zeroPoint, range.upperBound - output.zeroPoint)
    let multiplier = scales.multiplier
    let limit = 0x1p31 - 16
    var levels: [Int64] = []
    if high - low < 512 {
      levels = Array(low...high)
    } else {
      levels = (0..<200).map { _ in random.integer(in: low...high) }
      levels += (0..<100).map { _ in random.integer(in: max(low, -64)...min(high, 64)) }
    }
    var targets: Set<Int64> = []
    for level in levels {
      // Where the output changes from level to level + 1, and where it is just level.
      for place in [Double(level) + 0.5, Double(level)] {
        let real = (place / multiplier).rounded()
        guard real.magnitude < limit else { continue }
        let reach: Int64 = place == Double(level) ? 0 : 1
        for offset in -reach...reach { targets.insert(Int64(real) + offset) }
      }
    }
    for _ in 0..<48 {
      let real = Double(random.integer(in: low...high)) / multiplier
      guard real.magnitude < limit else { continue }
      targets.insert(Int64(real) + random.integer(in: Int64(-5)...Int64(5)))
    }
    return targets.sorted()
  }

  /// D of 1 and more, accumulators of every size: shifts to the left, results beyond int32.
  func overflow(_ number: Int) -> Question? {
    var random = CaseRandom(seed: 3, index: UInt64(number))
    let power = [0, 1, 3, 6, 7, 12, 20, 30, -1, -4, 29, -8][number % 12]
    let significand = 1 + Double(random.below(1 << 23)) * 0x1p-23
    let scales = ScaleSet(
      input: Double(sign: .plus, exponent: power, significand: significand), weights: 1, output: 1,
      purpose: "D of 2^\(power) and more, accumulators of every size")
    var output = Output()
    if subject.allowsActivationZeroPoints {
      let range = subject.types.output.range
      output.zeroPoint = random.element(
        of: [range.lowerBound, range.upperBound, random.integer(in: range)])
    }
    return question(scales.purpose, scales, everySize(&random), output)
  }

  private func everySize(_ random: inout CaseRandom) -> [Int64] {
    var targets: Set<Int64> = [
      Int64(Int32.max), Int64(Int32.min), Int64(Int32.max) - 1, Int64(Int32.min) + 1, 0, 1, -1,
    ]
    for bits in 1...31 {
      for _ in 0..<4 {
        let value =
          Int64(1) << Int64(bits - 1) + random.integer(in: 0...(Int64(1) << Int64(bits - 1)))
        targets.insert(min(value, Int64(Int32.max)))
        targets.insert(max(-value, Int64(Int32.min)))
      }
      for near in [Int64(1) << Int64(bits), (Int64(1) << Int64(bits)) - 1] where bits < 31 {
        targets.formUnion([near, -near])
      }
    }
    return targets.sorted()
  }

  /// Multipliers at the ends of what they are made for.
  func extremes(_ number: Int) -> Question? {
    var random = CaseRandom(seed: 4, index: UInt64(number))
    let power = [-33, -32, -31, -40, 30, 31, -34, -29][number % 8]
    let significand =
      number % 3 == 0 ? 2 - 0x1p-23 : 1 + Double(random.below(1 << 23)) * 0x1p-23
    let scales = ScaleSet(
      input: Double(sign: .plus, exponent: power, significand: significand), weights: 1, output: 1,
      purpose: "D near 2^\(power), the ends of multipliers")
    return question(scales.purpose, scales, everySize(&random))
  }

  /// Sums beyond the accumulator, pairs of large products, widths of 16 and 24 bits.
  func sums(_ number: Int) -> Question? {
    var random = CaseRandom(seed: 5, index: UInt64(number))
    // Sums of more than 24 bits, of which a float32 loses some.
    let isLong = number % 8 == 3
    let depth =
      isLong
      ? (subject.types.input == .int16 ? 256 : 2_048) : [2, 16, 33, 64, 256, 17, 8][number % 7]
    let channels = 24
    let rows = QuestionMaker.rows
    let scales = ScaleSet(
      input: 0x1p-4, weights: 0x1p-4,
      output: Double(sign: .plus, exponent: [0, 4, 8, 12, 15][number % 5], significand: 1),
      purpose: "sums of \(depth) products and the bias")
    let isExtreme = number % 2 == 0
    func drawn(_ count: Int, _ type: ElementType) -> [Int64] {
      // All of the lowest value too: a pair of −128·−128 is the one that saturates of int8.
      if isLong {
        let most = type.range.upperBound
        return (0..<count).map { _ in random.integer(in: (most - 15)...most) }
      }
      return number % 8 == 7
        ? Array(repeating: type.range.lowerBound, count: count)
        : isExtreme
          ? (0..<count).map { _ in
            random.chance(3, in: 4) ? type.range.upperBound : type.range.lowerBound
          } : elements(count, type, &random)
    }
    let input = drawn(rows * depth, subject.types.input)
    let weights = drawn(channels * depth, subject.types.weights)
    if number % 4 == 3, subject.biasType != nil {
      return cancelled(input: input, weights: weights, depth: depth, channels, &random)
    }
    let bias = subject.biasType.map { type in
      (0..<channels).map { channel -> Int64 in
        let range = ElementType.int32.range
        switch (number / 2 + channel) % 4 {
        case 0: return range.upperBound - random.integer(in: Int64(0)...1_000)
        case 1: return range.lowerBound + random.integer(in: Int64(0)...1_000)
        case 2: return random.integer(in: Int64(-70_000)...70_000)
        default: return 0
        }
      }
    }
    return Question(
      scales.purpose,
      raw(
        scales, Output(), depth: depth, input: input, weights: weights, channels: channels,
        bias: bias))
  }

  /// Sums that the bias brings back to small numbers, D = 1: whatever became of the sum on its way shows.
  private func cancelled(
    input: [Int64], weights: [Int64], depth: Int, _ channels: Int, _ random: inout CaseRandom
  ) -> Question? {
    let scales = ScaleSet(
      input: 1, weights: 1, output: 1,
      purpose: "sums of \(depth) products that the bias brings back, D = 1")
    let bias = (0..<channels).map { channel -> Int64 in
      var sum: Int64 = 0
      for k in 0..<depth {
        sum += (input[k] - inputZeroPoint) * (weights[channel * depth + k] - weightsZeroPoint)
      }
      let range = (subject.biasType ?? .int32).range
      return min(
        max(random.integer(in: Int64(-100)...100) - sum, range.lowerBound), range.upperBound)
    }
    return Question(
      scales.purpose,
      raw(
        scales, Output(), depth: depth, input: input, weights: weights, channels: channels,
        bias: bias))
  }

  /// Zero points of the weights, per tensor and per channel.
  func weightsZeroPoints(_ number: Int) -> Question? {
    guard subject.allowsWeightsZeroPoint || subject.allowsPerChannel else { return nil }
    var random = CaseRandom(seed: 6, index: UInt64(number))
    let (depth, channels, rows) = (12, 24, QuestionMaker.rows)
    let isPerChannel = subject.allowsPerChannel && number % 2 == 0
    let scales = ScaleSet(
      input: 0x1.8p-5, weights: 0x1.2p-6, output: 0x1.4p-2,
      purpose: "zero points of the weights \(isPerChannel ? "per channel" : "per tensor")")
    let range = subject.types.weights.range
    func zero() -> Int64 { subject.allowsWeightsZeroPoint ? random.integer(in: range) : 0 }
    let zeros = isPerChannel && number % 4 == 0 ? (0..<channels).map { _ in zero() } : [zero()]
    let list: [Double]? =
      isPerChannel
      ? (0..<channels).map { _ in
        Double(Float(0x1p-6 * (1 + Double(random.below(1 << 20)) * 0x1p-20)))
      } : nil
    return Question(
      scales.purpose,
      raw(
        scales, Output(), depth: depth,
        input: elements(rows * depth, subject.types.input, &random),
        weights: elements(channels * depth, subject.types.weights, &random), channels: channels,
        bias: subject.biasType.map { _ in
          (0..<channels).map { _ in random.integer(in: Int64(-2_000)...2_000) }
        }, weightsZeroPoints: zeros, weightScales: list))
  }

  /// Bounds of activations.
  func activations(_ number: Int) -> Question? {
    // The tie of an odd zero point is another one where both are rounded together.
    let names = ["relu6", "relu"].filter { subject.activations.contains($0) }
    guard !names.isEmpty else { return nil }
    var random = CaseRandom(seed: 7, index: UInt64(number))
    let range = subject.types.output.range
    let width = range.upperBound - range.lowerBound
    // 6/So on ties, beside them, and anywhere within the output's range.
    let steps = Double(random.integer(in: 4...(width - 8))) + (number % 3 == 0 ? 0.5 : 0)
    var output = Output()
    output.activation = names[(number / 4) % names.count] == "relu6" ? .relu6 : .relu
    if subject.allowsActivationZeroPoints {
      output.zeroPoint = random.integer(in: range.lowerBound...(range.lowerBound + width / 2))
    }
    var scale = Double(Float(6 / (number % 3 == 2 ? steps + random.fraction() : steps)))
    // 6/So = 1.5 and 0.5: the only ties there are.
    if number % 4 == 1 { scale = number % 8 == 1 ? 4 : 12 }
    let scales = ScaleSet(
      input: scale, weights: 0.5, output: scale, purpose: "bounds of an activation")
    let targets = stride(
      from: -2 * width, through: 2 * width, by: max(1, Int64.Stride(width / 128)))
    return question(scales.purpose, scales, Array(targets), output)
  }
}
