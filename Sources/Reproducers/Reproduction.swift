import QuantizedArithmetic
import QuantizedLayers
package import TestCases

/// One failing case with all that is needed to show it again, without qverify.
package struct Reproduction: Sendable {
  /// What is right.
  package enum Expectation: Hashable, Sendable {
    /// Of each output what conforms, and what the profile's reference computes.
    case outputs([Int64], accepted: [ClosedRange<Int64>])
    /// The case must be refused, for this reason.
    case refused(String)
  }

  /// Named by an id of its own, with the arithmetic that is asked for.
  package let testCase: TestCase
  package let expectation: Expectation
  /// What the implementation did, in one line.
  package let finding: String
  /// Its name, and how it is started: a command line, or the path of a library.
  package let implementation: String
  package let start: String
  /// Why there is no C program; `nil` where there is one.
  package let withoutC: String?
  /// What one case may take.
  package let seconds: Int

  package init(
    testCase: TestCase, expectation: Expectation, finding: String, implementation: String,
    start: String, withoutC: String? = nil, seconds: Int = 10
  ) {
    (self.testCase, self.expectation, self.finding) = (testCase, expectation, finding)
    (self.implementation, self.start, self.withoutC) = (implementation, start, withoutC)
    self.seconds = max(1, seconds)
  }

  package struct File: Sendable {
    package let name: String
    package let text: String
  }

  /// The case as a file of vectors, the programs, and how they are run.
  package var files: [File] {
    var files = [File(name: "case.jsonl", text: vectors)]
    if withoutC == nil { files.append(File(name: "reproduce.c", text: cProgram)) }
    files.append(File(name: "reproduce.py", text: pythonProgram))
    files.append(File(name: "README", text: readme))
    return files
  }

  var identifier: String {
    var writer = CaseWriter()
    return writer.identifier(of: testCase)
  }

  var outputType: ElementType { testCase.layer.output.type }

  /// A file that `qverify check --vectors` reads.
  private var vectors: String {
    var writer = CaseWriter()
    var expected: ExpectedAnswer?
    if case .outputs(let values, _) = expectation {
      expected = ExpectedAnswer(output: ElementBytes.bytes(values, as: outputType))
    }
    let line = writer.write(testCase, expected: expected)
    return "{\"hello\":{\"format\":1}}\n" + String(decoding: line, as: UTF8.self)
  }

  private var readme: String {
    let c =
      withoutC.map { "There is no C program: \($0)." }
      ?? "C, for a shared library: cc -std=c99 -o reproduce reproduce.c -ldl && ./reproduce ./LIBRARY.so"
    return """
      qverify: qverify check --vectors case.jsonl --impl \(implementation)
      \(c)
      Python, for a program that speaks the line format: python3 reproduce.py PROGRAM ARGUMENTS…  (0: right, 1: wrong, 2: not tried)

      """
  }

  /// What a comment in a program says first; none of the words can end the comment.
  var heading: [String] {
    let layer = testCase.layer
    let activation: String =
      if case .clamp(let low, let high) = layer.activation { "clamp to \(low)...\(high)" } else {
        "activation \(layer.activation.name)"
      }
    return [
      "Case \(identifier) of \(implementation): \(finding)",
      "\(layer.operation) in \(layer.types), profile \(testCase.profile ?? "none"), \(activation)",
      "The implementation was started as: \(start)",
    ].map { Reproduction.harmless($0) }
  }

  /// A program of `Files` with what belongs to one case in its places.
  static func filled(_ program: [UInt8], heading: String, body: String) -> String {
    // The body first: whatever it holds stands behind the place of the heading.
    String(decoding: program, as: UTF8.self)
      .replacing("@CASE@", with: body, maxReplacements: 1)
      .replacing("@HEADING@", with: heading, maxReplacements: 1)
  }

  /// Text without line ends and without what ends a comment in C or a string in Python.
  static func harmless(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      let isPlain = scalar.value >= 0x20 && scalar.value != 0x7F && scalar != "\\" && scalar != "\""
      result.unicodeScalars.append(isPlain ? scalar : " ")
    }
    return result.replacing("*/", with: "* /").replacing("/*", with: "/ *")
  }
}
