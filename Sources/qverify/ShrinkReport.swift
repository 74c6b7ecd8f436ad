import Explanation
import Foundation
import Hypotheses
import Implementations
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Reproducers
import Shrinking
import TestCases
import Verdicts
import Verification

/// What `shrink` says in the end.
struct ShrinkReport {
  private let shrunk: ShrunkFailure
  private let folder: String
  private let files: [String]

  /// Without a folder where no reproducers were written.
  init(_ shrunk: ShrunkFailure, folder: String = "", files: [String] = []) {
    self.shrunk = shrunk
    self.folder = folder
    self.files = files
  }

  /// What came, in one line.
  static func finding(_ answer: LiveAnswer) -> String {
    let verdict = answer.verdict
    guard let element = verdict.element, let expected = verdict.expected, let got = verdict.got
    else {
      return verdict.outcome.rawValue + (verdict.message.isEmpty ? "" : ": \(verdict.message)")
    }
    return "output \(element) is \(got), expected \(expected)"
  }

  var text: String {
    let (before, after) = (shrunk.before, shrunk.after)
    var lines = [
      "case \(shrunk.id) of \(shrunk.implementation): \(before.answer.verdict.outcome.rawValue),"
        + " profile \(before.testCase.profile ?? "none"), \(before.testCase.layer.types)",
      "  before  \(shape(before.testCase))  \(Self.finding(before.answer))",
      "  after   \(shape(after.testCase))  "
        + (shrunk.isConfirmed ? "" : "failed once, and when it was asked again: ")
        + Self.finding(after.answer),
      "  \(grouped(shrunk.result.questions)) questions, \(grouped(shrunk.result.steps)) steps",
    ]
    if let cause = shrunk.cause {
      lines.append("  cause, before and after: \(cause.words)")
    } else if before.answer.verdict.outcome == .mismatch {
      let whose = shrunk.isConcluded ? "no cause that check found" : "no known cause"
      lines.append("  \(whose) explains it: the smallest case may show another defect")
    }
    if let reason = shrunk.result.stopped {
      lines.append("  it may not be the smallest: the search ended early, by \(reason)")
    }
    guard shrunk.isConfirmed else { return lines.joined(separator: "\n") }
    lines += shrunk.result.remains.map { "  \($0)" }
    lines += [""] + explanation + [""]
    lines.append("reproducers in \(folder): \(files.joined(separator: ", "))")
    if let reason = shrunk.reproduction.withoutC {
      lines.append("no program in C: \(reason)")
    }
    return lines.joined(separator: "\n")
  }

  private func shape(_ testCase: TestCase) -> String {
    let layer = testCase.layer
    guard layer.input.shape.count == 2, let channels = layer.weights.shape.first else {
      return "input \(layer.input.shape), weights \(layer.weights.shape)"
    }
    return "M = \(layer.input.shape[0]), K = \(layer.input.shape[1]), N = \(channels)"
  }

  /// The first wrong output of the smallest case, or its first.
  private var explanation: [String] {
    let (testCase, answer) = shrunk.after
    guard let profile = Profiles.named(testCase.profile ?? "exact-even") else { return [] }
    let element = answer.verdict.element ?? Self.element(in: answer.verdict.message) ?? 0
    let got: ComparedOutput.Got =
      answer.verdict.got.map { .output($0) } ?? .words(Self.finding(answer))
    let compared = ComparedOutput(
      got: got,
      accepted: answer.expected.flatMap {
        $0.accepted.indices.contains(element) ? $0.accepted[element] : nil
      },
      accumulator: answer.accumulators.flatMap { $0.indices.contains(element) ? $0[element] : nil })
    do throws(Explanation.Failure) {
      let lines = try Explanation(
        testCase.layer, profile: profile, title: "the smallest case", outputIndex: element,
        stepsOnly: true, compared: compared
      ).lines
      return answer.expected == nil ? lines + ["  got      \(Self.finding(answer))"] : lines
    } catch {
      return ["\(error)"]
    }
  }

  /// The output that a message names, as those of nondeterministic kernels do: `element 3 [0,3] was …`.
  private static func element(in message: String) -> Int? {
    message.firstMatch(of: /\belement (\d+) \[/).flatMap { Int($0.1) }
  }

  // MARK: JSON

  private struct Document: Encodable {
    struct Side: Encodable {
      let line: String
      let finding: String
      let element: Int?
      let expected: Int64?
      let got: Int64?
      let accumulators: [Int64]?
    }

    let schemaVersion = 1
    let tool = "qverify \(toolVersion)"
    let id: String
    let implementation: String
    let outcome: String
    let before: Side
    let after: Side
    let questions: Int
    let steps: Int
    let stopped: String?
    let remains: [String]
    let isConfirmed: Bool
    let folder: String
    let files: [String]
    let withoutC: String?
  }

  var json: String {
    let document = Document(
      id: shrunk.id, implementation: shrunk.implementation,
      outcome: shrunk.before.answer.verdict.outcome.rawValue, before: side(shrunk.before),
      after: side(shrunk.after), questions: shrunk.result.questions, steps: shrunk.result.steps,
      stopped: shrunk.result.stopped, remains: shrunk.result.remains,
      isConfirmed: shrunk.isConfirmed, folder: folder, files: files,
      withoutC: shrunk.reproduction.withoutC)
    return PrettyJSON.text(document)
  }

  private func side(_ side: (testCase: TestCase, answer: LiveAnswer)) -> Document.Side {
    var writer = CaseWriter()
    let line = String(decoding: writer.write(side.testCase).dropLast(), as: UTF8.self)
    let verdict = side.answer.verdict
    return Document.Side(
      line: line, finding: Self.finding(side.answer), element: verdict.element,
      expected: verdict.expected, got: verdict.got, accumulators: side.answer.accumulators)
  }
}
