package import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// An arithmetic that an implementation may have.
package struct Candidate: Hashable, Sendable {
  /// The profile of which it is; `nil` for a combination of choices without a name.
  package let profile: String?
  package let arithmetic: Arithmetic

  package init(profile: String?, _ arithmetic: Arithmetic) {
    self.profile = profile
    self.arithmetic = arithmetic
  }

  /// What it computes for a layer; `nil` where it is not defined.
  func outputs(_ question: Question) -> [Int32]? {
    let reference: Reference
    if let profile {
      guard let found = try? Profiles.named(profile)?.reference(for: question.layer) else {
        return nil
      }
      reference = found
    } else if let accumulators = question.accumulators {
      return plainOutputs(question.layer, accumulators)
    } else {
      guard let made = Reference(layer: question.layer, arithmetic: arithmetic) else { return nil }
      reference = made
    }
    var outputs = ReferenceOutputs()
    reference.run(question.operands, into: &outputs)
    return outputs.values
  }

  /// Of a layer that does no more than deliver accumulators of int32, one a channel, in every row.
  private func plainOutputs(_ layer: Layer, _ accumulators: [Int64]) -> [Int32]? {
    let rule = arithmetic.activationBounds
    guard let range = rule.outputRange(of: layer) else { return nil }
    let requantizer = Requantizer(
      ChannelParameters(layer, 0), arithmetic, range: range, type: layer.output.type)
    let row = accumulators.map {
      // All of it comes by the bias; none of these is beyond any accumulator that keeps 32 bits.
      let accumulator = arithmetic.bias.accumulator(0, $0) { $0 }
      return Int32(truncatingIfNeeded: requantizer.output(accumulator: accumulator))
    }
    return layer.rows == 1 ? row : (0..<layer.rows).flatMap { _ in row }
  }
}

/// The choices that are told apart, one stage after another.
enum CandidateSpace {
  /// The ways from an accumulator to an integer, as long as nothing overflows: kinds of requantization,
  /// orders of scales, multipliers, roundings.
  static func requantizations(_ types: TypeTriple, isWide: Bool) -> [Candidate] {
    var list: [Arithmetic] = []
    // Of ties other than up and away kernels know in the last rounding alone.
    let firstRoundings = RoundingMode.ofAllNumbers.filter {
      ![.toNearestOrDown, .toNearestOrTowardZero, .toNearestOrOdd].contains($0)
    }
    let accumulator: AccumulatorRule = isWide ? .int64Wrapping : .int32Wrapping
    func add(
      _ requantization: Requantization, _ scale: EffectiveScaleRule,
      _ precision: AccumulatorPrecision = .whole
    ) {
      list.append(
        Arithmetic(
          accumulator: accumulator, effectiveScale: scale, requantization: requantization,
          activationBounds: .roundedQuotient, accumulatorPrecision: precision))
    }
    for mode in RoundingMode.allCases {
      let isOfAllNumbers = RoundingMode.ofAllNumbers.contains(mode)
      if isOfAllNumbers { add(.exact(mode), .exact) }
      for scale in EffectiveScaleRule.forming {
        for precision in AccumulatorPrecision.allCases {
          if precision.isOfFloat32, scale != .binary64SingleReciprocal {
            add(.float32(.afterRounding, mode), scale, precision)
          } else if !precision.isOfFloat32, isOfAllNumbers {
            add(.float64(mode), scale, precision)
          }
        }
        // Of a float32 stage that is, within a unit, the reciprocal of float32.
        if scale != .binary64SingleReciprocal { add(.float32(.afterRounding, mode), scale) }
      }
    }
    for rule in MultiplierRule.allCases {
      add(.float32(.afterRounding), .binary32OfMultiplier(rule))
      for scale in [EffectiveScaleRule.binary64, .binary32, .binary32Product, .binary32OfBinary64] {
        for last in RoundingMode.ofAllNumbers {
          for first in [nil] + firstRoundings.map(Optional.some) {
            if first != nil, isWide { continue }
            let fixed = FixedPointRule(
              multiplier: rule, leftShift: first == nil ? .folded : .wraps, highMultiply: first,
              rightShift: last)
            add(.fixedPoint(fixed), scale)
          }
        }
        if rule == .bits31 || rule == .bits15ShiftedTo62 || rule == .bits31ShiftedTo62 {
          add(.fixedPoint(.rescale(rule, carries: true)), scale)
        }
      }
    }
    for scale in [EffectiveScaleRule.binary64, .binary32, .binary32Product] {
      add(.narrowedTo16, scale)
    }
    return list.map { Candidate(profile: nil, $0) }
  }

  /// Every candidate with every combination of choices for some parts.
  static func expanded(_ candidates: [Candidate], _ parts: [ArithmeticPart]) -> [Candidate] {
    var list = candidates.filter { $0.profile == nil }.map(\.arithmetic)
    for part in parts {
      var next: [Arithmetic] = []
      var seen: Set<Arithmetic> = []
      for arithmetic in list {
        for choice in part.choices {
          var changed = arithmetic
          if !part.set(choice, in: &changed) { changed = arithmetic }
          if seen.insert(changed).inserted { next.append(changed) }
        }
      }
      list = next
    }
    return candidates.filter { $0.profile != nil } + list.map { Candidate(profile: nil, $0) }
  }
}

extension EffectiveScaleRule {
  /// The rules by which a float requantization may form `D`.
  static let forming: [EffectiveScaleRule] = [
    .binary64, .binary32, .binary64InputFirst, .binary64WeightsFirst, .binary64Reciprocal,
    .binary64SingleReciprocal, .binary32Product, .binary32InputFirst, .binary32WeightsFirst,
    .binary32Reciprocal,
    .binary32OfBinary64, .binary64Dividing, .binary32Dividing, .binary32OfReciprocals,
  ]
}

extension Candidate {
  static let fallback = Arithmetic(
    accumulator: .int32Wrapping, effectiveScale: .binary64,
    requantization: .float64(.toNearestOrEven), activationBounds: .roundedQuotient)
}

extension Arithmetic {
  /// How far the choices are from the usual ones: of what is the same in effect, the plainest is kept.
  var oddity: Int {
    var sum = 0
    if accumulator != .int32Wrapping, accumulator != .int64Wrapping { sum += 1 }
    if zeroPointAddition != .wrapping32 { sum += 1 }
    if clampOrder != .last { sum += 2 }
    if bias != .added { sum += 4 }
    if weightsZeroPoint != .used { sum += 1 }
    if accumulatorPrecision != .whole { sum += 2 }
    if effectiveScale != .binary64, effectiveScale != .binary32, effectiveScale != .exact {
      sum += 1
    }
    if conversion != .lowestBeyond { sum += 1 }
    if let rule = fixedPoint {
      if rule.multiplier != .bits31 { sum += 1 }
      if rule.carries || rule.leastRightShift > 0 { sum += 1 }
      if rule.result != .wraps { sum += 1 }
    }
    return sum
  }

  /// The choices that matter most, in a line.
  package var summary: String {
    let parts: [ArithmeticPart] = [
      .requantization, .effectiveScale, .multiplier, .firstRounding, .rounding, .accumulator,
    ]
    return parts.compactMap { part in part.choice(of: self).map { "\(part.rawValue) \($0)" } }
      .joined(separator: ", ")
  }
}
