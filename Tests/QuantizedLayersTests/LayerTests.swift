import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

@Suite struct LayerTests {
  @Test func biasSchemesFollowFromTheDescription() throws {
    var maker = LayerMaker()
    #expect(try maker.layer().biasScheme == .none)
    maker.biasType = .int32
    #expect(try maker.layer().biasScheme == .accumulator)
    (maker.biasScales, maker.biasZeroPoints) = ([0.5], [3])
    let general = try maker.layer()
    #expect(general.biasScheme == .general && general.generalBias?.zeroPoint(0) == 3)
  }

  @Test func oneScaleMeansPerTensor() throws {
    var maker = LayerMaker()
    maker.channels = 2
    #expect(try !maker.layer().isPerChannel)
    maker.weightScales = [1, 2]
    let layer = try maker.layer()
    #expect(layer.isPerChannel && layer.weights.scale(1).value == 2)
    // One zero point stands for all channels.
    #expect(layer.weights.zeroPoint(1) == 0)
  }

  @Test func anExplicitClampBoundsTheOutput() throws {
    var maker = LayerMaker(TypeTriple(.uint8))
    #expect(try maker.layer().outputRange == 0...255)
    maker.activation = .clamp(10, 10)
    #expect(try maker.layer().outputRange == 10...10)
  }

  @Test(arguments: LayerMaker.allTypes)
  func loweringGivesTheRawIntegers(types: TypeTriple) throws {
    var random = SplitMix64(seed: 1)
    var operands = Operands()
    for _ in 0..<20 {
      var maker = LayerMaker.random(types, &random)
      if types.input == .int16 { maker.addBias(.int64, bits: 63, &random) }
      let layer = try maker.layer()
      // The same memory is filled again for layers of other sizes.
      FullyConnected.lower(layer, into: &operands)
      #expect(operands.input.map { Int64($0) } == maker.input)
      #expect(operands.weights.map { Int64($0) } == maker.weights)
      #expect(
        operands.bias
          == (maker.bias.isEmpty ? Array(repeating: 0, count: maker.channels) : maker.bias))
    }
  }

  @Test func typeTriplesAreReadAsTheyAreWritten() {
    for types in LayerMaker.allTypes { #expect(TypeTriple(types.description) == types) }
    for text in [
      "", "int8", "int8,int8", "int8,int8,int8,int8", "int8,int8,", "int8, int8,int8",
      "int4,int8,int8",
    ] {
      #expect(TypeTriple(text) == nil)
    }
  }
}
