import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// The draws that classes of cases are made of.
///
/// A class fixes what it is about and leaves the rest to these; every draw is from the case's own
/// random numbers, and everything drawn lies in the domain of the signature's profile.
struct CaseBuilder {
  let signature: Signature
  /// How many cases of the class came before this one: classes step through their variants with it.
  let variant: Int
  var random: CaseRandom
  var draft: LayerDraft
  var refuse: Fault?
  /// Applied to the finished description; for faults that a draft cannot hold.
  var fault: ((inout RawLayer) -> Void)?

  init(signature: Signature, variant: Int, random: CaseRandom) {
    self.signature = signature
    self.variant = variant
    self.random = random
    draft = LayerDraft(types: signature.rule.types)
  }

  // MARK: Shapes

  /// M to 8, K to 64, N to 16, drawn evenly.
  mutating func drawSmallShape() {
    draft.rows = random.integer(in: 1...8)
    draft.depth = random.integer(in: 1...64)
    draft.channels = random.integer(in: 1...16)
  }

  // MARK: Zero points

  mutating func drawZeroPoints(perChannel: Bool) {
    draft.inputZeroPoint =
      signature.allowsActivationZeroPoints ? drawZeroPoint(draft.types.input) : 0
    draft.outputZeroPoint =
      signature.allowsActivationZeroPoints ? drawZeroPoint(draft.types.output) : 0
    draft.weightZeroPoints = [0]
    guard signature.allowsWeightsZeroPoint(perChannel: perChannel) else { return }
    let mayBeList = perChannel && signature.allowsListOfWeightsZeroPoints
    let isList = mayBeList && random.chance(1, in: 2) && draft.channels > 1
    draft.weightZeroPoints = (0..<(isList ? draft.channels : 1)).map { _ in
      drawZeroPoint(draft.types.weights)
    }
  }

  /// Mostly anywhere in the type, often 0 or an end.
  private mutating func drawZeroPoint(_ type: ElementType) -> Int64 {
    let range = type.range
    switch random.below(8) {
    case 0: return max(range.lowerBound, 0)
    case 1: return range.lowerBound
    case 2: return range.upperBound
    default: return random.integer(in: range)
    }
  }

  // MARK: Scales

  /// A positive binary32 number: 2^exponent times a random significand in 1 ..< 2.
  mutating func drawScale(exponent: ClosedRange<Int>) -> Double {
    let exponent = random.integer(in: exponent)
    let significand = 1 + Double(random.below(1 << 23)) * 0x1p-23
    return Double(sign: .plus, exponent: exponent, significand: significand)
  }

  func binary32(_ value: Double) -> Double { Double(Float(value)) }

  /// Input and weight scales between 2^−12 and 2, and an output scale for which outputs spread over
  /// 2^`spread` times the output type, roughly.
  mutating func drawScales(perChannel: Bool, spread: ClosedRange<Int> = -2...1) {
    draft.inputScale = drawScale(exponent: -12...0)
    let count = perChannel && draft.channels > 1 ? draft.channels : 1
    let base = random.integer(in: -11...(-1))
    draft.weightScales = []
    draft.weightScales.reserveCapacity(count)
    for _ in 0..<count { draft.weightScales.append(drawScale(exponent: (base - 1)...(base + 1))) }
    setOutputScale(multiplier: drawScale(exponent: spread) / typicalSum)
  }

  /// Chooses So so that Si·Sw/So of the first channel is `multiplier`, nearly; a binary32 number.
  mutating func setOutputScale(multiplier: Double) {
    let wanted = min(multiplier, signature.multiplierLimit / 2)
    let scale = binary32(draft.inputScale * draft.weightScales[0] / wanted)
    draft.outputScale = min(max(scale, 0x1p-120), 0x1p120)
  }

  /// How many accumulator units a tenth of the output type's range is worth for full-range data.
  private var typicalSum: Double {
    let (input, weights) = (draft.types.input, draft.types.weights)
    let (x, w) = (mean(input, draft.inputZeroPoint), mean(weights, draft.weightZeroPoints[0]))
    let products = (variance(input) + x * x) * (variance(weights) + w * w) - x * x * w * w
    // Zero points off the centre add up with K, the rest with its root.
    let (depth, offset) = (Double(draft.depth), Double(draft.depth) * x * w)
    let sum = (depth * products + offset * offset).squareRoot()
    let range = draft.types.output.range
    return 4 * sum / Double(range.upperBound - range.lowerBound)
  }

  /// Of full-range data, the zero point subtracted.
  private func mean(_ type: ElementType, _ zeroPoint: Int64) -> Double {
    Double(type.range.lowerBound + type.range.upperBound) / 2 - Double(zeroPoint)
  }

  private func variance(_ type: ElementType) -> Double {
    let width = Double(type.range.upperBound - type.range.lowerBound) + 1
    return width * width / 12
  }

  // MARK: Bias and activation

  /// None, accumulator units, or (where the profile has it) general, evenly.
  mutating func drawBias() {
    let types = signature.rule.biasTypes
    draft.biasType = random.element(of: types)
    guard let type = draft.biasType else { return }
    if signature.profile.generalBias, random.chance(1, in: 3) {
      drawGeneralBias(type)
      return
    }
    let reach = biasReach(type)
    var values: [Int64] = []
    values.reserveCapacity(draft.channels)
    for _ in 0..<draft.channels { values.append(random.integer(in: -reach...reach)) }
    draft.setBias(values)
  }

  /// About twice the accumulators of the output's range; sometimes the whole type.
  private mutating func biasReach(_ type: ElementType) -> Int64 {
    if random.chance(1, in: 16) { return type.range.upperBound }
    let range = draft.types.output.range
    let steps = 2 * Double(range.upperBound - range.lowerBound) / draft.multiplier(0)
    return Int64(min(max(steps, 1), 0x1p31 - 1))
  }

  /// A bias of zeros for a layer without one, where the rule asks for one.
  mutating func setRequiredBias() {
    guard draft.biasType == nil, !signature.rule.biasTypes.contains(nil) else { return }
    draft.biasType = signature.biasType
    draft.setBias((0..<draft.channels).map { _ in 0 })
  }

  /// Where the rule asks for a scale a channel, one scale becomes a list of the same.
  ///
  /// - Returns: false where there is one channel.
  mutating func setRequiredGranularity() -> Bool {
    guard signature.needsPerChannel, draft.weightScales.count == 1 else { return true }
    repeatScale(draft.channels)
    return draft.channels > 1
  }

  /// One scale becomes a list of the same, one for each of `channels`; the weights' zero point becomes 0
  /// where such layers have none.
  mutating func repeatScale(_ channels: Int) {
    draft.weightScales = Array(repeating: draft.weightScales[0], count: channels)
    if !signature.allowsWeightsZeroPoint(perChannel: true) { draft.weightZeroPoints = [0] }
  }

  /// A zero point of the weights for each channel, drawn from what `range` makes of its type.
  mutating func drawWeightsZeroPoints(
    _ range: (_ channel: Int, _ type: ClosedRange<Int64>) -> ClosedRange<Int64> = { $1 }
  ) {
    let type = draft.types.weights.range
    draft.weightZeroPoints = (0..<draft.channels).map { random.integer(in: range($0, type)) }
  }

  mutating func drawGeneralBias(_ type: ElementType) {
    let isList = random.chance(1, in: 2) && draft.channels > 1
    draft.biasScales = (0..<(isList ? draft.channels : 1)).map { channel in
      let product = draft.inputScale * draft.weightScale(channel)
      return binary32(product * drawScale(exponent: -6...6))
    }
    draft.biasZeroPoints =
      random.chance(1, in: 2) ? [0] : drawBiasZeroPoints(in: -1_000...1_000)
    let range = draft.types.output.range
    let steps =
      Double(range.upperBound - range.lowerBound) * draft.outputScale / draft.biasScales[0]
    let reach = Int64(min(max(steps, 1), 0x1p31 - 1))
    draft.setBias((0..<draft.channels).map { _ in random.integer(in: -reach...reach) })
  }

  /// One or, in half of the layers of several channels, one a channel.
  mutating func drawBiasZeroPoints(in range: ClosedRange<Int64>) -> [Int64] {
    let isList = random.chance(1, in: 2) && draft.channels > 1
    return (0..<(isList ? draft.channels : 1)).map { _ in random.integer(in: range) }
  }

  mutating func drawActivation() {
    setActivation(named: random.element(of: signature.profile.activations))
  }

  mutating func setActivation(named name: String) {
    switch name {
    case "relu": draft.activation = .relu
    case "relu6": draft.activation = .relu6
    case "clamp":
      let range = draft.types.output.range
      let a = random.integer(in: range)
      // A single value hides everything, but is legal.
      let b = random.chance(1, in: 16) ? a : random.integer(in: range)
      draft.activation = .clamp(min(a, b), max(a, b))
    default: draft.activation = .none
    }
  }

  /// Of who claims only layers with an activation, no case goes without; every profile as a whole has
  /// layers without, and there this changes nothing.
  mutating func setRequiredActivation() {
    let activations = signature.profile.activations
    if let first = activations.first, !activations.contains(draft.activation.name) {
      setActivation(named: first)
    }
  }

  // MARK: Data

  /// Full-range data: every bit pattern of the type is equally likely.
  mutating func drawData() {
    random.fill(&draft.input, count: draft.rows * draft.depth * draft.types.input.byteCount)
    random.fill(
      &draft.weights, count: draft.channels * draft.depth * draft.types.weights.byteCount)
  }

  // MARK: Everything else

  /// Whether the weights get one scale a channel: half of the time where the profile has it.
  mutating func drawPerChannel() -> Bool {
    signature.allowsPerChannel && draft.channels > 1
      && (random.chance(1, in: 2) || signature.needsPerChannel)
  }

  /// Everything but the shape.
  mutating func drawRest(spread: ClosedRange<Int> = -2...1, perChannel: Bool? = nil) {
    let perChannel = perChannel ?? drawPerChannel()
    drawZeroPoints(perChannel: perChannel)
    drawScales(perChannel: perChannel, spread: spread)
    drawBias()
    drawActivation()
    drawData()
  }

  /// No activation and an output zero point of 0, so that nothing hides a step of the rounding.
  mutating func clearOutput() {
    draft.activation = .none
    draft.outputZeroPoint = 0
  }
}
