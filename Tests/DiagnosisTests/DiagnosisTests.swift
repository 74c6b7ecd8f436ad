import CaseGeneration
import Diagnosis
import Hypotheses
import Implementations
import Profiles
import TestCases
import Testing
import Verdicts
import Verification

@testable import PlantedKernels

#if DEBUG
  private let cases: UInt64 = 256
#else
  private let cases: UInt64 = 2_000
#endif

/// What `check` would find of a kernel, and the diagnosis of it.
private func diagnosis(_ defect: Defect) throws -> Diagnosis {
  func sample(_ seed: UInt64, _ count: UInt64) throws -> EvidenceSample {
    let generator = try CaseGenerator(
      seed: seed, selection: Selection(profiles: [defect.profile], kind: .all))
    let run = CheckRun(
      [defect],
      source: GivenCases((0..<count).map { ReadCase(testCase: generator.testCase($0)) }),
      options: CheckOptions(keptFailures: 0))
    try run.run { _ in }
    return try #require(run.evidence.first)
  }
  let (seen, more) = (try sample(1, cases), try sample(99, 256))
  return Diagnostician(seen).diagnosis { more }
}

private func planted(_ name: String, _ profile: String) throws -> Defect {
  try #require(
    Defect.all.first { $0.name == name && $0.profile.name == profile },
    "no planted kernel \(profile): \(name)")
}

struct DiagnosisTests {
  @Test func explore() throws {
    for defect in Defect.all {
      let found = try diagnosis(defect)
      print("D| \(defect.profile.name): \(defect.name) => \(found.lines.prefix(1).joined())")
    }
  }
}
