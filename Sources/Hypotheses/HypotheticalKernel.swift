import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// A correct computation with some choices changed: a wrong kernel that is known.
package struct HypotheticalKernel: Hashable, Sendable {
  package let changes: [Change]

  package init(_ changes: [Change]) { self.changes = changes }

  /// The outputs of the claimed arithmetic, computed here too: nothing is changed.
  package static func unchanged(_ subject: Subject) -> [Int32]? {
    HypotheticalRun(subject.numbers, subject.arithmetic, [], subject)?.outputs()
  }

  /// The outputs for a case.
  package func predict(_ subject: Subject) -> Prediction {
    var (plain, guarded) = ([Change](), [(Guard, Change)]())
    for change in changes {
      if case .only(let place, let inner) = change {
        guarded.append((place, inner))
      } else {
        plain.append(change)
      }
    }
    var prediction = HypotheticalKernel.predict(plain, subject)
    for (place, inner) in guarded {
      prediction = HypotheticalKernel.merged(
        prediction, HypotheticalKernel.predict(plain + [inner], subject), place, subject)
    }
    return prediction
  }

  /// The outputs with a change where it applies, and without it elsewhere.
  private static func merged(
    _ without: Prediction, _ with: Prediction, _ place: Guard, _ subject: Subject
  ) -> Prediction {
    let layer = subject.layer
    if !place.isAboutOutputs, !layer.isPerChannel {
      return place.holds(layer, 0, 0) ? with : without
    }
    guard with != without else { return without }
    guard with != .undefined, without != .undefined else { return .undefined }
    var outputs = without.outputs(of: subject)
    let others = with.outputs(of: subject)
    for index in outputs.indices
    where place.holds(layer, index / layer.channels, index % layer.channels) {
      outputs[index] = others[index]
    }
    return outputs == subject.expected ? .unchanged : .outputs(outputs)
  }

  private static func predict(_ changes: [Change], _ subject: Subject) -> Prediction {
    var numbers = subject.numbers
    var arithmetic = subject.arithmetic
    var isChanged = false
    for change in changes {
      switch arithmetic.apply(change, for: subject.layer) {
      case .changed: isChanged = true
      case .unchanged: break
      case .undefined: return .undefined
      case nil: if numbers.apply(change) { isChanged = true }
      }
    }
    guard isChanged else { return .unchanged }
    guard let run = HypotheticalRun(numbers, arithmetic, changes, subject) else {
      return .undefined
    }
    let outputs = run.outputs()
    return outputs == subject.expected ? .unchanged : .outputs(outputs)
  }
}

/// One evaluation of a changed computation.
struct HypotheticalRun {
  let numbers: Numbers
  let arithmetic: Arithmetic
  let subject: Subject
  let sums: AccumulatorSums
  let range: ClosedRange<Int64>
  /// One a channel, or one for all.
  let requantizers: [Requantizer]
  /// Those of a part of the layer that another kernel computes.
  let variant: (region: KernelRegion, requantizers: [Requantizer])?
  let slips: OutputSlips
  /// Shifts to the left that are made after the rounding, one a channel or one for all; else empty.
  private let lateShifts: [Int]
  /// Those that are made before it, in 32 bits.
  private let earlyShifts: [Int]
  private let earlyOverflow: Overflow

  init?(
    _ numbers: Numbers, _ arithmetic: Arithmetic, _ changes: [Change], _ subject: Subject
  ) {
    self.numbers = numbers
    self.arithmetic = arithmetic
    self.subject = subject
    var slips = OutputSlips(changes)
    sums = AccumulatorSums(
      numbers, numbers.hasPlainSums ? subject.rawSums : RawSums(numbers), arithmetic,
      biasFirstBits: slips.biasFirstBits)
    guard let range = slips.resolve(numbers, arithmetic.activationBounds) else { return nil }
    self.range = range
    self.slips = slips
    let scales = MultiplierScales(
      numbers, changes, isFixedPoint: arithmetic.fixedPoint != nil)
    var added = numbers
    added.outputZeroPoint = numbers.addedZeroPoint ?? numbers.outputZeroPoint
    guard
      let requantizers = HypotheticalRun.requantizers(added, arithmetic, range, scales, changes)
    else { return nil }
    self.requantizers = requantizers
    func leftShifts(_ slip: MultiplierSlip) -> [Int] {
      changes.contains(.multiplier(slip))
        ? requantizers.indices.map { scales.leftShift($0, numbers, arithmetic) } : []
    }
    lateShifts = leftShifts(.leftShiftLast)
    let saturating = leftShifts(.leftShiftFirst(.saturates))
    earlyOverflow = saturating.isEmpty ? .wraps : .saturates
    earlyShifts = saturating.isEmpty ? leftShifts(.leftShiftFirst(.wraps)) : saturating
    if let other = arithmetic.variants.first {
      var changed = arithmetic
      changed.requantization = other.requantization
      let others = HypotheticalRun.requantizers(added, changed, range, scales, changes)
      variant = others.map { (other.region, $0) }
    } else {
      variant = nil
    }
  }

  private static func requantizers(
    _ numbers: Numbers, _ arithmetic: Arithmetic, _ range: ClosedRange<Int64>,
    _ scales: MultiplierScales, _ changes: [Change]
  ) -> [Requantizer]? {
    let isOne = scales.isOne && numbers.biasScales.isEmpty
    let first = scales.firstMultiplier(numbers, arithmetic)
    let adjusted = MultiplierScales.adjustment(changes, first: first)
    var made: [Requantizer] = []
    for channel in 0..<(isOne ? 1 : numbers.channels) {
      guard let parameters = scales.parameters(channel, numbers) else { return nil }
      made.append(
        Requantizer(
          parameters, arithmetic, range: range, type: numbers.types.output,
          adjusted: adjusted))
    }
    return made
  }

  func outputs() -> [Int32] {
    var outputs: [Int32] = []
    outputs.reserveCapacity(numbers.rows * numbers.channels)
    for row in 0..<numbers.rows {
      for channel in 0..<numbers.channels {
        outputs.append(Int32(truncatingIfNeeded: output(row, channel, outputs)))
      }
    }
    return slips.isTransposed ? transposed(outputs) : outputs
  }

  /// Stored as [channels, rows].
  private func transposed(_ outputs: [Int32]) -> [Int32] {
    (0..<outputs.count).map { place in
      let (channel, row) = place.quotientAndRemainder(dividingBy: numbers.rows)
      return outputs[row * numbers.channels + channel]
    }
  }

  private func output(_ row: Int, _ channel: Int, _ before: [Int32]) -> Int64 {
    if let (lanes, slip) = slips.tail, channel >= numbers.channels / lanes * lanes {
      switch slip {
      case .zero: return 0
      case .rawZeroPoint: return numbers.outputZeroPoint
      case .zeroPoint:
        return slips.bounded(0, requantizer(row, channel), numbers, range)
      case .previousVector:
        if channel >= lanes { return Int64(before[before.count - lanes]) }
      case .biasOnly: return finish(0, row, channel)
      }
    }
    guard slips.transposesAccumulators else { return finish(sums.sum(row, channel), row, channel) }
    let place = channel * numbers.rows + row
    let (otherRow, other) = place.quotientAndRemainder(dividingBy: numbers.channels)
    return finish(sums.sum(otherRow, other), row, channel, biasOf: other)
  }

  private func finish(
    _ sum: Int64, _ row: Int, _ channel: Int, biasOf source: Int? = nil
  ) -> Int64 {
    let isGeneral = !numbers.biasScales.isEmpty
    let skips = slips.skipsBiasForZero && sum == 0
    var accumulator: Int128
    if !isGeneral, !slips.addsBiasLate, !skips, slips.biasFirstBits == nil {
      accumulator = arithmetic.bias.accumulator(
        Int128(sum), numbers.bias[source ?? channel], kept: sums.kept)
    } else {
      accumulator = sums.kept(Int128(sum))
    }
    if let (bits, overflow) = slips.accumulatorRegister {
      accumulator = Int128(
        Narrow.apply(overflow, Int64(truncatingIfNeeded: accumulator), bits: bits))
    }
    if !earlyShifts.isEmpty {
      let count = earlyShifts[earlyShifts.count == 1 ? 0 : channel]
      let shifted = Int64(Int32(truncatingIfNeeded: accumulator)) &<< Int64(min(count, 32))
      accumulator = Int128(Narrow.apply(earlyOverflow, shifted, bits: 32))
    }
    let term =
      isGeneral && !skips
      ? Int128(numbers.bias[channel]) - Int128(numbers.biasZeroPoints[channel]) : 0
    let requantizer = requantizer(row, channel)
    var scaled = requantizer.scaled(accumulator: accumulator, bias: term)
    if !lateShifts.isEmpty {
      scaled &<<= Int64(min(lateShifts[lateShifts.count == 1 ? 0 : channel], 31))
      let wraps = arithmetic.fixedPoint?.result == .wraps
      scaled = Narrow.apply(wraps ? .wraps : .saturates, scaled, bits: 32)
    }
    if let (bits, overflow) = slips.register {
      scaled = Narrow.apply(overflow, scaled, bits: bits)
    }
    if slips.addsBiasLate { scaled &+= numbers.bias[channel] }
    // Beyond 62 bits there is nothing to say, and no room for a zero point.
    scaled = min(max(scaled, -(1 << 62)), 1 << 62)
    return slips.bounded(scaled, requantizer, numbers, range)
  }

  private func requantizer(_ row: Int, _ channel: Int) -> Requantizer {
    if let variant, variant.region.contains(row: row, channel: channel, of: subject.layer) {
      return variant.requantizers[variant.requantizers.count == 1 ? 0 : channel]
    }
    return requantizers[requantizers.count == 1 ? 0 : channel]
  }
}
