import Foundation
import Hypotheses
import Profiles
import QuantizedLayers
import TestCases
import Testing

@testable import MutationScore

/// The committed cases kill every wrong kernel that is neither equivalent nor listed.
@Suite struct CommittedVectorTests {
  private static let folder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Vectors/mutation")

  private struct Survivor: Decodable {
    let words: String
    let reason: String
    let targets: [String]
  }

  private func cases() throws -> [TestCase] {
    let reader = try VectorFileReader(
      path: Self.folder.appendingPathComponent("fullyConnected.jsonl").path)
    var cases: [TestCase] = []
    while let read = try reader.next() { cases.append(read.testCase) }
    return cases
  }

  #if !DEBUG
  @Test("every rule of every profile is met, and what survives is what is listed")
  func strength() throws {
    let data = try Data(
      contentsOf: Self.folder.appendingPathComponent("fullyConnected.survivors.json"))
    let listed = try JSONDecoder().decode([Survivor].self, from: data)
    #expect(listed.allSatisfy { !$0.reason.isEmpty })
    let expected = Set(listed.flatMap { entry in entry.targets.map { [$0, entry.words] } })
    var scorer = MutationScorer(Profiles.all, jobs: 2)
    scorer.add(try cases())
    #expect(scorer.untouched.map(\.text) == [])
    let found = Set(
      scorer.scores.flatMap { score in score.survivors.map { [score.target.text, $0.words] } })
    #expect(found.subtracting(expected) == [], "survivors that are not listed")
    #expect(expected.subtracting(found) == [], "listed, but no survivors")
  }
  #endif

  @Test("each case is a legal layer that some profile defines, and the file is small")
  func sound() throws {
    let path = Self.folder.appendingPathComponent("fullyConnected.jsonl").path
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    // Sums of 8-bit products leave int32 with 33,026 terms and more: these are most of it.
    #expect(try #require(size) < 5 << 19)
    for testCase in try cases() {
      let layer = try testCase.layer.validated()
      #expect(testCase.profile == nil && testCase.refuse == nil)
      #expect(Profiles.all.contains { (try? $0.reference(for: layer)) != nil })
    }
  }
}
