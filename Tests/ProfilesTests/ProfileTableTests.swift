import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

@Suite struct ProfileTableTests {
  @Test func namesAreUniqueAndFound() {
    #expect(Set(Profiles.all.map(\.name)).count == Profiles.all.count)
    for profile in Profiles.all { #expect(Profiles.named(profile.name) == profile) }
    #expect(Profiles.named("nosuch") == nil)
  }

  @Test func theDocumentedNamesAreThere() {
    let expected: Set = [
      "exact-even", "exact-away", "exact-up", "litert-reference", "litert-builtin",
      "litert-builtin-sse", "litert-xnnpack", "litert-xnnpack-avx2", "tflm", "single-rounding",
      "cmsis-nn", "gemmlowp", "ort", "ort-avx2", "tosa-single", "tosa-double", "tosa-single-16",
      "tosa-inexact", "tflm-int16", "litert-reference-arm64", "litert-builtin-arm64",
      "litert-xnnpack-arm64", "litert-xnnpack-arm64-rndnu", "litert-xnnpack-arm64-rndnu16",
      "ort-arm64", "litert-builtin-arm64-nodot", "ort-arm64-nodot",
    ]
    #expect(expected == Set(Profiles.all.map(\.name)))
  }

  @Test(arguments: Profiles.all)
  func everyProfileIsDescribed(profile: Profile) {
    #expect(!profile.summary.isEmpty && !profile.source.isEmpty && !profile.rules.isEmpty)
    #expect(Set(profile.activations).isSubset(of: ["none", "relu", "relu6", "clamp"]))
    #expect(profile.activations.contains("none"))
    #expect(profile.isExact == profile.name.hasPrefix("exact-"))
    for rule in profile.rules {
      #expect(!rule.biasTypes.isEmpty && profile.types.contains(rule.types))
    }
  }

  @Test(arguments: Profiles.all)
  func everyRuleIsReachedByAPlainLayer(profile: Profile) throws {
    for rule in profile.rules {
      for biasType in rule.biasTypes {
        var maker = LayerMaker(rule.types)
        maker.biasType = biasType
        #expect(try profile.arithmetic(for: try maker.layer()) == rule.arithmetic)
        for condition in rule.conditions {
          #expect(condition.holds(for: try maker.layer(), arithmetic: rule.arithmetic))
        }
      }
    }
  }

  @Test func exactProfilesDefineEveryTypeTriple() throws {
    for name in ["exact-even", "exact-away", "exact-up"] {
      #expect(Set(try profile(name).types) == Set(LayerMaker.allTypes))
    }
  }

  @Test(arguments: [TypeTriple(.int8), TypeTriple(.uint8)])
  func everyProfileHasItsOwnArithmetic(types: TypeTriple) throws {
    // Apart from those whose instruction sets differ for other types only.
    let found = Profiles.all.filter {
      types == TypeTriple(.int8) || $0.name != "litert-xnnpack-avx2"
    }
    .compactMap { profile in profile.rules.first { $0.types == types }.map(\.arithmetic) }
    #expect(Set(found).count == found.count && found.count > 10)
  }
}
