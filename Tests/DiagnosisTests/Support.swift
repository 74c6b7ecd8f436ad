import CaseGeneration
import Diagnosis
import Implementations
import Profiles
import QuantizedArithmetic
import TestCases
import Testing
import Verdicts
import Verification

@testable import PlantedKernels

#if DEBUG
let cases: UInt64 = 256
#else
let cases: UInt64 = 1_200
#endif

/// What a check of a kernel over generated cases keeps.
func sample(
  _ defect: Defect, seed: UInt64, count: UInt64 = cases,
  inputs: [ElementType] = ElementType.quantized
) throws -> EvidenceSample {
  let generator = try CaseGenerator(
    seed: seed, selection: Selection(profiles: [defect.profile], inputTypes: inputs, kind: .all))
  let run = CheckRun(
    [defect],
    source: GivenCases((0..<count).map { ReadCase(testCase: generator.testCase($0)) }),
    options: CheckOptions(keptFailures: 0))
  try run.run { _ in }
  return try #require(run.evidence.first)
}

/// What `check` would find of a kernel, and the diagnosis of it.
func diagnosis(
  _ defect: Defect, inputs: [ElementType] = ElementType.quantized
) throws -> Diagnosis {
  let seen = try sample(defect, seed: 1, inputs: inputs)
  let more = try sample(defect, seed: 99, count: 256, inputs: inputs)
  return Diagnostician(seen).diagnosis { more }
}

/// Every case of some classes, with what a kernel answers.
func every(_ defect: Defect, _ classes: [String], _ count: UInt64) throws -> [Evidence] {
  let generator = try CaseGenerator(
    seed: 1, selection: Selection(profiles: [defect.profile], kind: .edge, classes: classes))
  let session = defect.start()
  return (0..<count).compactMap { index in
    let testCase = generator.testCase(index)
    guard case .output(let bytes)? = session.answer([Request(testCase)]).first else { return nil }
    return Evidence(
      index: Int(index), testCase: testCase, profile: defect.profile.name, output: bytes)
  }
}
