import ONNXVectors
import QuantizedArithmetic
import TestSupport
import Testing

@Suite struct BinaryFormatTests {
  /// A number of any size; half of them with one bit more than the format, so that ties are met.
  private func number(
    _ random: inout SplitMix64, _ exponents: ClosedRange<Int64>, bits: Int
  ) -> Double {
    let fraction = Double(random.next() >> 12) * 0x1p-52
    let few = (fraction * Double(1 << bits)).rounded(.down) / Double(1 << bits)
    let significand = 1 + (random.below(2) == 0 ? fraction : few)
    let exponent = Int(random.integer(in: exponents))
    return Double(
      sign: random.below(2) == 0 ? .plus : .minus, exponent: exponent, significand: significand)
  }

  @Test func roundsAsTheMachineConverts() {
    var random = SplitMix64(seed: 1)
    for _ in 0..<3_000 {
      let single = number(&random, -155...130, bits: 24)
      #expect(BinaryFormat.float32.rounded(single) == Double(Float(single)), "\(single)")
      let half = number(&random, -28...17, bits: 11)
      #expect(BinaryFormat.float16.rounded(half) == Double(Float16(half)), "\(half)")
    }
  }

  @Test func roundsQuotientsAsTheMachineDivides() {
    var random = SplitMix64(seed: 2)
    for _ in 0..<3_000 {
      let a = Float(number(&random, -120...120, bits: 4))
      let b = Float(number(&random, -40...40, bits: 6))
      let exact = Rational(exactly: Double(a)) / Rational(exactly: Double(b))
      #expect(BinaryFormat.float32.rounded(exact) == Double(a / b), "\(a) / \(b)")
    }
  }

  @Test func tiesGoToEvenAtEveryEdge() {
    // Half: 11 bits. 2049 lies between 2048 and 2050, 2051 between 2050 and 2052.
    #expect(BinaryFormat.float16.rounded(2_049) == 2_048)
    #expect(BinaryFormat.float16.rounded(2_051) == 2_052)
    #expect(BinaryFormat.float16.rounded(65_519.999) == 65_504)
    #expect(BinaryFormat.float16.rounded(65_520) == .infinity)
    #expect(BinaryFormat.float16.rounded(-65_520) == -.infinity)
    #expect(BinaryFormat.float16.rounded(0x1p-25) == 0)
    #expect(BinaryFormat.float16.rounded(0x1.8p-24) == 0x1p-23)
    // bfloat16: 8 bits.
    #expect(BinaryFormat.bfloat16.rounded(257) == 256)
    #expect(BinaryFormat.bfloat16.rounded(259) == 260)
    #expect(BinaryFormat.bfloat16.rounded(0x1.FFp127) == .infinity)
    #expect(BinaryFormat.bfloat16.rounded(0x1.FEp127) == 0x1.FEp127)
    #expect(BinaryFormat.float32.rounded(1e300) == .infinity)
    #expect(BinaryFormat.float32.rounded(-1e-300) == 0)
    #expect(BinaryFormat.float32.rounded(.nan).isNaN)
  }
}

@Suite struct LinearQuantizationTests {
  private func quantized(
    _ x: Double, _ scale: Double, _ zeroPoint: Int64, _ range: ClosedRange<Int64> = 0...255
  ) -> [Int64?] {
    [nil, BinaryFormat.float32].map {
      LinearQuantization.quantized(
        x, scale: scale, zeroPoint: zeroPoint, range: range, precision: $0)
    }
  }

  /// x, scale, zero point and result, worked by hand from `saturate((x / y_scale) + y_zero_point)`
  /// with the quotient rounded to nearest even.
  @Test func quotientsAreRoundedToEvenBeforeTheZeroPointIsAdded() {
    for (x, scale, zeroPoint, y): (Double, Double, Int64, Int64) in [
      (3, 2, 0, 2), (5, 2, 0, 2), (7, 2, 0, 4), (-3, 2, 9, 7), (-5, 2, 9, 7), (5, 2, 1, 3),
      (1, -2, 9, 9), (3, -2, 9, 7), (0, 5, 77, 77),
      // Saturated, however far.
      (1_000, 2, 128, 255), (-1_000, 2, 128, 0), (3e38, 1e-38, 0, 255), (-3e38, 1e-38, 3, 0),
      (.infinity, 2, 5, 255), (-.infinity, 2, 5, 0), (.infinity, -2, 5, 0),
    ] {
      #expect(quantized(x, scale, zeroPoint) == [y, y], "\(x) / \(scale) + \(zeroPoint)")
    }
    #expect(quantized(-7, 2, 0, -2...1) == [-2, -2])
    #expect(quantized(3, 2, 0, -2...1) == [1, 1])
  }

  /// x = 2.5·s + 2^−24: the float32 quotient is the tie 2.5, the true one lies above it.
  @Test func aQuotientThatRoundsToATieTellsTheTwoReadingsApart() {
    let scale = 1 + 3 * 0x1p-23
    let x = 2.5 + 0x1p-20
    #expect(Float(x) / Float(scale) == 2.5)
    #expect(quantized(x, scale, 0) == [3, 2])
    #expect(quantized(-x, scale, 10) == [7, 8])
  }

  @Test func whatIsNoNumberHasNoResult() {
    for (x, scale): (Double, Double) in [(.nan, 1), (1, 0), (1, .nan), (1, .infinity), (0, 0)] {
      #expect(quantized(x, scale, 0) == [nil, nil])
    }
  }

  @Test func dequantizationRoundsEveryStepToTheOutputsFormat() {
    func dequantized(_ x: Int64, _ scale: Double, _ z: Int64, _ format: BinaryFormat) -> Double? {
      LinearQuantization.dequantized(x, scale: scale, zeroPoint: z, precision: format)
    }
    #expect(dequantized(0, 2, 128, .float32) == -256)
    #expect(dequantized(-1_025, 2, -1_024, .float32) == -2)
    #expect(dequantized(3, Double(Float(0.1)), 0, .float32) == Double(Float(0.1) * 3))
    // 2049 becomes 2048 in half precision before it is multiplied; 6147 would become 6148.
    #expect(dequantized(2_049, 3, 0, .float16) == 6_144)
    #expect(dequantized(2_147_483_647, 1, 0, .float32) == 2_147_483_648)
    #expect(dequantized(32_767, 3, 0, .float16) == .infinity)
    #expect(dequantized(1, .infinity, 0, .float32) == nil)
    #expect(dequantized(1, 1e38, 0, .float16) == nil)
  }
}

@Suite struct GranularityTests {
  private func places(
    _ shape: [Int], _ scales: [Int], axis: Int64 = 1, block: Int64 = 0
  ) throws -> [Int] {
    try Granularity.places(shape: shape, scales: scales, axis: axis, blockSize: block)
  }

  @Test func oneScaleIsPerTensorWhateverItsShapeAndTheAxis() throws {
    for scales in [[], [1], [1, 1]] {
      #expect(try places([2, 2], scales, axis: 7) == [0, 0, 0, 0])
    }
    #expect(try places([], []) == [0])
  }

  @Test func aListOfScalesRunsAlongItsAxis() throws {
    #expect(try places([2, 3], [3]) == [0, 1, 2, 0, 1, 2])
    #expect(try places([2, 3], [3], axis: -1) == [0, 1, 2, 0, 1, 2])
    #expect(try places([2, 3], [2], axis: 0) == [0, 0, 0, 1, 1, 1])
    #expect(try places([2, 3], [2], axis: -2) == [0, 0, 0, 1, 1, 1])
    #expect(try places([2, 2, 2], [2]) == [0, 0, 1, 1, 0, 0, 1, 1])
  }

  @Test func blocksShareAScaleAndTheLastMayBeShort() throws {
    #expect(try places([2, 4], [2, 2], block: 2) == [0, 0, 1, 1, 2, 2, 3, 3])
    #expect(try places([1, 5], [1, 3], block: 2) == [0, 0, 1, 1, 2])
    #expect(try places([3, 2], [2, 2], axis: 0, block: 2) == [0, 1, 0, 1, 2, 3])
    #expect(try places([4], [2], axis: 0, block: 3) == [0, 0, 0, 1])
    #expect(try places([2], [1], axis: 0, block: .max) == [0, 0])
  }

  @Test func shapesThatDoNotFitAreRefused() {
    for (shape, scales, axis, block): ([Int], [Int], Int64, Int64) in [
      ([2, 3], [2], 1, 0), ([2, 3], [3], 2, 0), ([2, 3], [3], -3, 0), ([2, 3], [2, 3], 1, 0),
      ([2, 4], [2, 2], 1, 4), ([2, 4], [2, 2], 1, -2), ([2, 4], [1, 2], 1, 2),
      ([2, 4], [2], 1, 2), ([], [3], 0, 0), ([2, 3], [3], .min, 0), ([2, 3], [3], .max, 1),
    ] {
      #expect(throws: Obstacle.self, "\(shape) \(scales) \(axis) \(block)") {
        try places(shape, scales, axis: axis, block: block)
      }
    }
  }

  @Test func emptyTensorsHaveNoPlaces() throws {
    #expect(try places([0, 3], [3]).isEmpty)
    #expect(try places([3, 0], [0]).isEmpty)
    #expect(try places([0, 4], [0, 2], block: 2).isEmpty)
  }
}
