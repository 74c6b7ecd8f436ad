import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

/// Sums on Arm without dot product.
@Suite struct PairWrappingTests {
  private static let mixed = TypeTriple(input: .uint8, weights: .int8, output: .uint8)

  /// The least operand at 0 and at `second`, elsewhere what contributes nothing that wraps.
  private func pair(
    _ types: TypeTriple, second: Int, _ fillers: (Int64, Int64), _ zeroPoints: (Int64, Int64),
    _ outputScale: Double
  ) -> LayerMaker {
    var maker = LayerMaker(types)
    maker.depth = second + 1
    maker.input = Array(repeating: fillers.0, count: maker.depth)
    maker.weights = Array(repeating: fillers.1, count: maker.depth)
    for k in [0, second] {
      maker.input[k] = types.input.range.lowerBound
      maker.weights[k] = types.weights.range.lowerBound
    }
    (maker.inputZeroPoint, maker.weightZeroPoints) = (zeroPoints.0, [zeroPoints.1])
    maker.outputScale = outputScale
    return maker
  }

  /// Measured on an emulated Cortex-A53, and on a Neoverse N1 beside it.
  @Test func theMeasuredPairsWrap() throws {
    let (int8, uint8) = (TypeTriple(.int8), TypeTriple(.uint8))
    for (name, maker, wrapped, right) in [
      ("litert-builtin-arm64", pair(int8, second: 8, (0, 0), (0, 0), 512), [-64], [64]),
      ("litert-builtin-arm64", pair(int8, second: 7, (0, 0), (0, 0), 512), [64], [64]),
      ("litert-builtin-arm64", pair(uint8, second: 8, (128, 255), (255, 255), 1_024), [63], [127]),
      ("ort-arm64", pair(int8, second: 8, (0, 0), (0, 0), 512), [-64], [64]),
      ("ort-arm64", pair(Self.mixed, second: 8, (255, 127), (255, 127), 1_024), [63], [127]),
    ] as [(String, LayerMaker, [Int32], [Int32])] {
      let found = try outputs(name + "-nodot", maker)
      #expect(found.values == wrapped)
      #expect(found.departures == [wrapped == right ? [] : .pairWrapping])
      #expect(try outputs(name, maker).values == right)
    }
  }

  @Test func theLastBlockIsFilledWithTheZeroPointsInLiteRTOnly() throws {
    // 1 · 1, the zero points 0 count as −128.
    var maker = LayerMaker(TypeTriple(.uint8))
    (maker.input, maker.weights) = ([1], [1])
    #expect(try outputs("litert-builtin-arm64-nodot", maker).values == [0])
    #expect(try outputs("litert-builtin-arm64", maker).values == [1])
    maker = LayerMaker(TypeTriple(.int8))
    (maker.input, maker.inputZeroPoint) = ([-128], -128)
    (maker.weights, maker.weightZeroPoints) = ([-128], [-128])
    #expect(try outputs("litert-builtin-arm64-nodot", maker).departures == [.pairWrapping])
    #expect(try outputs("ort-arm64-nodot", maker).departures == [[]])
  }

  @Test func theKernelForOneRowDoesNotWrap() throws {
    var maker = LayerMaker()
    (maker.depth, maker.channels, maker.outputScale) = (16, 4, 4_096)
    maker.input = Array(repeating: -128, count: 16)
    maker.weights = Array(repeating: -128, count: 64)
    #expect(try outputs("litert-builtin-arm64-nodot", maker).values == [64, 64, 64, 64])
    #expect(try outputs("ort-arm64-nodot", maker).values == [-64, -64, -64, -64])
    maker.rows = 2
    maker.input = Array(repeating: -128, count: 32)
    let values = try outputs("litert-builtin-arm64-nodot", maker).values
    #expect(values == Array(repeating: -64, count: 8))
  }

  /// The kernel, literally: signed bytes, padded blocks, 16-bit lanes, zero points at the end.
  private func kernel(_ maker: LayerMaker, _ row: Int, _ channel: Int, padsZeroPoints: Bool)
    -> Int64
  {
    let inputOffset: Int64 = maker.types.input == .uint8 ? 128 : 0
    let weightsOffset: Int64 = maker.types.weights == .uint8 ? 128 : 0
    let zx = maker.inputZeroPoint - inputOffset
    let zw = maker.weightZeroPoints[maker.weightZeroPoints.count == 1 ? 0 : channel] - weightsOffset
    var x = (0..<maker.depth).map { maker.input[row * maker.depth + $0] - inputOffset }
    var w = (0..<maker.depth).map { maker.weights[channel * maker.depth + $0] - weightsOffset }
    let (trueX, trueW) = (x, w)
    while x.count % 16 != 0 {
      x.append(padsZeroPoints ? zx : 0)
      w.append(padsZeroPoints ? zw : 0)
    }
    var sum: Int64 = 0
    for block in 0..<(x.count / 16) {
      for lane in 0..<8 {
        let k = block * 16 + lane
        let low = Int16(x[k]) * Int16(w[k])
        sum += Int64(low &+ Int16(x[k + 8]) * Int16(w[k + 8]))
      }
    }
    let (countedX, countedW) = padsZeroPoints ? (x, w) : (trueX, trueW)
    return sum - zx * countedW.reduce(0, +) - zw * countedX.reduce(0, +)
      + Int64(countedX.count) * zx * zw
  }

  @Test(arguments: [
    ("litert-builtin-arm64-nodot", TypeTriple(.int8)),
    ("litert-builtin-arm64-nodot", TypeTriple(.uint8)),
    ("ort-arm64-nodot", TypeTriple(.int8)), ("ort-arm64-nodot", mixed),
  ])
  func sumsAreThoseOfTheKernel(name: String, types: TypeTriple) throws {
    var random = SplitMix64(seed: 74)
    var departed = 0
    for _ in 0..<draws(1_000) {
      var maker = LayerMaker.random(types, &random, depth: 50)
      maker.rows = 2
      maker.input = (0..<(2 * maker.depth)).map { _ in
        random.below(3) > 0 ? types.input.range.lowerBound : random.integer(in: types.input.range)
      }
      maker.weights = maker.weights.map {
        random.below(3) > 0 ? types.weights.range.lowerBound : $0
      }
      if name.hasPrefix("litert") {
        maker.weightScales = [maker.weightScales[0]]
        maker.weightZeroPoints = [maker.weightZeroPoints[0]]
      }
      let found = try outputs(name, maker)
      for (index, accumulator) in found.accumulators.enumerated() {
        let (row, channel) = (index / maker.channels, index % maker.channels)
        let expected = kernel(maker, row, channel, padsZeroPoints: name.hasPrefix("litert"))
        if accumulator != expected { Issue.record("\(maker) \(index): \(accumulator)") }
        let departs = found.departures[index].contains(.pairWrapping)
        #expect(departs == (expected != maker.sum(row, channel)))
        departed += departs ? 1 : 0
      }
    }
    #expect(departed > 0)
  }
}
