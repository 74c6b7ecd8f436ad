import Foundation
import TestSupport
import Testing

extension CommandLineSuite {
  @Suite("official vectors: check --vectors onnx:FOLDER") struct OfficialVectorTests {
    private let folder: TemporaryFolder
    private let files: NodeTestFiles

    init() throws {
      folder = try TemporaryFolder()
      files = try NodeTestFiles()
    }

    private func check(_ more: String...) async throws -> Ended {
      try await Program.run(["check", "--vectors", "onnx:" + files.path] + more, in: folder)
    }

    @Test("references that agree exit with 0, and nothing is stored") func agree() async throws {
      try files.addQuantizeLinear()
      try files.addUnsupported("test_float8")
      let ended = try await check()
      #expect(ended.status == 0, "\(ended.error)")
      #expect(ended.text.contains("test_float8: y_zero_point is float8e4m3fn"))
      #expect(ended.text.hasSuffix("THE REFERENCES AGREE WITH THE VECTORS\n"))
      #expect(try folder.names.isEmpty)
    }

    @Test("a changed expectation exits with 5 and says where") func disagree() async throws {
      try files.addQuantizeLinear(output: [12, 13, 6])
      let ended = try await check()
      #expect(ended.status == 5)
      #expect(ended.text.contains("output [1] is 13 in the vector, 12 by exact quotient"))
      #expect(ended.isOneLine && ended.error.contains("defect of qverify"))
    }

    @Test("names cannot break a line or move the cursor") func names() async throws {
      try files.addUnsupported("test_\u{1B}[2J\nfloat8")
      let ended = try await check()
      #expect(ended.text.contains("  test_?[2J?float8: y_zero_point"), "\(ended.text)")
      try files.write([0x3A, 0x05], "test_\n/model.onnx")
      #expect(try await check().isOneLine)
    }

    @Test("nothing judged exits with 1") func nothing() async throws {
      try files.addUnsupported("test_float8")
      let ended = try await check()
      #expect(ended.status == 1)
      #expect(ended.text.contains("NOTHING WAS JUDGED"))
    }

    @Test("--json writes the same numbers") func json() async throws {
      try files.addQuantizeLinear(output: [12, 13, 7])
      let object = try await check("--json", "-").object()
      #expect(object["exitStatus"] as? Int == 5)
      #expect(object["elements"] as? Int == 3)
      let rows = try #require(object["rows"] as? [[String: Any]])
      #expect(rows.map { $0["differing"] as? Int } == [2, 2])
      #expect(rows.map { $0["operator"] as? String } == ["QuantizeLinear", "QuantizeLinear"])
    }

    @Test("folders and files that are not right exit with 2 and one line") func wrong() async throws
    {
      func expectRefused(
        _ vectors: [String], _ word: String, at place: SourceLocation = #_sourceLocation
      ) async throws {
        let ended = try await Program.run(["check", "--vectors"] + vectors, in: folder)
        #expect(ended.status == 2, sourceLocation: place)
        #expect(
          ended.isOneLine && ended.error.contains(word), "\(ended.error)", sourceLocation: place)
        #expect(ended.output.isEmpty, sourceLocation: place)
      }
      try await expectRefused(["onnx:" + files.path], "holds no test of QuantizeLinear")
      try await expectRefused(["onnx:none"], "none")
      try await expectRefused(["onnx:"], "onnx:FOLDER")
      try files.addQuantizeLinear()
      let sound = "onnx:" + files.path
      try await expectRefused([sound, "onnx:none"], "none")
      try await expectRefused([sound, "cases.jsonl"], "exclude each other")
      try await expectRefused(["-", sound], "exclude each other")
      try await expectRefused([sound, "--impl", "kernels"], "--impl")
      try await expectRefused([sound, "--answers", "x"], "--answers")
      try await expectRefused([sound, "--conformance", "nearest"], "--conformance")
      try files.write([0x3A, 0x05], "test_small/model.onnx")
      try await expectRefused([sound], "model.onnx: byte 0: a field of 5 bytes begins")
    }

    @Test(
      "the official data agrees",
      .enabled(if: OfficialNodeTests.folder != nil, "\(OfficialNodeTests.missing)"))
    func official() async throws {
      let data = try #require(OfficialNodeTests.folder)
      let ended = try await Program.run(["check", "--vectors", "onnx:" + data], in: folder)
      #expect(ended.status == 0, "\(ended.text)\(ended.error)")
      #expect(ended.text.contains("QLinearMatMul"))
    }
  }
}
