import FastKernels
import Testing

/// Accumulators given as biases, so that every stage meets the ends of its range.
struct RequantizationTests {
  private static let edges: [Int64] = [
    .init(Int32.min), .init(Int32.min) + 1, -(1 << 30) - 1, -(1 << 30), -16_777_217, -65_537, -129,
    -128, -5, -3, -2, -1, 0, 1, 2, 3, 5, 127, 128, 65_535, 16_777_217, 16_777_219, 1 << 30,
    .init(Int32.max) - 1, .init(Int32.max),
  ]

  /// One row, K = 1, the product 0: the accumulators are the biases.
  private func layer(
    _ profile: KernelProfile, _ type: KernelElement, scales: (Double, [Double], Double),
    zeroPoint: Int64, activation: KernelActivation, accumulators: [Int64]
  ) -> TestLayer {
    let count = accumulators.count
    let description = FullyConnectedDescription(
      profile: profile, activation: activation,
      inputShape: [1, 1], inputType: type, inputScale: scales.0, inputZeroPoint: 0,
      weightsShape: [count, 1], weightsType: type == .int16 ? .int8 : type,
      weightsScales: scales.1, weightsZeroPoints: [0], bias: .init(type: .int32, shape: [count]),
      outputShape: [1, count], outputType: type, outputScale: scales.2,
      outputZeroPoint: zeroPoint)
    return TestLayer(
      description: description, input: [0], weights: Array(repeating: 1, count: count),
      bias: accumulators)
  }

  @Test(arguments: PathAndProfile.all)
  func everyStageAgreesAtTheEndsOfItsRange(_ argument: PathAndProfile) throws {
    var random = SplitMix64(state: 4)
    var workspace = KernelWorkspace()
    let profile = argument.profile
    var checked = 0
    for step in 0..<draws(200) {
      let type = random.pick(typeTriples(of: profile).map(\.2))
      // Products from 2^-40 to 2^34, powers of two and their neighbours among them.
      var si = random.scale(-20...16), so = random.scale(-8...8)
      var sw = random.scale(-12...10)
      if step % 3 == 0 { (si, sw, so) = (si.binade, sw.binade, so.binade) }
      if step % 9 == 0 { sw = Double(Float(sw).nextDown) }
      let accumulators =
        Self.edges
        + (0..<200).map { _ in
          let bits = Int64(random.below(32))
          return random.integer(in: -(1 << bits)...((1 << bits) - 1))
        }
      let zeroPoint =
        type == .int16 && !profile.isExact
        ? 0 : max(type.range.lowerBound, random.pick([.min, -1, 1, type.range.upperBound]))
      let activation: KernelActivation =
        profile == .ort ? .none : random.pick([.none, .relu, .relu6, .clamp(low: 3, high: 3)])
      let isPerChannel = type != .uint8 && random.next() & 1 == 1
      let layer = layer(
        profile, type,
        scales: (si, isPerChannel ? accumulators.map { _ in sw } : [sw], so),
        zeroPoint: zeroPoint, activation: activation, accumulators: accumulators)
      do {
        let got = try layer.run(argument.path, &workspace)
        #expect(got == NaiveModel(layer: layer).outputs(), "\(layer.description)")
        checked += 1
      } catch {
        guard error.isUnsupported else { throw error }
      }
    }
    #expect(checked > draws(75))
  }

  /// Three times this is 2.5 less 2^-52, one bit too long for binary64, which makes it 2.5.
  private static let almostHalf = Double(((UInt64(5) << 51) - 1) / 3) * 0x1p-52

  /// Halves and their neighbours, for every tie rule, from one-bit to 53-bit scales.
  @Test(arguments: [KernelProfile.exactEven, .exactAway, .exactUp])
  func exactHalvesFollowTheirRule(_ profile: KernelProfile) throws {
    var workspace = KernelWorkspace()
    for scales in [
      (1, 1, 2), (0.5, 3, 3), (1, 1, 6), (0.1, 3, 0.2), (0.1, 3, 0.3), (0.1, 0.1, 0.02),
      (1e-200, 1e-100, 3e-300), (0x1p-1074, 1, 0x1p-1073), (1e200, 1e100, 4e300),
      (0x1.fffffffffffffp0, 0x1.fffffffffffffp0, 0x1.ffffffffffffep1), (Self.almostHalf, 1, 1),
    ] as [(Double, Double, Double)] {
      let layer = layer(
        profile, .int8, scales: (scales.0, [scales.1], scales.2), zeroPoint: 5, activation: .none,
        accumulators: (-40...40).map { Int64($0) })
      let expected = NaiveModel(layer: layer).outputs()
      for path in KernelPath.allCases where path.isAvailable {
        #expect(try layer.run(path, &workspace) == expected, "\(path) \(scales)")
      }
    }
  }

  @Test(arguments: [KernelProfile.exactEven, .exactAway, .exactUp])
  func anyBinary64ScalesAreExact(_ profile: KernelProfile) throws {
    var random = SplitMix64(state: 5)
    var workspace = KernelWorkspace()
    func anyScale() -> Double {
      let exponent = UInt64(random.below(0x7FF)) << 52
      let value = Double(bitPattern: exponent | random.next() >> 12)
      return value > 0 && value.isFinite ? value : 0x1p-1074
    }
    for step in 0..<draws(120) {
      let (si, sw) = (anyScale(), anyScale())
      var so = anyScale()
      // Mostly an output scale that gives outputs inside the type.
      let product = si * sw * 500
      if step % 4 != 0, product > 0, product.isFinite { so = product }
      let layer = layer(
        profile, .int16, scales: (si, [sw], so), zeroPoint: -3, activation: .relu6,
        accumulators: Self.edges)
      let expected = NaiveModel(layer: layer).outputs()
      for path in KernelPath.allCases where path.isAvailable {
        #expect(try layer.run(path, &workspace) == expected, "\(path) \(layer.description)")
      }
    }
  }

  @Test(arguments: [KernelProfile.exactEven, .exactAway, .exactUp])
  func aBiasWithItsOwnScaleIsAddedExactly(_ profile: KernelProfile) throws {
    var random = SplitMix64(state: 6)
    var workspace = KernelWorkspace()
    for step in 0..<draws(120) {
      var layer = random.layer(
        profile, types: random.pick(typeTriples(of: profile)), rows: 3, depth: 1 + random.below(40),
        columns: 1 + random.below(10), style: random.pick(DataStyle.allCases))
      let d = layer.description
      let type: KernelElement = d.inputType == .int16 && step % 2 == 0 ? .int64 : .int32
      let product = d.inputScale * d.weightsScales[0]
      // From far below to far above the accumulator's units; exact halves among them.
      let exponents = [-1000, -70, -30, -3, -1, 0, 1, 20, 60, 900]
      let count = step % 3 == 0 ? layer.columns : 1
      let scales = (0..<count).map { _ in
        let power = Double(sign: .plus, exponent: random.pick(exponents), significand: 1)
        return max((step % 4 == 0 ? 1 : product) * power, 0x1p-1074)
      }
      layer.description.bias = .init(
        type: type, shape: [layer.columns], scales: scales,
        zeroPoints: step % 5 == 0 ? [] : scales.map { _ in random.integer(in: type.range) })
      let range = step % 7 == 0 ? type.range : -300...300
      layer.bias = (0..<layer.columns).map { column in
        let zeroPoints = layer.description.bias?.zeroPoints ?? []
        let zeroPoint = zeroPoints.isEmpty ? 0 : zeroPoints[min(column, zeroPoints.count - 1)]
        let (sum, overflow) = zeroPoint.addingReportingOverflow(random.integer(in: range))
        return overflow || !type.range.contains(sum) ? random.integer(in: type.range) : sum
      }
      let expected = NaiveModel(layer: layer).outputs()
      for path in KernelPath.allCases where path.isAvailable {
        #expect(try layer.run(path, &workspace) == expected, "\(path) \(layer.description)")
      }
    }
  }

  /// A bias that cancels the sum leaves what its scale, rounded, differs from Si·Sw by.
  ///
  /// Both terms are near 2^56 output units; the difference is a few units, and binary64 finds 0.
  @Test(arguments: [KernelProfile.exactEven, .exactAway, .exactUp])
  func aBiasThatCancelsTheSumIsAddedExactly(_ profile: KernelProfile) throws {
    var random = SplitMix64(state: 7)
    var workspace = KernelWorkspace()
    for _ in 0..<draws(100) {
      var layer = random.layer(
        profile, types: (.int16, .int16, .int16), rows: 1, depth: 64, columns: 4, style: .random)
      layer.description.activation = .none
      layer.description.outputZeroPoint = 0
      layer.description.weightsScales = [random.scale(-9...0)]
      layer.description.weightsZeroPoints = [0]
      layer.description.inputScale = random.scale(-9...0) * random.scale(0...0)
      let product = layer.description.inputScale * layer.description.weightsScales[0]
      layer.description.outputScale = product * 0x1p-20
      layer.description.bias = .init(type: .int64, shape: [4], scales: [product])
      layer.bias = (0..<4).map { column in
        let zi = layer.description.inputZeroPoint
        let sum = (0..<64).reduce(Int64(0)) {
          $0 + (layer.input[$1] - zi) * layer.weights[column * 64 + $1]
        }
        return -sum
      }
      let expected = NaiveModel(layer: layer).outputs()
      for path in KernelPath.allCases where path.isAvailable {
        #expect(try layer.run(path, &workspace) == expected, "\(path) \(layer.description)")
      }
    }
  }
}
