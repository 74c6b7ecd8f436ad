import FailurePatterns
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import ResultStore
import TestCases
import Verdicts
import Verification

/// A stored failure in full: outcome, every wrong output, and where it lies in the matrix.
struct FailureText {
  private let record: FailureRecord
  private let observed: Observed?

  init(_ failing: FailingCase, _ record: FailureRecord) {
    self.record = record
    observed = Observed(failing.testCase, record, failing.heldTo)
  }

  var lines: [String] {
    var lines = ["outcome   \(record.outcome.rawValue)"]
    if !record.message.isEmpty { lines.append("because   \(record.message)") }
    if !record.classes.isEmpty {
      lines.append("made for  \(record.classes.joined(separator: ", "))")
    }
    guard let observed, observed.observedCase.outputs.contains(where: \.isWrong) else {
      if !record.answer.isEmpty, record.outcome != .mismatch, record.answer != record.message {
        lines.append("answer    \(record.answer.prefix(200))")
      }
      return lines
    }
    return lines + wrongOutputs(observed) + window(observed)
  }

  private func wrongOutputs(_ observed: Observed) -> [String] {
    let wrong = observed.observedCase.outputs.filter(\.isWrong)
    let shown = wrong.prefix(8).map { output -> String in
      let index = output.row * observed.observedCase.layer.channels + output.channel
      return "output \(index) (row \(output.row), channel \(output.channel)):"
        + " expected \(signed(output.expected)), got \(signed(output.got))"
    }
    let rest = wrong.count - shown.count
    let more = rest > 0 ? ["and \(grouped(rest)) more wrong outputs"] : []
    let missing = observed.observedCase.layer.outputCount - observed.observedCase.outputs.count
    let cut =
      missing > 0 ? ["the last \(grouped(missing)) outputs that came were not stored"] : []
    return shown + more + cut
  }

  /// Rows and channels around the first wrong output; wrong ones are marked.
  private func window(_ observed: Observed) -> [String] {
    let layer = observed.observedCase.layer
    guard layer.outputCount > 1,
      let first = observed.observedCase.outputs.first(where: \.isWrong)
    else { return [] }
    let rows = range(around: first.row, of: layer.rows, 5)
    let channels = range(around: first.channel, of: layer.channels, 8)
    var table = [[""] + channels.map { "n=\($0)" }]
    for row in rows {
      var cells = ["m=\(row)"]
      for channel in channels {
        let index = row * layer.channels + channel
        guard index < observed.observedCase.outputs.count else {
          cells.append("?")
          continue
        }
        let output = observed.observedCase.outputs[index]
        cells.append(
          output.isWrong
            ? "*\(signed(output.got))(\(signed(output.expected)))" : signed(output.got))
      }
      table.append(cells)
    }
    return ["the outputs around the first wrong one; *got(expected) where wrong:"]
      + Columns.aligned(table, leading: [0]).map { "  " + $0 }
  }

  private func range(around place: Int, of count: Int, _ width: Int) -> Range<Int> {
    let start = max(0, min(place - width / 2, count - width))
    return start..<min(count, start + width)
  }

  private func signed(_ value: Int64) -> String { value < 0 ? "−\(value.magnitude)" : "\(value)" }
}

/// The outputs of a stored failure, beside what was expected.
struct Observed {
  let observedCase: ObservedCase
  let expected: ExpectedOutputs

  /// - Returns: `nil` where no outputs were compared, or were not stored.
  init?(_ testCase: TestCase, _ record: FailureRecord, _ conformance: Conformance) {
    guard record.outcome == .mismatch, let bytes = Observed.bytes(record.answer) else { return nil }
    let judge = CaseJudge()
    let truth = judge.examine(testCase)
    guard let expected = judge.expected(truth, conformance),
      let observed = judge.observed(truth, expected, bytes)
    else { return nil }
    observedCase = observed
    self.expected = expected
  }

  /// The bytes of an output as it is stored, in hexadecimal digits.
  static func bytes(_ text: String) -> [UInt8]? {
    let digits = Array(text.utf8)
    guard digits.count % 2 == 0, !digits.isEmpty else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(digits.count / 2)
    for place in stride(from: 0, to: digits.count, by: 2) {
      guard let high = value(digits[place]), let low = value(digits[place + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func value(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
