package import Implementations
import Profiles
import QuantizedLayers
package import TestCases
package import Verdicts

/// What one implementation is asked in one case, and what its answer is held to.
package struct Question: Hashable, Sendable {
  /// The arithmetic that the answer is compared with.
  package var profile: String
  package let conformance: Conformance
  /// The arithmetic that the implementation is asked for, where that is another.
  package var asked: String?
  /// The implementation computes what its profile accepts, though qverify refuses it.
  package let refusesAsProfile: Bool
}

/// Finds what an implementation may be asked, from its claims.
package struct Questioner: Sendable {
  private let claims: [Claim]
  /// What the user asks for in place of what is claimed.
  private let asked: Conformance?
  /// Several implementations are compared with each other: each computes every case that it can, by
  /// its own arithmetic.
  private let crossesProfiles: Bool

  package init(_ claims: [Claim], asked: Conformance?, crossesProfiles: Bool) {
    self.claims = claims
    self.asked = asked
    self.crossesProfiles = crossesProfiles
  }

  /// `nil` where the claims do not cover the case.
  package func question(_ testCase: TestCase) -> Question? {
    var other: Claim?
    for claim in claims where claim.covers(testCase.layer) {
      if claim.profile == testCase.profile { return question(claim, testCase) }
      // A profile from a file is held against whoever computes such layers, whatever is claimed.
      if let name = testCase.profile, Profiles.isAdded(name) {
        return Question(
          profile: name, conformance: asked ?? .profile, asked: claim.profile,
          refusesAsProfile: claim.refusals == .asProfile)
      }
      if claim.profile == nil { return question(claim, testCase) }
      guard other == nil, testCase.profile == nil || crossesProfiles,
        isDefined(testCase.layer, claim.profile)
      else { continue }
      other = claim
    }
    return other.flatMap { question($0, testCase) }
  }

  private func question(_ claim: Claim, _ testCase: TestCase) -> Question {
    // Who claims no arithmetic is held to the true value.
    let conformance = asked ?? (claim.profile == nil ? claim.conformance ?? .nearest : .profile)
    return Question(
      profile: claim.profile ?? "exact-even", conformance: conformance, asked: nil,
      refusesAsProfile: claim.refusals == .asProfile)
  }

  /// Whether a profile defines the layer; one that must be refused may be sent to anybody.
  private func isDefined(_ layer: RawLayer, _ profile: String?) -> Bool {
    guard let valid = try? layer.validated() else { return true }
    guard let profile = profile.flatMap({ Profiles.named($0) }) else { return false }
    return (try? profile.arithmetic(for: valid)) != nil
  }
}
