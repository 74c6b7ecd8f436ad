import CaseGeneration
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestCases
import TestSupport
import Testing

/// Accumulators that a class aims at come in every kind of layer that kernels have loops of their own for.
@Suite struct DeliveryTests {
  /// Ties that show: the exact value is half-way between two outputs that both lie within the bounds.
  private func visibleTies(_ computed: Computed) -> Int {
    computed.outputs.accumulators.enumerated().count { place, accumulator in
      let position = computed.position(accumulator, place % computed.layer.channels)
      let output = position.floor + computed.layer.outputZeroPoint
      return position.fraction == .half && output >= Int64(computed.ends.low)
        && output < Int64(computed.ends.high)
    }
  }

  @Test(
    "ties lie in single rows and several, in one channel and many, with one scale and many",
    arguments: ["exact-even", "litert-reference", "ort"])
  func tiesInEveryShape(_ name: String) throws {
    var counts: [String: Int] = [:]
    let profile = try #require(Profiles.named(name))
    let generator = try CaseGenerator(
      seed: 2, selection: Selection(profiles: [profile], kind: .edge, classes: ["multiplier"]))
    for index in 0..<UInt64(draws(600, debug: 3)) {
      let testCase = generator.testCase(index)
      let computed = try Computed(testCase)
      let ties = visibleTies(computed)
      guard ties > 0 else { continue }
      let layer = computed.layer
      counts[layer.rows > 1 ? "rows" : "row", default: 0] += ties
      counts[layer.channels > 1 ? "channels" : "channel", default: 0] += ties
      counts[layer.isPerChannel ? "scales" : "scale", default: 0] += ties
      if layer.rows > 1, layer.channels == 1 { counts["column", default: 0] += ties }
      if layer.rows > 1, layer.isPerChannel { counts["rows and scales", default: 0] += ties }
    }
    for shape in [
      "row", "rows", "channel", "channels", "scale", "scales", "column", "rows and scales",
    ] {
      #expect(counts[shape, default: 0] > 0, "\(shape): \(counts)")
    }
  }

  @Test("rows are alike, and each channel's accumulator is what the single row has")
  func rowsAreAlike() throws {
    var seen = 0
    for testCase in try cases(of: "knifeEdge.bias", "knifeEdge.products", count: 200) {
      let computed = try Computed(testCase)
      let (rows, channels) = (computed.layer.rows, computed.layer.channels)
      // One channel has a target a row.
      guard rows > 1, channels > 1 else { continue }
      seen += 1
      let accumulators = computed.outputs.accumulators
      for row in 1..<rows {
        #expect(
          accumulators[row * channels..<(row + 1) * channels] == accumulators[0..<channels])
      }
    }
    #expect(seen > 10)
  }

  @Test("who has scales a channel alone gets them in every case")
  func scalesOnly() throws {
    let profile = try #require(Profiles.named("exact-even"))
    let rules = profile.rules.map {
      ProfileRule($0.types, bias: $0.biasTypes, $0.arithmetic, where: $0.conditions + [.perChannel])
    }
    let narrowed = Profile(
      name: profile.name, summary: profile.summary, source: profile.source, rules: rules,
      generalBias: profile.generalBias, activations: profile.activations)
    let generator = try CaseGenerator(seed: 1, selection: Selection(profiles: [narrowed]))
    var classes: Set<String> = []
    for index in 0..<UInt64(draws(1_000, debug: 6)) {
      let testCase = generator.testCase(index)
      guard testCase.refuse == nil else { continue }
      #expect(testCase.layer.weights.scales.count > 1, "\(testCase.mainClass)")
      classes.insert(testCase.mainClass)
    }
    #expect(classes.count > 30)
  }
}
