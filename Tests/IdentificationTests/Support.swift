import Identification
import Implementations
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestCases
import Testing

/// Identifies the arithmetic of an implementation for one of its combinations of types; with the first bias
/// that the claimed profile has where none is given.
func identified(
  _ implementation: any Implementation, _ types: TypeTriple, bias: ElementType? = nil,
  budget: Int = 200
) throws -> Identification {
  let claims = implementation.claims
  let profile = claims.first?.profile.flatMap { Profiles.named($0) }
  let biases = profile?.rules.first { $0.types == types }?.biasTypes ?? []
  let subject = try #require(
    Subject.all(claims).first {
      $0.types == types && biases.contains($0.biasType) && (bias == nil || $0.biasType == bias)
    })
  let session = try implementation.start()
  var writer = CaseWriter()
  return Identifier(subject, claims: claims, budget: budget) { layers in
    session.answer(
      layers.map { layer in
        var testCase = TestCase(
          origin: .given(id: ""), classes: [], profile: claims.first?.profile, layer: layer)
        testCase.origin = .given(id: writer.identifier(of: testCase))
        return Request(testCase)
      })
  }.identification()
}

func names(_ found: Identification) -> [String] {
  if case .named(let names, _) = found.conclusion { names } else { [] }
}
