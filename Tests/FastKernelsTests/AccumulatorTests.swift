import FastKernels
import Testing

/// Sums at the ends of every intermediate width.
struct AccumulatorTests {
  private static let triples = typeTriples(of: .exactEven)
  private static let biases: [Int64] = [
    .min, .min + 1, -(1 << 61) - 1, 1 << 61, (1 << 61) + 1, .max,
  ]

  /// Layers of one output, all elements alike: the sum is K · (q − Zi) · (w − Zw), exactly.
  private func uniform(
    _ types: (KernelElement, KernelElement, KernelElement), _ profile: KernelProfile, depth: Int,
    input: Int64, weight: Int64, zeroPoints: (Int64, Int64), outputScale: Double
  ) -> TestLayer {
    TestLayer(
      description: FullyConnectedDescription(
        profile: profile, inputShape: [1, depth], inputType: types.0, inputScale: 1,
        inputZeroPoint: zeroPoints.0, weightsShape: [1, depth], weightsType: types.1,
        weightsScales: [1], weightsZeroPoints: [zeroPoints.1], outputShape: [1, 1],
        outputType: types.2, outputScale: outputScale, outputZeroPoint: 0),
      input: Array(repeating: input, count: depth), weights: Array(repeating: weight, count: depth),
      bias: nil)
  }

  @Test(arguments: [257, 2049, 4097, 33_026, isDebug ? 40_000 : 1 << 19])
  func longSumsOfExtremesAreExact(depth: Int) throws {
    var workspace = KernelWorkspace()
    for types in Self.triples where types.2 == .int16 {
      let (ra, rb) = (types.0.range, types.1.range)
      for (a, b, zi, zw) in [
        (ra.lowerBound, rb.lowerBound, ra.upperBound, rb.upperBound),
        (ra.upperBound, rb.upperBound, ra.lowerBound, rb.lowerBound),
        (ra.lowerBound, rb.lowerBound, 0, 0), (ra.lowerBound, rb.upperBound, 0, 0),
      ] {
        let sum = Int64(depth) * (a - zi) * (b - zw)
        // The quotient is near 20,000, so an error of 2^-15 of the sum shows.
        let scale = max(1, (Double(sum.magnitude) / 20_000).binade)
        let layer = uniform(
          types, .exactEven, depth: depth, input: a, weight: b, zeroPoints: (zi, zw),
          outputScale: scale)
        let exact = (Double(sum) / scale).rounded(.toNearestOrEven)
        let expected = Int64(min(max(exact, -32_768), 32_767))
        for path in KernelPath.allCases where path.isAvailable {
          #expect(try layer.run(path, &workspace) == [expected], "\(path) \(types)")
        }
      }
    }
  }

  /// 2^21 products of (-32768)(-32768) are 2^51; one unit more or less must show.
  @Test func theLongestRowIsExactToTheUnit() throws {
    var workspace = KernelWorkspace()
    let depth = 1 << 21
    var layer = uniform(
      (.int16, .int16, .int16), .exactEven, depth: depth, input: -32_768, weight: -32_768,
      zeroPoints: (0, 0), outputScale: 1)
    layer.description.bias = .init(type: .int64, shape: [1])
    for unit in [Int64(-1), 0, 1] {
      layer.bias = [unit - (1 << 51)]
      for path in KernelPath.allCases where path.isAvailable {
        #expect(try layer.run(path, &workspace) == [unit], "\(path)")
      }
    }
  }

  /// The accumulators of the runtimes wrap: 200,000 · 255 · 255 is beyond 2^33.
  @Test(arguments: [KernelProfile.ort, .litertReference, .litertBuiltin, .litertXNNPACK])
  func int32AccumulatorsWrap(_ profile: KernelProfile) throws {
    var workspace = KernelWorkspace()
    let depth = 200_000
    let layer = uniform(
      (.uint8, .uint8, .uint8), profile, depth: depth, input: 255, weight: 255,
      zeroPoints: (0, 0), outputScale: 0x1p24)
    let expected = NaiveModel(layer: layer).outputs()
    #expect(expected[0] > 0 && expected[0] < 255)
    for path in KernelPath.allCases where path.isAvailable {
      #expect(try layer.run(path, &workspace) == expected, "\(path)")
    }
  }

  /// A bias at the ends of int64 takes the accumulator beyond int64; the true value is wanted.
  @Test(arguments: Self.biases)
  func biasAtTheEndsOfInt64IsExact(bias: Int64) throws {
    var workspace = KernelWorkspace()
    var random = SplitMix64(state: UInt64(bitPattern: bias))
    for profile in [KernelProfile.exactEven, .exactAway, .exactUp] {
      for step in 0..<20 {
        var layer = random.layer(
          profile, types: (.int16, .int16, .int16), rows: 2, depth: 40, columns: 3,
          style: random.pick(DataStyle.allCases))
        layer.description.bias = .init(type: .int64, shape: [3])
        layer.bias = [bias, 0, bias]
        let product = layer.description.inputScale * layer.description.weightsScales[0]
        // Near 2^63 over 1000, so that outputs are inside int16; a third of them halves.
        layer.description.outputScale = step % 3 == 0 ? product.binade * 0x1p53 : product * 0x1p52
        let expected = NaiveModel(layer: layer).outputs()
        for path in KernelPath.allCases where path.isAvailable {
          #expect(try layer.run(path, &workspace) == expected, "\(path) \(profile)")
        }
      }
    }
  }

  /// The float stage of a 64-bit accumulator; the same layer with an int32 bias wraps.
  @Test(arguments: [KernelProfile.litertReference, .litertBuiltin])
  func int64AccumulatorsDoNotWrap(_ profile: KernelProfile) throws {
    var workspace = KernelWorkspace()
    var layer = uniform(
      (.int16, .int8, .int16), profile, depth: 1000, input: 32_767, weight: 127,
      zeroPoints: (0, 0), outputScale: 0x1p18)
    layer.bias = [0]
    for (type, isWrapped) in [(KernelElement.int64, false), (.int32, true)] {
      layer.description.bias = .init(type: type, shape: [1])
      let sum = Int64(1000 * 32_767 * 127)
      let accumulator = isWrapped ? Int64(Int32(truncatingIfNeeded: sum)) : sum
      let expected = Int64((Double(accumulator) / 0x1p18).rounded())
      for path in KernelPath.allCases where path.isAvailable {
        #expect(try layer.run(path, &workspace) == [expected], "\(path) \(type)")
      }
    }
  }
}
