package import QuantizedArithmetic
import QuantizedLayers

/// The bins of the points of a case.
enum LayerBins {
  /// Fills in all but the profile.
  static func fill(_ bins: inout [Int], _ layer: Layer) {
    func set(_ point: CoverPoint, _ bin: Int) { bins[point.rawValue] = bin }
    let types = layer.types
    set(
      .types,
      (Int(types.input.code) &* 3 &+ Int(types.weights.code)) &* 3 &+ Int(types.output.code))
    set(.rows, rows(layer.rows))
    set(.depth4, rest(layer.depth, 4))
    set(.depth8, rest(layer.depth, 8))
    set(.depth16, rest(layer.depth, 16))
    set(.depth32, rest(layer.depth, 32))
    set(.depth64, rest(layer.depth, 64))
    set(.channels4, rest(layer.channels, 4))
    set(.channels8, rest(layer.channels, 8))
    set(.channels16, rest(layer.channels, 16))
    set(.granularity, layer.isPerChannel ? 1 : 0)
    set(.bias, bias(layer))
    set(.activation, activation(layer.activation))
    set(.inputZeroPoint, zeroPoint(layer.inputZeroPoint, layer.input.type))
    set(
      .weightsZeroPoint,
      layer.weights.zeroPoints.count > 1
        ? 4 : zeroPoint(layer.weights.zeroPoints[0], layer.weights.type))
    set(.outputZeroPoint, zeroPoint(layer.outputZeroPoint, layer.output.type))
  }

  private static func rows(_ rows: Int) -> Int {
    switch rows {
    case 1: 0
    case 2, 3: 1
    case 4: 2
    default: rows & 3 == 0 ? 3 : 4
    }
  }

  private static func rest(_ count: Int, _ width: Int) -> Int {
    guard count >= width else { return 0 }
    switch count % width {
    case 0: return 1
    case 1: return 2
    case width - 1: return 4
    default: return 3
    }
  }

  private static func bias(_ layer: Layer) -> Int {
    switch layer.biasScheme {
    case .none: 0
    case .accumulator: layer.biasType == .int64 ? 2 : 1
    case .general: 3
    }
  }

  private static func activation(_ activation: Activation) -> Int {
    switch activation {
    case .none: 0
    case .relu: 1
    case .relu6: 2
    case .clamp: 3
    }
  }

  /// The lowest integer of an unsigned type is 0, and counts as its low end.
  private static func zeroPoint(_ zeroPoint: Int64, _ type: ElementType) -> Int {
    let range = type.range
    if zeroPoint == range.lowerBound { return 0 }
    if zeroPoint == range.upperBound { return 2 }
    return zeroPoint == 0 ? 1 : 3
  }
}

extension ScaleRatio {
  /// ⌊log2⌋, exactly.
  package var binaryExponent: Int {
    let width = 128 - numerator.leadingZeroBitCount
    let divisorWidth = 64 - divisor.leadingZeroBitCount
    // Both with their highest bit at the top.
    let top = numerator << UInt128(128 - width)
    let divisorTop = UInt128(divisor) << UInt128(128 - divisorWidth)
    return width - divisorWidth + exponent - (top >= divisorTop ? 0 : 1)
  }
}

/// The bins of a channel's D = Si·Sw/So, which is a rational number.
struct MultiplierBins: Hashable {
  let shift: Int
  let significand: Int

  init(_ layer: Layer, channel: Int) {
    self.init(
      ScaleRatio(layer.inputScale, times: layer.weights.scale(channel), over: layer.outputScale))
  }

  init(_ ratio: ScaleRatio) {
    shift = MultiplierBins.shift(ratio.binaryExponent)
    significand = MultiplierBins.significand(ratio)
  }

  private static func shift(_ exponent: Int) -> Int {
    switch exponent {
    case 0...: 0
    case -1: 1
    case -8 ... -2: 2
    case -16 ... -9: 3
    case -32 ... -17: 4
    default: 5
    }
  }

  private static func significand(_ ratio: ScaleRatio) -> Int {
    var numerator = ratio.numerator
    if ratio.divisor != 1 {
      let (quotient, remainder) = numerator.quotientAndRemainder(dividingBy: UInt128(ratio.divisor))
      guard remainder == 0 else { return 5 }
      numerator = quotient
    }
    let bits = 128 - numerator.leadingZeroBitCount - numerator.trailingZeroBitCount
    switch bits {
    case ...1: return 0
    case 2...8: return 1
    case 9...31: return 2
    case 32: return 3
    default: return 4
    }
  }
}
