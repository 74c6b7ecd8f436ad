import QuantizedArithmetic
import QuantizedLayers

/// The true accumulators of a legal layer with one row, and layers that have others.
struct Accumulators {
  let layer: RawLayer
  let depth: Int
  let channels: Int
  /// `Σ (qi − Zi)(qw − Zw)`, one a channel.
  let sums: [Int64]
  /// With a bias in accumulator units.
  let totals: [Int64]

  /// - Returns: `nil` for several rows, and where 64 bits do not hold the numbers.
  init?(_ layer: RawLayer) {
    guard let size = layer.dimensions, size.rows == 1, layer.input.zeroPoints.count == 1 else {
      return nil
    }
    self.layer = layer
    (depth, channels) = (size.depth, size.channels)
    let (input, weights) = (layer.input.integers, layer.weights.integers)
    let bias = layer.bias.map { $0.scales.isEmpty ? $0.integers : [] } ?? []
    var (sums, totals): ([Int64], [Int64]) = ([], [])
    for channel in 0..<size.channels {
      var sum: Int64 = 0
      for k in 0..<size.depth {
        // Differences of 17 bits and fewer than 2^30 of them.
        let place = channel * size.depth + k
        let weight = weights[place] - layer.weights.zeroPoint(place, width: size.depth)
        sum &+= (input[k] - layer.input.zeroPoints[0]) &* weight
      }
      sums.append(sum)
      let (total, overflow) = sum.addingReportingOverflow(bias.isEmpty ? 0 : bias[channel])
      guard !overflow else { return nil }
      totals.append(total)
    }
    (self.sums, self.totals) = (sums, totals)
  }

  var isGeneral: Bool { layer.bias.map { !$0.scales.isEmpty } ?? false }

  /// Layers of one term that have these accumulators: from a bias alone, then from products.
  func realised(_ targets: [Int64]) -> [RawLayer] {
    var found = throughBias(targets)
    if let product = throughProducts(targets, bias: nil) { found.append(product) }
    return found
  }

  /// One term at the zero points, and a bias in accumulator units.
  func throughBias(_ targets: [Int64]) -> [RawLayer] {
    var base = layer
    base.input = operand(layer.input, [layer.input.zeroPoints[0]])
    base.weights = operand(
      layer.weights, (0..<channels).map { layer.weights.zeroPoint($0, width: 1) })
    let types: [ElementType] =
      layer.bias.map { [$0.type] } ?? (layer.input.type == .int16 ? [.int32, .int64] : [.int32])
    return types.compactMap { type in
      guard targets.allSatisfy(type.range.contains) else { return nil }
      var other = base
      other.bias = RawTensor(
        type: type, shape: [channels], scales: [], zeroPoints: [],
        data: ElementBytes.bytes(targets, as: type))
      return other
    }
  }

  /// One of the terms of several, and a bias that makes up for the others.
  var throughOneTerm: [RawLayer] {
    guard depth > 1 else { return [] }
    let (zero, input) = (layer.input.zeroPoints[0], layer.input.integers)
    let largest = input.indices.max { (input[$0] - zero).magnitude < (input[$1] - zero).magnitude }
    return Set([0, depth - 1, largest ?? 0]).sorted().flatMap { term -> [RawLayer] in
      guard let kept = layer.keeping(terms: [term]), let rest = Accumulators(kept) else {
        return []
      }
      let elements = zip(totals, rest.sums).map { $0.subtractingReportingOverflow($1) }
      guard !elements.contains(where: \.overflow) else { return [] }
      return throughBias(elements.map(\.partialValue)).map { other in
        var other = other
        (other.input, other.weights) = (kept.input, kept.weights)
        return other
      }
    }
  }

  /// One product, or two, a sum, and no bias but the one given; of one channel.
  func throughProducts(_ targets: [Int64], bias: RawTensor?) -> RawLayer? {
    guard channels == 1, let target = targets.first, let terms = factors(target) else { return nil }
    var other = layer
    let (zi, zw) = (layer.input.zeroPoints[0], layer.weights.zeroPoint(0, width: depth))
    other.input = operand(layer.input, terms.map { $0.0 + zi })
    other.weights = operand(layer.weights, terms.map { $0.1 + zw })
    other.bias = bias
    return other
  }

  /// As few products as make `target`, of factors that the types allow.
  private func factors(_ target: Int64) -> [(Int64, Int64)]? {
    let inputs = offsets(layer.input), weights = offsets(layer.weights)
    guard target != 0 else { return [(0, 0)] }
    guard target.magnitude < 1 << 34 else { return nil }
    var divisor = Int64(Double(target.magnitude).squareRoot())
    while divisor > 0, target % divisor != 0 { divisor -= 1 }
    let others = [divisor, max(1, target / max(1, divisor))].flatMap { [$0, -$0] }
    for first in others where first != 0 && target % first == 0 {
      let second = target / first
      if inputs.contains(first), weights.contains(second) { return [(first, second)] }
    }
    for first in [inputs.upperBound, inputs.lowerBound] where first != 0 && inputs.contains(1) {
      let (quotient, rest) = target.quotientAndRemainder(dividingBy: first)
      if weights.contains(quotient), weights.contains(rest) {
        return [(first, quotient), (1, rest)]
      }
    }
    return nil
  }

  /// What an element less its zero point may be.
  private func offsets(_ tensor: RawTensor) -> ClosedRange<Int64> {
    let zero = tensor.zeroPoints.first ?? 0
    return (tensor.type.range.lowerBound - zero)...(tensor.type.range.upperBound - zero)
  }

  private func operand(_ tensor: RawTensor, _ elements: [Int64]) -> RawTensor {
    var tensor = tensor.holding(elements)
    tensor.shape[1] = elements.count / tensor.shape[0]
    return tensor
  }
}
