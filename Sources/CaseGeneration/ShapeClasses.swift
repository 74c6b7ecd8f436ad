import QuantizedArithmetic
import QuantizedLayers

extension CaseClass {
  /// Widths of vector registers in elements, their halves and doubles, and the neighbours of each.
  static let widths = [
    7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 255, 256, 257,
  ]

  static let shapeClasses: [CaseClass] = [
    CaseClass(
      "shape.one", reason: "M, K and N of 1, in all combinations",
      catches: "loops that assume at least one vector, strides taken from the wrong dimension"
    ) { builder in
      builder.drawSmallShape()
      if builder.variant & 1 == 0 { builder.draft.rows = 1 }
      if builder.variant >> 1 & 1 == 0 { builder.draft.depth = 1 }
      if builder.variant >> 2 & 1 == 0 { builder.draft.channels = 1 }
      builder.drawRest()
      return true
    },
    width("shape.width.depth", "K") { $0.draft.depth = $1 },
    width("shape.width.channels", "N") { $0.draft.channels = $1 },
    width("shape.width.rows", "M") { $0.draft.rows = $1 },
    CaseClass(
      "shape.long", reason: "K of thousands, data at the ends of the types",
      catches:
        "accumulators of 16, 24 or (for 16-bit data) 32 bits, blocks of K that are not joined"
    ) { builder in
      builder.draft.rows = builder.random.integer(in: 1...2)
      builder.draft.channels = builder.random.integer(in: 1...3)
      builder.draft.depth = builder.random.element(of: [1_000, 1_023, 2_048, 4_097, 10_000])
      let perChannel = builder.drawPerChannel()
      builder.drawZeroPoints(perChannel: perChannel)
      builder.drawScales(perChannel: perChannel)
      builder.drawBias()
      builder.drawActivation()
      if builder.variant & 1 == 0 {
        builder.fill(builder.variant >> 1 & 1)
      } else {
        builder.drawData()
      }
      return true
    },
  ]

  private static func width(
    _ name: String, _ dimension: String,
    set: @escaping @Sendable (inout CaseBuilder, Int) -> Void
  ) -> CaseClass {
    CaseClass(
      name, reason: "\(dimension) at and beside the widths of vector registers, 7 to 257",
      catches: "dropped, repeated or overrun tails of vector loops"
    ) { builder in
      builder.draft.rows = builder.random.integer(in: 1...3)
      builder.draft.depth = builder.random.integer(in: 1...9)
      builder.draft.channels = builder.random.integer(in: 1...4)
      set(&builder, widths[builder.variant % widths.count])
      // Vectors of channels load vectors of parameters.
      let perChannel = dimension == "N" && builder.signature.allowsPerChannel
      builder.drawRest(perChannel: perChannel ? true : nil)
      return true
    }
  }
}
