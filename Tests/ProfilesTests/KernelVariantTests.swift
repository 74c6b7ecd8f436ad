import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

/// What LiteRT 2.3.0 gave on an emulated Nehalem and Neoverse N1.
@Suite struct KernelVariantTests {
  /// −0.625 in every output, by the bias.
  private func layer(_ rows: Int, _ depth: Int, _ channels: Int) -> LayerMaker {
    var maker = LayerMaker()
    (maker.rows, maker.depth, maker.channels) = (rows, depth, channels)
    (maker.inputScale, maker.weightScales, maker.inputZeroPoint) = (0.5, [0.25], 3)
    maker.input = Array(repeating: 3, count: rows * depth)
    maker.biasType = .int32
    maker.bias = Array(repeating: -5, count: channels)
    return maker
  }

  @Test(arguments: ["litert-builtin-sse", "litert-builtin-arm64", "litert-builtin-arm64-nodot"])
  func aBatchOfOneIsRoundedTwice(name: String) throws {
    #expect(try outputs(name, layer(1, 8, 4)).values == [0, 0, 0, 0])
    for (rows, depth, channels) in [(2, 8, 4), (1, 7, 4), (1, 8, 3)] {
      let values = try outputs(name, layer(rows, depth, channels)).values
      #expect(values.allSatisfy { $0 == -1 }, "\(rows) \(depth) \(channels)")
    }
  }

  @Test func everyBatchIsTheSameWithAVX() throws {
    for rows in 1...2 {
      let values = try outputs("litert-builtin", layer(rows, 8, 4)).values
      #expect(values.allSatisfy { $0 == 0 })
    }
  }

  /// The accumulator 2^30 and D = 2, shifted left by 2.
  private func shifted(_ rows: Int, _ channels: Int) -> LayerMaker {
    var maker = LayerMaker(TypeTriple(.uint8))
    (maker.rows, maker.channels) = (rows, channels)
    (maker.inputScale, maker.inputZeroPoint, maker.outputZeroPoint) = (2, 3, 10)
    maker.input = Array(repeating: 3, count: rows)
    maker.weights = Array(repeating: 1, count: channels)
    maker.biasType = .int32
    maker.bias = Array(repeating: 1 << 30, count: channels)
    return maker
  }

  @Test func theLeftShiftOfUint8DependsOnThePositionWithoutAVX() throws {
    #expect(try outputs("litert-builtin-sse", shifted(1, 5)).values == [10, 10, 10, 10, 255])
    #expect(try outputs("litert-builtin-sse", shifted(5, 1)).values == [10, 10, 10, 10, 255])
    #expect(try outputs("litert-builtin-sse", shifted(4, 1)).values == [10, 10, 10, 10])
    #expect(
      try outputs("litert-builtin-sse", shifted(3, 3)).values == Array(repeating: 255, count: 9))
    let departures = try outputs("litert-builtin-sse", shifted(5, 6)).departures
    #expect(departures.allSatisfy { $0 == .leftShift })
    let corner = try outputs("litert-builtin-sse", shifted(6, 7)).values
    for (index, value) in corner.enumerated() {
      #expect(value == (index / 7 >= 4 && index % 7 >= 4 ? 255 : 10))
    }
  }

  @Test func oneAccumulatorIsRequantizedAsInTheFirstRow() throws {
    for (rows, channels) in [(1, 5), (5, 1), (5, 6), (2, 2)] {
      let maker = shifted(rows, channels)
      let reference = try profile("litert-builtin-sse").reference(for: try maker.layer())
      let values = try outputs("litert-builtin-sse", maker).values
      for channel in 0..<channels {
        var departure = Departure()
        let value = reference.output(
          accumulator: 1 << 30, channel: channel, departure: &departure)
        #expect(value == values[channel] && departure == .leftShift)
        let isSaturating = value == 255
        let rule: FixedPointRule = isSaturating ? .gemmlowp : .doubleRounding
        #expect(reference.requantization(row: 0, channel: channel) == .fixedPoint(rule))
      }
    }
  }

  @Test func aTraceNamesTheKernelAndEndsWhereTheRunEnds() throws {
    let maker = shifted(5, 6)
    let layer = try maker.layer()
    let reference = try profile("litert-builtin-sse").reference(for: layer)
    let values = try outputs("litert-builtin-sse", maker).values
    for row in 0..<5 {
      for channel in 0..<6 {
        let trace = reference.trace(row: row, channel: channel, operands: layer.operands)
        #expect(trace.value == values[row * 6 + channel])
        #expect(trace.steps.contains(.kernel(.cornerOfBlocks)) == (row >= 4 && channel >= 4))
      }
    }
  }

  @Test func sixteenBitLayersAreRoundedOnceWithoutAVX() throws {
    let types = TypeTriple(input: .int16, weights: .int8, output: .int16)
    for name in ["litert-builtin-sse", "litert-builtin-arm64", "litert-builtin-arm64-nodot"] {
      // 3/8 and −5/8; twice they would be 1 and 0.
      #expect(try outputs(name, LayerMaker(3, 0.5, 0.25, 1, types: types)).values == [0])
      #expect(try outputs(name, LayerMaker(-5, 0.5, 0.25, 1, types: types)).values == [-1])
      // 2^31 wraps.
      #expect(try outputs(name, LayerMaker(1 << 30, 2, 1, 1, types: types)).values == [-32_768])
    }
    // With an int64 bias 2^31 is converted from a float.
    var wide = LayerMaker(1 << 30, 2, 1, 1, types: types)
    wide.biasType = .int64
    #expect(try outputs("litert-builtin-sse", wide).values == [-32_768])
    for name in ["litert-builtin-arm64", "litert-reference-arm64"] {
      #expect(try outputs(name, wide).values == [32_767])
    }
  }
}
