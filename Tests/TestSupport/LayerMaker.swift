package import QuantizedArithmetic
package import QuantizedLayers

/// Describes a fully connected layer by its numbers; what a test does not care about has a default.
package struct LayerMaker: Sendable {
  package var types: TypeTriple
  package var rows = 1
  package var depth = 1
  package var channels = 1
  package var inputScale = 1.0
  package var weightScales = [1.0]
  package var outputScale = 1.0
  package var inputZeroPoint: Int64 = 0
  package var weightZeroPoints: [Int64] = [0]
  package var outputZeroPoint: Int64 = 0
  package var activation = Activation.none
  package var biasType: ElementType?
  package var biasScales: [Double] = []
  package var biasZeroPoints: [Int64] = []
  /// Raw elements; zeros where left empty.
  package var input: [Int64] = []
  package var weights: [Int64] = []
  package var bias: [Int64] = []

  package init(_ types: TypeTriple = TypeTriple(.int8)) { self.types = types }

  /// A layer with one input that equals its zero point, so that the accumulator is the bias.
  package init(accumulators: [Int64], types: TypeTriple = TypeTriple(.int8)) {
    self.init(types)
    channels = accumulators.count
    biasType = .int32
    bias = accumulators
  }

  package var raw: RawLayer {
    func data(_ values: [Int64], _ count: Int, _ type: ElementType) -> [UInt8] {
      ElementBytes.bytes(values.isEmpty ? Array(repeating: 0, count: count) : values, as: type)
    }
    return RawLayer(
      operation: FullyConnected.name, activation: activation,
      input: RawTensor(
        type: types.input, shape: [rows, depth], scales: [inputScale], zeroPoints: [inputZeroPoint],
        data: data(input, rows * depth, types.input)),
      weights: RawTensor(
        type: types.weights, shape: [channels, depth], scales: weightScales,
        zeroPoints: weightZeroPoints, data: data(weights, channels * depth, types.weights)),
      bias: biasType.map {
        RawTensor(
          type: $0, shape: [channels], scales: biasScales, zeroPoints: biasZeroPoints,
          data: data(bias, channels, $0))
      },
      output: RawTensor(
        type: types.output, shape: [rows, channels], scales: [outputScale],
        zeroPoints: [outputZeroPoint]))
  }

  /// - Throws: ``LayerError`` where the description is not legal.
  package func layer() throws(LayerError) -> Layer { try raw.validated() }
}

extension LayerMaker {
  /// Every triple of the three element types.
  package static let allTypes: [TypeTriple] = ElementType.quantized.flatMap { input in
    ElementType.quantized.flatMap { weights in
      ElementType.quantized.map { TypeTriple(input: input, weights: weights, output: $0) }
    }
  }

  /// A small layer with everything drawn: shapes, zero points, scales a channel, data.
  ///
  /// The output scale spreads the outputs over some multiple of the output type.
  package static func random(
    _ types: TypeTriple, _ random: inout SplitMix64, bits: Int = 24, depth: Int = 12
  ) -> LayerMaker {
    var maker = LayerMaker(types)
    maker.rows = 1 + random.below(3)
    maker.depth = 1 + random.below(depth)
    maker.channels = 1 + random.below(4)
    func zeroPoint(_ type: ElementType) -> Int64 {
      random.below(3) == 0
        ? random.pick([type.range.lowerBound, type.range.upperBound])
        : random.integer(in: type.range)
    }
    maker.inputZeroPoint = zeroPoint(types.input)
    maker.outputZeroPoint = zeroPoint(types.output)
    maker.weightZeroPoints = (0..<random.pick([1, maker.channels])).map { _ in
      zeroPoint(types.weights)
    }
    maker.inputScale = random.scale(-8...0, bits: bits)
    maker.weightScales = (0..<random.pick([1, maker.channels])).map { _ in
      random.scale(-8...0, bits: bits)
    }
    func width(_ type: ElementType) -> Double { type == .int16 ? 0x1p16 : 0x1p8 }
    let spread = width(types.input) * width(types.weights) / width(types.output)
    let output = maker.inputScale * maker.weightScales[0] * spread
    maker.outputScale = output * random.scale(-4...1, bits: bits)
    if bits <= 24 { maker.outputScale = Double(Float(maker.outputScale)) }
    maker.input = (0..<(maker.rows * maker.depth)).map { _ in random.integer(in: types.input.range)
    }
    maker.weights = (0..<(maker.channels * maker.depth)).map { _ in
      random.integer(in: types.weights.range)
    }
    return maker
  }

  /// Adds a bias in accumulator units of at most `bits` bits.
  package mutating func addBias(_ type: ElementType, bits: Int, _ random: inout SplitMix64) {
    biasType = type
    biasScales = []
    biasZeroPoints = []
    bias = (0..<channels).map { _ in random.integer(bits: bits) }
  }

  /// Adds a bias with scales and zero points of its own, 2^`exponents` times the products' scale.
  package mutating func addGeneralBias(
    _ type: ElementType, bits: Int, exponents: ClosedRange<Int>, _ random: inout SplitMix64
  ) {
    biasType = type
    biasScales = (0..<random.pick([1, channels])).map { _ in
      let scale = inputScale * weightScales[0] * random.scale(exponents)
      return scale.isNormal ? scale : 1
    }
    biasZeroPoints = (0..<random.pick([1, channels])).map { _ in random.integer(bits: min(bits, 12))
    }
    bias = (0..<channels).map { _ in random.integer(bits: bits) }
  }
}

extension Layer {
  /// The widened operands of the layer.
  package var operands: Operands {
    var operands = Operands()
    FullyConnected.lower(self, into: &operands)
    return operands
  }
}
