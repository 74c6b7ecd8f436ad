package import Profiles
import QuantizedArithmetic
package import QuantizedLayers

/// Looks for a ``Witness``: a layer without one is *vacuous*, its expected output is the same whatever
/// single element of input, weights or bias is changed.
///
/// An output depends on its accumulator, and the change of one element moves that within a known
/// interval. Where an arithmetic does not depart from the mathematics, every step of it is monotone;
/// the accumulators without a departure are an interval around 0; so of an interval at whose ends
/// nothing departs, the ends decide for all of it. Where something departs at an end, every value of
/// every 8-bit element is tried, and of wider ones the ends and all powers of two away from where
/// they are.
///
/// A witness is always a real one: the reference was run on it. That there is none is certain where
/// nothing departs in reach; elsewhere it means that none was found among what was tried.
package struct WitnessSearch {
  let reference: Reference
  let layer: Layer
  var operands: Operands
  /// Outputs of the operands, where they are known already.
  let outputs: ReferenceOutputs?
  /// Whether an output is a function of its accumulator alone, the same in every row.
  let hasAccumulators: Bool
  /// The biases that a change may set; `nil` for all of the type.
  let biasLimit: Int64?
  /// Terms that may still be added up.
  var budget = WitnessSearch.work

  /// Nothing is tried beyond so many terms of sums.
  static let work = 1 << 20

  /// - Parameters:
  ///   - reference: of the layer.
  ///   - profile: whose reference it is. Where its domain depends on the size of the biases, no change
  ///     sets a larger one than the layer has, so that no witness leaves the domain.
  ///   - operands: of the layer.
  ///   - outputs: what the reference makes of them, where that is known.
  package init(
    _ reference: Reference, _ profile: Profile, _ operands: Operands,
    outputs: ReferenceOutputs? = nil
  ) {
    self.reference = reference
    layer = reference.layer
    self.operands = operands
    self.outputs = outputs
    let isCut = reference.arithmetic.accumulator == .exact && layer.biasType == .int64
    let isLimited = profile.rules.contains { $0.conditions.contains(.predictableRescale) }
    // The least int64 has no magnitude in int64; its neighbour will do.
    biasLimit =
      isLimited ? operands.bias.map { Int64(min($0.magnitude, UInt64(Int64.max))) }.max() : nil
    hasAccumulators =
      layer.generalBias == nil && reference.arithmetic.variants.isEmpty && !isCut
  }

  /// The first change that is found; `nil` where there is none.
  ///
  /// - Parameter isQuick: whether only the ends of what a change can do are tried.
  package mutating func witness(isQuick: Bool = false) -> Witness? {
    if hasOneOutput { return nil }
    var unsure: [SensedOutput] = []
    var constant: Set<Int> = []
    for row in 0..<layer.rows {
      for channel in 0..<layer.channels where constant.isEmpty || !constant.contains(channel) {
        let output = current(row, channel)
        switch search(output) {
        case .witness(let change): return output.witness(change, layer)
        case .constant:
          // In no row then, and of one scale in no channel.
          if !layer.isPerChannel { return nil }
          constant.insert(channel)
        case .same(let departed): if departed { unsure.append(output) }
        }
      }
    }
    for output in unsure where budget >= 0 && !isQuick {
      if let change = exhaustive(output) { return output.witness(change, layer) }
      // Every accumulator is in reach of the bias: what shows in no output here, shows in none.
      if let bias = layer.biasType, hasAccumulators, wraps(bias), !layer.isPerChannel { break }
    }
    return nil
  }

  private enum Finding {
    case witness(Change)
    /// No change was found; where something departed on the way, there may be one.
    case same(departed: Bool)
    /// No accumulator that there is leads to another output.
    case constant
  }

  /// Tries the ends of what one change can do to an output's accumulator.
  private mutating func search(_ output: SensedOutput) -> Finding {
    var departed = hasPairs
    if let bias = layer.biasType {
      switch tried(biasEnds(output, bias), output) {
      case .same(let here):
        if !here, hasAccumulators, wraps(bias) { return .constant }
        departed = departed || here
      case let finding: return finding
      }
    }
    switch tried(extremes(output), output) {
    case .same(let here): return .same(departed: departed || here)
    case let finding: return finding
    }
  }

  /// Whether the bounds leave a single value, whatever is between them.
  private var hasOneOutput: Bool {
    let range = reference.outputRange
    guard range.lowerBound == range.upperBound else { return false }
    if case .float32(.upperBeforeRounding) = reference.arithmetic.requantization {
      // Its last bound is the type's.
      return range.lowerBound == layer.output.type.range.upperBound
    }
    return true
  }

  private mutating func tried(_ changes: [Change], _ output: SensedOutput) -> Finding {
    var departed = false
    for change in changes {
      var departure = Departure()
      if value(change, output, &departure) != output.value { return .witness(change) }
      if !departure.subtracting(.zeroPointIgnored).isEmpty { departed = true }
    }
    return .same(departed: departed)
  }

  // MARK: What the reference computes

  private mutating func current(_ row: Int, _ channel: Int) -> SensedOutput {
    let index = row * layer.channels + channel
    if let outputs {
      return SensedOutput(
        row: row, channel: channel, value: outputs.values[index],
        accumulator: outputs.accumulators[index])
    }
    let trace = reference.trace(row: row, channel: channel, operands: operands)
    var accumulator: Int64 = 0
    for case .accumulator(_, let kept) in trace.steps {
      accumulator = Int64(truncatingIfNeeded: kept)
    }
    return SensedOutput(
      row: row, channel: channel, value: trace.value, accumulator: accumulator)
  }

  /// The output after a change.
  mutating func value(
    _ change: Change, _ output: SensedOutput, _ departure: inout Departure
  ) -> Int32 {
    if hasAccumulators, change.tensor == .bias || !hasPairs {
      budget -= 1
      // Modulo 2^64, as every accumulator that wraps.
      return reference.output(
        accumulator: output.accumulator &+ change.difference, channel: output.channel,
        departure: &departure)
    }
    budget -= layer.depth + 64
    let old = operands.replace(change)
    let trace = reference.trace(row: output.row, channel: output.channel, operands: operands)
    operands.restore(change, old)
    departure = trace.departure
    return trace.value
  }

  /// Whether an accumulator is more than the sum of its products.
  var hasPairs: Bool {
    switch reference.arithmetic.accumulator {
    case .int16PairSaturating, .int16PairWrapping, .int16PairWrappingZeroPoints: true
    case .exact, .int32Wrapping, .int64Wrapping, .int48: false
    }
  }

  /// The biases that are tried.
  func biases(_ type: ElementType) -> ClosedRange<Int64> {
    biasLimit.map { type.range.clamped(to: (0 - $0)...$0) } ?? type.range
  }

  /// Whether a bias of this type brings every accumulator to every value.
  func wraps(_ bias: ElementType) -> Bool {
    guard biasLimit == nil else { return false }
    return switch reference.arithmetic.accumulator {
    case .int32Wrapping, .int16PairSaturating, .int16PairWrapping, .int16PairWrappingZeroPoints:
      bias == .int32
    case .int64Wrapping: bias == .int64
    case .exact, .int48: false
    }
  }
}

/// One output of a layer, as it is.
struct SensedOutput {
  let row: Int
  let channel: Int
  let value: Int32
  /// As the profile keeps it.
  let accumulator: Int64

  init(row: Int, channel: Int, value: Int32, accumulator: Int64) {
    self.row = row
    self.channel = channel
    self.value = value
    self.accumulator = accumulator
  }

  func witness(_ change: Change, _ layer: Layer) -> Witness {
    Witness(
      tensor: change.tensor, element: change.element, value: change.value,
      output: row * layer.channels + channel)
  }
}

/// One element of input, weights or bias becomes another.
struct Change {
  let tensor: TensorRole
  let element: Int
  /// Zero point not subtracted.
  let value: Int64
  /// What is added to the accumulator of the output in question, pairs of products left aside; modulo
  /// 2^64.
  let difference: Int64
}

extension Operands {
  /// Carries out a change and returns what stood there.
  mutating func replace(_ change: Change) -> Int64 {
    let old: Int64 =
      switch change.tensor {
      case .input: Int64(input[change.element])
      case .weights: Int64(weights[change.element])
      default: bias[change.element]
      }
    set(change, change.value)
    return old
  }

  mutating func restore(_ change: Change, _ old: Int64) { set(change, old) }

  private mutating func set(_ change: Change, _ value: Int64) {
    switch change.tensor {
    case .input: input[change.element] = Int32(truncatingIfNeeded: value)
    case .weights: weights[change.element] = Int32(truncatingIfNeeded: value)
    default: bias[change.element] = value
    }
  }
}
