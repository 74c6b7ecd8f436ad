import BigInt
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

@Suite struct ActivationBoundsTests {
  private func range(
    _ bounds: ActivationBounds, _ activation: Activation, _ scale: Double, _ zeroPoint: Int64
  )
    throws -> ClosedRange<Int64>?
  {
    var maker = LayerMaker()
    (maker.activation, maker.outputScale, maker.outputZeroPoint) = (activation, scale, zeroPoint)
    return bounds.outputRange(of: try maker.layer())
  }

  private let all: [ActivationBounds] = [
    .exact(.toNearestOrEven), .exact(.toNearestOrAway), .exact(.toNearestOrUp), .roundedQuotient,
    .roundedSum,
  ]

  @Test func withoutAnActivationTheTypeBounds() throws {
    for bounds in all {
      #expect(try range(bounds, .none, 0.1, 5) == -128...127)
      #expect(try range(bounds, .clamp(-5, 9), 0.1, 5) == -5...9)
      #expect(try range(bounds, .relu, 0.1, 5) == 5...127)
    }
  }

  @Test func tiesOfSixOverTheScaleAreRoundedByEachRule() throws {
    // 6/12 = 0.5 and 6/4 = 1.5, with an even and an odd zero point.
    #expect(try range(.exact(.toNearestOrEven), .relu6, 12, 0) == 0...0)
    #expect(try range(.exact(.toNearestOrEven), .relu6, 12, 1) == 1...1)
    #expect(try range(.exact(.toNearestOrAway), .relu6, 12, 0) == 0...1)
    #expect(try range(.exact(.toNearestOrUp), .relu6, 4, 0) == 0...2)
    #expect(try range(.roundedQuotient, .relu6, 12, 1) == 1...2)
    // The sum is rounded: 1.5 to 2, 2.5 to 2.
    #expect(try range(.roundedSum, .relu6, 12, 1) == 1...2)
    #expect(try range(.roundedSum, .relu6, 4, 1) == 1...2)
  }

  @Test func randomScalesAreDividedAsEachRuleSays() throws {
    var random = SplitMix64(seed: 81)
    for _ in 0..<draws(2_000) {
      let scale = random.scale(-6...3)
      let zeroPoint = random.integer(in: -128...127)
      let quotient = Rational(6) / Rational(exactly: scale)
      for mode in [RoundingMode.toNearestOrEven, .toNearestOrAway, .toNearestOrUp] {
        let high = min(quotient.position.rounded(mode) + zeroPoint, 127)
        #expect(try range(.exact(mode), .relu6, scale, zeroPoint) == zeroPoint...high)
      }
      // float32 division is correctly rounded, as the nearest double's is of so few bits.
      let narrow = Float(6 / scale)
      let rounded = Int64((narrow + 0.5).rounded(.down))
      #expect(
        try range(.roundedQuotient, .relu6, scale, zeroPoint)
          == zeroPoint...min(rounded + zeroPoint, 127))
    }
  }

  @Test func boundsBeyondInt32AreRefused() throws {
    #expect(try range(.roundedQuotient, .relu6, 0x1p-28, 0) == 0...127)
    #expect(try range(.roundedQuotient, .relu6, 0x1p-29, 0) == nil)
    // XNNPACK is asked only after LiteRT has formed its own bound.
    #expect(try range(.roundedSum, .relu6, 0x1p-28, 0) == 0...127)
    #expect(try range(.roundedSum, .relu6, 0x1p-29, 0) == nil)
    #expect(try range(.roundedQuotient, .relu, 0x1p-29, 0) == 0...127)
    #expect(try range(.exact(.toNearestOrEven), .relu6, 0x1p-1074, 0) == 0...127)
  }
}
