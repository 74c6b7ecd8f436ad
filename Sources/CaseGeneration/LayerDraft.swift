import QuantizedArithmetic
import QuantizedLayers

/// A layer in the making: sizes and parameters first, data last.
struct LayerDraft {
  var types: TypeTriple
  var rows = 1
  var depth = 1
  var channels = 1
  var inputScale = 1.0
  /// One, or one a channel.
  var weightScales = [1.0]
  var outputScale = 1.0
  var inputZeroPoint: Int64 = 0
  /// One, or one a channel.
  var weightZeroPoints: [Int64] = [0]
  var outputZeroPoint: Int64 = 0
  var activation = Activation.none
  var biasType: ElementType?
  /// Empty in accumulator units.
  var biasScales: [Double] = []
  var biasZeroPoints: [Int64] = []
  var input: [UInt8] = []
  var weights: [UInt8] = []
  var bias: [UInt8] = []

  init(types: TypeTriple) { self.types = types }

  /// What an input element can be after the zero point is subtracted.
  var centredInput: ClosedRange<Int64> {
    let range = types.input.range
    return (range.lowerBound - inputZeroPoint)...(range.upperBound - inputZeroPoint)
  }

  func weightZeroPoint(_ channel: Int) -> Int64 {
    weightZeroPoints.count == 1 ? weightZeroPoints[0] : weightZeroPoints[channel]
  }

  func weightScale(_ channel: Int) -> Double {
    weightScales.count == 1 ? weightScales[0] : weightScales[channel]
  }

  /// What a weight of `channel` can be after its zero point is subtracted.
  func centredWeights(_ channel: Int) -> ClosedRange<Int64> {
    let range = types.weights.range
    let zeroPoint = weightZeroPoint(channel)
    return (range.lowerBound - zeroPoint)...(range.upperBound - zeroPoint)
  }

  /// Si·Sw/So of a channel, nearly.
  func multiplier(_ channel: Int) -> Double {
    inputScale * weightScale(channel) / outputScale
  }

  mutating func setInput(centred values: some Sequence<Int64>) {
    input.removeAll(keepingCapacity: true)
    for value in values {
      ElementBytes.append(value &+ inputZeroPoint, as: types.input, to: &input)
    }
  }

  /// Appends one row of weights, zero point already subtracted.
  mutating func appendWeights(centred values: some Sequence<Int64>, channel: Int) {
    let zeroPoint = weightZeroPoint(channel)
    for value in values {
      ElementBytes.append(value &+ zeroPoint, as: types.weights, to: &weights)
    }
  }

  mutating func setBias(_ values: some Sequence<Int64>) {
    bias = ElementBytes.bytes(values, as: biasType ?? .int32)
  }

  var raw: RawLayer {
    RawLayer(
      operation: FullyConnected.name, activation: activation,
      input: RawTensor(
        type: types.input, shape: [rows, depth], scales: [inputScale],
        zeroPoints: [inputZeroPoint], data: input),
      weights: RawTensor(
        type: types.weights, shape: [channels, depth], scales: weightScales,
        zeroPoints: weightZeroPoints, data: weights),
      bias: biasType.map {
        RawTensor(
          type: $0, shape: [channels], scales: biasScales,
          zeroPoints: biasScales.isEmpty ? [] : biasZeroPoints, data: bias)
      },
      output: RawTensor(
        type: types.output, shape: [rows, channels], scales: [outputScale],
        zeroPoints: [outputZeroPoint]))
  }
}
