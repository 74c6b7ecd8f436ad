import CaseGeneration
import Hypotheses
import Profiles
import QuantizedLayers
import TestCases
import Testing

@testable import MutationScore

#if DEBUG
let isOptimised = false
#else
let isOptimised = true
#endif

/// Cases of the generator for some profiles.
func generated(
  _ profiles: [Profile], count: Int, kind: Selection.Kind = .all, seed: UInt64 = 1
) throws -> [TestCase] {
  let generator = try CaseGenerator(
    seed: seed, selection: Selection(profiles: profiles, kind: kind))
  return (0..<UInt64(count)).map { generator.testCase($0) }
}

func profile(_ name: String) throws -> Profile {
  try #require(Profiles.named(name))
}

func target(_ name: String, _ types: String) throws -> MutationTarget {
  let triple = TypeTriple(types)
  return try #require(
    MutationTarget.all([try profile(name)]).first { $0.rule.types == triple })
}
