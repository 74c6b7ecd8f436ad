import BigInt
import Coverage
import Oracles
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestCases

/// The bins of a case found a second time: by names, from rational numbers, one output after another.
struct Recount {
  /// `group: bin` of everything that was met.
  private(set) var met: Set<String> = []

  /// Counts a case; `nil` where it is not computed.
  mutating func add(_ testCase: TestCase) -> Bool {
    guard let profile = Profiles.named(testCase.profile ?? ""),
      let layer = try? testCase.layer.validated(),
      let reference = try? profile.reference(for: layer)
    else { return false }
    var operands = Operands()
    FullyConnected.lower(layer, into: &operands)
    var outputs = ReferenceOutputs()
    reference.run(operands, into: &outputs)
    var bins = layerBins(layer)
    bins["profile"] = profile.name
    for index in 0..<layer.outputCount {
      let (row, channel) = index.quotientAndRemainder(dividingBy: layer.channels)
      let scale = rational(layer, channel)
      let y = exact(layer, row, channel, scale)
      bins["shift"] = shift(scale)
      bins["significand"] = significand(scale)
      bins["sign"] = y.numerator == 0 ? "y = 0" : y.numerator < 0 ? "y < 0" : "y > 0"
      bins["place"] = place(y)
      bins["saturation"] = saturation(y, layer.outputZeroPoint, reference.outputRange)
      bins["accumulator"] = accumulator(BigInt(outputs.accumulators[index]))
      bins["departure"] = departure(outputs.departures[index])
      for group in CoverGroup.all {
        met.insert("\(group.name): \(group.points.map { bins[$0.name] ?? "?" })")
      }
    }
    return true
  }

  /// What a table holds, in the same words.
  static func names(_ table: CoverTable) -> Set<String> {
    var names: Set<String> = []
    var offset = 0
    for group in CoverGroup.all {
      for index in 0..<group.size where table[offset + index] {
        let bins = zip(group.points, group.combination(index)).map { $0.bins[$1] }
        names.insert("\(group.name): \(bins)")
      }
      offset += group.size
    }
    return names
  }

  // MARK: Numbers

  private func rational(_ layer: Layer, _ channel: Int) -> Rational {
    exactly(layer.inputScale) * exactly(layer.weights.scale(channel)) / exactly(layer.outputScale)
  }

  private func exactly(_ scale: Scale) -> Rational { Rational(exactly: scale.value) }

  private func exact(_ layer: Layer, _ row: Int, _ channel: Int, _ scale: Rational) -> Rational {
    let (input, weights) = (layer.raw.input.integers, layer.raw.weights.integers)
    var sum = BigInt(0)
    for k in 0..<layer.depth {
      let x = input[row * layer.depth + k] - layer.inputZeroPoint
      sum +=
        BigInt(x) * BigInt(weights[channel * layer.depth + k] - layer.weights.zeroPoint(channel))
    }
    guard let bias = layer.raw.bias?.integers[channel] else { return scale * Rational(sum) }
    guard let general = layer.generalBias else { return scale * Rational(sum + BigInt(bias)) }
    let term = BigInt(bias) - BigInt(general.zeroPoint(channel))
    return scale * Rational(sum)
      + Rational(term) * exactly(general.scale(channel)) / exactly(layer.outputScale)
  }

  private func shift(_ scale: Rational) -> String {
    func isAtLeast(_ power: Int) -> Bool {
      scale.numerator << (0 - power) >= scale.denominator
    }
    if scale.numerator >= scale.denominator { return "D ≥ 1" }
    if isAtLeast(-1) { return "1/2 ≤ D" }
    if isAtLeast(-8) { return "2^−8 ≤ D < 1/2" }
    if isAtLeast(-16) { return "2^−16 ≤ D < 2^−8" }
    return isAtLeast(-32) ? "2^−32 ≤ D < 2^−16" : "D < 2^−32"
  }

  private func significand(_ scale: Rational) -> String {
    var (numerator, divisor) = (scale.inLowestTerms.numerator, scale.inLowestTerms.denominator)
    while divisor % 2 == 0 { divisor /= 2 }
    while numerator % 2 == 0 { numerator /= 2 }
    guard divisor == 1 else { return "quotient" }
    switch numerator.bitWidth - 1 {
    case 1: return "power of two"
    case 2...8: return "2 to 8 bits"
    case 9...31: return "9 to 31 bits"
    case 32: return "32 bits"
    default: return "more bits"
    }
  }

  private func floor(_ y: Rational) -> BigInt {
    let (quotient, remainder) = y.numerator.quotientAndRemainder(dividingBy: y.denominator)
    return remainder < 0 ? quotient - 1 : quotient
  }

  /// Beyond 2^30 nothing is told apart.
  private func place(_ y: Rational) -> String {
    if y.numerator.magnitude >= y.denominator.magnitude << 30 { return "integer" }
    let fraction = y - Rational(floor(y))
    if fraction.numerator == 0 { return "integer" }
    let distance = fraction - Rational(BigInt(1), over: BigInt(2))
    if distance.numerator == 0 { return "tie" }
    guard distance.numerator.magnitude << 8 < distance.denominator.magnitude else {
      return "elsewhere"
    }
    return distance.numerator < 0 ? "just below a tie" : "just above a tie"
  }

  private func saturation(_ y: Rational, _ zeroPoint: Int64, _ range: ClosedRange<Int64>)
    -> String
  {
    let whole = floor(y)
    let fraction = (y - Rational(whole)) * Rational(BigInt(2))
    let isTie = fraction.numerator == fraction.denominator
    let isAbove = fraction.numerator > fraction.denominator
    let rounded = isAbove || (isTie && whole % 2 != 0) ? whole + 1 : whole
    let output = rounded + BigInt(zeroPoint)
    let (low, high) = (BigInt(range.lowerBound), BigInt(range.upperBound))
    if output == low { return "at the least" }
    if output == high { return "at the greatest" }
    if output < low { return output == low - 1 ? "one below" : "far below" }
    if output > high { return output == high + 1 ? "one above" : "far above" }
    return "inside"
  }

  private func accumulator(_ accumulator: BigInt) -> String {
    let magnitude = accumulator.magnitude
    if accumulator > BigInt(Int32.max) || accumulator < BigInt(Int32.min) { return "beyond int32" }
    for (power, name) in [(0, "0"), (8, "below 2^8"), (16, "below 2^16"), (24, "below 2^24")]
    where magnitude < 1 << power {
      return name
    }
    return magnitude < (1 << 31) - (1 << 16) ? "below 2^31 − 2^16" : "near 2^31"
  }

  private func departure(_ departure: Departure) -> String {
    let names = departure.names
    func has(_ part: String) -> Bool { names.contains { $0.contains(part) } }
    if has("zero point addition") { return "zero point addition" }
    if has("conversion") { return "conversion" }
    if has("left shift") { return "left shift" }
    if has("16-bit pair") { return "pairs" }
    return has("accumulator") ? "accumulator" : "none"
  }

  // MARK: The layer

  private func layerBins(_ layer: Layer) -> [String: String] {
    var bins: [String: String] = ["types": "\(layer.types)"]
    let (m, k, n) = (layer.rows, layer.depth, layer.channels)
    bins["M"] =
      m == 1
      ? "1"
      : m <= 3
        ? "2 to 3" : m == 4 ? "4" : m % 4 == 0 ? "whole blocks of 4" : "blocks of 4 and a rest"
    for width in [4, 8, 16, 32, 64] { bins["K mod \(width)"] = rest(k, width) }
    for width in [4, 8, 16] { bins["N mod \(width)"] = rest(n, width) }
    bins["granularity"] = layer.weights.scales.count > 1 ? "per channel" : "per tensor"
    bins["bias"] =
      layer.raw.bias.map { $0.scales.isEmpty ? $0.type.rawValue : "general" } ?? "none"
    bins["activation"] = layer.activation.name
    bins["Zi"] = zeroPoint(layer.raw.input)
    bins["Zw"] =
      layer.raw.weights.zeroPoints.count > 1 ? "one a channel" : zeroPoint(layer.raw.weights)
    bins["Zo"] = zeroPoint(layer.raw.output)
    return bins
  }

  private func rest(_ count: Int, _ width: Int) -> String {
    if count < width { return "no vector" }
    let rest = count % width
    return rest == 0
      ? "rest 0" : rest == 1 ? "rest 1" : rest == width - 1 ? "rest last" : "rest inside"
  }

  private func zeroPoint(_ tensor: RawTensor) -> String {
    let value = tensor.zeroPoints[0]
    if value == tensor.type.range.lowerBound { return "low end" }
    if value == tensor.type.range.upperBound { return "high end" }
    return value == 0 ? "0" : "inside"
  }
}
