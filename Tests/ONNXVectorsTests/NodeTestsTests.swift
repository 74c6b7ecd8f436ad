import Foundation
import ONNXVectors
import TestSupport
import Testing

@Suite struct NodeTestsTests {
  private let files: NodeTestFiles

  init() throws { files = try NodeTestFiles() }

  @Test func aTestIsJudgedByEveryReference() throws {
    try files.addQuantizeLinear()
    let tests = try NodeTests([files.path])
    #expect(tests.tests.map(\.name) == ["test_small"])
    #expect(tests.rows.map(\.elements) == [3, 3])
    #expect(tests.rows.map(\.tensors) == [4, 4])
    #expect(tests.elements == 3 && tests.differing == 0 && tests.unsupported.isEmpty)
    // A folder may be named itself, and more than one.
    let both = try NodeTests([files.path + "/test_small", files.path])
    #expect(both.elements == 6)
  }

  @Test func aChangedByteOfAnOutputIsFound() throws {
    for place in 0..<3 {
      var output: [UInt8] = [12, 12, 6]
      output[place] += 1
      try files.addQuantizeLinear(output: output)
      let tests = try NodeTests([files.path])
      #expect(tests.rows.map(\.differing) == [1, 1])
      let first = try #require(tests.tests.first?.comparisons.first?.first)
      #expect(first.contains("output [\(place)] is \(output[place]) in the vector"), "\(first)")
    }
  }

  @Test func otherModelsAreCountedAndUnsupportedOnesNamed() throws {
    try files.addQuantizeLinear()
    try files.addUnsupported("test_float8")
    try files.add("test_add", model: Wire.model("Add", inputs: ["a"]), inputs: [], output: [])
    try files.add(
      "test_own", model: Wire.model("QuantizeLinear", inputs: ["x", "s"], domain: "com.example"),
      inputs: [], output: [])
    try files.add(
      "test_two", model: Wire.model("QuantizeLinear", inputs: ["x", "s"], nodes: 2), inputs: [],
      output: [])
    try files.write([], "no_model/test_data_set_0/input_0.pb")
    let tests = try NodeTests([files.path])
    #expect(tests.otherFolders == 3)
    #expect(tests.unsupported.map { $0.test.name } == ["test_float8"])
    #expect(tests.unsupported.map(\.reason) == ["y_zero_point is float8e4m3fn"])
    #expect(tests.elements == 3)
  }

  @Test func inputsMayBeLeftOutOrHeldByTheModel() throws {
    try files.add(
      "test_held",
      model: Wire.model(
        "QuantizeLinear", inputs: ["x", "s", ""],
        initializers: [Wire.floats([], [2]) + Wire.text(8, "s")], graphInputs: ["x"]),
      inputs: [Wire.floats([2], [3, 5])], output: Wire.tensor(2, [2], raw: [2, 2]))
    let tests = try NodeTests([files.path])
    #expect(tests.elements == 2 && tests.differing == 0)
  }

  @Test func everyDataSetIsJudged() throws {
    try files.addQuantizeLinear()
    for (name, bytes) in [
      ("input_0.pb", Wire.floats([1], [9])), ("input_1.pb", Wire.floats([], [2])),
      ("input_2.pb", Wire.tensor(2, [], raw: [0])), ("output_0.pb", Wire.tensor(2, [1], raw: [5])),
    ] { try files.write(bytes, "test_small/test_data_set_1/\(name)") }
    let tests = try NodeTests([files.path])
    #expect(tests.tests.first?.dataSets == 2)
    #expect(tests.elements == 4)
    // 4.5 rounds to 4, not to 5.
    #expect(tests.rows.map(\.differing) == [1, 1])
    #expect(tests.tests.first?.comparisons.first?.first?.hasPrefix("test_data_set_1 ") == true)
  }

  @Test func aFolderWithoutSuchATestIsAnError() throws {
    #expect(throws: VectorError.noTests(path: files.path)) { try NodeTests([files.path]) }
    try files.add("test_add", model: Wire.model("Add", inputs: ["a"]), inputs: [], output: [])
    #expect(throws: VectorError.noTests(path: files.path)) { try NodeTests([files.path]) }
    #expect(throws: VectorError.self) { try NodeTests([files.path + "/none"]) }
    #expect(throws: VectorError.self) { try NodeTests([files.path + "/test_add/model.onnx"]) }
  }

  @Test func brokenFilesAreNamedWithTheByte() throws {
    try files.addQuantizeLinear()
    for name in ["model.onnx", "test_data_set_0/input_1.pb", "test_data_set_0/output_0.pb"] {
      let path = files.path + "/test_small/" + name
      let sound = try Data(contentsOf: URL(fileURLWithPath: path))
      try files.write(Array(sound) + [0x12, 0x7F], "test_small/" + name)
      let error = #expect(throws: VectorError.self) { try NodeTests([files.path]) }
      let text = error?.description ?? ""
      #expect(text.hasPrefix("\(path): byte \(sound.count): "), "\(text)")
      try files.write(Array(sound), "test_small/" + name)
    }
    #expect(try NodeTests([files.path]).differing == 0)
  }

  @Test func missingFilesAreNamed() throws {
    try files.addQuantizeLinear()
    let path = files.path + "/test_small/test_data_set_0"
    for name in ["input_2.pb", "output_0.pb", ""] {
      try FileManager.default.removeItem(atPath: name.isEmpty ? path : path + "/" + name)
      let error = #expect(throws: VectorError.self) { try NodeTests([files.path]) }
      #expect(error?.description.contains(name.isEmpty ? "test_data_set_0" : name) == true)
      try files.addQuantizeLinear()
    }
  }

  @Test func nodesThatContradictTheOperatorAreRefused() throws {
    for inputs in [["x"], ["x", "s", "z", "more"]] {
      try files.add(
        "test_bad", model: Wire.model("QuantizeLinear", inputs: inputs), inputs: [], output: [])
      #expect(throws: VectorError.self) { try NodeTests([files.path]) }
    }
    try files.add(
      "test_bad", model: Wire.model("QuantizeLinear", inputs: ["x", "s"], graphInputs: ["x"]),
      inputs: [Wire.floats([1], [3])], output: Wire.tensor(2, [1], raw: [2]))
    let error = #expect(throws: VectorError.self) { try NodeTests([files.path]) }
    #expect(error?.description.contains("no tensor 's' for y_scale") == true)
  }
}

/// The data that the ONNX project publishes.
@Suite(.enabled(if: OfficialNodeTests.folder != nil, "\(OfficialNodeTests.missing)"))
struct OfficialNodeTestsTests {
  @Test func everySupportedVectorAgreesWithEveryReference() throws {
    let tests = try NodeTests([try #require(OfficialNodeTests.folder)])
    for test in tests.tests {
      for comparison in test.comparisons {
        #expect(comparison.differing == 0, "\(test.name): \(comparison.first ?? "")")
      }
      // Whatever is judged is judged by all: the layers fit both profiles.
      if case .compared(let comparisons) = test.outcome {
        #expect(comparisons.map(\.reference) == test.operation.references, "\(test.name)")
        #expect(comparisons.allSatisfy { $0.elements > 0 })
      }
    }
    #expect(Set(tests.tests.map(\.operation)) == Set(ONNXVectors.Operation.allCases))
    // Only types that no reference covers are left out.
    for (test, reason) in tests.unsupported {
      #expect(
        reason.contains("is float8") || reason.contains("is float4"), "\(test.name): \(reason)")
    }
    #expect(tests.elements >= 276)
  }

  /// Each expected output, its first element changed.
  @Test func aChangeInAnyOutputIsFound() throws {
    let folder = try #require(OfficialNodeTests.folder)
    let sound = try NodeTests([folder])
    for test in sound.tests where !test.comparisons.isEmpty {
      let copy = try NodeTestFiles()
      let place = copy.path + "/" + test.name
      try FileManager.default.copyItem(atPath: folder + "/" + test.name, toPath: place)
      let output = place + "/test_data_set_0/output_0.pb"
      var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: output)))
      let data = try #require(try firstDataByte(bytes))
      bytes[data] ^= 1
      try Data(bytes).write(to: URL(fileURLWithPath: output))
      let tests = try NodeTests([copy.path])
      #expect(tests.rows.map(\.differing) == test.comparisons.map { _ in 1 }, "\(test.name)")
    }
  }

  /// Where the first element's least significant byte lies, in `raw_data` or `int32_data`.
  private func firstDataByte(_ bytes: [UInt8]) throws -> Int? {
    var reader = WireReader(bytes)
    while let field = try reader.next() {
      if case .bytes(let range) = field.value, field.number == 9 || field.number == 5 {
        return range.lowerBound
      }
    }
    return nil
  }
}
