import CaseGeneration
package import Profiles
package import QuantizedArithmetic
package import QuantizedLayers

/// A layer that delivers chosen accumulators, the same in every row, one a channel.
package struct ProbeLayer: Sendable {
  /// What brings an accumulator to its target.
  package enum Carrier: String, CaseIterable, Hashable, Codable, Sendable {
    case bias
    /// The bias too, in layers so narrow that most channels are the tail of a vector loop.
    case biasInTails
    case products
  }

  package let number: Int
  package let carrier: Carrier
  /// Places in the list of points, one a channel.
  package let points: [Int]
  package let raw: RawLayer
}

/// The layers of a probing: each a function of its number alone.
///
/// Positions that vector loops may tell apart are visited on purpose. Wide layers are rotated, so that
/// a point meets every channel modulo 64 (and therefore modulo 4, 8, 16 and 32); narrow ones of 1 to 63
/// channels are all tail; rows come one alone, in fours and with rows left over; and the products that
/// make an accumulator begin at every place along the depth modulo 64, before and after products of 0.
package struct ProbeLayers: Sendable {
  private let configuration: ProofConfiguration
  private let types: TypeTriple
  private let points: [Int64]
  /// Of the layers with the bias; `nil` where the arithmetic has none.
  package let biasType: ElementType?
  private let productBias: ElementType?
  /// Points that each carrier reaches, as places in the list.
  package let reached: [ProbeLayer.Carrier: [Int]]
  private let jobs: [Job]

  /// A chunk of points, in one rotation.
  private struct Job: Sendable {
    let carrier: ProbeLayer.Carrier
    let first: Int
    let count: Int
    let rotation: Int
  }

  package var count: Int { jobs.count }

  /// In how many rotations the points of a carrier are delivered, at least; of narrow layers, in how
  /// many of them each point is.
  package func rotations(_ carrier: ProbeLayer.Carrier) -> Int {
    var counts: [Int: Int] = [:]
    let mine = jobs.filter { $0.carrier == carrier }
    guard carrier != .biasInTails else {
      let total = mine.reduce(0) { $0 + $1.count }
      return total / max(1, reached[carrier]?.count ?? 1)
    }
    for job in mine { counts[job.first, default: 0] += 1 }
    return counts.values.min() ?? 0
  }

  /// How many different widths narrow layers have.
  package var narrowWidths: Int {
    Set(jobs.filter { $0.carrier == .biasInTails }.map(\.count)).count
  }

  /// The least and the greatest accumulator that a carrier delivers.
  package func reach(_ carrier: ProbeLayer.Carrier) -> ClosedRange<Int64>? {
    let values = (reached[carrier] ?? []).map { points[$0] }
    guard let low = values.min(), let high = values.max() else { return nil }
    return low...high
  }

  private static let widest = 4_096
  private static let rotations = 64
  /// Terms of one sum.
  private static let deepest = 2_048
  private static let chunkBytes = 1 << 18
  /// Weights of all rotations of one chunk, where its sums have more terms than these.
  private static let rotatedBytes = 1 << 21
  private static let shallow = 192

  /// - Parameters:
  ///   - configuration: with zero points and a bias that the profile takes.
  ///   - profile: for which biases are told apart.
  ///   - points: accumulators, in order.
  /// - Throws: ``ProofError`` where the types are not known.
  package init(
    _ configuration: ProofConfiguration, _ profile: Profile, points: [Int64]
  ) throws(ProofError) {
    guard let types = configuration.typeTriple else { throw ProofError("types are not known") }
    self.configuration = configuration
    self.types = types
    self.points = points
    productBias = configuration.bias.flatMap { ElementType(rawValue: $0) }
    biasType = ProbeLayers.biasType(configuration, profile)
    var reached: [ProbeLayer.Carrier: [Int]] = [:]
    if let biasType {
      let places = points.indices.filter { biasType.range.contains(points[$0]) }
      reached[.bias] = places
      reached[.biasInTails] = places
    }
    let (inputs, weights) = ProbeLayers.centred(configuration, types)
    let split = ProductSplit(
      inputs: inputs, weights: [weights], farthest: .max / 4, limit: ProbeLayers.deepest)
    reached[.products] =
      split.map { split in
        points.indices.filter { ProbeLayers.reaches(points[$0], split, weights) }
          .sorted { points[$0].magnitude < points[$1].magnitude }
      } ?? []
    self.reached = reached
    var jobs: [Job] = []
    for carrier in ProbeLayer.Carrier.allCases {
      jobs += ProbeLayers.jobs(carrier, reached[carrier] ?? [], points, inputs, weights)
    }
    self.jobs = jobs
  }

  private static func centred(
    _ configuration: ProofConfiguration, _ types: TypeTriple
  ) -> (ClosedRange<Int64>, ClosedRange<Int64>) {
    func range(_ type: ElementType, _ zeroPoint: Int64) -> ClosedRange<Int64> {
      (type.range.lowerBound - zeroPoint)...(type.range.upperBound - zeroPoint)
    }
    return (
      range(types.input, configuration.inputZeroPoint),
      range(types.weights, configuration.weightZeroPoint)
    )
  }

  private static func reaches(
    _ target: Int64, _ split: ProductSplit, _ weights: ClosedRange<Int64>
  ) -> Bool {
    let row = split.weights(for: target, in: weights)
    let sum = row.enumerated().reduce(Int64(0)) {
      $0 + ($1.offset == split.terms ? split.unit : split.large) * $1.element
    }
    return sum == target
  }

  /// The bias of a layer that is computed as one of the given bias is.
  private static func biasType(
    _ configuration: ProofConfiguration, _ profile: Profile
  ) -> ElementType? {
    let given = configuration.bias.flatMap { ElementType(rawValue: $0) }
    if let given { return given }
    func arithmetic(_ bias: ElementType?) -> Arithmetic? {
      guard let raw = try? configuration.raw(bias: bias), let layer = try? raw.validated() else {
        return nil
      }
      return try? profile.arithmetic(for: layer)
    }
    let wanted = arithmetic(nil)
    return [.int32, .int64].first { arithmetic($0) == wanted }
  }

  private static func jobs(
    _ carrier: ProbeLayer.Carrier, _ places: [Int], _ points: [Int64],
    _ inputs: ClosedRange<Int64>, _ weights: ClosedRange<Int64>
  ) -> [Job] {
    var jobs: [Job] = []
    let isLarge = places.count > 8_192
    var first = 0
    while first < places.count {
      let rest = places.count - first
      switch carrier {
      case .bias:
        let count = min(widest, rest)
        for rotation in stride(from: 0, to: rotations, by: isLarge ? 16 : 1) {
          jobs.append(Job(carrier: carrier, first: first, count: count, rotation: rotation))
        }
        first += count
      case .biasInTails:
        // 1 to 63 channels, in no order that the points have.
        let count = min(1 + (jobs.count &* 37) % 63, rest)
        jobs.append(Job(carrier: carrier, first: first, count: count, rotation: jobs.count))
        first += count
      case .products:
        let farthest = points[places[min(first + widest, places.count) - 1]].magnitude
        let depth =
          ProductSplit(
            inputs: inputs, weights: [weights], farthest: Int64(clamping: farthest), limit: deepest
          ).map { max($0.terms + 1, 64) + 64 } ?? 128
        let count = min(max(chunkBytes / depth, 64), rest, widest)
        let all =
          depth <= shallow && !isLarge
          ? rotations : min(rotations, max(2, rotatedBytes / (count * depth)))
        for rotation in stride(from: 0, to: rotations, by: rotations / all) {
          jobs.append(Job(carrier: carrier, first: first, count: count, rotation: rotation))
        }
        first += count
      }
    }
    guard carrier == .biasInTails, !isLarge else { return jobs }
    // Every point in many of the tails' places.
    return (0..<32).flatMap { pass in
      jobs.indices.map { index in
        let job = jobs[index]
        let shifted = (job.first + pass &* 29) % max(places.count, 1)
        return Job(
          carrier: carrier, first: shifted, count: min(job.count, places.count),
          rotation: job.rotation + pass)
      }
    }
  }

  // MARK: One layer

  /// - Throws: ``ProofError`` where a parameter is not legal.
  package func layer(_ number: Int) throws(ProofError) -> ProbeLayer {
    let job = jobs[number]
    let places = reached[job.carrier] ?? []
    var random = CaseRandom(seed: 0x5072_6F76_65, index: UInt64(number))
    let chosen = chosen(job, places)
    let rows = [1, 4, 1, 5, 2, 7][(job.rotation + number) % 6]
    let isWide = places.count > 8_192 && job.carrier != .biasInTails
    let raw =
      job.carrier == .products
      ? try throughProducts(chosen, rows: isWide ? 1 + rows % 2 : rows, job.rotation, &random)
      : try throughBias(chosen, rows: isWide ? 1 + rows % 2 : rows, &random)
    return ProbeLayer(number: number, carrier: job.carrier, points: chosen, raw: raw)
  }

  /// The points of a layer, a channel each.
  ///
  /// A wide layer is a whole number of blocks of 64 channels, rotated, and 1 to 63 more: within its
  /// blocks 64 rotations bring each point to every place.
  private func chosen(_ job: Job, _ places: [Int]) -> [Int] {
    if job.carrier == .biasInTails {
      return (0..<job.count).map { places[(job.first + $0) % places.count] }
    }
    let length = (job.count + 63) & ~63
    let wanted = 1 + (job.rotation &* 11) % 63
    return (0..<(length + wanted)).map { channel in
      places[job.first + ((channel + job.rotation) % length) % job.count]
    }
  }

  private func throughBias(
    _ chosen: [Int], rows: Int, _ random: inout CaseRandom
  ) throws(ProofError) -> RawLayer {
    let type = biasType ?? .int32
    let depth = random.integer(in: 1...19)
    var raw = try configuration.raw(
      rows: rows, depth: depth, channels: chosen.count, bias: type)
    let (inputs, weights) = ProbeLayers.centred(configuration, types)
    let row = (0..<depth).map { _ in random.integer(in: inputs) }
    raw.input.data = bytes((0..<rows).flatMap { _ in row }, types.input, raw.input.zeroPoints[0])
    var all: [Int64] = []
    all.reserveCapacity(depth * chosen.count)
    var bias: [Int64] = []
    for place in chosen {
      var channel = (0..<depth).map { _ in random.integer(in: weights) }
      let sum = zip(row, channel).reduce(Int64(0)) { $0 + $1.0 * $1.1 }
      var rest = points[place] - sum
      if !type.range.contains(rest) {
        channel = channel.map { _ in 0 }
        rest = points[place]
      }
      bias.append(rest)
      all += channel
    }
    raw.weights.data = bytes(all, types.weights, raw.weights.zeroPoints[0])
    raw.bias?.data = ElementBytes.bytes(bias, as: type)
    return raw
  }

  private func throughProducts(
    _ chosen: [Int], rows: Int, _ rotation: Int, _ random: inout CaseRandom
  ) throws(ProofError) -> RawLayer {
    let (inputs, weights) = ProbeLayers.centred(configuration, types)
    let farthest = chosen.reduce(UInt64(0)) { max($0, points[$1].magnitude) }
    guard
      let split = ProductSplit(
        inputs: inputs, weights: [weights], farthest: Int64(clamping: farthest),
        limit: ProbeLayers.deepest)
    else { throw ProofError("the zero points leave no products") }
    let terms = split.terms + 1
    let depth = max(terms, 64) + rotation % 64
    /// Where a term lies: they begin at the rotation, and go on at the front.
    func place(_ term: Int) -> Int { (term + rotation) % depth }
    var row = (0..<depth).map { _ in random.integer(in: inputs) }
    for term in 0..<terms { row[place(term)] = term == split.terms ? split.unit : split.large }
    // Products elsewhere are 0: their weights stay zero points.
    var raw = try configuration.raw(
      rows: rows, depth: depth, channels: chosen.count, bias: productBias)
    raw.input.data = bytes((0..<rows).flatMap { _ in row }, types.input, raw.input.zeroPoints[0])
    let width = types.weights.byteCount
    for (channel, point) in chosen.enumerated() {
      let values = split.weights(for: points[point], in: weights)
      for term in 0..<terms {
        var rest = UInt64(bitPattern: values[term] + configuration.weightZeroPoint)
        let start = (channel * depth + place(term)) * width
        for byte in 0..<width {
          raw.weights.data[start + byte] = UInt8(truncatingIfNeeded: rest)
          rest >>= 8
        }
      }
    }
    return raw
  }

  /// Centred values as a tensor's elements.
  private func bytes(_ centred: [Int64], _ type: ElementType, _ zeroPoint: Int64) -> [UInt8] {
    ElementBytes.bytes(centred.lazy.map { $0 + zeroPoint }, as: type)
  }
}
