import Foundation
import Testing

extension CommandLineSuite {
  @Suite("smoke", .enabled(if: Tool.python != nil, "python3 is not here"))
  struct SmokeTests {
    /// A fault of wiring: what is changed in the adapter that init-adapter writes, and the words that
    /// must name it.
    struct Fault: CustomTestStringConvertible {
      let words: String
      let changes: [(String, String)]
      var file = "mine.py"
      var testDescription: String { words }

      init(_ words: String, _ changes: (String, String)..., file: String = "mine.py") {
        (self.words, self.changes, self.file) = (words, changes, file)
      }
    }

    private static let input = "int(case.input.data[row][k])"
    private static let value = "round(total * scale) + case.output.zero_point[0]"
    private static let onlyInt16 = (
      "\"types\": [\"int8,int8,int8\", \"uint8,uint8,uint8\"]", "\"types\": [\"int16,int8,int16\"]"
    )

    static let faults = [
      Fault(
        "the right outputs, transposed",
        (
          "return output",
          "return [output[r * channels + c] for c in range(channels) for r in range(rows)]"
        )),
      Fault("the right outputs in reverse order", ("return output", "return output[::-1]")),
      Fault("was the output written at all?", ("return output", "return [0] * len(output)")),
      Fault("the output's zero point is not added", (value, "round(total * scale)")),
      Fault("the input's zero point is not subtracted", (" - case.input.zero_point[0]", "")),
      Fault(
        "the input's zero point is added",
        (" - case.input.zero_point[0]", " + case.input.zero_point[0]")),
      Fault("the weights' zero point is not subtracted", (" - zero)", ")")),
      Fault("the bias is not added", ("if case.bias:", "if False:")),
      Fault(
        "the first channel's weight scale is used for every channel",
        ("of(case.weights.scale, channel)", "case.weights.scale[0]")),
      Fault(
        "the weights are read as [terms, channels]",
        (
          "int(case.weights.data[channel][k])",
          "int(case.weights.data[(k * channels + channel) // depth][(k * channels + channel) % depth])"
        )),
      Fault("these are the accumulators", (value, "total")),
      Fault("the output's scale is not divided by", ("/ Fraction(case.output.scale[0])", "/ 1")),
      Fault(
        "the activation (or clamp) is not applied",
        ("case.clamp or (case.output.low, case.output.high)", "(case.output.low, case.output.high)")
      ),
      Fault("the input is read with the other signedness", (input, "(\(input) & 255)")),
      Fault(
        "the input is read with its bytes swapped",
        (
          input, "int.from_bytes(\(input).to_bytes(2, 'big', signed=True), 'little', signed=True)"
        ), onlyInt16),
      Fault(
        "these are the right outputs with their bytes swapped",
        (
          "return output",
          "return b''.join(value.to_bytes(2, 'big', signed=True) for value in output)"
        ), onlyInt16),
      Fault("such a case must be answered with 'refused'", ("case.check()", "pass")),
      Fault(
        "the case is legal, and must be computed",
        ("case.check()", "raise qverify_adapter.Refused('no')")),
      Fault(
        "its claims cover the case",
        ("case.check()", "raise qverify_adapter.Unsupported('no')")),
      Fault("ZeroDivisionError", ("case.check()", "case.check(); 1 // 0")),
      Fault("the output has", ("return output", "return output + [0]")),
      Fault(
        "its shape stands in the case",
        ("values = _flat(values)", "values = _flat(values) + [0] * 5; count += 5"),
        file: "qverify_adapter.py"),
      Fault(
        "the accumulators in place of the outputs?",
        (
          "low, high, code = _TYPES[tensor.type]\n    size",
          "low, high, code = _TYPES['int32']\n    size"
        ),
        file: "qverify_adapter.py"),
      Fault(
        "it does not flush its standard output",
        ("            self.flush()\n            chunk", "            chunk"),
        ("prepare=None, batch=1)", "prepare=None, batch=1000)"), file: "qverify_adapter.py"),
      Fault(
        "a line is malformed", ("        os.dup2(2, 1)", "        os.write(1, b'welcome\\n')"),
        file: "qverify_adapter.py"),
      Fault("exit status 3", ("case.check()", "import os; os._exit(3)")),
    ]

    @Test("names a fault of wiring in plain words", arguments: faults)
    func names(_ fault: Fault) async throws {
      let folder = try TemporaryFolder()
      #expect(try await Program.run("init-adapter python .", in: folder).status == 0)
      var text = try folder.text(fault.file)
      for (right, wrong) in fault.changes {
        try #require(text.contains(right), "the adapter has no \(right)")
        text = text.replacing(right, with: wrong)
      }
      try folder.write(text.utf8, to: fault.file)
      let yaml = try folder.text("qverify.yaml")
      if fault.words.contains("flush") {
        try folder.write(
          yaml.replacing("seconds: 5", with: "seconds: 0.5").utf8, to: "qverify.yaml")
      }
      let ended = try await Program.run("smoke --impl mine", in: folder)
      #expect(ended.status == 1 || ended.status == 3, "\(ended.text)\(ended.error)")
      #expect((ended.text + ended.error).contains(fault.words), "\(ended.text)\(ended.error)")
    }

    @Test("passes the adapter that init-adapter writes") func passes() async throws {
      let folder = try TemporaryFolder()
      let written = try await Program.run("init-adapter python adapter", in: folder)
      #expect(written.status == 0)
      let ended = try await Program.run(
        "smoke --impl mine --config adapter/qverify.yaml", in: folder)
      #expect(ended.status == 0, "\(ended.text)\(ended.error)")
      #expect(ended.text.hasSuffix("\nWIRED RIGHTLY\n"))
      #expect(!ended.text.contains("FAIL"))
      let again = try await Program.run("init-adapter python adapter", in: folder)
      #expect(again.status == 2 && again.isOneLine, "\(again.error)")
      #expect(again.error.contains("is there already"))
    }

    @Test("passes every profile's reference, and the kernels") func passesBuiltIn() async throws {
      let folder = try TemporaryFolder()
      for name in ["kernels", "exact-even", "tflm", "ort", "xnnpack", "litert"] {
        let ended = try await Program.run("smoke --impl \(name)", in: folder)
        #expect(ended.status == 0 || ended.status == 2, "\(name): \(ended.text)\(ended.error)")
      }
    }
  }
}
