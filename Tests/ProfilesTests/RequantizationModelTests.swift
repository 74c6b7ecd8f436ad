import Glibc
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

/// The integer primitives as their sources write them, in C's steps.
private enum Model {
  static func multiplier(_ real: Double) -> (q: Int64, s: Int) {
    if real == 0 { return (0, 0) }
    var exponent: Int32 = 0
    var q = Int64(llround(frexp(real, &exponent) * 0x1p31))
    if q == 1 << 31 {
      q /= 2
      exponent += 1
    }
    return exponent < -31 ? (0, 0) : (q, Int(exponent))
  }

  /// gemmlowp's, with truncating division as in the source.
  static func highMultiply(_ a: Int64, _ b: Int64) -> Int64 {
    let product = a * b
    let nudge: Int64 = product >= 0 ? 1 << 30 : 1 - (1 << 30)
    return (product + nudge) / (1 << 31)
  }

  static func roundingDivide(_ x: Int64, _ exponent: Int) -> Int64 {
    let mask = (Int64(1) << Int64(exponent)) - 1
    let remainder = x & mask
    let threshold = (mask >> 1) + (x < 0 ? 1 : 0)
    return (x >> Int64(exponent)) + (remainder > threshold ? 1 : 0)
  }

  static func wrap(_ x: Int64) -> Int64 { Int64(Int32(truncatingIfNeeded: x)) }

  static func double(_ x: Int64, _ q: Int64, _ s: Int) -> Int64 {
    roundingDivide(highMultiply(wrap(x << Int64(max(s, 0))), q), max(0 - s, 0))
  }

  static func gemmlowp(_ x: Int64, _ q: Int64, _ s: Int) -> Int64 {
    let shifted = clamp(x << Int64(max(s, 0)), Int64(Int32.min), Int64(Int32.max))
    return roundingDivide(highMultiply(shifted, q), max(0 - s, 0))
  }

  static func ruy(_ x: Int64, _ q: Int64, _ s: Int) -> Int64 {
    let high = wrap((wrap(x << Int64(max(s, 0))) * q + (1 << 30)) >> 31)
    let right = max(0 - s, 0)
    return right == 0 ? high : (high + (1 << Int64(right - 1))) >> Int64(right)
  }

  static func single(_ x: Int64, _ q: Int64, _ s: Int) -> Int64 {
    let total = 31 - s
    return total == 0 ? x * q : (x * q + (1 << Int64(total - 1))) >> Int64(total)
  }
}

@Suite struct RequantizationModelTests {
  /// Draws accumulators and multipliers, one layer a multiplier, and compares before clamping shows.
  private func compare(
    _ name: String, _ exponents: ClosedRange<Int>, _ model: (Int64, Int64, Int) -> Int64
  ) throws {
    var random = SplitMix64(seed: 31)
    for _ in 0..<draws(400) {
      let type: ElementType = name == "gemmlowp" ? .uint8 : .int8
      let input = random.scale(exponents, bits: random.pick([1, 4, 24]))
      var accumulators: [Int64] = [Int64(Int32.min), Int64(Int32.max), 0, 1, -1]
      accumulators += (0..<40).map { _ in random.integer(bits: 31) }
      // Near the outputs' range, beside ties as often as not.
      accumulators += (0..<80).map { _ in
        let half = Double(random.integer(bits: 9)) / 2 / input
        return clamp(
          Int64(half.magnitude < 0x1p40 ? half : 0) + Int64(random.below(3)) - 1, Int64(Int32.min),
          Int64(Int32.max))
      }
      var maker = LayerMaker(accumulators: accumulators, types: TypeTriple(type))
      maker.inputScale = input
      maker.outputZeroPoint = random.pick([type.range.lowerBound, type.range.upperBound, 5])
      let found = try outputs(name, maker)
      let (q, s) = Model.multiplier(input)
      for (accumulator, value) in zip(accumulators, found.values) {
        let sum = Model.wrap(Model.wrap(model(accumulator, q, s)) + maker.outputZeroPoint)
        let expected = clamp(sum, type.range.lowerBound, type.range.upperBound)
        if Int64(value) != expected {
          Issue.record("\(name): \(accumulator) · \(input) gives \(value), not \(expected)")
          return
        }
      }
    }
  }

  @Test(arguments: ["tflm", "cmsis-nn"])
  func doubleRoundingFollowsItsSource(name: String) throws {
    try compare(name, -34...29, Model.double)
  }

  @Test func gemmlowpFollowsItsSource() throws { try compare("gemmlowp", -34...29, Model.gemmlowp) }

  @Test func ruyFollowsItsSource() throws { try compare("litert-builtin", -34...29, Model.ruy) }

  @Test func ruysGenericPathFollowsItsSource() throws {
    try compare("litert-builtin-sse", -34...29, Model.single)
  }

  @Test func singleRoundingFollowsItsSource() throws {
    try compare("single-rounding", -34...32) { x, q, s in
      let (q, s) = s > 30 ? (Int64(Int32.max), 30) : (q, s)
      return clamp(Model.single(x, q, s), Int64(Int32.min), Int64(Int32.max))
    }
  }

  @Test func referenceKernelsFollowTheirSource() throws {
    var random = SplitMix64(seed: 32)
    for _ in 0..<draws(400) {
      let scale = random.scale(-34...33, bits: random.pick([1, 4, 24]))
      let accumulators = (0..<100).map { _ in random.integer(bits: random.pick([8, 31])) }
      var maker = LayerMaker(accumulators: accumulators)
      maker.inputScale = scale
      maker.outputZeroPoint = random.pick([-128, 127, 0])
      let found = try outputs("litert-reference", maker)
      for (accumulator, value) in zip(accumulators, found.values) {
        let real = round(Double(accumulator) * scale)
        // x86's conversion: −2^31 for whatever does not fit.
        let fits = real >= -0x1p31 && real < 0x1p31
        let integer = fits ? Int64(real) : Int64(Int32.min)
        let expected = clamp(Model.wrap(integer + maker.outputZeroPoint), -128, 127)
        if Int64(value) != expected { Issue.record("\(accumulator) · \(scale): \(value)") }
      }
    }
  }

  @Test(arguments: ["litert-xnnpack", "litert-xnnpack-avx2", "ort"])
  func float32KernelsFollowTheirSource(name: String) throws {
    var random = SplitMix64(seed: 33)
    for _ in 0..<draws(400) {
      let scales = (random.scale(-20...3), random.scale(-14...3), random.scale(-8...4))
      guard Float(scales.0) * Float(scales.1) / Float(scales.2) < 256 else { continue }
      let accumulators = (0..<100).map { _ in random.integer(bits: random.pick([8, 16, 31])) }
      var maker = LayerMaker(accumulators: accumulators)
      (maker.inputScale, maker.weightScales, maker.outputScale) = (scales.0, [scales.1], scales.2)
      let zeroPoint = random.pick([-128, 127, 0, -1] as [Int64])
      maker.outputZeroPoint = zeroPoint
      let found = try outputs(name, maker)
      let multiplier = Float(scales.0) * Float(scales.1) / Float(scales.2)
      for (accumulator, value) in zip(accumulators, found.values) {
        let product = Float(Int32(accumulator)) * multiplier
        let upper = min(product, Float(127 - zeroPoint))
        let bounded = name == "ort" ? max(upper, Float(-128 - zeroPoint)) : upper
        let integer = bounded < -0x1p31 ? Int64(Int32.min) : Int64(rintf(bounded))
        let sum: Int64 =
          name == "litert-xnnpack-avx2"
          ? max(integer, -32_768) + zeroPoint : Model.wrap(integer + zeroPoint)
        if Int64(value) != clamp(sum, -128, 127) {
          Issue.record("\(name): \(accumulator) · \(multiplier) gives \(value)")
        }
      }
    }
  }
}
