import QuantizedArithmetic
import QuantizedLayers

extension ShrinkSearch {
  /// One scale, and one zero point, for all channels.
  var perTensor: [RawLayer] {
    var found: [RawLayer] = []
    func offer(_ change: (inout RawLayer) -> Void) {
      var other = layer
      change(&other)
      found.append(other)
    }
    for place in layer.weights.scales.indices.prefix(16) where layer.weights.scales.count > 1 {
      offer { $0.weights.scales = [layer.weights.scales[place]] }
    }
    for place in layer.weights.zeroPoints.indices.prefix(16)
    where layer.weights.zeroPoints.count > 1 {
      offer { $0.weights.zeroPoints = [layer.weights.zeroPoints[place]] }
    }
    if layer.weights.zeroPoints.count > 1 { offer { $0.weights.zeroPoints = [0] } }
    if let bias = layer.bias, bias.scales.count > 1 {
      offer { $0.bias?.scales = [bias.scales[0]] }
    }
    if let bias = layer.bias, bias.zeroPoints.count > 1 {
      offer { $0.bias?.zeroPoints = [bias.zeroPoints[0]] }
    }
    return found
  }

  /// Scales of 1 and zero points of 0 for parts of the channels, from all of them to one.
  var plainerChannels: [RawLayer] {
    var found: [RawLayer] = []
    func offer(_ count: Int, _ change: (inout RawLayer, Int) -> Void) {
      var length = count
      while length > 0 {
        for start in stride(from: 0, to: count, by: length).prefix(limits.batch) {
          var other = layer
          for place in start..<min(start + length, count) { change(&other, place) }
          found.append(other)
        }
        length /= 2
      }
    }
    if layer.weights.scales.count > 1 {
      offer(layer.weights.scales.count) { $0.weights.scales[$1] = 1 }
    }
    if layer.weights.zeroPoints.count > 1 {
      offer(layer.weights.zeroPoints.count) { $0.weights.zeroPoints[$1] = 0 }
    }
    return found.filter { $0 != layer }
  }

  var simplerActivations: [RawLayer] {
    var activations: [Activation] = [.none]
    let range = layer.output.type.range
    if layer.activation == .relu6 { activations.append(.relu) }
    if case .clamp(let low, let high) = layer.activation {
      activations += [.clamp(range.lowerBound, high), .clamp(low, range.upperBound)]
      activations += simpler(low).map { .clamp($0, high) } + simpler(high).map { .clamp(low, $0) }
    }
    return activations.filter { $0 != layer.activation }.map { activation in
      var other = layer
      other.activation = activation
      return other
    }
  }

  /// A bias in accumulator units for a general one.
  var simplerBiasSchemes: [RawLayer] {
    guard let bias = layer.bias, !bias.scales.isEmpty else { return [] }
    var other = layer
    other.bias?.scales = []
    other.bias?.zeroPoints = []
    guard let accumulators = Accumulators(layer), bias.scales.count == 1,
      layer.weights.scales.count == 1, layer.input.scales.count == 1
    else { return [other] }
    let unit = layer.input.scales[0] * layer.weights.scales[0]
    let converted = bias.integers.map { element -> Int64? in
      let value = Double(element - bias.zeroPoints[0]) * bias.scales[0] / unit
      guard value.magnitude < 0x1p30 else { return nil }
      return Int64(value.rounded())
    }
    guard converted.allSatisfy({ $0 != nil }) else { return [other] }
    let elements = converted.compactMap { $0 }
    other.bias = other.bias?.holding(elements)
    let totals = zip(accumulators.sums, elements).map { $0 + $1 }
    return accumulators.throughBias(totals) + [other]
  }

  /// Zero points 0, then smaller ones: with the data moved along, and with the data as they are.
  func simplerZeroPoints(_ path: WritableKeyPath<RawLayer, RawTensor>) -> [RawLayer] {
    let tensor = layer[keyPath: path]
    guard tensor.zeroPoints.contains(where: { $0 != 0 }) else { return [] }
    let width = tensor.shape.count == 2 ? tensor.shape[1] : 1
    let elements = tensor.integers
    var choices = [[Int64](repeating: 0, count: tensor.zeroPoints.count)]
    for (place, zeroPoint) in tensor.zeroPoints.enumerated().prefix(16) {
      for value in simpler(zeroPoint) {
        var other = tensor.zeroPoints
        other[place] = value
        choices.append(other)
      }
    }
    return choices.flatMap { choice -> [RawLayer] in
      var kept = layer
      kept[keyPath: path].zeroPoints = choice
      guard !elements.isEmpty else { return [kept] }
      var moved = kept
      let range = tensor.type.range
      let data = elements.enumerated().map { index, element -> Int64 in
        let offset = element - tensor.zeroPoint(index, width: width)
        let zero = moved[keyPath: path].zeroPoint(index, width: width)
        return min(max(offset + zero, range.lowerBound), range.upperBound)
      }
      moved[keyPath: path] = moved[keyPath: path].holding(data)
      return [moved, kept]
    }
  }

  /// Of a general bias, which has its zero points in the type of its elements.
  var simplerBiasZeroPoints: [RawLayer] {
    guard let bias = layer.bias, bias.zeroPoints.contains(where: { $0 != 0 }) else { return [] }
    var choices = [[Int64](repeating: 0, count: bias.zeroPoints.count)]
    for (place, zeroPoint) in bias.zeroPoints.enumerated().prefix(16) {
      for value in simpler(zeroPoint) {
        var other = bias.zeroPoints
        other[place] = value
        choices.append(other)
      }
    }
    return choices.flatMap { choice -> [RawLayer] in
      var kept = layer
      kept.bias?.zeroPoints = choice
      var moved = kept
      let data = bias.integers.enumerated().map { index, element -> Int64 in
        let (offset, overflow) = element.subtractingReportingOverflow(
          bias.zeroPoint(index, width: 1))
        let sum = offset.addingReportingOverflow(moved.bias?.zeroPoint(index, width: 1) ?? 0)
        guard !overflow, !sum.overflow else { return element }
        return min(max(sum.partialValue, bias.type.range.lowerBound), bias.type.range.upperBound)
      }
      moved.bias = moved.bias?.holding(data)
      return [moved, kept]
    }
  }

  /// The same accumulators from one term.
  var sameAccumulators: [RawLayer] {
    guard let accumulators = Accumulators(layer) else { return [] }
    guard !accumulators.isGeneral else {
      return accumulators.throughProducts(accumulators.sums, bias: layer.bias).map { [$0] } ?? []
    }
    var found = accumulators.realised(accumulators.totals) + accumulators.throughOneTerm
    if layer.bias != nil,
      let split = accumulators.throughProducts(accumulators.sums, bias: layer.bias)
    {
      found.append(split)
    }
    return found
  }

  /// Integers that are simpler than `value`: nearer to 0, of few digits in decimal or binary.
  func simpler(_ value: Int64) -> [Int64] {
    guard value != 0 else { return [] }
    let sign: Int64 = value < 0 ? -1 : 1
    let magnitude = value == .min ? Int64.max : abs(value)
    var found: [Int64] = [0, 1, -1, 2, magnitude / 2, magnitude / 4 * 3, magnitude - 1]
    // All but a half, a quarter, an eighth, …: the least of those that fail is found in few rounds.
    for part in 1..<63 where magnitude >> Int64(part) > 0 {
      found.append(magnitude - magnitude >> Int64(part))
    }
    var power: Int64 = 1
    while power <= magnitude / 2 { power *= 2 }
    found += [power, power - 1]
    var ten: Int64 = 1
    while ten <= magnitude / 10 { ten *= 10 }
    found += [magnitude / ten * ten]
    if sign < 0 { found.append(magnitude) }
    var seen: Set<Int64> = []
    return found.flatMap { $0 < 0 ? [$0] : [sign * $0, $0] }
      .filter { $0.magnitude <= value.magnitude && $0 != value && seen.insert($0).inserted }
  }

  /// One element of data nearer to its zero point.
  var simplerNumbers: [RawLayer] {
    var found: [RawLayer] = []
    for path in [\RawLayer.input, \RawLayer.weights] {
      let tensor = layer[keyPath: path]
      let width = tensor.shape.count == 2 ? tensor.shape[1] : 1
      let elements = tensor.integers
      let present = elements.indices.filter { elements[$0] != tensor.zeroPoint($0, width: width) }
      for place in present.prefix(64) {
        let zero = tensor.zeroPoint(place, width: width)
        let (offset, overflow) = elements[place].subtractingReportingOverflow(zero)
        guard !overflow else { continue }
        for value in simpler(offset) where tensor.type.range.contains(value + zero) {
          var (other, changed) = (elements, layer)
          other[place] = value + zero
          changed[keyPath: path] = tensor.holding(other)
          found.append(changed)
        }
      }
    }
    guard let bias = layer.bias else { return found }
    let elements = bias.integers
    for place in elements.indices.prefix(64) {
      for value in simpler(elements[place]) where bias.type.range.contains(value) {
        var (other, changed) = (elements, layer)
        other[place] = value
        changed.bias = bias.holding(other)
        found.append(changed)
      }
    }
    return found
  }
}
