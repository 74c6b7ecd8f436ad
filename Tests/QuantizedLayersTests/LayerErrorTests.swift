import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

/// A legal layer with every tensor: 2 rows, 3 inputs, 4 outputs, scales a channel, int32 bias.
private func sound() -> RawLayer {
  var maker = LayerMaker(TypeTriple(.int8))
  (maker.rows, maker.depth, maker.channels) = (2, 3, 4)
  maker.weightScales = [0.5, 0.25, 1, 2]
  maker.weightZeroPoints = [0, 1, -1, 2]
  maker.biasType = .int32
  return maker.raw
}

/// One broken rule: what is done to a legal layer, and what has to be said of it.
struct Breach: Sendable, CustomTestStringConvertible {
  let error: LayerError
  let fault: Fault?
  let breaks: @Sendable (inout RawLayer) -> Void

  init(_ error: LayerError, _ fault: Fault?, _ breaks: @escaping @Sendable (inout RawLayer) -> Void)
  {
    (self.error, self.fault, self.breaks) = (error, fault, breaks)
  }

  var testDescription: String { "\(error)" }

  static let scales: [Breach] = [
    Breach(.parameter(.input, .scaleIsNegative(-0.5)), .scaleNegative) { $0.input.scales = [-0.5] },
    Breach(.parameter(.weights, .scaleIsZero), .scaleZero) { $0.weights.scales[3] = 0 },
    Breach(.parameter(.weights, .scaleIsZero), .scaleZero) { $0.weights.scales[0] = -0.0 },
    Breach(.parameter(.output, .scaleIsNaN), .scaleNaN) { $0.output.scales = [.nan] },
    Breach(.parameter(.output, .scaleIsInfinite(-.infinity)), .scaleInfinite) {
      $0.output.scales = [-.infinity]
    },
    Breach(.parameter(.bias, .scaleIsNegative(-1)), .scaleNegative) {
      $0.bias?.scales = [-1]
      $0.bias?.zeroPoints = [0]
    },
    Breach(.parameter(.input, .zeroPointOutOfRange(128, .int8)), .zeroPointRange) {
      $0.input.zeroPoints = [128]
    },
    Breach(.parameter(.weights, .zeroPointOutOfRange(-129, .int8)), .zeroPointRange) {
      $0.weights.zeroPoints[2] = -129
    },
    Breach(.parameter(.output, .zeroPointOutOfRange(.max, .int8)), .zeroPointRange) {
      $0.output.zeroPoints = [.max]
    },
    Breach(.parameter(.bias, .zeroPointOutOfRange(1 << 31, .int32)), .zeroPointRange) {
      $0.bias?.scales = [1]
      $0.bias?.zeroPoints = [1 << 31]
    },
  ]

  static let shapes: [Breach] = [
    Breach(.rank(.input, shape: [2, 3, 1], expected: 2), .shapeRank) {
      $0.input.shape = [2, 3, 1]
    },
    Breach(.rank(.weights, shape: [], expected: 2), .shapeRank) { $0.weights.shape = [] },
    Breach(.rank(.output, shape: [8], expected: 2), .shapeRank) { $0.output.shape = [8] },
    Breach(.rank(.bias, shape: [1, 4], expected: 1), .shapeRank) { $0.bias?.shape = [1, 4] },
    Breach(.zeroDimension(.input, shape: [0, 3]), .shapeZero) { $0.input.shape = [0, 3] },
    Breach(.zeroDimension(.weights, shape: [4, -3]), .shapeZero) { $0.weights.shape = [4, -3] },
    Breach(.zeroDimension(.output, shape: [2, .min]), .shapeZero) { $0.output.shape = [2, .min] },
    Breach(.zeroDimension(.bias, shape: [0]), .shapeZero) { $0.bias?.shape = [0] },
    Breach(.sizeOverflows(.input, shape: [1 << 62, 3]), .shapeOverflow) {
      $0.input.shape = [1 << 62, 3]
    },
    Breach(.sizeOverflows(.weights, shape: [1 << 31, 1 << 31]), .shapeOverflow) {
      $0.weights.shape = [1 << 31, 1 << 31]
    },
    Breach(.sizeOverflows(.output, shape: [.max, .max]), .shapeOverflow) {
      $0.output.shape = [.max, .max]
    },
    Breach(.depthMismatch(input: 3, weights: 5), .shapeMismatch) { $0.weights.shape = [4, 5] },
    Breach(.biasLength(5, outputs: 4), .shapeBias) { $0.bias?.shape = [5] },
    Breach(.outputShape([4, 2], expected: [2, 4]), .shapeOutput) { $0.output.shape = [4, 2] },
  ]

  static let rest: [Breach] = [
    Breach(.channelCount(.weights, what: "scales", count: 3, channels: 4), .channelsCount) {
      $0.weights.scales = [1, 1, 1]
    },
    Breach(.channelCount(.weights, what: "scales", count: 0, channels: 4), .channelsCount) {
      $0.weights.scales = []
    },
    Breach(.channelCount(.weights, what: "zero points", count: 5, channels: 4), .channelsCount) {
      $0.weights.zeroPoints = [0, 0, 0, 0, 0]
    },
    Breach(.channelCount(.input, what: "scales", count: 4, channels: 1), .channelsCount) {
      $0.input.scales = [1, 1, 1, 1]
    },
    Breach(.channelCount(.output, what: "zero points", count: 4, channels: 1), .channelsCount) {
      $0.output.zeroPoints = [0, 0, 0, 0]
    },
    Breach(.channelCount(.bias, what: "zero points", count: 2, channels: 4), .channelsCount) {
      $0.bias?.scales = [1]
      $0.bias?.zeroPoints = [0, 0]
    },
    Breach(.clampIsReversed(5, -5), .clampOrder) { $0.activation = .clamp(5, -5) },
    Breach(.clampOutOfRange(-129, .int8), .clampRange) { $0.activation = .clamp(-129, 127) },
    Breach(.clampOutOfRange(.max, .int8), .clampRange) { $0.activation = .clamp(0, .max) },
    Breach(.type(.input, .int32, allowed: ElementType.quantized), nil) { $0.input.type = .int32 },
    Breach(.type(.weights, .int64, allowed: ElementType.quantized), nil) {
      $0.weights.type = .int64
    },
    Breach(.type(.output, .int32, allowed: ElementType.quantized), nil) { $0.output.type = .int32 },
    Breach(.biasType(.int16, input: .int8), nil) { $0.bias?.type = .int16 },
    Breach(.biasType(.int64, input: .int8), nil) { $0.bias?.type = .int64 },
    Breach(.dataLength(.input, bytes: 5, expected: 6), nil) { $0.input.data.removeLast() },
    Breach(.dataLength(.weights, bytes: 13, expected: 12), nil) { $0.weights.data.append(0) },
    Breach(.dataLength(.bias, bytes: 0, expected: 16), nil) { $0.bias?.data = [] },
    Breach(.unknownOperator("convolution", known: ["fullyConnected"]), nil) {
      $0.operation = "convolution"
    },
  ]
}

@Suite struct LayerErrorTests {
  @Test(arguments: Breach.scales + Breach.shapes + Breach.rest)
  func everyBrokenRuleIsNamedWithItsValueAndBounds(breach: Breach) throws {
    var raw = sound()
    #expect(throws: Never.self) { try raw.validated() }
    breach.breaks(&raw)
    #expect(throws: breach.error) { try raw.validated() }
    #expect(breach.error.fault == breach.fault)
  }

  @Test func everyFaultHasABreach() {
    let all = Breach.scales + Breach.shapes + Breach.rest
    #expect(Set(all.compactMap(\.fault)) == Set(Fault.allCases))
  }

  @Test func messagesSayWhatWasExpectedAndFound() {
    let text = LayerError.depthMismatch(input: 3, weights: 5).description
    #expect(text.contains("3") && text.contains("5") && text.contains("weights"))
    let range = LayerError.parameter(.weights, .zeroPointOutOfRange(200, .int8)).description
    #expect(range.contains("weights") && range.contains("-128...127") && range.contains("200"))
    let count = LayerError.channelCount(.bias, what: "scales", count: 2, channels: 7).description
    #expect(count.contains("bias") && count.contains("2") && count.contains("7"))
  }

  @Test func anInt64BiasNeedsInt16Inputs() throws {
    var maker = LayerMaker(TypeTriple(input: .int16, weights: .int8, output: .int16))
    maker.biasType = .int64
    #expect(try maker.layer().biasType == .int64)
    maker.types = TypeTriple(.uint8)
    #expect(throws: LayerError.biasType(.int64, input: .uint8)) { try maker.layer() }
  }
}
