import CaseGeneration
import Explanation
import Profiles
import QuantizedLayers
import TestCases
import Testing

@Suite("Traces and explanations of generated cases")
struct GeneratedCasesTests {
  #if DEBUG
  static let perProfile: UInt64 = 40
  #else
  static let perProfile: UInt64 = 400
  #endif

  static func generator(_ profile: Profile) throws -> CaseGenerator {
    try CaseGenerator(seed: 11, selection: Selection(profiles: [profile]))
  }

  @Test("A trace ends with the output and the departures of the reference", arguments: Profiles.all)
  func traces(_ profile: Profile) throws {
    let generator = try GeneratedCasesTests.generator(profile)
    var outputs = ReferenceOutputs()
    var operands = Operands()
    var compared = 0
    for index in 0..<GeneratedCasesTests.perProfile {
      let testCase = generator.testCase(index)
      guard testCase.refuse == nil else { continue }
      let layer = try testCase.layer.validated()
      try Operators.named(testCase.layer.operation).lower(layer, into: &operands)
      let reference = try profile.reference(for: layer)
      reference.run(operands, into: &outputs)
      for output in 0..<min(layer.outputCount, 16) {
        let trace = reference.trace(
          row: output / layer.channels, channel: output % layer.channels, operands: operands)
        #expect(trace.value == outputs.values[output])
        #expect(trace.departure == outputs.departures[output])
        guard case .clamp(_, _, let last) = trace.steps.last else {
          Issue.record("a trace must end with the clamp")
          continue
        }
        #expect(last == Int64(trace.value))
        compared += 1
      }
    }
    #expect(compared >= Int(GeneratedCasesTests.perProfile) / 2)
  }

  @Test("No line is wider than 100 columns, and no case traps", arguments: Profiles.all)
  func widths(_ profile: Profile) throws {
    let generator = try GeneratedCasesTests.generator(profile)
    for index in 0..<(GeneratedCasesTests.perProfile / 4) {
      let testCase = generator.testCase(index)
      let explanation = try Explanation(testCase.layer, profile: profile, title: "case \(index)")
      for line in explanation.lines { #expect(line.count <= 100, "\(line)") }
      #expect((explanation.result == nil) == (testCase.refuse != nil))
      let text = explanation.lines.joined(separator: "\n")
      #expect(!text.contains("VIOLATED") && !text.contains("DIFFERS") && !text.contains("NOT the"))
    }
  }
}
