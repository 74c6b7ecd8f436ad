import CaseGeneration
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Sensitivity
import TestCases
import TestSupport
import Testing

@Suite struct WitnessSearchTests {
  /// Layers of few elements, whose outputs are made to saturate or to vanish in all degrees.
  private func smallLayers(_ profile: Profile, _ count: Int) throws -> [Sensed] {
    let generator = try CaseGenerator(
      seed: 21, selection: Selection(profiles: [profile], kind: .random))
    var random = SplitMix64(seed: 22)
    return (0..<UInt64(count)).compactMap { index -> Sensed? in
      var raw = generator.testCase(index).layer
      guard raw.input.type != .int16, raw.weights.type != .int16 else { return nil }
      let (rows, depth) = (1 + random.below(2), 1 + random.below(3))
      let channels = raw.weights.scales.count > 1 ? 2 : 1 + random.below(2)
      raw.cut(rows: rows, depth: depth, channels: channels)
      guard raw.output.shape == [rows, channels] else { return nil }
      // Half without a bias, else its wide reach decides nearly all.
      if random.below(2) == 0 { raw.bias = nil }
      let powers = [0, 0, 4, 8, 12, 16, 24, 34, -6, -12, -24]
      raw.output.scales[0] *= Double(sign: .plus, exponent: random.pick(powers), significand: 1)
      if random.below(6) == 0 {
        let value = random.integer(in: raw.output.type.range)
        raw.activation = .clamp(value, value)
      }
      return Sensed(raw, profile)
    }
  }

  @Test(arguments: Profiles.all.map(\.name))
  func aLayerIsVacuousExactlyWhereNoValueOfAnyElementChangesAnOutput(name: String) throws {
    let profile = try #require(Profiles.named(name))
    var (vacuous, sensitive) = (0, 0)
    for sensed in try smallLayers(profile, draws(60, debug: 10)) {
      let expected = sensed.isSensitiveByForce()
      let witness = sensed.witness
      #expect((witness != nil) == expected, "\(name): \(sensed.raw)")
      #expect((sensed.lazyWitness != nil) == expected)
      if let witness { #expect(try sensed.confirms(witness), "\(name): \(witness)") }
      if expected { sensitive += 1 } else { vacuous += 1 }
    }
    #if !DEBUG
    // 16-bit profiles are left to the test below.
    if profile.types.contains(where: { $0.input != .int16 }) {
      #expect(vacuous > 1 && sensitive > 5, "\(name): \(vacuous) of \(vacuous + sensitive)")
    }
    #endif
  }

  @Test func everyWitnessOfAGeneratedCaseIsReal() throws {
    let generator = try CaseGenerator(seed: 5, selection: Selection(kind: .random))
    var vacuous = 0
    for index in 0..<UInt64(draws(2_000, debug: 40)) {
      guard let sensed = Sensed(generator.testCase(index)) else { continue }
      guard let witness = sensed.witness else {
        vacuous += 1
        continue
      }
      #expect(try sensed.confirms(witness), "case \(index): \(witness)")
      // The lazy search may find another one, but finds one.
      let other = try #require(sensed.lazyWitness)
      #expect(try sensed.confirms(other))
    }
    // Bounds of activations often leave a single value.
    #expect(vacuous * 4 < draws(2_000, debug: 40))
  }

  /// By hand: −3 … 3 times 2, a bound of 0 … 0, a scale that hides everything.
  @Test func handMadeLayersAreWhatTheyAre() throws {
    let exact = try #require(Profiles.named("exact-even"))
    func layer(_ x: Int64, _ w: Int64, scale: Double, _ activation: Activation) -> RawLayer {
      RawLayer(
        operation: FullyConnected.name, activation: activation,
        input: RawTensor(
          type: .int8, shape: [1, 1], scales: [1], zeroPoints: [0],
          data: ElementBytes.bytes([x], as: .int8)),
        weights: RawTensor(
          type: .int8, shape: [1, 1], scales: [1], zeroPoints: [0],
          data: ElementBytes.bytes([w], as: .int8)), bias: nil,
        output: RawTensor(type: .int8, shape: [1, 1], scales: [scale], zeroPoints: [0]))
    }
    func isVacuous(_ raw: RawLayer) throws -> Bool {
      try #require(Sensed(raw, exact)).witness == nil
    }
    #expect(try !isVacuous(layer(3, 2, scale: 1, .none)))
    #expect(try isVacuous(layer(0, 0, scale: 1, .none)), "0·0: one factor alone changes nothing")
    #expect(try !isVacuous(layer(0, 1, scale: 1, .none)))
    #expect(try isVacuous(layer(3, 2, scale: 1, .clamp(5, 5))))
    // 127·2 / 1024 is below a half, −128·3 / 1024 too; 3·128 / 768 is a tie and stays 0.
    #expect(try isVacuous(layer(3, 2, scale: 1_024, .none)))
    #expect(try isVacuous(layer(3, 2, scale: 768, .none)), "±1/2 goes to even")
    #expect(try !isVacuous(layer(3, 2, scale: 767, .none)), "−384/767 goes to −1")
  }
}

/// Edge cases are made so that something depends on their data.
@Suite struct EdgeCaseTests {
  @Test(arguments: Profiles.all.map(\.name))
  func noEdgeCaseIsVacuous(name: String) throws {
    let profile = try #require(Profiles.named(name))
    for seed in [UInt64(1), 2, 77] {
      let generator = try CaseGenerator(
        seed: seed, selection: Selection(profiles: [profile], kind: .edge))
      var (plain, count) = (0, 0)
      for index in 0..<UInt64(draws(240, debug: 30)) {
        let testCase = generator.testCase(index)
        let sensed = try #require(Sensed(testCase))
        let witness = try #require(
          sensed.witness, "seed \(seed), case \(index) of \(testCase.mainClass) is vacuous")
        if sensed.layer.depth < 300 { #expect(try sensed.confirms(witness)) }
        count += 1
        // What is made where every draw led nowhere.
        if sensed.raw.weights.integers == [1], sensed.raw.input.integers == [0] { plain += 1 }
      }
      #expect(plain * 50 <= count, "\(name), seed \(seed): \(plain) of \(count) were given up")
    }
  }
}

extension RawLayer {
  /// Keeps the first rows, terms and channels, where there are as many.
  fileprivate mutating func cut(rows: Int, depth: Int, channels: Int) {
    let (m, k, n) = (input.shape[0], input.shape[1], weights.shape[0])
    guard rows <= m, depth <= k, channels <= n else { return }
    input.cut([rows, depth], of: k)
    weights.cut([channels, depth], of: k)
    weights.scales = Array(weights.scales.prefix(channels))
    weights.zeroPoints = Array(weights.zeroPoints.prefix(channels))
    if var old = bias {
      old.cut([channels], of: 1)
      old.scales = Array(old.scales.prefix(channels))
      old.zeroPoints = Array(old.zeroPoints.prefix(channels))
      bias = old
    }
    output.shape = [rows, channels]
  }
}

extension RawTensor {
  /// Keeps the first `shape[0]` rows of `width` elements, and of each the first `shape[1]`.
  fileprivate mutating func cut(_ shape: [Int], of width: Int) {
    let all = integers
    let columns = shape.count > 1 ? shape[1] : 1
    data = ElementBytes.bytes(
      (0..<shape[0]).flatMap { row in (0..<columns).map { all[row * width + $0] } }, as: type)
    self.shape = shape
  }
}
