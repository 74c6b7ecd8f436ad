import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

/// The reference of a one-channel int8 layer, also for scales that no binary32 number is.
private func reference(_ name: String, _ scale: Double, zeroPoint: Int64 = 0) throws -> Reference {
  var maker = LayerMaker(accumulators: [0])
  maker.inputScale = scale
  maker.outputZeroPoint = zeroPoint
  let arithmetic = try profile(name).rules[0].arithmetic
  return try #require(Reference(layer: try maker.layer(), arithmetic: arithmetic))
}

/// The least accumulator whose output is at least `level`, of a monotone requantization.
private func step(to level: Int32, _ reference: Reference) -> Int64 {
  var (low, high) = (Int64(Int32.min), Int64(Int32.max))
  while high - low > 1 {
    let middle = low + (high - low) / 2
    var departure = Departure()
    let output = reference.output(accumulator: middle, channel: 0, departure: &departure)
    if output >= level { high = middle } else { low = middle }
  }
  return high
}

@Suite struct StepTests {
  /// How many of all 2^32 accumulators two arithmetics round differently.
  ///
  /// Measured with full sweeps of independent models for these scales. Both are monotone and their steps lie at most one apart,
  /// so the steps' distances add up to the number.
  @Test(arguments: [
    (0.0117, 171), (0.25, 255), (0.3333, 255), (0.5, 0), (0.001, 0), (1.5e-5, 171),
  ])
  func singleAndDoubleRoundingDifferAsOftenAsMeasured(scale: Double, differences: Int64) throws {
    let (single, double) = (try reference("single-rounding", scale), try reference("tflm", scale))
    var total: Int64 = 0
    for level in Int32(-127)...127 {
      let distance = abs(step(to: level, single) - step(to: level, double))
      #expect(distance <= 1)
      total += distance
    }
    #expect(total == differences)
  }

  @Test(arguments: [
    (0.0117, 0), (0.25, 125), (0.3333, 0), (0.5, 125), (0.001, 0), (1.5e-5, 0),
  ])
  func tieRulesDifferAsOftenAsMeasured(scale: Double, differences: Int) throws {
    let up = try reference("exact-up", scale, zeroPoint: -3)
    let away = try reference("exact-away", scale, zeroPoint: -3)
    let differing = (Int32(-127)...127).count { step(to: $0, up) != step(to: $0, away) }
    #expect(differing == differences)
  }

  @Test(arguments: [
    (0.0117, 21_710), (0.25, 1_016), (0.3333, 762), (0.5, 508), (0.001, 253_999),
    (1.5e-5, 16_933_334),
  ])
  func asManyAccumulatorsAsMeasuredAreNotSaturated(scale: Double, count: Int64) throws {
    let single = try reference("single-rounding", scale, zeroPoint: -3)
    // Those between the ends of the type, which saturated accumulators share.
    #expect(step(to: 127, single) - step(to: -127, single) == count)
  }

  @Test(arguments: Profiles.all.map(\.name))
  func requantizationIsMonotoneWhereNothingDeparts(name: String) throws {
    var random = SplitMix64(seed: 41)
    for rule in try profile(name).rules {
      for _ in 0..<draws(60) {
        var maker = LayerMaker(rule.types)
        maker.inputScale = random.scale(-34...7)
        let isZeroed = rule.conditions.contains(.zeroActivationZeroPoints)
        maker.outputZeroPoint = isZeroed ? 0 : random.integer(in: rule.types.output.range)
        let layer = try maker.layer()
        guard let reference = Reference(layer: layer, arithmetic: rule.arithmetic) else { continue }
        // Scattered over int32, and runs beside outputs' steps.
        var accumulators = (0..<100).map { _ in random.integer(bits: 31) }
        for _ in 0..<10 {
          let half = (Double(random.integer(bits: 8)) + 0.5) / maker.inputScale
          guard half.magnitude < 0x1p31 - 16 else { continue }
          accumulators += (-8...8).map { Int64(half) + $0 }
        }
        accumulators.sort()
        var last = Int32.min
        for accumulator in accumulators {
          var departure = Departure()
          let value = reference.output(accumulator: accumulator, channel: 0, departure: &departure)
          guard departure.isEmpty else { continue }
          if value < last { Issue.record("\(name): \(accumulator) · \(maker.inputScale)") }
          last = value
        }
      }
    }
  }
}
