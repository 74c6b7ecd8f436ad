import Profiles
import QuantizedArithmetic
import QuantizedLayers

extension CaseClass {
  static let knifeEdgeClasses: [CaseClass] = [
    knifeEdge("knifeEdge.bias", through: "bias", applies: { $0.allowsBias }),
    knifeEdge("knifeEdge.products", through: "products", applies: { _ in true }),
    CaseClass(
      "knifeEdge.channels",
      reason: "both sides of one output step a channel, every channel with a scale of its own",
      catches: "a one-unit error of one channel's multiplier",
      applies: { $0.allowsBias && $0.allowsPerChannel }
    ) { builder in
      builder.drawZeroPoints(perChannel: true)
      builder.draft.weightZeroPoints = [0]
      let count = 64
      builder.drawKnifeEdgeScales(count)
      guard let reference = builder.probe() else { return false }
      var targets: [Int64] = []
      for channel in 0..<count {
        let level = builder.random.integer(in: builder.innerLevels)
        guard let step = builder.step(to: level, reference, channel) else { return false }
        targets.append(channel & 1 == 0 ? step : step - 1)
      }
      builder.deliverThroughBias(targets)
      return true
    },
  ]

  private static func knifeEdge(
    _ name: String, through carrier: String, applies: @escaping @Sendable (Signature) -> Bool
  ) -> CaseClass {
    CaseClass(
      name,
      reason:
        "the accumulators on both sides of every output step, delivered through the \(carrier)",
      catches: "any error of the multiplier or of a rounding that some accumulator shows",
      applies: applies
    ) { builder in
      builder.drawZeroPoints(perChannel: false)
      builder.draft.weightZeroPoints = [builder.draft.weightZeroPoints[0]]
      let isBias = carrier == "bias"
      let isWide = builder.draft.types.output == .int16
      let exponent = builder.random.integer(in: isBias ? -22...(-1) : isWide ? -6...0 : -14...0)
      if builder.variant % 4 == 3 {
        let significand = UInt64(builder.random.integer(in: 0...7) * 2 + 1)
        builder.setExactMultiplier(significand: significand, exponent: exponent - 2)
      } else {
        builder.setRandomMultiplier(exponent: exponent...exponent)
      }
      guard let reference = builder.probe() else { return false }
      let targets = builder.knifeEdges(reference)
      guard !targets.isEmpty else { return false }
      return builder.deliver(targets, throughProducts: !isBias)
    }
  }
}

extension CaseBuilder {
  /// Scales of `count` channels: in every other case close to each other, otherwise with multipliers
  /// as far apart as leaves every step of the output within int32.
  mutating func drawKnifeEdgeScales(_ count: Int) {
    draft.channels = count
    draft.inputScale = drawScale(exponent: -6...0)
    if variant & 1 == 0 {
      draft.weightScales = (0..<count).map { _ in drawScale(exponent: -4...0) }
      setOutputScale(multiplier: drawScale(exponent: -18...(-2)))
    } else {
      draft.outputScale = drawScale(exponent: 0...4)
      let ratio = draft.outputScale / draft.inputScale
      let exponents = draft.types.output == .int16 ? -14...(-2) : -22...(-2)
      draft.weightScales = (0..<count).map { _ in binary32(ratio * drawScale(exponent: exponents)) }
    }
  }

  /// The reference of a one-element layer with the parameters drawn so far; `nil` outside the domain.
  func probe() -> Reference? {
    var draft = draft
    draft.rows = 1
    draft.depth = 1
    if draft.weightScales.count <= 1 { draft.channels = 1 }
    draft.biasType = nil
    draft.biasScales = []
    // With 64-bit accumulators the bias decides between two arithmetics.
    if signature.biasType == .int64 || !signature.rule.biasTypes.contains(nil) {
      draft.biasType = signature.biasType
      draft.setBias((0..<draft.channels).map { _ in 0 })
    }
    draft.input = ElementBytes.bytes([0], as: draft.types.input)
    draft.weights = ElementBytes.bytes((0..<draft.channels).map { _ in 0 }, as: draft.types.weights)
    guard let layer = try? draft.raw.validated() else { return nil }
    return try? signature.profile.reference(for: layer)
  }

  /// Outputs that a step leads to: all but the least.
  var innerLevels: ClosedRange<Int64> {
    let range = draft.types.output.range
    return (range.lowerBound + 1)...range.upperBound
  }

  /// Of 2,048 random levels the `count` whose accumulators come closest to the step, measured by the
  /// relative error of the multiplier that would carry one of them across.
  private mutating func closestSteps(_ count: Int) -> [Int64] {
    let multiplier = draft.multiplier(0)
    let candidates = (0..<2_048).map { _ -> (level: Int64, error: Double) in
      let level = random.integer(in: innerLevels)
      let real = (Double(level - draft.outputZeroPoint) - 0.5) / multiplier
      let rest = real - real.rounded(.down)
      return (level, min(rest, 1 - rest) / max(real.magnitude, 1))
    }
    return candidates.sorted { $0.error < $1.error }.prefix(count).map(\.level)
  }

  /// Both sides of every step of an 8-bit output; of a 16-bit one 256 steps, both ends included.
  mutating func knifeEdges(_ reference: Reference) -> [Int64] {
    let levels = innerLevels
    var chosen: [Int64]
    if levels.upperBound - levels.lowerBound < 256 {
      chosen = Array(levels)
    } else {
      chosen = [levels.lowerBound, levels.lowerBound + 1, levels.upperBound - 1, levels.upperBound]
      chosen += (0..<128).map { _ in random.integer(in: levels) } + closestSteps(124)
    }
    var targets: [Int64] = []
    targets.reserveCapacity(2 * chosen.count)
    for level in chosen {
      guard let step = step(to: level, reference, 0) else { continue }
      targets.append(step - 1)
      targets.append(step)
    }
    return targets
  }

  /// The least accumulator near the true step whose output is at least `level`; `nil` where it lies
  /// outside the accumulator's range or the profile is not monotone around it.
  func step(to level: Int64, _ reference: Reference, _ channel: Int) -> Int64? {
    let range = accumulatorRange
    let real = (Double(level - draft.outputZeroPoint) - 0.5) / draft.multiplier(channel)
    guard real > Double(range.lowerBound) + 8, real < Double(range.upperBound) - 8 else {
      return nil
    }
    func reaches(_ accumulator: Int64) -> Bool {
      var departure = Departure()
      return reference.output(accumulator: accumulator, channel: channel, departure: &departure)
        >= level
    }
    let estimate = Int64(real.rounded(.up))
    var width: Int64 = 1
    while width <= 1 << 20 {
      var low = max(estimate - width, range.lowerBound)
      var high = min(estimate + width, range.upperBound)
      if !reaches(low), reaches(high) {
        while high - low > 1 {
          let middle = low + (high - low) / 2
          if reaches(middle) { high = middle } else { low = middle }
        }
        return high
      }
      width *= 4
    }
    return nil
  }
}
