import Coverage
import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// Drafts for bins of coverage.
extension CaseBuilder {
  /// Draws a layer that has a chance to meet the wish; what it does not name is drawn as usual.
  mutating func build(_ wish: CoverWish) -> Bool {
    drawShape(wish)
    let perChannel = isPerChannel(wish)
    if perChannel, draft.channels < 2 { draft.channels += 1 }
    drawZeroPoints(perChannel: perChannel)
    setZeroPoints(wish)
    if wish.contains(.departure), wish.name(.departure) != "none" {
      guard buildDeparture(wish) else { return false }
      if perChannel, draft.weightScales.count == 1 { repeatScale(draft.channels) }
      return true
    }
    guard wish.wantsOutputs, wish.name(.bias) != "general" else {
      drawScales(perChannel: perChannel)
      drawBias(wish)
      drawActivation(wish)
      drawData()
      return true
    }
    return buildOutputs(wish)
  }

  // MARK: Shapes

  private mutating func drawShape(_ wish: CoverWish) {
    drawSmallShape()
    draft.rows = rows(wish)
    for point in wish.points {
      guard let width = point.tailWidth, let bin = wish.bin(point) else { continue }
      let count = count(bin, width)
      if point.isOfDepth { draft.depth = count } else { draft.channels = count }
    }
  }

  private mutating func rows(_ wish: CoverWish) -> Int {
    switch wish.bin(.rows) {
    case 0: 1
    case 1: random.integer(in: 2...3)
    case 2: 4
    case 3: 4 * random.integer(in: 2...4)
    case 4: 4 * random.integer(in: 1...3) + random.integer(in: 1...3)
    default: random.integer(in: 1...4)
    }
  }

  /// A count with the rest that a bin stands for, after up to two vectors.
  private mutating func count(_ bin: Int, _ width: Int) -> Int {
    let vectors = width * random.integer(in: 1...2)
    switch bin {
    case 0: return random.integer(in: 1...(width - 1))
    case 1: return vectors
    case 2: return vectors + 1
    case 3: return vectors + random.integer(in: 2...max(width - 2, 2))
    default: return vectors + width - 1
    }
  }

  // MARK: Parameters

  private mutating func isPerChannel(_ wish: CoverWish) -> Bool {
    if let bin = wish.bin(.granularity) { return bin == 1 }
    if wish.name(.weightsZeroPoint) == "one a channel" { return true }
    return wish.wantsOutputs || wish.contains(.weightsZeroPoint) ? false : drawPerChannel()
  }

  private mutating func setZeroPoints(_ wish: CoverWish) {
    if let bin = wish.bin(.inputZeroPoint) {
      draft.inputZeroPoint = zeroPoint(bin, draft.types.input)
    }
    if let bin = wish.bin(.outputZeroPoint) {
      draft.outputZeroPoint = zeroPoint(bin, draft.types.output)
    }
    switch wish.bin(.weightsZeroPoint) {
    case nil: break
    case 4:
      drawWeightsZeroPoints()
    case let bin?: draft.weightZeroPoints = [zeroPoint(bin, draft.types.weights)]
    }
  }

  private mutating func zeroPoint(_ bin: Int, _ type: ElementType) -> Int64 {
    let range = type.range
    switch bin {
    case 0: return range.lowerBound
    case 1: return 0
    case 2: return range.upperBound
    default:
      // The next one where 0 is drawn.
      let drawn = random.integer(in: (range.lowerBound + 1)...(range.upperBound - 2))
      return drawn == 0 ? 1 : drawn
    }
  }

  private mutating func drawBias(_ wish: CoverWish) {
    guard let bin = wish.bin(.bias) else {
      drawBias()
      return
    }
    switch bin {
    case 0: draft.biasType = nil
    case 3:
      let type = random.element(of: signature.rule.biasTypes.compactMap { $0 })
      draft.biasType = type
      drawGeneralBias(type)
    default:
      draft.biasType = bin == 1 ? .int32 : .int64
      draft.setBias((0..<draft.channels).map { _ in random.integer(in: Int64(-99)...Int64(99)) })
    }
  }

  mutating func drawActivation(_ wish: CoverWish) {
    let mayClamp = !wish.contains(.activation) || wish.name(.activation) == "clamp"
    if wish.contains(.saturation), mayClamp, signature.profile.activations.contains("clamp"),
      wish.contains(.activation) || random.chance(1, in: 2)
    {
      setClamp(wish)
    } else if wish.contains(.activation) {
      setActivation(named: wish.name(.activation))
    } else if !wish.wantsOutputs {
      drawActivation()
    }
  }
}

extension CaseBuilder {
  /// A clamp beside which a small y of the wished sign saturates as wished.
  private mutating func setClamp(_ wish: CoverWish) {
    let type = draft.types.output.range
    let far = Int64(random.integer(in: 1...20))
    let steps: Int64
    switch wish.name(.sign) {
    case "y < 0": steps = 0 - far
    case "y = 0": steps = 0
    case "y > 0": steps = far
    default: steps = random.chance(1, in: 2) ? far : 0 - far
    }
    let output = draft.outputZeroPoint + steps
    var (low, high) = (type.lowerBound, type.upperBound)
    switch wish.name(.saturation) {
    case "far below": low = output + 1 + far
    case "one below": low = output + 1
    case "at the least": low = output
    case "inside": (low, high) = (output - far, output + far)
    case "at the greatest": high = output
    case "one above": high = output - 1
    default: high = output - 1 - far
    }
    low = min(max(low, type.lowerBound), type.upperBound)
    high = min(high, type.upperBound)
    guard low <= high else {
      setActivation(named: "clamp")
      return
    }
    draft.activation = .clamp(low, high)
  }
}

extension CoverPoint {
  /// The vector that a point about tails is about.
  var tailWidth: Int? {
    switch self {
    case .depth4, .channels4: 4
    case .depth8, .channels8: 8
    case .depth16, .channels16: 16
    case .depth32: 32
    case .depth64: 64
    default: nil
    }
  }

  var isOfDepth: Bool {
    switch self {
    case .depth4, .depth8, .depth16, .depth32, .depth64: true
    default: false
    }
  }
}
