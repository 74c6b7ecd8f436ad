import QuantizedArithmetic
import QuantizedLayers

extension ShrinkSearch {
  /// Tries every step of one part.
  ///
  /// - Returns: whether one of them led to a smaller case that fails.
  func attempt(_ part: Part) throws -> Bool {
    switch part {
    case .everything: try attempt(part, plainer)
    case .output: try attempt(part, singleOutputs)
    case .rows:
      try reduce(part, layer.dimensions?.rows ?? 1) { $0.keeping(rows: $1) }
    case .channels:
      try reduce(part, layer.dimensions?.channels ?? 1) { $0.keeping(channels: $1) }
    case .squares: try attempt(part, smallerSquares)
    case .sums: try attempt(part, sameAccumulators)
    case .terms:
      try reduce(part, layer.dimensions?.depth ?? 1) { $0.keeping(terms: $1) }
    case .granularity: try attempt(part, perTensor + plainerChannels)
    case .activation: try attempt(part, simplerActivations)
    case .generalBias: try attempt(part, simplerBiasSchemes)
    case .inputZeroPoint: try attempt(part, simplerZeroPoints(\.input))
    case .weightsZeroPoint: try attempt(part, simplerZeroPoints(\.weights))
    case .biasZeroPoint: try attempt(part, simplerBiasZeroPoints)
    case .outputZeroPoint: try attempt(part, simplerZeroPoints(\.output))
    case .operands: try attemptOperands()
    case .bias: try attemptBias()
    case .scales: try attempt(part, simplerScales)
    case .numbers: try attempt(part, simplerNumbers)
    case .accumulator: try attempt(part, simplerAccumulators)
    case .both: try attempt(part, simplerScalesAndAccumulators)
    }
  }

  /// Layers of the same shape, and of the least, in which nothing happens: whoever crashes or hangs on
  /// them does not need more.
  private var plainer: [RawLayer] {
    var plain = layer
    plain.activation = .none
    plain.input = plainer(plain.input)
    plain.weights = plainer(plain.weights)
    plain.output = plainer(plain.output)
    plain.bias = plain.bias.map { plainer($0) }
    var without = plain
    without.bias = nil
    let least = [without, plain].compactMap {
      $0.keeping(rows: [0])?.keeping(channels: [0])?.keeping(terms: [0])
    }
    let part = layer.keeping(rows: [0])?.keeping(channels: [0])?.keeping(terms: [0])
    return least + [part].compactMap { $0 } + [without, plain]
  }

  private func plainer(_ tensor: RawTensor) -> RawTensor {
    var tensor = tensor
    if !tensor.scales.isEmpty { tensor.scales = [1] }
    if !tensor.zeroPoints.isEmpty { tensor.zeroPoints = [0] }
    tensor.data = [UInt8](repeating: 0, count: tensor.data.count)
    return tensor
  }

  /// One row and one channel: that of the wrong output, or the first and the last.
  private var singleOutputs: [RawLayer] {
    guard let size = layer.dimensions, size.rows > 1 || size.channels > 1 else { return [] }
    let last = (size.rows - 1, size.channels - 1)
    var places = [last, (0, 0), (0, last.1), (last.0, 0)]
    if let focus, focus >= 0, focus < size.rows * size.channels, steps == 0 {
      places.insert((focus / size.channels, focus % size.channels), at: 0)
      places.insert((0, focus % size.channels), at: 1)
    }
    return places.compactMap { layer.keeping(rows: [$0.0])?.keeping(channels: [$0.1]) }
  }

  // MARK: Fewer of many

  /// Delta debugging over the elements of one dimension: single ones first, then all but ever smaller
  /// parts.
  private func reduce(
    _ part: Part, _ count: Int, _ keep: @escaping (RawLayer, [Int]) -> RawLayer?
  ) throws -> Bool {
    guard count > 1 else { return false }
    let layer = layer
    func kept(_ indices: [Int]) -> RawLayer? { keep(layer, indices) }
    let singles = count <= limits.batch ? Array(0..<count) : [0, count - 1, count / 2]
    if try attempt(part, singles.lazy.compactMap { kept([$0]) }) { return true }
    for length in lengths(below: count) {
      let candidates = starts(length, of: count).lazy.compactMap { start -> RawLayer? in
        kept(Array(0..<start) + Array((start + length)..<count))
      }
      if try attempt(part, candidates) { return true }
    }
    return false
  }

  /// Lengths of parts that are left out: of few elements every one, of many powers of two.
  private func lengths(below count: Int) -> [Int] {
    guard count > 16 else { return Array((1..<count).reversed()) }
    var lengths = [count / 2]
    var power = 1
    while power <= count / 2 {
      lengths.append(power)
      power *= 2
    }
    return Array(Set(lengths)).sorted(by: >)
  }

  /// Where parts of a length begin: beside each other from both ends, or evenly spread where those are
  /// too many.
  private func starts(_ length: Int, of count: Int) -> [Int] {
    let last = count - length
    guard count > 16 else { return Array((0...last).reversed()) }
    let most = 2 * limits.batch
    let forward = Array(stride(from: 0, through: last, by: length))
    let backward = Array(stride(from: last, through: 0, by: -length))
    var seen: Set<Int> = []
    let all = (backward + forward).filter { seen.insert($0).inserted }
    guard all.count > most else { return all }
    return (0..<most).map { all[$0 * (all.count - 1) / (most - 1)] }
  }

  /// As many channels as terms: one of each less.
  var smallerSquares: [RawLayer] {
    guard let size = layer.dimensions, size.channels == size.depth, size.depth > 1 else {
      return []
    }
    let places = size.depth <= 16 ? Array(0..<size.depth) : [0, size.depth - 1]
    var found = [size.depth / 2, size.depth - 1].compactMap { length in
      layer.keeping(channels: Array(0..<length))?.keeping(terms: Array(0..<length))
    }
    for channel in places {
      for term in places {
        let channels = (0..<size.depth).filter { $0 != channel }
        let terms = (0..<size.depth).filter { $0 != term }
        if let smaller = layer.keeping(channels: channels)?.keeping(terms: terms) {
          found.append(smaller)
        }
      }
    }
    return found
  }

  /// Elements at their zero points: single parts, from all of them to one.
  private func attemptOperands() throws -> Bool {
    guard layer.dimensions != nil else { return false }
    for path in [\RawLayer.input, \RawLayer.weights] {
      let tensor = layer[keyPath: path]
      let width = tensor.shape[1]
      let elements = tensor.integers
      let present = elements.indices.filter { elements[$0] != tensor.zeroPoint($0, width: width) }
      guard !present.isEmpty else { continue }
      var chunk = present.count
      while chunk > 0 {
        let starts = Array(stride(from: 0, to: present.count, by: chunk))
        let candidates = starts.lazy.map { [layer] start -> RawLayer in
          var other = elements
          for place in present[start..<min(start + chunk, present.count)] {
            other[place] = tensor.zeroPoint(place, width: width)
          }
          var changed = layer
          changed[keyPath: path] = tensor.holding(other)
          return changed
        }
        if try attempt(.operands, candidates) { return true }
        chunk /= 2
      }
    }
    return false
  }

  private func attemptBias() throws -> Bool {
    guard let bias = layer.bias, layer.dimensions != nil else { return false }
    var without = layer
    without.bias = nil
    if try attempt(.bias, [without]) { return true }
    let elements = bias.integers
    let present = elements.indices.filter { elements[$0] != 0 }
    var chunk = present.count
    while chunk > 0 {
      let starts = Array(stride(from: 0, to: present.count, by: chunk))
      let candidates = starts.lazy.map { [layer] start -> RawLayer in
        var other = elements
        for place in present[start..<min(start + chunk, present.count)] { other[place] = 0 }
        var changed = layer
        changed.bias = bias.holding(other)
        return changed
      }
      if try attempt(.bias, candidates) { return true }
      chunk /= 2
    }
    return false
  }
}
