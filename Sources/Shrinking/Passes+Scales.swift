import QuantizedArithmetic
import QuantizedLayers

extension ShrinkSearch {
  /// One scale simpler, the others and all integers as they are.
  var simplerScales: [RawLayer] {
    var found: [RawLayer] = []
    for path in [\RawLayer.input, \RawLayer.weights, \RawLayer.output] {
      let scales = layer[keyPath: path].scales
      if scales.count > 1 {
        let choices: [Double] = [1] + scales.prefix(4).flatMap { [$0] + simpler(scale: $0) }
        for value in choices {
          var changed = layer
          changed[keyPath: path].scales = [Double](repeating: value, count: scales.count)
          found.append(changed)
        }
      }
      for (place, scale) in scales.enumerated().prefix(16) {
        for value in simpler(scale: scale) {
          var changed = layer
          changed[keyPath: path].scales[place] = value
          found.append(changed)
        }
      }
    }
    for (place, scale) in (layer.bias?.scales ?? []).enumerated().prefix(16) {
      for value in simpler(scale: scale) {
        var changed = layer
        changed.bias?.scales[place] = value
        found.append(changed)
      }
    }
    return found
  }

  /// Scales that are simpler: 1, powers of two, then few digits, in decimal and in binary.
  func simpler(scale: Double) -> [Double] {
    guard scale.isFinite, scale > 0, scale != 1 else { return [] }
    var found: [Double] = [1]
    for power in [0, 1, -1] {
      found.append(Double(sign: .plus, exponent: Int(scale.exponent) + power, significand: 1))
    }
    if scale.significand == 1 {
      let half = Int(scale.exponent) / 2
      found.append(Double(sign: .plus, exponent: half, significand: 1))
      found.append(
        Double(sign: .plus, exponent: Int(scale.exponent) - (scale > 1 ? 1 : -1), significand: 1))
    }
    for digits in [1, 2, 3, 4, 6] { found += rounded(scale, digits: digits) }
    for bits in [1, 2, 3, 4, 6, 8, 12, 16, 20, 23] {
      let unit = Double(
        sign: .plus, exponent: Int(scale.exponent) - bits, significand: 1)
      guard unit > 0 else { continue }
      found.append((scale / unit).rounded(.down) * unit)
      found.append((scale / unit).rounded(.up) * unit)
    }
    let cost = CaseSize.scale(scale)
    var seen: Set<Double> = []
    return found.map { Float($0).isFinite && Float($0) > 0 ? Double(Float($0)) : $0 }
      .filter {
        $0.isFinite && $0 > 0 && CaseSize.scale($0) < cost && seen.insert($0).inserted
      }
      .sorted { CaseSize.scale($0) < CaseSize.scale($1) }
  }

  /// The binary32 numbers of so many decimal digits just below and above.
  private func rounded(_ scale: Double, digits: Int) -> [Double] {
    var (power, unit) = (0, 1.0)
    while scale / unit >= 10, power < 300 { (power, unit) = (power + 1, unit * 10) }
    while scale / unit < 1, power > -300 { (power, unit) = (power - 1, unit / 10) }
    var factor = 1.0
    for _ in 1..<max(1, digits) { factor *= 10 }
    let significand = scale / unit * factor
    return [significand.rounded(.down), significand.rounded(.up)].compactMap { whole in
      guard whole < 1e15 else { return nil }
      return Float("\(Int64(whole))e\(power - digits + 1)").map(Double.init)
    }
  }

  // MARK: Scales together with accumulators

  /// An accumulator nearer to 0 under the same scales.
  var simplerAccumulators: [RawLayer] {
    guard let numbers = SingleAccumulator(layer) else { return [] }
    return numbers.layers(
      scales: [(layer.input.scales[0], layer.weights.scales[0], layer.output.scales[0])])
  }

  /// Simpler scales, each with the accumulators that stand in them where this one stands, and at ties
  /// and ends.
  var simplerScalesAndAccumulators: some Sequence<RawLayer> {
    let numbers = SingleAccumulator(layer)
    let choices = numbers.map { _ in scaleChoices } ?? []
    return choices.lazy.flatMap { numbers?.layers(scales: [$0]) ?? [] }
  }

  private var scaleChoices: [(Double, Double, Double)] {
    let (si, sw, so) = (
      layer.input.scales[0], layer.weights.scales[0], layer.output.scales[0]
    )
    let ratio = si * sw / so
    var found: [(Double, Double, Double)] = [(1, 1, 1)]
    for power in [1, -1, 2, -2, 3, 4, 5, 8] {
      found.append((1, 1, Double(sign: .plus, exponent: power, significand: 1)))
    }
    if ratio.isFinite, ratio > 0, (1 / ratio).isFinite {
      let inverse = Double(Float(1 / ratio)), direct = Double(Float(ratio))
      for value in simpler(scale: inverse) + [inverse] { found.append((1, 1, value)) }
      for value in simpler(scale: direct) + [direct] {
        found.append((1, value, 1))
        found.append((value, 1, 1))
      }
    }
    for value in simpler(scale: si) { found.append((value, sw, so)) }
    for value in simpler(scale: sw) { found.append((si, value, so)) }
    for value in simpler(scale: so) { found.append((si, sw, value)) }
    func cost(_ choice: (Double, Double, Double)) -> Int {
      CaseSize.scale(choice.0) + CaseSize.scale(choice.1) + CaseSize.scale(choice.2)
    }
    let now = cost((si, sw, so))
    return found.filter { $0.0 > 0 && $0.1 > 0 && $0.2 > 0 && cost($0) < now }
      .enumerated().sorted { (cost($0.element), $0.offset) < (cost($1.element), $1.offset) }
      .map(\.element)
  }
}

/// The accumulator of a layer with one output, and where it stands among the output steps.
private struct SingleAccumulator {
  let layer: RawLayer
  let accumulators: Accumulators
  let total: Int64
  /// `total · Si·Sw/So`
  let position: Double

  init?(_ layer: RawLayer) {
    guard let accumulators = Accumulators(layer), accumulators.channels == 1,
      !accumulators.isGeneral, layer.input.scales.count == 1, layer.weights.scales.count == 1,
      layer.output.scales.count == 1, layer.output.zeroPoints.count == 1
    else { return nil }
    (self.layer, self.accumulators) = (layer, accumulators)
    total = accumulators.totals[0]
    let ratio = layer.input.scales[0] * layer.weights.scales[0] / layer.output.scales[0]
    let position = Double(total) * ratio
    guard position.isFinite else { return nil }
    self.position = position
  }

  /// Layers with these scales and accumulators that are worth a question.
  func layers(scales: [(Double, Double, Double)]) -> [RawLayer] {
    scales.flatMap { input, weights, output -> [RawLayer] in
      let ratio = input * weights / output
      guard ratio.isFinite, ratio > 0 else { return [] }
      return targets(ratio).flatMap { target in
        realised(target).map { base in
          var other = base
          other.input.scales = [input]
          other.weights.scales = [weights]
          other.output.scales = [output]
          return other
        }
      }
    }
  }

  /// Through a bias alone, through a product alone, and through the bias beside the products.
  private func realised(_ target: Int64) -> [RawLayer] {
    var found = accumulators.realised([target])
    let (difference, overflow) = target.subtractingReportingOverflow(accumulators.sums[0])
    if let bias = layer.bias, !overflow, bias.type.range.contains(difference) {
      var other = layer
      other.bias = bias.holding([difference])
      found.append(other)
    }
    return found
  }

  private func targets(_ ratio: Double) -> [Int64] {
    let range = layer.output.type.range
    let zeroPoint = layer.output.zeroPoints[0]
    let floor = position.rounded(.down)
    let places: [Double] = [
      0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 1, -1, position, floor + 0.5, floor, floor + 1,
      position - floor, position - floor - 1, Double(range.upperBound - zeroPoint),
      Double(range.lowerBound - zeroPoint), 0x1p31 * ratio,
    ]
    var found: [Int64] = [0, 1, -1, total]
    for place in places {
      let target = place / ratio
      guard target.magnitude < 0x1p40 else { continue }
      let whole = Int64(target.rounded(.down))
      found += [whole, whole + 1, whole - 1, whole + 2]
    }
    var seen: Set<Int64> = []
    return found.filter { seen.insert($0).inserted }.enumerated()
      .sorted { ($0.element.magnitude, $0.offset) < ($1.element.magnitude, $1.offset) }
      .map(\.element)
  }
}
