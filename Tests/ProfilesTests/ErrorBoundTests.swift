import BigInt
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

@Suite struct ErrorBoundTests {
  /// The greatest error of a random layer's outputs as a part of the bound.
  private func worst(_ rule: ProfileRule, _ random: inout SplitMix64) throws -> Double {
    var maker = LayerMaker(rule.types)
    maker.inputScale = random.scale(-20...0, bits: random.pick([2, 24]))
    maker.weightScales = [random.scale(-4...3, bits: random.pick([1, 24]))]
    maker.outputScale = random.scale(-4...4, bits: random.pick([1, 24]))
    if !rule.conditions.contains(.zeroActivationZeroPoints) {
      maker.outputZeroPoint = random.integer(in: rule.types.output.range)
    }
    let layer = try maker.layer()
    let reference = try #require(Reference(layer: layer, arithmetic: rule.arithmetic))
    let multiplier =
      Rational(exactly: maker.inputScale) * Rational(exactly: maker.weightScales[0])
      / Rational(exactly: maker.outputScale)
    let zeroPoint = maker.outputZeroPoint
    let (low, high) = (rule.types.output.range.lowerBound, rule.types.output.range.upperBound)
    let width = Double(high - low) / multiplier.approximation
    var worst = 0.0
    for _ in 0..<60 {
      let reach = Int64(min(width, 0x1p31 - 1))
      let accumulator = random.integer(in: (0 - reach)...reach)
      var departure = Departure()
      let value = reference.output(accumulator: accumulator, channel: 0, departure: &departure)
      guard departure.isEmpty else { continue }
      let exact = multiplier * Rational(accumulator)
      let clamped = clamp(exact, Rational(low - zeroPoint), Rational(high - zeroPoint))
      let error = (Rational(Int64(value) - zeroPoint) - clamped).magnitude
      let bound = reference.errorBound(channel: 0, magnitude: Double(accumulator.magnitude))
      #expect(bound.isFinite && bound >= 0.5)
      if error > Rational(exactly: bound) {
        Issue.record("\(accumulator) · \(multiplier): \(error.approximation) > \(bound)")
      }
      worst = max(worst, error.approximation / bound)
    }
    return worst
  }

  @Test(arguments: Profiles.all)
  func theBoundHoldsAndIsNearlyAttained(profile: Profile) throws {
    var random = SplitMix64(seed: 61)
    for rule in profile.rules.prefix(4) {
      var worst = 0.0
      for _ in 0..<draws(600, debug: 40) { worst = max(worst, try self.worst(rule, &random)) }
      #expect(worst > 0.75 && worst <= 1, "\(profile.name) \(rule.types): \(worst)")
    }
  }

  @Test func theBoundOfDoubleRoundingIsTwoRoundings() throws {
    // D = 1/4 exactly: half a unit of 2^−1 of the first rounding, then half a unit.
    let layer = try LayerMaker(0, 0.25, 1, 1).layer()
    let reference = try profile("tflm").reference(for: layer)
    let bound = reference.errorBound(channel: 0, magnitude: 100)
    #expect(bound >= 0.75 && bound < 0.7500001)
    // 1 · 0.25 becomes 1, an error of exactly 0.75.
    #expect(try outputs("tflm", LayerMaker(1, 0.25, 1, 1)).values == [1])
    let single = try profile("single-rounding").reference(for: layer)
    #expect(single.errorBound(channel: 0, magnitude: 100) < 0.5000001)
  }
}
