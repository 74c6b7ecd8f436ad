package import QuantizedArithmetic
package import QuantizedLayers

/// What the exact oracle knows of every output of a layer; row-major, as the outputs are.
///
/// Kept per worker and filled again for every case.
package struct ExactValues: Sendable {
  /// `Σ_k (qi − Zi)(qw − Zw)`.
  package var sums: [Int64] = []
  /// Where `y`, before activation and zero point, lies between two integers: exact.
  package var positions: [ExactPosition] = []
  /// `y = head + tail` to within ``ExactOracle/relativeError`` of ``magnitudes``; NaN where no such
  /// expansion exists (scales near the ends of the floating-point range).
  package var heads: [Double] = []
  package var tails: [Double] = []
  /// `Σ_j |a_j·s_j| / So`, to within a few units in the last place.
  package var magnitudes: [Double] = []
  /// How many positions needed integers, since doubles could not decide.
  package var decidedExactly = 0

  // Zero points subtracted; scratch of the summation.
  var narrowInput: [Int16] = []
  var narrowWeights: [Int16] = []

  package init() {}

  mutating func reset(reserving count: Int) {
    decidedExactly = 0
    sums.removeAll(keepingCapacity: true)
    positions.removeAll(keepingCapacity: true)
    heads.removeAll(keepingCapacity: true)
    tails.removeAll(keepingCapacity: true)
    magnitudes.removeAll(keepingCapacity: true)
    sums.reserveCapacity(count)
    positions.reserveCapacity(count)
    heads.reserveCapacity(count)
    tails.reserveCapacity(count)
    magnitudes.reserveCapacity(count)
  }
}

/// The truth: `y = Σ_j a_j·s_j / So` as a rational number, beside every rounding boundary.
///
/// An adaptive exact predicate, as in computational geometry. Each term is evaluated as a pair of
/// doubles with a proven error bound (``RatioExpansion``); where the pair lies farther than the bound
/// from an integer and from a tie, that decides. Elsewhere (true ties, whole numbers, hard scales)
/// integers decide: ``ScaleRatio/position(times:)`` for one term, ``Rational`` for two.
package struct ExactOracle: Sendable {
  /// Bound on the error of `head + tail`, relative to the sum of the terms' magnitudes: each term
  /// errs by less than 3·2^−71 (an integer above 2^32 is split in two), and the additions of the
  /// tails, below 2^−19 of the magnitudes, are rounded at most four times.
  package static let relativeError = 0x1p-66

  @usableFromInline let layer: Layer
  private let products: [ScaleRatio]
  private let productExpansions: [RatioExpansion]
  private let biases: [ScaleRatio]
  private let biasExpansions: [RatioExpansion]
  @usableFromInline let sixth: ExactPosition

  package init(_ layer: Layer) {
    self.layer = layer
    var products: [ScaleRatio] = []
    products.reserveCapacity(layer.weights.scales.count)
    for scale in layer.weights.scales {
      products.append(ScaleRatio(layer.inputScale, times: scale, over: layer.outputScale))
    }
    self.products = products
    productExpansions = products.map { RatioExpansion($0) }
    biases = layer.generalBias?.scales.map { ScaleRatio($0, over: layer.outputScale) } ?? []
    biasExpansions = biases.map { RatioExpansion($0) }
    sixth =
      layer.activation == .relu6
      ? ScaleRatio(6, over: layer.outputScale).position(times: 1) : ExactPosition(0)
  }

  /// The position after the activation, which is applied in the reals: rounding is monotone, so the
  /// rounded bound is the bound of the rounded.
  @inlinable
  package func activated(_ position: ExactPosition) -> ExactPosition {
    switch layer.activation {
    case .none, .clamp: position
    case .relu: max(position, ExactPosition(0))
    case .relu6: min(max(position, ExactPosition(0)), sixth)
    }
  }

  /// Decides the position of every output.
  package func run(_ operands: Operands, into values: inout ExactValues) {
    values.reset(reserving: layer.outputCount)
    Summation.run(layer, operands, into: &values)
    for row in 0..<layer.rows {
      for channel in 0..<layer.channels {
        let sum = values.sums[row &* layer.channels &+ channel]
        let bias = operands.bias[channel]
        if layer.generalBias == nil {
          appendOneTerm(sum, bias, channel, into: &values)
        } else {
          appendTwoTerms(sum, bias, channel, into: &values)
        }
      }
    }
  }

  // MARK: One term

  private func appendOneTerm(
    _ sum: Int64, _ bias: Int64, _ channel: Int, into values: inout ExactValues
  ) {
    let index = products.count == 1 ? 0 : channel
    let (total, overflow) = sum.addingReportingOverflow(bias)
    guard !overflow, productExpansions[index].isUsable else {
      let position = products[index].position(times: Int128(sum) + Int128(bias))
      values.append(position, .nan, .nan, .nan)
      return
    }
    let (head, tail) = productExpansions[index].product(total)
    let magnitude = head.magnitude
    if let position = decided(head, tail, magnitude) {
      values.heads.append(head)
      values.tails.append(tail)
      values.magnitudes.append(magnitude)
      values.positions.append(position)
    } else {
      values.append(products[index].position(times: Int128(total)), head, tail, magnitude)
    }
  }

  // MARK: Two terms

  private func appendTwoTerms(
    _ sum: Int64, _ bias: Int64, _ channel: Int, into values: inout ExactValues
  ) {
    let zeroPoint = layer.generalBias?.zeroPoint(channel) ?? 0
    let (term, overflow) = bias.subtractingReportingOverflow(zeroPoint)
    let first = products.count == 1 ? 0 : channel
    let second = biases.count == 1 ? 0 : channel
    guard !overflow, productExpansions[first].isUsable, biasExpansions[second].isUsable else {
      values.append(exact(sum, bias, zeroPoint, first, second), .nan, .nan, .nan)
      return
    }
    let (head1, tail1) = productExpansions[first].product(sum)
    let (head2, tail2) = biasExpansions[second].product(term)
    let (head, rest) = twoSum(head1, head2)
    let tail = rest + (tail1 + tail2)
    let magnitude = head1.magnitude + head2.magnitude
    if let position = decided(head, tail, magnitude) {
      values.heads.append(head)
      values.tails.append(tail)
      values.magnitudes.append(magnitude)
      values.positions.append(position)
    } else {
      let position = exact(sum, bias, zeroPoint, first, second)
      values.append(position, head, tail, magnitude)
    }
  }

  private func exact(
    _ sum: Int64, _ bias: Int64, _ zeroPoint: Int64, _ first: Int, _ second: Int
  ) -> ExactPosition {
    let product = products[first].rational * Rational(sum)
    let offset = Rational(bias) - Rational(zeroPoint)
    return (product + biases[second].rational * offset).position
  }

  /// `y` of output (row, channel), exactly.
  package func value(sum: Int64, bias: Int64, channel: Int) -> Rational {
    let product = products[products.count == 1 ? 0 : channel].rational
    guard let general = layer.generalBias else {
      return product * (Rational(sum) + Rational(bias))
    }
    let offset = Rational(bias) - Rational(general.zeroPoint(channel))
    return product * Rational(sum) + biases[biases.count == 1 ? 0 : channel].rational * offset
  }

  // MARK: The filter

  /// The position of `head + tail`, where its distance from every integer and every tie exceeds the
  /// error; `nil` elsewhere.
  @inline(__always)
  private func decided(_ head: Double, _ tail: Double, _ magnitude: Double) -> ExactPosition? {
    let error = magnitude * ExactOracle.relativeError + 0x1p-60
    // Of two terms that cancel, the tail may exceed the head: only both together tell the size.
    let value = head + tail
    if value.magnitude - error > 0x1.00001p30 {
      return ExactPosition(value < 0 ? -ExactPosition.limit : ExactPosition.limit)
    }
    guard head.magnitude < 0x1.ffffep29 else { return nil }
    // Adding and subtracting 1.5·2^52 rounds to an integer, which then stands in the low bits.
    let shifted = head + 0x1.8p52
    let nearest = shifted - 0x1.8p52
    // Exact: both are multiples of head's last place and lie within 1/2 of each other.
    let fraction = (head - nearest) + tail
    let distance = fraction.magnitude
    guard distance > error, distance < 0.5 - error else { return nil }
    let integer = Int64(truncatingIfNeeded: Int32(truncatingIfNeeded: shifted.bitPattern))
    return fraction > 0
      ? ExactPosition(floor: integer, fraction: .belowHalf)
      : ExactPosition(floor: integer &- 1, fraction: .aboveHalf)
  }

  private func twoSum(_ a: Double, _ b: Double) -> (Double, Double) {
    let sum = a + b
    let part = sum - a
    return (sum, (a - (sum - part)) + (b - part))
  }
}

extension ExactValues {
  /// Notes an output that integers had to decide.
  fileprivate mutating func append(
    _ position: ExactPosition, _ head: Double, _ tail: Double, _ magnitude: Double
  ) {
    heads.append(head)
    tails.append(tail)
    magnitudes.append(magnitude)
    positions.append(position)
    decidedExactly += 1
  }
}
