import CaseGeneration
import Implementations
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestCases
import TestSupport
import Testing

/// What is drawn for an implementation is what it claims.
@Suite struct NarrowingTests {
  private func randomClaim(_ random: inout SplitMix64) -> Claim {
    func some<T>(_ values: [T], _ random: inout SplitMix64) -> [T]? {
      if random.below(2) == 0 { return nil }
      let chosen = values.filter { _ in random.below(2) == 0 }
      return chosen.isEmpty ? [random.pick(values)] : chosen
    }
    let profile = random.pick(Profiles.all)
    // Whoever computes any activation computes layers without one.
    var activations = some(profile.activations, &random)
    if activations?.contains("none") == false { activations?.insert("none", at: 0) }
    return Claim(
      types: some(profile.types, &random),
      weights: random.pick([nil, [.perTensor], [.perChannel], [.perTensor, .perChannel]]),
      weightZeroPoint: random.pick([nil, true, false]),
      bias: random.pick([nil, [.none], [.accumulator], [.none, .accumulator]]),
      activations: activations, profile: profile.name)
  }

  @Test func whatIsDrawnLiesWithinTheClaim() throws {
    var random = SplitMix64(seed: 11)
    var (drawn, outside, made) = (0, 0, 0)
    var places: [String: Int] = [:]
    for _ in 0..<draws(300) {
      let claim = randomClaim(&random)
      let profiles = Profiles.narrowed(to: [claim])
      #expect(profiles.allSatisfy { $0.name == claim.profile })
      guard !profiles.isEmpty,
        let generator = try? CaseGenerator(
          seed: random.next(), selection: Selection(profiles: profiles))
      else { continue }
      made += 1
      for index in 0..<UInt64(draws(200)) {
        let testCase = generator.testCase(index)
        // A case that must be refused may break the very rule that the claim is about.
        guard testCase.refuse == nil else { continue }
        drawn += 1
        guard !claim.covers(testCase.layer) else { continue }
        outside += 1
        places[cause(claim, testCase), default: 0] += 1
      }
    }
    #expect(made > draws(300) / 3 && drawn > draws(10_000, debug: 100))
    #expect(
      outside * 1_000 < drawn,
      "\(outside) of \(drawn) legal cases are not claimed: \(places.sorted { $0.value > $1.value }.prefix(8))"
    )
  }

  /// Which part of a claim does not cover a case, and the case's class.
  private func cause(_ claim: Claim, _ testCase: TestCase) -> String {
    var names: [String] = []
    var wider = claim
    wider.types = nil
    if wider.covers(testCase.layer) { names.append("types") }
    wider = claim
    wider.weights = nil
    if wider.covers(testCase.layer) { names.append("weights") }
    wider = claim
    wider.weightZeroPoint = nil
    if wider.covers(testCase.layer) { names.append("weightZeroPoint") }
    wider = claim
    wider.bias = nil
    if wider.covers(testCase.layer) { names.append("bias") }
    wider = claim
    wider.activations = nil
    if wider.covers(testCase.layer) { names.append("activations") }
    return "\(names.joined(separator: "+")) in \(testCase.mainClass)"
  }

  @Test func theSameClaimsDrawTheSameCases() throws {
    var random = SplitMix64(seed: 12)
    for _ in 0..<draws(20) {
      let claims = [randomClaim(&random), randomClaim(&random)]
      // Through text, as `check --claims` and a hello line have them.
      let again = try ClaimReader().read(json: Array(claims.json.utf8))
      #expect(again == claims)
      let selections = [claims, again].map { Selection(profiles: Profiles.narrowed(to: $0)) }
      let generators = selections.map { try? CaseGenerator(seed: 5, selection: $0) }
      guard let first = generators[0], let second = generators[1] else {
        #expect(generators[0] == nil && generators[1] == nil)
        continue
      }
      var writer = CaseWriter()
      for index in 0..<UInt64(50) {
        let lines = [first, second].map { writer.write($0.testCase(index)) }
        #expect(lines[0] == lines[1])
      }
    }
  }

  @Test func whoClaimsEverythingGetsTheWholeProfile() {
    for profile in Profiles.all {
      #expect(Profiles.narrowed(to: [Claim(profile: profile)]) == [profile])
    }
  }
}
