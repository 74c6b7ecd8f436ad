import Profiles
import QuantizedArithmetic
import QuantizedLayers

extension CaseClass {
  static let channelClasses: [CaseClass] = [
    CaseClass(
      "channel.distinct",
      reason: "every channel with a scale and (where allowed) a zero point of its own",
      catches: "channel 0's or a neighbour's scale, zero point or bias for all",
      applies: { $0.allowsPerChannel }
    ) { builder in
      builder.drawSmallShape()
      builder.draft.channels = builder.random.integer(in: 2...40)
      builder.drawZeroPoints(perChannel: true)
      if builder.signature.allowsListOfWeightsZeroPoints { builder.drawWeightsZeroPoints() }
      builder.drawScales(perChannel: true)
      builder.drawBias()
      builder.drawActivation()
      builder.drawData()
      return true
    },
    CaseClass(
      "channel.equal", reason: "one scale a channel, all of them equal",
      catches: "lists of scales taken for a single one where they do not differ",
      applies: { $0.allowsPerChannel }
    ) { builder in
      builder.drawSmallShape()
      builder.draft.channels = builder.random.integer(in: 2...16)
      builder.drawZeroPoints(perChannel: true)
      builder.drawScales(perChannel: false)
      builder.repeatScale(builder.draft.channels)
      builder.drawBias()
      builder.drawActivation()
      builder.drawData()
      return true
    },
    CaseClass(
      "channel.spread", reason: "scales of the channels differ by orders of magnitude",
      catches: "one shift for all channels, parameters narrowed to a common exponent",
      applies: { $0.allowsPerChannel }
    ) { builder in
      builder.drawSmallShape()
      builder.draft.channels = builder.random.integer(in: 2...16)
      builder.drawZeroPoints(perChannel: true)
      builder.drawScales(perChannel: true)
      let limit = builder.signature.multiplierLimit
      for channel in 0..<builder.draft.channels {
        let scale = builder.draft.weightScales[channel]
        let factor = builder.drawScale(exponent: -14...10)
        let wide = builder.binary32(scale * factor)
        let multiplier = builder.draft.inputScale * wide / builder.draft.outputScale
        builder.draft.weightScales[channel] = multiplier < limit ? wide : scale
      }
      builder.drawBias()
      builder.drawActivation()
      builder.drawData()
      return true
    },
    CaseClass(
      "channel.zeroPoints", reason: "one scale for all channels, a zero point of its own for each",
      catches: "zero points of another channel, lists looked at only beside lists of scales",
      applies: { $0.allowsListOfWeightsZeroPoints && !$0.needsPerChannel }
    ) { builder in
      builder.drawSmallShape()
      builder.draft.channels =
        builder.variant & 1 == 0
        ? builder.random.integer(in: 2...40) : builder.random.element(of: [33, 65, 129])
      builder.drawZeroPoints(perChannel: false)
      builder.drawWeightsZeroPoints()
      builder.drawScales(perChannel: false)
      builder.drawBias()
      builder.drawActivation()
      builder.drawData()
      return true
    },
    CaseClass(
      "channel.many",
      reason: "more than 256 channels, whose parameters differ from the first ones'",
      catches: "channel indices of 8 bits",
      applies: { $0.allowsPerChannel }
    ) { builder in
      builder.draft.rows = 1
      builder.draft.depth = builder.random.integer(in: 1...3)
      builder.draft.channels = builder.random.integer(in: 257...288)
      let signature = builder.signature
      let hasZeroPoints = signature.allowsListOfWeightsZeroPoints
      let hasScales = !hasZeroPoints || builder.variant & 1 == 0
      builder.drawZeroPoints(perChannel: hasScales)
      builder.drawScales(perChannel: false, spread: -3...(-1))
      let (channels, first) = (builder.draft.channels, builder.draft.weightScales[0])
      if hasScales {
        builder.draft.weightScales = (0..<channels).map { channel in
          let factor = builder.drawScale(exponent: channel < 256 ? -1...(-1) : 1...1)
          return builder.binary32(first * factor)
        }
      }
      if hasZeroPoints {
        builder.drawWeightsZeroPoints { channel, range in
          let middle = (range.lowerBound + range.upperBound) / 2
          return channel < 256 ? range.lowerBound...middle : middle + 1...range.upperBound
        }
      }
      builder.drawBias()
      builder.drawData()
      return true
    },
  ]
}
