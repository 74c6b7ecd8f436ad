import Hypotheses
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Testing

@testable import MutationScore
@testable import Proofs

/// What is called equivalent among changes of the arithmetic, against proofs over every accumulator.
///
/// The reasons are statements about a rule, for all scales; here each is held against the requantizations
/// of hard scales, compared as functions of all 2^32 accumulators.
@Suite struct ProvedEquivalenceTests {
  /// Configurations of every kind of hard scales; of 16-bit outputs, which take a hundred times as long,
  /// a few.
  private static func configurations(_ output: ElementType) -> Int {
    output == .int16 ? (isOptimised ? 3 : 0) : isOptimised ? 20 : 4
  }

  @Test(
    "the changed requantization is the same function of every accumulator",
    arguments: Profiles.all.map(\.name))
  func everyAccumulator(_ name: String) throws {
    let profile = try profile(name)
    // Those that are not monotone everywhere are left out: they would have to be swept.
    var (compared, wide) = (0, 0)
    for target in MutationTarget.all([profile]) {
      let own = target.alone(target.rule.arithmetic)
      // With D of 1 and more some profiles are not monotone, and take seconds each.
      let count = Self.configurations(target.rule.types.output)
      let drawn = (0..<count).compactMap {
        DrawnConfiguration(
          seed: 11, index: $0, profile: own, types: target.rule.types, base: ProofConfiguration())
      }.filter { $0.configuration.multiplier < 0.5 }
      #expect(!drawn.isEmpty || count < 4)
      for configuration in drawn.map(\.configuration) {
        let function = try configuration.function(own)
        for (arithmetic, words) in target.equivalentArithmetics(for: function.layer) {
          guard let other = try? configuration.function(target.alone(arithmetic)),
            [function, other].allSatisfy({ $0.isMonotoneThroughout })
          else { continue }
          let comparison = try ProfileComparison(function, other)
          #expect(
            comparison.differences.accumulators == 0,
            "\(target.text): \(words): \(configuration.text)")
          compared += 1
          if target.rule.types.output == .int16 { wide += 1 }
        }
      }
    }
    if isOptimised, ["exact-even", "tflm", "litert-builtin"].contains(name) { #expect(wide > 0) }
    // Of accumulators of 48 bits nothing is compared.
    #expect(compared > 0 || profile.rules.allSatisfy { $0.types.output == .int16 }, "\(name)")
  }
}

extension MutationTarget {
  /// The profile with this rule alone, and another arithmetic in it.
  fileprivate func alone(_ arithmetic: Arithmetic) -> Profile {
    Profile(
      name: profile.name, summary: profile.summary, source: profile.source,
      rules: [
        ProfileRule(rule.types, bias: rule.biasTypes, arithmetic, where: rule.conditions)
      ], generalBias: profile.generalBias, activations: profile.activations)
  }

  /// The different arithmetics that changes called equivalent make of the rule's for a layer, each
  /// with the words of the first such change.
  fileprivate func equivalentArithmetics(for layer: Layer) -> [(Arithmetic, String)] {
    var seen: Set<Arithmetic> = [rule.arithmetic]
    var found: [(Arithmetic, String)] = []
    for (hypothesis, fate) in zip(Bank.all, Equivalence(self).fates) {
      guard case .equivalent = fate else { continue }
      var arithmetic = rule.arithmetic.resolved(for: layer)
      guard arithmetic.apply(hypothesis.changes[0], for: layer) == .changed,
        seen.insert(arithmetic).inserted
      else { continue }
      found.append((arithmetic, hypothesis.words))
    }
    return found
  }
}

extension RequantizationFunction {
  /// Whether nothing has to be asked accumulator by accumulator, which takes seconds.
  fileprivate var isMonotoneThroughout: Bool {
    let pieces = MonotonePieces(self)
    return !pieces.pieces.isEmpty && pieces.unknown.isEmpty && domain.upperBound < 1 << 32
  }
}

extension ProofConfiguration {
  /// Si·Sw/So, nearly.
  fileprivate var multiplier: Double { inputScale * weightScale / outputScale }
}
