import Foundation
import Implementations
import Profiles
import QuantizedLayers
import TestCases
import Testing
import Verdicts
import Verification

/// The committed vectors whose expected outputs were measured on real runtimes.
struct MeasuredVectorTests {
  private static let path = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("Vectors/fullyConnected/measured.jsonl").path

  private func cases() throws -> [ReadCase] {
    let reader = try VectorFileReader(path: Self.path)
    var cases: [ReadCase] = []
    while let read = try reader.next() { cases.append(read) }
    return cases
  }

  @Test func everyReferenceGivesWhatItsRuntimeGave() throws {
    let cases = try cases()
    try #require(cases.count == 174)
    for read in cases {
      let profile = try #require(Profiles.named(read.testCase.profile ?? ""))
      let layer = try read.testCase.layer.validated()
      let reference = try profile.reference(for: layer)
      var operands = Operands()
      FullyConnected.lower(layer, into: &operands)
      var outputs = ReferenceOutputs()
      reference.run(operands, into: &outputs)
      #expect(
        outputs.bytes(as: layer.output.type) == read.expected?.output, "\(read.testCase.origin)")
    }
  }

  @Test(arguments: BuiltInImplementations.all.filter { $0.unavailable == nil }.map(\.name))
  func noImplementationFailsOnThem(name: String) throws {
    let implementation = try #require(BuiltInImplementations.named(name))
    let run = CheckRun([implementation], source: GivenCases(try cases()), options: CheckOptions())
    try run.run { _ in }
    #expect(run.failureCount == 0)
    #expect(run.judgeLog.totalDisagreements == 0)
  }

  @Test func aChangedExpectationIsADisagreementOfTheJudges() throws {
    var changed = try cases()
    let index = try #require(changed.firstIndex { $0.testCase.profile == "tflm" })
    let output = try #require(changed[index].expected?.output.first)
    changed[index].expected?.output[0] = output ^ 1
    let implementation = try #require(BuiltInImplementations.named("tflm"))
    let run = CheckRun([implementation], source: GivenCases(changed), options: CheckOptions())
    try run.run { _ in }
    #expect(run.judgeLog.totalDisagreements == 1)
  }
}
