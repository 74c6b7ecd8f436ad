import QuantizedArithmetic
import TestSupport
import Testing

/// Requantizes a real number: `clamp(round(real / S) + Z)`.
private func quantize(_ real: Double, _ scale: Double, _ zeroPoint: Int64, _ type: ElementType)
  -> Int64
{
  let steps = (real / scale).rounded(.toNearestOrEven)
  return min(max(Int64(steps) + zeroPoint, type.range.lowerBound), type.range.upperBound)
}

@Suite struct AffineParametersTests {
  @Test(arguments: ElementType.quantized)
  func theWholeTypeCoversTheRange(type: ElementType) throws {
    var random = SplitMix64(seed: 21)
    for _ in 0..<draws(20_000) {
      let (a, b) = (random.scale(-30...30, bits: 53), random.scale(-30...30, bits: 53))
      let (low, high) = random.pick([
        (-a, b), (0, b), (-a, 0), (min(a, b), max(a, b)), (-max(a, b), -min(a, b)),
      ])
      let found = try AffineParameters(asymmetric: low, high, type: type)
      let (wideLow, wideHigh) = (min(low, 0), max(high, 0))
      let scale = found.scale.value
      let steps = Double(type.range.upperBound - type.range.lowerBound)
      // The scale is the range over the steps, to within the roundings.
      let step = (wideHigh - wideLow) / steps
      #expect((scale - step).magnitude <= step * 0x1p-50)
      #expect(type.range.contains(found.zeroPoint))
      // Both ends lie within half a step of what the type can hold.
      let least = Double(type.range.lowerBound - found.zeroPoint) * scale
      let greatest = Double(type.range.upperBound - found.zeroPoint) * scale
      #expect(wideLow >= least - scale * 0.501 && wideHigh <= greatest + scale * 0.501)
    }
  }

  @Test(arguments: ElementType.quantized)
  func realZeroIsExact(type: ElementType) throws {
    var random = SplitMix64(seed: 22)
    for _ in 0..<draws(20_000) {
      let (a, b) = (random.scale(-30...30, bits: 53), random.scale(-30...30, bits: 53))
      for found in [
        try AffineParameters(asymmetric: -a, b, type: type),
        try AffineParameters(symmetric: -a, b, type: type),
      ] {
        let zero = quantize(0, found.scale.value, found.zeroPoint, type)
        #expect(zero == found.zeroPoint)
      }
    }
  }

  @Test func zeroPointsAreNudgedOntoTheNearestInteger() throws {
    // 255 steps of 0.1; −low/step = 10.4 and 10.6, from the least integer of the type.
    let down = try AffineParameters(asymmetric: -1.04, 24.46, type: .uint8)
    #expect(down.zeroPoint == 10)
    let up = try AffineParameters(asymmetric: -1.06, 24.44, type: .uint8)
    #expect(up.zeroPoint == 11)
    #expect(try AffineParameters(asymmetric: -1.04, 24.46, type: .int8).zeroPoint == -118)
    #expect(try AffineParameters(asymmetric: 0, 255, type: .uint8).zeroPoint == 0)
    #expect(try AffineParameters(asymmetric: -255, 0, type: .uint8).zeroPoint == 255)
    #expect(try AffineParameters(asymmetric: -128, 127, type: .int8).zeroPoint == 0)
  }

  @Test func rangesWithoutZeroAreWidened() throws {
    for type in ElementType.quantized {
      #expect(
        try AffineParameters(asymmetric: 2, 3, type: type)
          == AffineParameters(asymmetric: 0, 3, type: type))
      #expect(
        try AffineParameters(asymmetric: -3, -2, type: type)
          == AffineParameters(asymmetric: -3, 0, type: type))
    }
  }

  @Test(arguments: ElementType.quantized)
  func rangesWithoutExtentGetScaleOne(type: ElementType) throws {
    // The last is so narrow that a step of it is no number.
    for (low, high) in [(0.0, 0.0), (-0.0, 0.0), (0, 0x1p-1074)] {
      let found = try AffineParameters(asymmetric: low, high, type: type)
      #expect(found.scale.value == 1 && found.zeroPoint == 0)
      #expect(try AffineParameters(symmetric: low, high, type: type).scale.value == 1)
    }
  }

  @Test(arguments: ElementType.quantized)
  func theWidestRangeHasAFiniteScale(type: ElementType) throws {
    let greatest = Double.greatestFiniteMagnitude
    let found = try AffineParameters(asymmetric: -greatest, greatest, type: type)
    #expect(found.scale.value.isFinite && type.range.contains(found.zeroPoint))
    #expect(try AffineParameters(symmetric: -greatest, greatest, type: type).scale.value.isFinite)
  }

  private func make(
    _ isSymmetric: Bool, _ low: Double, _ high: Double
  ) throws(QuantizationError) -> AffineParameters {
    isSymmetric
      ? try AffineParameters(symmetric: low, high, type: .int8)
      : try AffineParameters(asymmetric: low, high, type: .int8)
  }

  @Test(arguments: [true, false])
  func boundsThatAreNoRangeAreRefused(isSymmetric: Bool) {
    #expect(throws: QuantizationError.rangeIsReversed(1, -1)) { try make(isSymmetric, 1, -1) }
    for (low, high) in [
      (Double.nan, 1.0), (0.0, Double.nan), (Double.nan, Double.nan), (-Double.infinity, 1),
      (0, Double.infinity), (Double.infinity, -Double.infinity),
    ] {
      do throws(QuantizationError) {
        _ = try make(isSymmetric, low, high)
        Issue.record("[\(low), \(high)] was accepted")
      } catch {
        guard case .rangeIsNotFinite = error else {
          Issue.record("\(error)")
          continue
        }
      }
    }
  }

  @Test func symmetricParametersFitTheLargerMagnitude() throws {
    let int8 = try AffineParameters(symmetric: -254, 100, type: .int8)
    #expect(int8.scale.value == 2 && int8.zeroPoint == 0)
    let uint8 = try AffineParameters(symmetric: -1, 12.7, type: .uint8)
    #expect(uint8.scale.value == 12.7 / 127 && uint8.zeroPoint == 128)
    let int16 = try AffineParameters(symmetric: -32_767, 0, type: .int16)
    #expect(int16.scale.value == 1 && int16.zeroPoint == 0)
  }

  @Test(arguments: ElementType.quantized)
  func quantizingWhatWasDequantizedGivesEveryIntegerBack(type: ElementType) throws {
    var random = SplitMix64(seed: 23)
    var scales = [0x1p-1074, 0x1p-1022, 0x1p-149, 0.1, 1.0 / 3, 1, 255, 0x1p120, 0x1p1000]
    scales += (0..<draws(type == .int16 ? 20 : 400)).map { _ in random.scale(-60...60, bits: 53) }
    let zeroPoints = [type.range.lowerBound, 0, 3, type.range.upperBound]
    for scale in scales {
      for zeroPoint in zeroPoints {
        for q in type.range {
          let real = Double(q - zeroPoint) * scale
          if quantize(real, scale, zeroPoint, type) != q {
            Issue.record("\(q) with scale \(scale) and zero point \(zeroPoint)")
            return
          }
        }
      }
    }
  }
}
