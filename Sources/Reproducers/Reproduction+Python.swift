import JSONLines
import QuantizedArithmetic
import TestCases

extension Reproduction {
  /// A program in Python without dependencies, which asks a program that speaks the line format.
  var pythonProgram: String {
    let lines = [
      "ID = \(quoted(identifier))", "LINE = \(quoted(blindLine))", "SECONDS = \(seconds)",
      "CODE = \"\(code)\"", expectedInPython,
    ]
    return Reproduction.filled(
      PackageResources.reproduce_py, heading: heading.joined(separator: "\n"),
      body: lines.joined(separator: "\n"))
  }

  private var blindLine: String {
    var writer = CaseWriter()
    return String(decoding: writer.writeBlind(testCase).line, as: UTF8.self)
  }

  /// A string of JSON is one of Python as well.
  private func quoted(_ text: String) -> String {
    var writer = JSONWriter(capacity: text.utf8.count + 16)
    writer.string(text)
    return String(decoding: writer.bytes, as: UTF8.self)
  }

  private var code: String {
    switch outputType {
    case .int8: "b"
    case .uint8: "B"
    case .int16: "h"
    case .int32: "i"
    case .int64: "q"
    }
  }

  private var expectedInPython: String {
    func list(_ values: [Int64]) -> String {
      "[" + values.map(String.init).joined(separator: ", ") + "]"
    }
    switch expectation {
    case .refused(let reason): return "REFUSED = \(quoted(reason))"
    case .outputs(let values, let accepted):
      let isExact = accepted.allSatisfy { $0.lowerBound == $0.upperBound }
      var lines = ["REFUSED = None", "EXPECTED = \(list(values))"]
      if isExact {
        lines.append("LOWEST = HIGHEST = EXPECTED")
      } else {
        lines.append("# What conforms as well: the ends of its range, output by output.")
        lines.append("LOWEST = \(list(accepted.map(\.lowerBound)))")
        lines.append("HIGHEST = \(list(accepted.map(\.upperBound)))")
      }
      return lines.joined(separator: "\n")
    }
  }
}
