import CaseGeneration
import Implementations
import Profiles
import TestCases
import Testing
import Verdicts
import Verification

@testable import PlantedKernels

/// Judges defects on the cases that `check --cases all` would send to each, in blocks, and sets aside
/// those that have been found.
struct Search {
  struct Finding {
    let defect: Defect
    let caseIndex: Int
    let caseClass: String
    let outcome: Outcome
  }

  var findings: [Finding] = []
  var missed: [Defect]
  var disagreements: [String] = []

  init(_ defects: [Defect], seed: UInt64, limit: Int) throws {
    missed = defects
    guard let profile = defects.first?.profile else { return }
    let selection = Selection(profiles: [profile], kind: .all)
    let generator = try CaseGenerator(seed: seed, selection: selection)
    var start = 0
    while start < limit, !missed.isEmpty {
      let block = start..<min(start + 64, limit)
      let cases = block.map { ReadCase(testCase: generator.testCase(UInt64($0))) }
      try judge(cases, from: start)
      start = block.upperBound
    }
  }

  private mutating func judge(_ cases: [ReadCase], from start: Int) throws {
    let collected = Collected()
    let run = CheckRun(missed, source: GivenCases(cases), options: CheckOptions(keptFailures: 1))
    try run.run { collected.append($0) }
    disagreements += run.judgeLog.messages
    var first: [String: FailureRecord] = [:]
    for failure in collected.failures {
      if let known = first[failure.implementation], known.place <= failure.place { continue }
      first[failure.implementation] = failure
    }
    for defect in missed {
      guard let failure = first[defect.name] else { continue }
      findings.append(
        Finding(
          defect: defect, caseIndex: start + failure.place,
          caseClass: failure.classes.first ?? "", outcome: failure.outcome))
    }
    missed.removeAll { first[$0.name] != nil }
  }

  var report: String {
    let found = findings.sorted { $0.caseIndex < $1.caseIndex }.map {
      "\($0.caseIndex + 1)\t\($0.caseClass)\t\($0.outcome.rawValue)\t\($0.defect.label)"
    }
    return (found + missed.map { "never\t\t\t\($0.label)" }).joined(separator: "\n")
  }
}

extension FailureRecord {
  fileprivate var place: Int { caseIndex ?? 0 }
}

struct DefectTests {
  // Debug builds take a hundred times as long: they look at the first cases only, where more than
  // half of the defects show.
  #if DEBUG
  static let limit = 192
  static let seeds: [UInt64] = [1]
  #else
  static let limit = 5_000
  static let seeds: [UInt64] = [1, 2]
  #endif

  @Test(arguments: PlainKernel.byProfile.map(\.name), DefectTests.seeds)
  func everyPlantedDefectIsFound(_ profile: String, seed: UInt64) throws {
    let planted = Defect.all.filter { $0.profile.name == profile }
    try #require(!planted.isEmpty)
    let search = try Search(planted, seed: seed, limit: DefectTests.limit)
    let tolerated = DefectTests.limit < 5_000 ? planted.count / 2 : 0
    #expect(search.missed.count <= tolerated, "seed \(seed):\n\(search.report)")
    #expect(search.disagreements.isEmpty)
  }

  @Test(arguments: PlainKernel.byProfile.map(\.name))
  func theKernelWithoutADefectIsFoundRight(_ profile: String) throws {
    let sound = Defect("none", profile) { _ in }
    let search = try Search([sound], seed: 1, limit: DefectTests.limit)
    #expect(search.findings.isEmpty, "\(search.report)")
    #expect(search.disagreements.isEmpty)
  }
}
