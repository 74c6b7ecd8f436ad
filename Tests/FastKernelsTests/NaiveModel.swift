import BigInt
import FastKernels
import Glibc

/// A layer with its data, one integer an element.
struct TestLayer {
  var description: FullyConnectedDescription
  var input: [Int64]
  var weights: [Int64]
  var bias: [Int64]?

  var rows: Int { description.inputShape[0] }
  var depth: Int { description.inputShape[1] }
  var columns: Int { description.weightsShape[0] }
}

/// The outputs of a layer by the definitions, one output at a time, in big integers and fractions;
/// nothing is shared with the kernels.
struct NaiveModel {
  let layer: TestLayer

  func outputs() -> [Int64] {
    var result: [Int64] = []
    for row in 0..<layer.rows {
      for column in 0..<layer.columns { result.append(output(row, column)) }
    }
    return result
  }

  private var d: FullyConnectedDescription { layer.description }

  private func pick<T>(_ values: [T], _ column: Int) -> T {
    values.count == 1 ? values[0] : values[column]
  }

  private func output(_ row: Int, _ column: Int) -> Int64 {
    let ignoresZeroPoint =
      d.weightsScales.count > 1
      && [.tflm, .litertReference, .litertBuiltin].contains(d.profile)
    let zw = ignoresZeroPoint ? 0 : pick(d.weightsZeroPoints, column)
    var sum: Int64 = 0
    for k in 0..<layer.depth {
      sum +=
        (layer.input[row * layer.depth + k] - d.inputZeroPoint)
        * (layer.weights[column * layer.depth + k] - zw)
    }
    let bias = layer.bias?[column] ?? 0
    if d.profile.isExact { return exact(sum, bias, column) }
    let is64 =
      d.inputType == .int16
      && (d.profile == .litertReference && d.bias?.type != .int32 || d.bias?.type == .int64)
    let accumulator = is64 ? sum &+ bias : Int64(Int32(truncatingIfNeeded: sum &+ bias))
    return runtime(accumulator, pick(d.weightsScales, column), is64: is64)
  }

  // MARK: The true value

  private func exact(_ sum: Int64, _ bias: Int64, _ column: Int) -> Int64 {
    let si = Fraction(d.inputScale), sw = Fraction(pick(d.weightsScales, column))
    var real = Fraction(BigInt(sum), 1) * si * sw
    if let scales = d.bias?.scales {
      let zb = d.bias.map { $0.zeroPoints.isEmpty ? 0 : pick($0.zeroPoints, column) } ?? 0
      real = real + Fraction(BigInt(bias) - BigInt(zb), 1) * Fraction(pick(scales, column))
    } else {
      real = real + Fraction(BigInt(bias), 1) * si * sw
    }
    var lower = d.outputType.range.lowerBound, upper = d.outputType.range.upperBound
    switch d.activation {
    case .none: break
    case .clamp(let low, let high): (lower, upper) = (max(lower, low), min(upper, high))
    case .relu: if real.numerator < 0 { real = Fraction(0, 1) }
    case .relu6:
      if real.numerator < 0 { real = Fraction(0, 1) }
      if (real + Fraction(-6, 1)).numerator > 0 { real = Fraction(6, 1) }
    }
    let rounded = (real / Fraction(d.outputScale)).rounded(d.profile) + BigInt(d.outputZeroPoint)
    return Int64(min(max(rounded, BigInt(lower)), BigInt(upper)))
  }

  // MARK: Runtimes

  private func runtime(_ x: Int64, _ weightsScale: Double, is64: Bool) -> Int64 {
    let (si, sw, so) = (d.inputScale, weightsScale, d.outputScale)
    let d64 = (si * sw) / so
    let d32 = Float(si) * Float(sw) / Float(so)
    let range = d.outputType.range
    let (amin, amax) = activationBounds()
    let zo = d.outputZeroPoint
    func finish(_ value: Int64) -> Int64 {
      min(max(Int64(Int32(truncatingIfNeeded: value + zo)), amin), amax)
    }
    switch d.profile {
    case .tflm:
      let (q, s) = quantize(d64)
      let left = Int64(Int32(truncatingIfNeeded: x << Int64(s > 0 ? s & 31 : 0)))
      return finish(halfAway(halfUp(left * q, 31), s < 0 ? -s : 0))
    case .singleRounding:
      var (q, s) = quantize(d64)
      if s > 30 { (q, s) = (Int64(Int32.max), 30) }
      return finish(Int64(Int32(clamping: halfUp(x * q, 31 - s))))
    case .litertReference: return finish(convertHalfAway(Double(x) * d64))
    case .litertBuiltin:
      if is64 { return finish(convertHalfAway(Double(x) * d64)) }
      let (q, s) = quantize(
        d.weightsScales.count > 1 ? d64 : Double(Float(si) * Float(sw)) / so)
      let left = s >= 32 ? 0 : Int64(Int32(truncatingIfNeeded: x << Int64(max(s, 0))))
      return finish(halfUp(halfUp(left * q, 31), s < 0 ? -s : 0))
    case .litertXNNPACK:
      let v = min(Float(Int32(x)) * d32, Float(amax - zo))
      let i = Int64(Int32(truncatingIfNeeded: convert(Double(v.rounded(.toNearestOrEven))) + zo))
      return max(min(max(i, range.lowerBound), range.upperBound), amin)
    default:
      var v = Float(Int32(x)) * d32
      v = v > Float(amin - zo) ? v : Float(amin - zo)
      v = v < Float(amax - zo) ? v : Float(amax - zo)
      return convert(Double(v.rounded(.toNearestOrEven))) + zo
    }
  }

  private func activationBounds() -> (Int64, Int64) {
    let range = d.outputType.range, zo = d.outputZeroPoint
    switch d.activation {
    case .none: return (range.lowerBound, range.upperBound)
    case .clamp(let low, let high): return (max(range.lowerBound, low), min(range.upperBound, high))
    case .relu: return (zo, range.upperBound)
    case .relu6:
      let f = Float(6) / Float(d.outputScale)
      let six =
        d.profile == .litertXNNPACK
        ? Int64(min(f + Float(zo), 100_000).rounded(.toNearestOrEven))
        : zo + Int64(f.rounded(.toNearestOrAwayFromZero))
      return (zo, min(range.upperBound, six))
    }
  }

  private func convert(_ v: Double) -> Int64 {
    v >= -0x1p31 && v < 0x1p31 ? Int64(v) : -(1 << 31)
  }

  private func convertHalfAway(_ v: Double) -> Int64 {
    convert(v.rounded(.toNearestOrAwayFromZero))
  }

  private func quantize(_ real: Double) -> (Int64, Int64) {
    if real == 0 || real.isInfinite { return (0, 0) }
    let (m, e) = frexp(real)
    var q = Int64((m * 0x1p31).rounded(.toNearestOrAwayFromZero)), s = Int64(e)
    if q == 1 << 31 { (q, s) = (1 << 30, s + 1) }
    return s < -31 ? (0, 0) : (q, s)
  }

  private func halfUp(_ value: Int64, _ shift: Int64) -> Int64 {
    Int64(Fraction(BigInt(value), BigInt(1) << Int(shift)).rounded(.exactUp))
  }

  private func halfAway(_ value: Int64, _ shift: Int64) -> Int64 {
    Int64(Fraction(BigInt(value), BigInt(1) << Int(shift)).rounded(.exactAway))
  }
}

/// A rational number, not reduced.
struct Fraction {
  var numerator, denominator: BigInt

  init(_ numerator: BigInt, _ denominator: BigInt) {
    (self.numerator, self.denominator) = (numerator, denominator)
  }

  /// The exact value of a finite number.
  init(_ value: Double) {
    var (scaled, shift) = (value, 0)
    while scaled != scaled.rounded(.towardZero) || scaled.magnitude < 1 {
      scaled *= 2
      shift += 1
    }
    self.init(BigInt(scaled), BigInt(1) << shift)
  }

  static func * (a: Fraction, b: Fraction) -> Fraction {
    Fraction(a.numerator * b.numerator, a.denominator * b.denominator)
  }
  static func / (a: Fraction, b: Fraction) -> Fraction {
    Fraction(a.numerator * b.denominator, a.denominator * b.numerator)
  }
  static func + (a: Fraction, b: Fraction) -> Fraction {
    Fraction(
      a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator)
  }

  /// floor(x + 1/2), then the ties that the rule wants elsewhere are moved down by one.
  func rounded(_ rule: KernelProfile) -> BigInt {
    let twice = denominator * 2
    var (quotient, remainder) = (numerator * 2 + denominator).quotientAndRemainder(
      dividingBy: twice)
    if remainder < 0 { (quotient, remainder) = (quotient - 1, remainder + twice) }
    guard remainder == 0 else { return quotient }
    switch rule {
    case .exactEven: return quotient % 2 == 0 ? quotient : quotient - 1
    case .exactAway: return numerator < 0 ? quotient - 1 : quotient
    default: return quotient
    }
  }
}
