import Profiles
import QuantizedArithmetic
import QuantizedLayers

extension CaseClass {
  static let accumulatorClasses: [CaseClass] = [
    CaseClass(
      "accumulator.ends", reason: "accumulators at and next to the ends of int32",
      catches: "overflow in requantization, float32 conversions, lost signs",
      applies: { $0.allowsBias }
    ) { builder in
      builder.drawZeroPoints(perChannel: false)
      // RESCALE takes all of int32 below 1/2.
      let greatest = builder.signature.requires(.predictableRescale) ? -5...(-3) : -2...1
      let exponents: [ClosedRange<Int>] = [-25...(-23), -33...(-26), greatest, -12...(-8)]
      builder.setRandomMultiplier(exponent: exponents[builder.variant % 4])
      return builder.deliver(builder.wideTargets(), throughProducts: false)
    },
    CaseClass(
      "accumulator.overflow", reason: "true sums that leave int32 by little and by much",
      catches: "wrapping where the profile does not wrap, and the reverse",
      applies: { $0.allowsBias }
    ) { builder in
      builder.drawSmallShape()
      let perChannel = builder.drawPerChannel()
      builder.drawZeroPoints(perChannel: perChannel)
      builder.drawScales(perChannel: perChannel)
      builder.draft.biasType = builder.signature.biasType
      builder.fill(builder.variant >> 1 & 1)
      let range = ElementType.int32.range
      let isHigh = builder.variant & 1 == 1
      builder.draft.setBias(
        (0..<builder.draft.channels).map { _ in
          let inward = Int64(builder.random.below(4))
          return isHigh ? range.upperBound - inward : range.lowerBound + inward
        })
      return true
    },
  ]

  static let biasClasses: [CaseClass] = [
    CaseClass(
      "bias.ends", reason: "biases at the ends of their type",
      catches: "biases narrowed, added after requantization, or with the wrong sign",
      applies: { $0.allowsBias }
    ) { builder in
      builder.drawSmallShape()
      let perChannel = builder.drawPerChannel()
      builder.drawZeroPoints(perChannel: perChannel)
      builder.drawScales(perChannel: perChannel)
      let type = builder.random.element(of: builder.signature.rule.biasTypes.compactMap { $0 })
      builder.draft.biasType = type
      // Every other int64 so small that a bias at its ends lies within the output's range; products
      // with a multiplier would leave 64 bits.
      let isTiny =
        type == .int64 && builder.variant & 1 == 1
        && builder.signature.rule.arithmetic.fixedPoint == nil
      builder.setRandomMultiplier(exponent: isTiny ? -58...(-50) : -26...(-20))
      let range = type.range
      builder.draft.setBias(
        (0..<builder.draft.channels).map { _ in
          let inward = Int64(builder.random.below(3))
          return builder.random.chance(1, in: 2)
            ? range.upperBound - inward : range.lowerBound + inward
        })
      builder.drawData()
      return true
    },
    CaseClass(
      "bias.general", reason: "a bias with a scale and a zero point of its own",
      catches: "biases added raw, their zero point ignored, folded with the wrong scale",
      applies: { $0.profile.generalBias && $0.allowsBias }
    ) { builder in
      builder.drawSmallShape()
      let perChannel = builder.drawPerChannel()
      builder.drawZeroPoints(perChannel: perChannel)
      builder.drawScales(perChannel: perChannel)
      let type = builder.random.element(of: builder.signature.rule.biasTypes.compactMap { $0 })
      builder.draft.biasType = type
      builder.drawGeneralBias(type)
      if builder.variant % 4 == 3 {
        // Far from the products' scale: one term decides the other's ties.
        let far = builder.drawScale(exponent: -100...(-60))
        builder.draft.biasScales = [far]
      }
      builder.drawActivation()
      builder.drawData()
      return true
    },
    CaseClass(
      "bias.generalEnds",
      reason: "a general bias at the ends of its type, its zero point on the other side",
      catches: "biases narrowed to 32 bits, zero points of the bias subtracted in its own width",
      applies: { $0.profile.generalBias && $0.allowsBias }
    ) { builder in
      builder.drawSmallShape()
      let perChannel = builder.drawPerChannel()
      builder.drawZeroPoints(perChannel: perChannel)
      builder.drawScales(perChannel: perChannel)
      let type = builder.random.element(of: builder.signature.rule.biasTypes.compactMap { $0 })
      builder.draft.biasType = type
      // The bias alone is worth an eighth of the output's range to twice the range.
      let output = builder.draft.types.output.range
      let steps =
        Double(output.upperBound - output.lowerBound) * builder.drawScale(exponent: -3...0)
      let unit = builder.draft.outputScale * steps / Double(type.range.upperBound)
      builder.draft.biasScales = [builder.binary32(max(unit, 0x1p-126))]
      let isHigh = builder.variant & 1 == 1
      builder.draft.biasZeroPoints = builder.drawBiasZeroPoints(
        in: isHigh ? -1_000...0 : 0...1_000)
      builder.draft.setBias(
        (0..<builder.draft.channels).map { _ in
          let inward = Int64(builder.random.below(1_000))
          return isHigh ? type.range.upperBound - inward : type.range.lowerBound + inward
        })
      builder.drawData()
      return true
    },
    CaseClass(
      "bias.distinct", reason: "a large bias of its own for every channel, small products",
      catches: "the bias of another channel, doubled or missing biases",
      applies: { $0.allowsBias }
    ) { builder in
      builder.drawSmallShape()
      builder.draft.depth = builder.random.integer(in: 1...4)
      builder.drawZeroPoints(perChannel: false)
      builder.drawScales(perChannel: false)
      builder.draft.biasType = builder.signature.biasType
      let range = builder.draft.types.output.range
      let steps = Double(range.upperBound - range.lowerBound) / 2 / builder.draft.multiplier(0)
      let reach = Int64(min(max(steps, 16), 0x1p31 - 1))
      builder.draft.setBias(
        (0..<builder.draft.channels).map { _ in builder.random.integer(in: -reach...reach) })
      builder.drawData()
      return true
    },
  ]

  static let activationClasses: [CaseClass] = [
    activation("activation.relu", "relu"), activation("activation.relu6", "relu6"),
    activation("activation.clamp", "clamp"),
    CaseClass(
      "activation.relu6Tie",
      reason: "6/So half-way between two integers, or nearly; So of 53 bits too where such are",
      catches: "bounds of activations rounded by another rule, or with the zero point added first",
      applies: { $0.profile.activations.contains("relu6") }
    ) { builder in
      builder.drawSmallShape()
      builder.drawZeroPoints(perChannel: false)
      builder.drawScales(perChannel: false)
      // 12/1 and 12/3 are exact; of the others the quotient is a tie in its own format, or just
      // misses one.
      let odd: Double =
        builder.variant & 3 == 0
        ? builder.random.element(of: [1, 3])
        : Double(builder.random.integer(in: 2...60) * 2 + 1)
      let isWide = !builder.signature.needsBinary32 && builder.variant >> 1 & 1 == 1
      let usual = builder.draft.outputScale
      builder.draft.outputScale = isWide ? 12 / odd : builder.binary32(12 / odd)
      builder.draft.activation = .relu6
      // D stays what it was, so that outputs lie on both sides of the bounds.
      let factor = builder.draft.outputScale / usual
      builder.draft.inputScale = builder.binary32(builder.draft.inputScale * factor)
      builder.drawData()
      return true
    },
  ]

  private static func activation(_ name: String, _ activation: String) -> CaseClass {
    CaseClass(
      name, reason: "\(activation), with values on both sides of its bounds",
      catches: "missing bounds, bounds without the zero point, bounds in the wrong unit",
      applies: { $0.profile.activations.contains(activation) }
    ) { builder in
      builder.drawSmallShape()
      let perChannel = builder.drawPerChannel()
      builder.drawZeroPoints(perChannel: perChannel)
      builder.drawScales(perChannel: perChannel)
      builder.drawBias()
      builder.setActivation(named: activation)
      if activation == "clamp", builder.variant % 3 == 0,
        case .clamp(let low, _) = builder.draft.activation
      {
        // A single value would hide everything.
        let range = builder.draft.types.output.range
        builder.draft.activation =
          low < range.upperBound ? .clamp(low, low + 1) : .clamp(low - 1, low)
      }
      if activation == "relu6", builder.draft.biasScales.isEmpty {
        // Some of the outputs pass 6: So is chosen for 6/So to lie inside the type.
        let steps = Double(builder.random.integer(in: 1...200))
        let factor = 6 / steps / builder.draft.outputScale
        builder.draft.outputScale = builder.binary32(builder.draft.outputScale * factor)
        builder.draft.inputScale = builder.binary32(builder.draft.inputScale * factor)
      }
      builder.drawData()
      return true
    }
  }
}
