import CaseGeneration
import Implementations
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Testing
import Verdicts
import Verification

/// Computes what its profile's runtime accepts, though qverify refuses it; optionally one off.
private struct Tolerant: Implementation {
  let profile: Profile
  var offset: UInt8 = 0
  var refusals = Claim.Refusals.asProfile

  var name: String { "tolerant" }
  var version: String { "1" }
  var kind: String { "test" }
  var summary: String { "" }
  var claims: [Claim] {
    var claim = Claim(profile: profile)
    claim.refusals = refusals
    return [claim]
  }
  var unavailable: String? { nil }
  func start() throws(StartError) -> any Session { TolerantSession(self) }
}

private final class TolerantSession: Session {
  let implementation: Tolerant
  let reference: any Session

  init(_ implementation: Tolerant) {
    self.implementation = implementation
    guard let built = BuiltInImplementations.named(implementation.profile.name),
      let session = try? built.start()
    else { fatalError("no reference of \(implementation.profile.name)") }
    reference = session
  }

  func answer(_ requests: [Request]) -> [Answer] {
    requests.map { request in
      guard case .computed(let values) = implementation.profile.answer(toInvalid: request.layer)
      else { return reference.answer([request])[0] }
      let bytes = ElementBytes.bytes(values.map { Int64($0) }, as: request.layer.output.type)
      return .output(bytes.map { $0 &+ implementation.offset })
    }
  }
}

@Suite("configurations that must be refused") struct RefusalTests {
  private func counts(_ implementation: Tolerant) throws -> TallyCounts {
    let generator = try CaseGenerator(
      seed: 5, selection: Selection(profiles: [implementation.profile], kind: .invalid))
    let run = CheckRun(
      [implementation], source: GeneratedCases(generator, count: 600), options: CheckOptions())
    let sum = Sum()
    try run.run { batch in sum.add(batch) }
    #expect(run.judgeLog.totalDisagreements == 0)
    return sum.counts
  }

  @Test(
    "what the claimed profile accepts is compared, and tolerated",
    arguments: ["ort", "tflm", "litert-reference"])
  func tolerated(name: String) throws {
    let profile = try #require(Profiles.named(name))
    let counts = try counts(Tolerant(profile: profile))
    #expect(counts.failed == 0)
    #expect(counts.tolerated > 20)
    #expect(counts.outcomes[.acceptedInvalid] == counts.tolerated)
    #expect(counts.outputs > 0 && counts.mismatchedOutputs == 0)
  }

  @Test("computed otherwise than the profile does, it is a mismatch")
  func computedOtherwise() throws {
    let profile = try #require(Profiles.named("ort"))
    let counts = try counts(Tolerant(profile: profile, offset: 1))
    #expect(counts.tolerated == 0)
    #expect(counts.outcomes[.mismatch] > 20)
    #expect(counts.failed == counts.outcomes[.mismatch])
  }

  @Test("without the claim, computing it fails") func strict() throws {
    let profile = try #require(Profiles.named("ort"))
    let counts = try counts(Tolerant(profile: profile, refusals: .strict))
    #expect(counts.tolerated == 0)
    #expect(counts.outcomes[.acceptedInvalid] > 20)
    #expect(counts.failed == counts.outcomes[.acceptedInvalid])
  }
}

/// Adds batches up; they come one at a time.
private final class Sum: @unchecked Sendable {
  private(set) var counts = TallyCounts()
  func add(_ batch: BatchResult) { for tally in batch.tallies { counts += tally.counts } }
}
