import QuantizedArithmetic
import QuantizedLayers

/// LiteRT's reference and optimised kernels and TensorFlow Lite Micro, with scales and zero points
/// that no quantized tensor has.
///
/// A bias in accumulator units is taken to be stored with the scale `f32(Si·Sw)`.
struct TensorFlowNonsense {
  private let runtime: NonsenseRuntime
  private let layer: NonsenseLayer

  init(_ runtime: NonsenseRuntime, _ layer: NonsenseLayer) {
    self.runtime = runtime
    self.layer = layer
  }

  var answer: NonsenseAnswer {
    let types = layer.legal.types
    // TensorFlow Lite Micro has its 8-bit formula for 16-bit data with an int32 bias, and checks
    // no zero point.
    if types.input == .int16, runtime != .tflm {
      guard layer.inputZeroPoint == 0, layer.outputZeroPoint == 0 else {
        return .refused("16-bit activations have zero point 0")
      }
      return .undefined("16-bit layers were not run with such parameters")
    }
    if types.weights == .uint8, layer.isPerChannel {
      return .undefined("uint8 weights have one scale")
    }
    if let reason = refusal { return .refused(reason) }
    switch bounds {
    case .refused(let reason): return .refused(reason)
    case .undefined(let reason): return .undefined(reason)
    case .range(let low, let high): return .computed(outputs(low, high))
    }
  }

  /// What `Prepare` checks of layers with one weight scale.
  private var refusal: String? {
    guard !layer.isPerChannel else { return nil }
    let (si, sw, so) = (layer.inputScale, layer.weightScales[0], layer.outputScale)
    if layer.legal.biasType != nil, let reason = TensorFlowNonsense.biasRefusal(si, sw, so) {
      return reason
    }
    return si * sw >= 0 ? nil : "Si·Sw is negative or not a number"
  }

  /// The check of the bias' scale: its tolerance is a part of the output's scale, so that where D is
  /// large the rounding of `f32(Si·Sw)` alone exceeds it.
  static func biasRefusal(_ si: Float, _ sw: Float, _ so: Float) -> String? {
    let difference = (Double(si) * Double(sw) - Double(si * sw)).magnitude
    return difference / Double(so) <= 0.02 ? nil : "bias scale is not Si·Sw"
  }

  // MARK: Bounds

  private enum Bounds {
    case range(Int64, Int64)
    case refused(String)
    case undefined(String)
  }

  /// Formed with the zero point as it is given.
  private var bounds: Bounds {
    let range = layer.legal.outputRange
    var (low, high) = (range.lowerBound, range.upperBound)
    let constants: [Float] =
      switch layer.legal.activation {
      case .none, .clamp: []
      case .relu: [0]
      case .relu6: [0, 6]
      }
    for (place, constant) in constants.enumerated() {
      let steps = (constant / layer.outputScale).rounded(.toNearestOrAwayFromZero)
      guard steps >= -0x1p31 && steps <= 0x1p31 else {
        return .refused("the activation's bound leaves int32")
      }
      // The check is made in binary32, where 2^31 − 1 is 2^31.
      guard steps < 0x1p31 else { return .undefined("the activation's bound is 2^31") }
      let bound = layer.outputZeroPoint + Int64(steps)
      if place == 0 { low = max(low, bound) } else { high = min(high, bound) }
    }
    return low <= high ? .range(low, high) : .undefined("the activation's bounds are reversed")
  }

  // MARK: Outputs

  private func outputs(_ low: Int64, _ high: Int64) -> [Int32] {
    let types = layer.legal.types
    // Only the optimised kernels keep zero points in the tensors' types.
    let wraps = runtime == .litertBuiltin
    func kept(_ zeroPoint: Int64, _ type: ElementType) -> Int64 {
      guard wraps else { return zeroPoint }
      return type == .int8
        ? Int64(Int8(truncatingIfNeeded: zeroPoint)) : Int64(UInt8(truncatingIfNeeded: zeroPoint))
    }
    let outputZeroPoint = kept(layer.outputZeroPoint, types.output)
    let scales = (0..<layer.weightScales.count).map { effectiveScale($0) }
    let multipliers = scales.map { SignedMultiplier($0) }
    return layer.outputs(
      inputZeroPoint: kept(layer.inputZeroPoint, types.input),
      weightZeroPoint: { channel in
        layer.isPerChannel ? 0 : kept(layer.weightZeroPoint(channel), types.weights)
      }
    ) { accumulator, channel in
      let place = layer.isPerChannel ? channel : 0
      let scaled: Int64
      switch runtime {
      case .litertBuiltin: scaled = multipliers[place].ruy(accumulator)
      case .tflm: scaled = multipliers[place].doubleRounding(accumulator)
      default:
        var departure = Departure()
        let product = (Double(accumulator) * scales[place]).rounded(.toNearestOrAwayFromZero)
        scaled = FloatConversion.lowestBeyond.apply(to: product, &departure)
      }
      let sum = Int64(Int32(truncatingIfNeeded: scaled + outputZeroPoint))
      return Int32(truncatingIfNeeded: min(max(sum, low), high))
    }
  }

  private func effectiveScale(_ channel: Int) -> Double {
    let (si, sw, so) = (layer.inputScale, layer.weightScales[channel], layer.outputScale)
    return runtime == .litertBuiltin && !layer.isPerChannel
      ? Double(si * sw) / Double(so) : Double(si) * Double(sw) / Double(so)
  }
}

/// `QuantizeMultiplier` of any number, and the multiplications by what it gives.
struct SignedMultiplier: Hashable {
  let significand: Int32
  let exponent: Int

  /// What is not finite becomes 0: x86's conversion to int64 gives −2^63, whose lower half is 0.
  init(_ real: Double) {
    guard real != 0, real.isFinite else {
      (significand, exponent) = (0, 0)
      return
    }
    // frexp; the product with 2^31 is exact.
    var power = Int(real.exponent) + 1
    let fraction = real.sign == .minus ? -real.significand / 2 : real.significand / 2
    var rounded = Int64((fraction * 0x1p31).rounded(.toNearestOrAwayFromZero))
    // Of a negative number −2^31 stays: only 2^31 is renormalised.
    if rounded == 1 << 31 {
      rounded /= 2
      power += 1
    }
    if power < -31 { (rounded, power) = (0, 0) }
    (significand, exponent) = (Int32(truncatingIfNeeded: rounded), power)
  }

  /// LiteRT's optimised kernels: a left shift of 32 or more gives 0, the high half wraps.
  func ruy(_ accumulator: Int32) -> Int64 {
    let left = max(exponent, 0)
    let shifted = left >= 32 ? 0 : accumulator << Int32(left)
    let high = Int32(truncatingIfNeeded: rounded(Int64(shifted) * Int64(significand)))
    return Int64(high).shifted(rightBy: max(0 - exponent, 0), rounding: .toNearestOrUp)
  }

  /// TensorFlow Lite Micro: the left shift's count is taken modulo 32, the high half saturates.
  func doubleRounding(_ accumulator: Int32) -> Int64 {
    let shifted = accumulator &<< Int32(truncatingIfNeeded: max(exponent, 0) & 31)
    let high = Int32(clamping: rounded(Int64(shifted) * Int64(significand)))
    return Int64(high).shifted(rightBy: max(0 - exponent, 0), rounding: .toNearestOrAway)
  }

  /// At most 2^31, of −2^31 times −2^31.
  private func rounded(_ product: Int64) -> Int64 { (product + (1 << 30)) >> 31 }
}

/// LiteRT's default: what XNNPACK does not take stays with the optimised kernels, some parameters
/// end everything.
struct XNNPACKNonsense {
  private let layer: NonsenseLayer
  private let builtinIsKnown: Bool

  init(_ layer: NonsenseLayer, builtinIsKnown: Bool) {
    self.layer = layer
    self.builtinIsKnown = builtinIsKnown
  }

  var answer: NonsenseAnswer {
    let (si, so) = (layer.inputScale, layer.outputScale)
    guard so > 0, so.isNormal else { return .refused("output scale is not positive and normal") }
    if let answer = zeroPointAnswer { return answer }
    guard !layer.isPerChannel else {
      guard si > 0, si.isFinite, layer.weightScales.allSatisfy({ $0 != 0 && !$0.isInfinite }) else {
        return .undefined("scales per channel were not run with 0, infinity or such an input scale")
      }
      return leftToBuiltin
    }
    let sw = layer.weightScales[0]
    if si.isNaN || sw.isNaN { return .refused("a scale is not a number") }
    if si.isInfinite || sw.isInfinite {
      return layer.legal.biasType != nil
        ? .refused("bias scale is not Si·Sw") : .undefined("not run without a bias")
    }
    if si < 0 && sw < 0 || si * sw < 0 { return .refused("a scale is negative") }
    if si < 0 || sw < 0 { return .undefined("Si·Sw is 0 in binary32") }
    return leftToBuiltin
  }

  /// What a zero point outside its type leads to.
  private var zeroPointAnswer: NonsenseAnswer? {
    let types = layer.legal.types
    guard types.input.range.contains(layer.inputZeroPoint),
      types.output.range.contains(layer.outputZeroPoint)
    else { return .refused("a zero point outside its type") }
    if layer.isPerChannel, layer.weightZeroPoints.contains(where: { $0 != 0 }) {
      return .refused("weights per channel have zero point 0")
    }
    guard !types.weights.range.contains(layer.weightZeroPoints[0]) else { return nil }
    return types.weights == .uint8
      ? .refused("a zero point outside its type")
      : .undefined("int8 weights with a zero point stay with other kernels; how is not known")
  }

  private var leftToBuiltin: NonsenseAnswer {
    let answer = TensorFlowNonsense(.litertBuiltin, layer).answer
    if !builtinIsKnown, case .computed = answer {
      return .undefined("left to the optimised kernels, which depend on the processor")
    }
    return answer
  }
}
