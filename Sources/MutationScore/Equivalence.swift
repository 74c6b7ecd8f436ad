package import Hypotheses
import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// Which wrong kernels are none, and why.
///
/// Each statement follows from the rule alone (its types, bias, conditions and arithmetic) and holds
/// for every layer of the domain; nothing here is concluded from cases. What has no reason here is not
/// equivalent, however many cases it survives.
package struct Equivalence {
  package let target: MutationTarget

  package init(_ target: MutationTarget) { self.target = target }

  /// By place in the bank: equivalent with its reason, or survived so far.
  var fates: [Fate] {
    Bank.all.map { hypothesis in
      guard let change = hypothesis.changes.first, hypothesis.changes.count == 1,
        let reason = reason(change)
      else { return .survived }
      return .equivalent(reason)
    }
  }

  /// Why a change is none for any layer of the rule's domain; `nil`: it may be one.
  package func reason(_ change: Change) -> String? {
    if case .profile(let name) = change { return profileReason(name) }
    // A rule that leaves layers to other kernels is several arithmetics: the change is none in each.
    var first: String?
    for arithmetic in target.rule.arithmetic.resolutions {
      guard let reason = RuleFacts(target, arithmetic).reason(change) else { return nil }
      first = first ?? reason
    }
    return first
  }
}

extension Equivalence {
  /// Of a kernel that follows another profile.
  private func profileReason(_ name: String) -> String? {
    guard let other = Profiles.named(name) else { return nil }
    let rules = other.rules.filter { rule in
      rule.types == target.rule.types
        && rule.biasTypes.contains { target.rule.biasTypes.contains($0) }
    }
    if rules.isEmpty { return "\(name) defines no layers of these types: there is no such kernel" }
    var first: String?
    for rule in rules {
      guard let reason = shared(rule, of: other).reason(rule.arithmetic) else { return nil }
      first = first ?? reason
    }
    return first
  }

  /// Beyond the other rule's domain there is no such kernel: what that pins holds too, and there are
  /// no activations but those that both have. Conditions on the other's `D` hold where this is the
  /// same `D`.
  private func shared(_ other: ProfileRule, of profile: Profile) -> Equivalence {
    let pins: [DomainCondition] = [
      .zeroWeightsZeroPointPerChannel, .perTensor, .zeroSignedWeightsZeroPoint,
      .zeroActivationZeroPoints, .oneWeightsZeroPoint, .zeroWeightsZeroPoint,
    ]
    let own = target.rule
    let sharesScale = own.arithmetic.effectiveScale == other.arithmetic.effectiveScale
    let (mine, theirs) = (target.profile, profile)
    return Equivalence(
      MutationTarget(
        profile: Profile(
          name: mine.name, summary: mine.summary, source: mine.source, rules: mine.rules,
          generalBias: mine.generalBias && theirs.generalBias,
          activations: mine.activations.filter { theirs.activations.contains($0) }),
        place: target.place,
        rule: ProfileRule(
          own.types, bias: own.biasTypes, own.arithmetic,
          where: own.conditions
            + other.conditions.filter { pins.contains($0) || sharesScale && $0.isAboutMultiplier }))
    )
  }

  private func reason(_ other: Arithmetic) -> String? {
    let own = target.rule.arithmetic
    if own == other { return "the arithmetic is this already" }
    // The same regions are left to other kernels, or every part is compared with every other.
    let isAlike = own.variants.map(\.region) == other.variants.map(\.region)
    var first: String?
    for (index, arithmetic) in own.resolutions.enumerated() {
      for (place, changed) in other.resolutions.enumerated() where !isAlike || index == place {
        guard let reason = RuleFacts(target, arithmetic).steps(to: changed) else { return nil }
        first = first ?? reason
      }
    }
    return first
  }
}

extension Arithmetic {
  /// What ``resolved(for:)`` may give.
  var resolutions: [Arithmetic] {
    var rest = self
    rest.variants.removeAll { $0.region == .oneRow }
    return [rest]
      + variants.map { variant in
        var whole = self
        whole.requantization = variant.requantization
        whole.accumulator = variant.accumulator ?? accumulator
        whole.variants = []
        return whole
      }
  }
}

/// What a rule says of all its layers, for one of its arithmetics.
struct RuleFacts {
  let target: MutationTarget
  var arithmetic: Arithmetic

  init(_ target: MutationTarget, _ arithmetic: Arithmetic) {
    self.target = target
    self.arithmetic = arithmetic
  }

  var types: TypeTriple { target.rule.types }

  private func requires(_ condition: DomainCondition) -> Bool {
    target.rule.conditions.contains(condition)
  }

  var isPerTensor: Bool { requires(.perTensor) }
  var activationZeroPointsAreZero: Bool { requires(.zeroActivationZeroPoints) }
  var weightsZeroPointIsOne: Bool {
    requires(.oneWeightsZeroPoint) || requires(.perTensor)
      || requires(.zeroWeightsZeroPointPerChannel)
  }
  var weightsZeroPointIsZero: Bool {
    requires(.zeroWeightsZeroPoint)
      || (requires(.zeroSignedWeightsZeroPoint) && types.weights != .uint8)
  }
  /// Whether it is the same to ignore the weights' zero points where weights are per channel.
  var channelsHaveNoZeroPoint: Bool {
    isPerTensor || weightsZeroPointIsZero || requires(.zeroWeightsZeroPointPerChannel)
  }
  var scalesAreBinary32: Bool { requires(.binary32Scales) }
  /// Whether `D` is finite in float32 too.
  var multiplierIsFinite: Bool {
    requires(.multiplierBelow256) || requires(.shiftBelow32) || requires(.predictableRescale)
      || (requires(.finiteMultiplier) && arithmetic.effectiveScale == .binary32)
  }
  var isPredictable: Bool { requires(.predictableRescale) }

  var hasBias: Bool { target.rule.biasTypes.contains { $0 != nil } }
  var hasWideBias: Bool { target.rule.biasTypes.contains(.int64) }
  var hasGeneralBias: Bool { hasBias && target.profile.generalBias }
  var outputHas8Bits: Bool { types.output.byteCount == 1 }

  func has(_ activation: String) -> Bool { target.profile.activations.contains(activation) }

  /// Every requantization of a layer: the arithmetic's, and those of its other kernels.
  var requantizations: [Requantization] {
    [arithmetic.requantization] + arithmetic.variants.map(\.requantization)
  }

  /// Exponents of multipliers are at most this.
  var greatestExponent: Int {
    if requires(.shiftBelow8) { return 7 }
    if requires(.multiplierBelow256) { return 9 }
    return isPredictable ? 29 : requires(.shiftBelow32) ? 31 : .max
  }

  func reason(_ change: Change) -> String? {
    switch change {
    case .only(_, let inner): reason(inner)
    case .part(let part, let choice): unchanged(part, choice) ?? reason(part, choice)
    case .profile: nil
    case .roundings(let first, let last): roundings(first, last)
    case .computed(let kind, let conversion): computed(kind, conversion)
    case .zeroPoint(let operand, let slip): zeroPoint(operand, slip)
    case .addedZeroPoint(let slip): zeroPoint(.output, slip)
    case .zeroPointSwappedWithOutput(let operand, _):
      activationZeroPointsAreZero && (operand == .input || weightsZeroPointIsZero)
        ? "both zero points are 0" : nil
    case .inSum(_, let inner): reason(inner)
    case .swappedZeroPoints:
      activationZeroPointsAreZero && weightsZeroPointIsZero ? "both zero points are 0" : nil
    case .correction(let correction, _): correctionReason(correction)
    case .bias(let slip): bias(slip)
    case .channel(let parameter, let slip): channel(parameter, slip)
    case .elements(let operand, let slip): elements(operand, slip)
    case .difference(let operand, _): difference(operand)
    case .product: product
    case .sum(let bits, let overflow, let everyStep): sum(bits, overflow, everyStep)
    case .accumulator(let bits, _): accumulator(bits)
    case .requantized(let bits, let overflow): requantized(bits, overflow)
    case .multiplier(let slip): multiplier(slip)
    case .bounds(let slip, _): bounds(slip)
    case .transposedAccumulators, .terms, .tailChannels, .layout, .partialSums, .sumFromBias: nil
    }
  }

  // MARK: The same arithmetic

  /// The part cannot be set, or is that already.
  private func unchanged(_ part: ArithmeticPart, _ choice: String) -> String? {
    if part == .effectiveScale, choice.hasPrefix("binary32OfMultiplier"),
      arithmetic.requantization.kind != .float32
    {
      return "only a float32 requantization takes a multiplier for D"
    }
    var changed = arithmetic
    guard part.set(choice, in: &changed) else { return "the arithmetic has no such part" }
    return changed == arithmetic ? "the arithmetic is this already" : nil
  }

  private func roundings(_ first: RoundingMode?, _ last: RoundingMode) -> String? {
    guard case .fixedPoint(let rule) = arithmetic.requantization else {
      return "the arithmetic has no fixed-point product"
    }
    if rule.highMultiply == first, rule.rightShift == last {
      return "the arithmetic is this already"
    }
    var changed = arithmetic
    changed.setRoundings(first, last)
    return steps(to: changed)
  }

  private func computed(_ kind: RequantizationKind, _ conversion: Conversion) -> String? {
    var changed = arithmetic
    changed.compute(in: kind, conversion)
    return steps(to: changed)
  }

  /// Part by part to another arithmetic; every step has to be none for what the steps before left.
  func steps(to other: Arithmetic) -> String? {
    guard other.variants == arithmetic.variants,
      other.requantization.kind == arithmetic.requantization.kind
    else { return nil }
    var facts = self
    var reasons: [String] = []
    if !other.requantization.isFloat, other.variants.isEmpty {
      // What becomes of a float beyond int32 is no choice of integers.
      facts.arithmetic.conversion = other.conversion
    }
    if let reason = facts.endsAlike(other) { reasons.append(reason) }
    if let reason = facts.roundsTwiceAlike(other) { reasons.append(reason) }
    for part in ArithmeticPart.allCases {
      guard let choice = part.choice(of: other), choice != part.choice(of: facts.arithmetic) else {
        continue
      }
      guard let reason = facts.reason(part, choice), part.set(choice, in: &facts.arithmetic) else {
        return nil
      }
      if !reasons.contains(reason) { reasons.append(reason) }
    }
    guard facts.arithmetic == other else { return nil }
    return reasons.isEmpty ? "the arithmetic is this already" : reasons.joined(separator: "; ")
  }
}
