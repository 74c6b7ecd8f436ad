import CaseGeneration
import Diagnosis
import Implementations
import QuantizedArithmetic
import TestCases
import Testing
import Verdicts
import Verification

@testable import PlantedKernels

#if DEBUG
private let cases: UInt64 = 256
#else
private let cases: UInt64 = 1_200
#endif

/// What `check` would find of a kernel, and the diagnosis of it.
func diagnosis(
  _ defect: Defect, inputs: [ElementType] = ElementType.quantized
) throws -> Diagnosis {
  func sample(_ seed: UInt64, _ count: UInt64) throws -> EvidenceSample {
    let generator = try CaseGenerator(
      seed: seed, selection: Selection(profiles: [defect.profile], inputTypes: inputs, kind: .all))
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
