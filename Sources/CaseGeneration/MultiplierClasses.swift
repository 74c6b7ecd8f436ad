import Profiles
import QuantizedArithmetic
import QuantizedLayers

extension CaseClass {
  static let multiplierClasses: [CaseClass] = [
    multiplier(
      "multiplier.powerOfTwo", reason: "D = 2^−n, accumulators on ties and beside them",
      catches: "wrong tie rules, double rounding, ties rounded with the zero point added"
    ) { builder in
      let n = builder.random.integer(in: 0...12)
      builder.setExactMultiplier(significand: 1, exponent: -n)
      return builder.ties(significand: 1, exponent: -n)
    },
    multiplier(
      "multiplier.fewBits", reason: "D = m·2^−n with a small odd m: exact ties",
      catches: "wrong tie rules where the multiplier is not a power of two"
    ) { builder in
      let n = builder.random.integer(in: 4...14)
      let m = UInt64(builder.random.integer(in: 1...15) * 2 + 1)
      builder.setExactMultiplier(significand: m, exponent: -n)
      return builder.ties(significand: m, exponent: -n)
    },
    multiplier(
      "multiplier.roundsUp", reason: "D just below a power of two, where 31 bits round up to 2^31",
      catches: "the missing renormalisation of the multiplier"
    ) { builder in
      let k = builder.random.integer(in: 17...22)
      let small = Double(sign: .plus, exponent: -k, significand: 1)
      builder.draft.inputScale = 1 + small
      builder.draft.weightScales = [1 - small]
      let n = builder.random.integer(in: 0...10)
      builder.draft.outputScale = Double(sign: .plus, exponent: n, significand: 1)
      return builder.forEveryOtherChannel(builder.ties(significand: 1, exponent: -n))
    },
    multiplier(
      "multiplier.aboutOne", reason: "D at, just below and just above 1",
      catches: "shifts of 0, exponents off by one at 1"
    ) { builder in
      let ulps = builder.random.integer(in: -2...2)
      builder.draft.inputScale = 1
      builder.draft.weightScales = [1 + Double(ulps) * 0x1p-23]
      builder.draft.outputScale = 1
      return builder.steps()
    },
    multiplier(
      "multiplier.aboveOne", reason: "D between 1 and 256",
      catches: "lost or saturating left shifts, shifts that overflow"
    ) { builder in
      builder.setRandomMultiplier(exponent: 0...6)
      return builder.steps() + builder.wideTargets()
    },
    multiplier(
      "multiplier.tiny", reason: "D from 2^−100 to 2^−24, accumulators to the ends of int32",
      catches: "multipliers flushed to 0, right shifts of 31 and more, float32 conversions"
    ) { builder in
      // Some lie at the last shift that 32 bits have, some so far below that shifts leave 64 bits.
      // There no accumulator shows: every other channel gets a usual multiplier.
      let part = (builder.variant >> 1) % 4
      let isVisible = part < 2 || !builder.signature.allowsPerChannel
      let exponents: [ClosedRange<Int>] = [-32...(-24), -32...(-31), -33...(-31), -100...(-35)]
      // Only a bias reaches the ends of int32.
      let isLast = part & 1 == 1 && builder.variant & 1 == 0 && builder.signature.allowsBias
      builder.setRandomMultiplier(exponent: exponents[isVisible ? (isLast ? 1 : 0) : part])
      if !isVisible { builder.addChannelScale(multiplier: builder.drawScale(exponent: -10...(-2))) }
      return builder.wideTargets() + builder.steps()
    },
    multiplier(
      "multiplier.huge", reason: "D beyond 2^8, to the end of the profile's domain",
      catches: "left shifts that wrap, conversions that overflow to the other end",
      applies: { $0.multiplierLimit > 256 }
    ) { builder in
      builder.setRandomMultiplier(exponent: 8...38)
      let few = (-4...4).map { Int64($0) }
      return few + builder.wideTargets()
    },
    CaseClass(
      "scale.extreme", reason: "scales near the ends of binary32, subnormal ones included",
      catches: "scales multiplied in a narrow format, subnormals flushed to zero",
      applies: { !$0.requires(.normalScales) }
    ) { builder in
      builder.drawSmallShape()
      builder.drawRest()
      let tiny = builder.random.element(of: [0x1p-149, 0x1p-140, 0x1.8p-127, 0x1p-126, 0x1p-100])
      let huge = builder.random.element(of: [0x1.fffffep127, 0x1p120, 0x1p100])
      builder.draft.weightScales = [builder.draft.weightScales[0]]
      switch builder.variant % 6 {
      case 4, 5:
        // Both subnormal, and the output's range is used all the same.
        let ratio = builder.draft.outputScale / builder.draft.inputScale
        builder.draft.inputScale = tiny
        builder.draft.outputScale = builder.binary32(tiny * ratio)
        guard builder.draft.outputScale > 0 else { return false }
      case 0, 1:
        let usual = builder.draft.multiplier(0)
        guard builder.addsChannelScale, builder.draft.channels > 1 else {
          let isInput = builder.variant % 6 == 0
          builder.draft.inputScale = isInput ? tiny : huge
          builder.draft.weightScales = [isInput ? huge : tiny]
          builder.setOutputScale(multiplier: usual)
          break
        }
        // One channel vanishes; the others are as usual, so that something shows.
        if builder.variant % 6 == 0 {
          builder.draft.inputScale = tiny
        } else {
          builder.draft.weightScales = [tiny]
        }
        builder.addChannelScale(multiplier: usual)
        builder.spreadChannelParameters()
      case 2: (builder.draft.inputScale, builder.draft.weightScales) = (huge, [tiny])
      default: (builder.draft.inputScale, builder.draft.outputScale) = (huge, huge)
      }
      builder.draft.biasScales = builder.draft.biasScales.map { _ in builder.draft.outputScale }
      return true
    },
    CaseClass(
      "scale.double", reason: "scales of 53 bits, which no binary32 number is",
      catches: "scales narrowed to float32 without saying so",
      applies: { !$0.needsBinary32 }
    ) { builder in
      func wide(_ scale: Double) -> Double {
        let low = UInt64(builder.random.below(1 << 29)) | 1
        return Double(bitPattern: scale.bitPattern | low)
      }
      if builder.variant & 1 == 1, builder.signature.allowsBias {
        builder.drawZeroPoints(perChannel: false)
        builder.draft.weightZeroPoints = [builder.draft.weightZeroPoints[0]]
        builder.setRandomMultiplier(exponent: -22...(-12))
        builder.draft.inputScale = wide(builder.draft.inputScale)
        guard let reference = builder.probe() else { return false }
        let targets = builder.knifeEdges(reference)
        guard !targets.isEmpty else { return false }
        return builder.deliver(targets, throughProducts: false)
      }
      builder.drawSmallShape()
      builder.drawRest()
      builder.draft.inputScale = wide(builder.draft.inputScale)
      builder.draft.outputScale = wide(builder.draft.outputScale)
      builder.draft.weightScales = builder.draft.weightScales.map { wide($0) }
      return true
    },
  ]

  /// A class that fixes the multiplier and delivers chosen accumulators through the bias where the
  /// profile has one, otherwise through the products.
  private static func multiplier(
    _ name: String, reason: String, catches: String,
    applies: @escaping @Sendable (Signature) -> Bool = { _ in true },
    targets: @escaping @Sendable (inout CaseBuilder) -> [Int64]
  ) -> CaseClass {
    CaseClass(name, reason: reason, catches: catches, applies: applies) { builder in
      builder.drawZeroPoints(perChannel: false)
      builder.draft.weightZeroPoints = [builder.draft.weightZeroPoints[0]]
      let accumulators = targets(&builder)
      guard !accumulators.isEmpty else { return false }
      builder.drawActivation()
      if builder.variant % 4 != 0 { builder.draft.activation = .none }
      return builder.deliver(accumulators, throughProducts: builder.variant & 1 == 1)
    }
  }
}

extension CaseBuilder {
  /// Si·Sw/So = significand · 2^exponent exactly.
  mutating func setExactMultiplier(significand: UInt64, exponent: Int) {
    let split = random.integer(in: -6...6)
    draft.inputScale = Double(sign: .plus, exponent: split, significand: 1)
    draft.weightScales = [
      Double(sign: .plus, exponent: exponent - 2 * split, significand: Double(significand))
    ]
    draft.outputScale = Double(sign: .plus, exponent: 0 - split, significand: 1)
  }

  /// A multiplier of random bits with a binary exponent in `exponent`.
  mutating func setRandomMultiplier(exponent: ClosedRange<Int>) {
    draft.inputScale = drawScale(exponent: -4...0)
    draft.weightScales = [drawScale(exponent: -4...0)]
    setOutputScale(multiplier: drawScale(exponent: exponent))
  }

  /// Whether a layer with one scale may get another for some of its channels.
  var addsChannelScale: Bool {
    signature.allowsPerChannel && !signature.requires(.predictableRescale)
  }

  /// Appends a weight scale with which Si·Sw/So is `multiplier`, nearly, for every other channel.
  mutating func addChannelScale(multiplier: Double) {
    let scale = multiplier / draft.inputScale * draft.outputScale
    draft.weightScales.append(binary32(min(max(scale, 0x1p-120), 0x1p120)))
    if !signature.allowsWeightsZeroPoint(perChannel: true) { draft.weightZeroPoints = [0] }
  }

  /// Where channels may have scales, every other case gets a second one, for some runtimes form `D`
  /// otherwise then: each target is given twice, the first time to a channel of the first scale.
  mutating func forEveryOtherChannel(_ targets: [Int64]) -> [Int64] {
    guard addsChannelScale, variant >> 1 & 1 == 1 else { return targets }
    addChannelScale(multiplier: drawScale(exponent: -10...(-2)))
    return targets.flatMap { [$0, $0] }
  }

  /// Accumulators for which `a·significand·2^exponent` is a tie of an output in range, each with both
  /// neighbours.
  mutating func ties(significand: UInt64, exponent: Int) -> [Int64] {
    guard exponent < 0 else { return steps() }
    let half = Int64(1) << Int64(0 - exponent - 1)
    let multiplier = Double(significand) * Double(sign: .plus, exponent: exponent, significand: 1)
    let range = outputSteps
    let most = Int64(Double(max(range.upperBound, 0 - range.lowerBound)) / multiplier) / half
    return (0..<20).flatMap { _ -> [Int64] in
      let odd = random.integer(in: (0 - most)...most) | 1
      return [odd * half - 1, odd * half, odd * half + 1]
    }
  }

  /// Accumulators near random steps of the output.
  mutating func steps() -> [Int64] {
    let range = outputSteps
    let accumulators = accumulatorRange
    return (0..<24).map { _ in
      let output = Double(random.integer(in: range)) + 0.5
      let accumulator = (output / draft.multiplier(0)).rounded(.down)
      let bounded = min(max(accumulator, -0x1p46), 0x1p46)
      return min(max(Int64(bounded), accumulators.lowerBound), accumulators.upperBound)
    }
  }

  /// Accumulators at, next to and towards the ends of the accumulator's type.
  mutating func wideTargets() -> [Int64] {
    let range = predictableAccumulators
    let half = range.upperBound / 2 + 1
    return [
      range.lowerBound, range.lowerBound + 1, range.upperBound, range.upperBound - 1, half,
      0 - half, 0, 1, -1,
    ] + (0..<15).map { _ in random.integer(in: range) }
  }

  /// int32; where TOSA's RESCALE must stay predictable, what leaves room for the sums around them.
  private var predictableAccumulators: ClosedRange<Int64> {
    let multiplier = draft.multiplier(0)
    guard signature.requires(.predictableRescale), multiplier >= 0.25 else {
      return ElementType.int32.range
    }
    let reach = Int64(0x1p27 / multiplier)
    return -reach...reach
  }

  /// The outputs less the zero point.
  var outputSteps: ClosedRange<Int64> {
    let range = draft.types.output.range
    return (range.lowerBound - draft.outputZeroPoint)...(range.upperBound - draft.outputZeroPoint)
  }
}
