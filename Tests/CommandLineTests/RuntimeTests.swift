import Foundation
import Testing

extension CommandLineSuite {
  /// The real runtimes of `qverify.yaml`, where `make runtimes` could set them up.
  @Suite("real runtimes") struct RuntimeTests {
    private static let python = Program.repository + "/.runtimes/bin/python"
    private static let tosaPython = Program.repository + "/.runtimes/tosa/bin/python"

    private static func has(_ python: String, _ module: String) -> Bool {
      FileManager.default.isExecutableFile(atPath: python)
        && Tool.succeeds([python, "-c", "import \(module)"])
    }

    /// On this processor, with more than enough cases to meet every class.
    private func conforms(_ name: String) async throws {
      let folder = try TemporaryFolder()
      let ended = try await Running(
        [
          try Program.path, "check", "--impl", name, "--count", "1500", "--no-store", "--json",
          folder.file("result.json"),
        ], in: Program.repository
      ).wait()
      #expect(ended.status == 0, "\(ended.text)\(ended.error)")
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(try folder.contents("result.json")))
          as? [String: Any])
      let judged = try #require((object["implementations"] as? [[String: Any]])?.first)
      let total = try #require(judged["total"] as? [String: Any])
      #expect((total["outputs"] as? Int ?? 0) > 50_000)
      #expect(total["mismatchedOutputs"] as? Int == 0)
      #expect(judged["bitExact"] as? Bool == true)
    }

    @Test(
      "ONNX Runtime computes ort, or ort-avx2",
      .enabled(if: has(python, "onnxruntime"), "onnxruntime is not there: make runtimes"))
    func onnxRuntime() async throws { try await conforms("onnxruntime") }

    @Test(
      "LiteRT computes what its three paths are named for",
      .enabled(if: has(python, "ai_edge_litert"), "ai-edge-litert is not there: make runtimes"),
      arguments: ["litert-ref", "litert-opt", "litert-default"])
    func litert(name: String) async throws { try await conforms(name) }

    @Test(
      "TensorFlow Lite Micro computes tflm and tflm-int16",
      .enabled(if: has(python, "tflite_micro"), "tflite-micro is not there: make runtimes"))
    func tensorFlowLiteMicro() async throws { try await conforms("tflite-micro") }

    @Test(
      "the TOSA reference model computes its four roundings",
      .enabled(
        if: has(tosaPython, "tosa_reference_model"), "tosa-tools is not there: make runtimes"),
      arguments: ["single", "double", "single-16", "inexact"])
    func tosa(mode: String) async throws { try await conforms("tosa-model-\(mode)") }

    @Test(
      "every finding is found again",
      .enabled(if: has(python, "onnxruntime"), "the runtimes are not there: make runtimes"))
    func findings() async throws {
      let ended = try await Running(
        [Self.python, "-B", "Adapters/check_findings.py"], in: Program.repository
      ).wait()
      #expect(ended.status == 0, "\(ended.text)\(ended.error)")
    }

    @Test(
      "the adapter that the documentation shows conforms",
      .enabled(if: has(python, "numpy"), "numpy is not there: make runtimes"),
      arguments: ["Documentation/implementations.md", "Adapters/README.md"])
    func documentedAdapter(page: String) async throws {
      let text = try String(
        contentsOfFile: Program.repository + "/" + page, encoding: .utf8)
      let begun = try #require(text.range(of: "```python\n"))
      let rest = text[begun.upperBound...]
      let shown = rest[..<(try #require(rest.range(of: "```"))).lowerBound]
      let folder = try TemporaryFolder()
      try Data(shown.utf8).write(to: URL(fileURLWithPath: folder.file("mine.py")))
      try FileManager.default.copyItem(
        atPath: Program.repository + "/Adapters/qverify_adapter.py",
        toPath: folder.file("qverify_adapter.py"))
      let yaml = "implementations:\n  mine: {kind: command, run: [\"\(Self.python)\", mine.py]}\n"
      try Data(yaml.utf8).write(to: URL(fileURLWithPath: folder.file("qverify.yaml")))
      for command in ["smoke --impl mine", "check --impl mine --count 1500 --no-store"] {
        let ended = try await Program.run(command, in: folder)
        #expect(ended.status == 0, "\(ended.text)\(ended.error)")
      }
    }

    @Test(
      "the helper of adapters passes its own tests",
      .enabled(if: Tool.python != nil, "python3 is not on PATH: install it to run these"))
    func helper() async throws {
      let ended = try await Running(
        [try #require(Tool.python), "-B", "-m", "unittest", "discover", "-s", "Adapters"],
        in: Program.repository
      ).wait()
      #expect(ended.status == 0, "\(ended.error)")
      #expect(!ended.error.contains("Ran 0 tests"))
    }
  }
}
