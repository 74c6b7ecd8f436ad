import Profiles
import QuantizedArithmetic
import QuantizedLayers

extension CaseClass {
  /// Configurations that must be refused, one fault each.
  static let invalid: [CaseClass] = Fault.allCases.map { fault in
    CaseClass(
      "invalid.\(fault.rawValue)", .invalid, reason: summary(fault),
      catches: "kernels that compute what has no meaning"
    ) { builder in
      builder.drawSmallShape()
      if fault == .shapeOutput, builder.draft.rows == builder.draft.channels {
        builder.draft.rows = builder.draft.channels % 8 + 1
      }
      builder.drawRest()
      builder.refuse = fault
      return builder.spoil(fault)
    }
  }

  private static func summary(_ fault: Fault) -> String {
    switch fault {
    case .scaleNegative: "a negative scale"
    case .scaleZero: "a scale of 0 or −0"
    case .scaleNaN: "a scale that is not a number"
    case .scaleInfinite: "an infinite scale"
    case .zeroPointRange: "a zero point outside its type"
    case .shapeRank: "a tensor with a dimension too many or too few"
    case .shapeMismatch: "input and weights of different depth"
    case .shapeBias: "a bias that is not one element a channel"
    case .shapeOutput: "an output shape other than [M, N]"
    case .shapeZero: "a dimension of 0"
    case .shapeOverflow: "dimensions whose product overflows"
    case .channelsCount: "neither one scale nor one a channel"
    case .clampOrder: "a clamp whose lower bound exceeds the upper"
    case .clampRange: "a clamp bound outside the output type"
    }
  }
}

extension CaseBuilder {
  /// Plants one fault.
  mutating func spoil(_ fault: Fault) -> Bool {
    switch fault {
    case .scaleNegative: spoilScale([-1, -0.05, -0x1p-149, -0x1.fffffep127])
    case .scaleZero: spoilScale([0, -0.0])
    case .scaleNaN: spoilScale([.nan])
    case .scaleInfinite: spoilScale([.infinity, -.infinity])
    case .zeroPointRange: spoilZeroPoint()
    case .shapeRank, .shapeMismatch, .shapeBias, .shapeOutput, .shapeZero, .shapeOverflow:
      spoilShape(fault)
    case .channelsCount: spoilChannelCount()
    case .clampOrder, .clampRange: spoilClamp(fault)
    }
    return true
  }

  private mutating func spoilScale(_ values: [Double]) {
    let value = random.element(of: values)
    if variant % 4 == 3 { drawGeneralBiasIfDefined() }
    let hasBiasScale = !draft.biasScales.isEmpty
    switch variant % (hasBiasScale ? 4 : 3) {
    case 0: draft.inputScale = value
    case 1: draft.weightScales[random.integer(in: 0...(draft.weightScales.count - 1))] = value
    case 2: draft.outputScale = value
    default: draft.biasScales[random.integer(in: 0...(draft.biasScales.count - 1))] = value
    }
  }

  /// Gives the layer a bias with a scale of its own, where the profile has such.
  private mutating func drawGeneralBiasIfDefined() {
    guard signature.profile.generalBias, signature.allowsBias, draft.biasScales.isEmpty else {
      return
    }
    draft.biasType = .int32
    drawGeneralBias(.int32)
  }

  private mutating func spoilZeroPoint() {
    func outside(_ type: ElementType) -> Int64 {
      let range = type.range
      return random.element(of: [
        range.lowerBound - 1, range.upperBound + 1, range.upperBound + 1_000,
        range.lowerBound * 2 - 7,
      ])
    }
    if variant % 4 == 3 {
      drawGeneralBiasIfDefined()
      if draft.biasType == .int32, !draft.biasScales.isEmpty {
        draft.biasZeroPoints[0] = outside(.int32)
        return
      }
    }
    switch variant % 3 {
    case 0: draft.inputZeroPoint = outside(draft.types.input)
    case 1:
      let channel = random.integer(in: 0...(draft.weightZeroPoints.count - 1))
      draft.weightZeroPoints[channel] = outside(draft.types.weights)
    default: draft.outputZeroPoint = outside(draft.types.output)
    }
  }

  private mutating func spoilShape(_ fault: Fault) {
    let draft = draft
    let width = (input: draft.types.input.byteCount, weights: draft.types.weights.byteCount)
    let choice = variant % 4
    let hasBias = draft.biasType != nil
    self.fault = { raw in
      switch fault {
      case .shapeRank:
        switch choice {
        case 3 where hasBias: raw.bias?.shape.append(1)
        case 0: raw.input.shape.append(1)
        case 1: raw.weights.shape = [draft.channels * draft.depth]
        default: raw.output.shape.insert(1, at: 0)
        }
      case .shapeMismatch:
        if choice & 1 == 1, draft.depth > 1 {
          raw.weights.shape[1] -= 1
          raw.weights.data.removeLast(draft.channels * width.weights)
        } else {
          raw.weights.shape[1] += 1
          raw.weights.data += Array(repeating: 0, count: draft.channels * width.weights)
        }
      case .shapeBias:
        let type = raw.bias?.type ?? .int32
        let count = draft.channels + (choice & 1 == 1 && draft.channels > 1 ? -1 : 1)
        raw.bias = RawTensor(
          type: type, shape: [count], scales: [], zeroPoints: [],
          data: Array(repeating: 0, count: count * type.byteCount))
      case .shapeOutput:
        if choice == 0 { raw.output.shape[1] += 1 } else { raw.output.shape.swapAt(0, 1) }
      case .shapeZero:
        switch choice {
        case 0:
          (raw.input.shape[1], raw.weights.shape[1]) = (0, 0)
          (raw.input.data, raw.weights.data) = ([], [])
        case 1:
          (raw.input.shape[0], raw.output.shape[0]) = (0, 0)
          raw.input.data = []
        case 2:
          raw.input.shape[0] = 0 - draft.rows
          raw.output.shape[0] = 0 - draft.rows
        default:
          (raw.weights.shape[0], raw.output.shape[1]) = (0, 0)
          raw.weights.data = []
          raw.weights.scales = [draft.weightScales[0]]
          raw.weights.zeroPoints = [draft.weightZeroPoints[0]]
          raw.bias = hasBias ? RawTensor(type: .int32, shape: [0], scales: [], zeroPoints: []) : nil
        }
      default:
        let rows = choice & 1 == 0 ? 1 << 61 : 1 << 62
        raw.input.shape = [rows, 8]
        raw.input.data = []
        raw.weights.shape = [draft.channels, 8]
        raw.weights.data = Array(repeating: 1, count: draft.channels * 8 * width.weights)
        raw.output.shape = [rows, draft.channels]
      }
    }
  }

  private mutating func spoilChannelCount() {
    let wrong = draft.channels + 1
    let scale = draft.weightScales[0]
    let zeroPoint = draft.weightZeroPoints[0]
    if variant % 8 > 5 { drawGeneralBiasIfDefined() }
    let choice = variant % (draft.biasScales.isEmpty ? 6 : 8)
    fault = { raw in
      func repeated<T>(_ list: [T]) -> [T] { Array(repeating: list[0], count: wrong + 1) }
      switch choice {
      case 0: raw.weights.scales = Array(repeating: scale, count: wrong)
      case 1: raw.weights.zeroPoints = Array(repeating: zeroPoint, count: wrong)
      case 2: raw.input.scales = repeated(raw.input.scales)
      case 3: raw.input.zeroPoints = repeated(raw.input.zeroPoints)
      case 4: raw.output.zeroPoints = repeated(raw.output.zeroPoints)
      case 6: raw.bias?.scales = Array(repeating: 1, count: wrong)
      case 7: raw.bias?.zeroPoints = Array(repeating: 0, count: wrong)
      default: raw.output.scales = Array(repeating: raw.output.scales[0], count: wrong + 1)
      }
    }
  }

  private mutating func spoilClamp(_ fault: Fault) {
    let range = draft.types.output.range
    let middle = random.integer(in: (range.lowerBound + 1)...(range.upperBound - 1))
    if fault == .clampOrder {
      draft.activation = .clamp(middle, random.integer(in: range.lowerBound...(middle - 1)))
    } else if variant & 1 == 0 {
      draft.activation = .clamp(range.lowerBound - 1 - Int64(random.below(100)), middle)
    } else {
      draft.activation = .clamp(middle, range.upperBound + 1 + Int64(random.below(100)))
    }
  }
}
