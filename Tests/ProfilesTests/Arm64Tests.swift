import Glibc
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

/// One accumulator of an int8 layer, and what the reference, the optimised and the default kernels
/// of LiteRT 2.3.0 gave for it on arm64; `nil` where the last refused.
private struct Row: Sendable {
  let maker: LayerMaker
  let answers: [Int32?]

  init(
    _ accumulator: Int64, _ scales: (Double, Double, Double), _ answers: (Int32, Int32, Int32?),
    zeroPoint: Int64 = 0
  ) {
    maker = LayerMaker(accumulator, scales.0, scales.1, scales.2, zeroPoint: zeroPoint)
    self.answers = [answers.0, answers.1, answers.2]
  }
}

@Suite struct Arm64Tests {
  private static let rows: [Row] = [
    Row(3, (0.5, 0.25, 1), (0, 0, 0)), Row(4, (0.5, 0.25, 1), (1, 1, 0)),
    Row(-4, (0.5, 0.25, 1), (-1, 0, 0)), Row(12, (0.5, 0.25, 1), (2, 2, 2)),
    Row(-12, (0.5, 0.25, 1), (-2, -1, -2)), Row(20, (0.5, 0.25, 1), (3, 3, 2)),
    Row(-20, (0.5, 0.25, 1), (-3, -2, -2)), Row(-5, (0.5, 0.25, 1), (-1, -1, -1)),
    Row(1, (0.5, 1, 1), (1, 1, 0)), Row(-1, (0.5, 1, 1), (-1, 0, 0)),
    Row(3, (0.5, 1, 1), (2, 2, 2)), Row(-3, (0.5, 1, 1), (-2, -1, -2)),
    Row(
      2_240_058, (0.005545392166823149, 0.11393209546804428, 39.86662292480469), (35, 35, 35)),
    Row(16_908_289, (0x1p-9, 0x1p-9, 1), (65, 65, 64)),
    Row(Int64(Int32.max), (1.5, 1, 0.5), (127, -3, 127)),
    Row(1 << 30, (1.5, 1, 0.5), (127, 0, 127)),
    Row(
      -2_112_535_998, (0.6469934582710266, 0.1571136713027954, 0.09973258525133133),
      (127, 127, -128), zeroPoint: -69),
    Row(Int64(Int32.min), (1, 1, 1), (127, -1, -128), zeroPoint: -1),
    Row(Int64(Int32.min), (1.5, 1, 1), (127, -1, -128), zeroPoint: -1),
    Row(0, (16, 16, 1), (0, 0, nil)), Row(0, (16, 15.99999904632568359375, 1), (0, 0, 0)),
    Row(Int64(Int32.min), (0x1p-16, 0x1p-16, 1), (-1, 0, 0)),
    Row(Int64(Int32.max), (0x1p-16, 0x1p-16, 1), (0, 0, 0)),
  ]

  @Test func int8LayersGiveWhatLiteRTGave() throws {
    let names = ["litert-reference-arm64", "litert-builtin-arm64", "litert-xnnpack-arm64"]
    for row in Self.rows {
      for (name, answer) in zip(names, row.answers) {
        guard let answer else {
          #expect(throws: OutsideDomain.self) { try outputs(name, row.maker) }
          continue
        }
        #expect(try outputs(name, row.maker).values == [answer], "\(name) \(row.maker.bias)")
      }
    }
  }

  @Test func sixOverTheScaleIsRoundedAsOnX86() throws {
    for (scale, zeroPoint, answers) in [
      (4.0, Int64(1), [Int32(3), 3, 2]), (12, 0, [1, 1, 0]), (4, 0, [2, 2, 2]),
    ] {
      var maker = LayerMaker(100, 1, 1, scale, zeroPoint: zeroPoint)
      maker.activation = .relu6
      let names = ["litert-reference-arm64", "litert-builtin-arm64", "litert-xnnpack-arm64"]
      for (name, answer) in zip(names, answers) {
        #expect(try outputs(name, maker).values == [answer], "\(name)")
      }
    }
  }

  @Test func withoutDotProductUint8IsRoundedTwice() throws {
    // Measured: 100.38 becomes 101.
    let maker = LayerMaker(822_329, 0x1p-13, 1, 1, types: TypeTriple(.uint8))
    #expect(try outputs("litert-xnnpack-arm64-rndnu16", maker).values == [101])
    #expect(try outputs("litert-xnnpack-arm64-rndnu", maker).values == [100])
  }

  @Test func armRoundsOnceWhereX86RoundsTwice() throws {
    var random = SplitMix64(seed: 71)
    for _ in 0..<draws(400) {
      let scale = random.scale(-34...29, bits: random.pick([1, 4, 24]))
      var maker = LayerMaker(accumulators: (0..<200).map { _ in random.integer(bits: 31) })
      maker.inputScale = scale
      maker.outputZeroPoint = random.pick([-128, 127, 0])
      let multiplier = FixedPointMultiplier(scale)
      let (q, s) = (Int64(multiplier.significand), multiplier.exponent)
      for (accumulator, value) in zip(maker.bias, try outputs("litert-builtin-arm64", maker).values)
      {
        let right = max(0 - s, 1)
        let shifted = Int64(Int32(truncatingIfNeeded: accumulator << Int64(s + right)))
        let high = (shifted * q) >> 31
        let result = (high + (1 << Int64(right - 1))) >> Int64(right)
        let sum = Int64(Int32(truncatingIfNeeded: result + maker.outputZeroPoint))
        if Int64(value) != clamp(sum, -128, 127) { Issue.record("\(accumulator) · \(scale)") }
        // Where nothing is lost on the left, one rounding to nearest of the whole product.
        if shifted == accumulator << Int64(s + right) {
          let once = (accumulator * q + (1 << Int64(30 - s))) >> Int64(31 - s)
          if once != result { Issue.record("\(accumulator) · \(scale): \(once), \(result)") }
        }
      }
    }
  }

  /// Uint8 layers by the steps of the sources; `step` has the accumulator and the binary32 scale.
  private func compareUint8(_ name: String, _ step: (Int64, Float) -> Int64) throws {
    var random = SplitMix64(seed: 72)
    for _ in 0..<draws(400) {
      let scales = (random.scale(-20...3), random.scale(-14...3), random.scale(-8...4))
      let scale = Float(scales.0) * Float(scales.1) / Float(scales.2)
      guard scale < 256 else { continue }
      var accumulators = (0..<100).map { _ in random.integer(bits: random.pick([8, 16, 31])) }
      accumulators += (0..<40).map { _ in
        Int64(clamp(Double(random.integer(bits: 9)) / 2 / Double(scale), -0x1p31, 0x1p31 - 1))
      }
      var maker = LayerMaker(accumulators: accumulators, types: TypeTriple(.uint8))
      (maker.inputScale, maker.weightScales, maker.outputScale) = (scales.0, [scales.1], scales.2)
      maker.outputZeroPoint = random.pick([0, 255, 128])
      for (accumulator, value) in zip(accumulators, try outputs(name, maker).values) {
        let expected = clamp(step(accumulator, scale) + maker.outputZeroPoint, 0, 255)
        if Int64(value) != expected { Issue.record("\(name): \(accumulator) · \(scale): \(value)") }
      }
    }
  }

  @Test func rndnuFollowsItsSource() throws {
    try compareUint8("litert-xnnpack-arm64-rndnu") { accumulator, scale in
      let significand = Int64(scale.bitPattern & 0x7F_FFFF | 0x80_0000)
      let shift = Int64(127 + 23 - scale.bitPattern >> 23)
      return shift > 62 ? 0 : (accumulator * significand + (1 << (shift - 1))) >> shift
    }
  }

  @Test func rndnu16FollowsItsSource() throws {
    try compareUint8("litert-xnnpack-arm64-rndnu16") { accumulator, scale in
      var exponent: Int32 = 0
      var significand = (Int64(frexpf(scale, &exponent) * 0x1p24) + 256) >> 9
      if significand == 32_768 { (significand, exponent) = (16_384, exponent + 1) }
      let shifted =
        exponent >= 0
        ? clamp(accumulator << Int64(exponent), Int64(Int32.min), Int64(Int32.max))
        : (accumulator + (1 << Int64(-exponent - 1))) >> Int64(0 - exponent)
      let narrow = clamp(shifted, -32_768, 32_767)
      return clamp((2 * narrow * significand + (1 << 15)) >> 16, -32_768, 32_767)
    }
  }

  @Test func ortDiffersOnlyWhereThereIsNoNumber() throws {
    var random = SplitMix64(seed: 73)
    for _ in 0..<draws(500) {
      var maker = LayerMaker.random(TypeTriple(.int8), &random)
      maker.addBias(.int32, bits: 31, &random)
      #expect(try outputs("ort", maker).values == outputs("ort-arm64", maker).values)
    }
    // Infinity times 0, outside the domain: the lower end on x86, the zero point on Arm.
    let maker = LayerMaker(0, 0x1p100, 0x1p100, 1, zeroPoint: 5)
    #expect(try outputs(try profile("ort").rules[2].arithmetic, maker).values == [-128])
    #expect(try outputs(try profile("ort-arm64").rules[2].arithmetic, maker).values == [5])
  }
}
