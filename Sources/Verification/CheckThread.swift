import Implementations
import QuantizedArithmetic
import QuantizedLayers
import TestCases
import Verdicts

/// The work of one thread of a check: its sessions, its judge, and what it has found so far.
final class CheckThread {
  let judge: CaseJudge
  var collector = BatchCollector()
  /// Of each implementation.
  private(set) var samples: [EvidenceSample]
  private let run: CheckRun
  private let sessions: [any Session]
  private var writer = CaseWriter()

  /// One case of a window: its place in the run and what each implementation is asked.
  private struct Entry {
    let read: ReadCase
    let index: Int
    /// `nil` where an implementation's claims do not cover the case.
    var questions: [Question?]
    var answers: [Answer?]
  }

  init(_ run: CheckRun, _ sessions: [any Session]) {
    self.run = run
    self.sessions = sessions
    samples = Array(repeating: EvidenceSample(), count: sessions.count)
    judge = CaseJudge(countsCoverage: run.options.coverage != nil)
  }

  /// Ends the sessions, and counts what still came from them.
  func close() {
    for (number, session) in sessions.enumerated() {
      session.close()
      collect(session.takeStrays(), number)
    }
  }

  /// Judges the cases of a chunk, window by window.
  func judge(_ chunk: CaseChunk) {
    var window: [Entry] = []
    var bytes = 0
    for (place, read) in chunk.cases.enumerated() {
      let size = read.testCase.layer.estimatedLineBytes
      if !window.isEmpty, bytes + size > RequestWindow.bytes || window.count >= RequestWindow.cases
      {
        judge(&window)
        bytes = 0
      }
      window.append(entry(read, chunk.range.lowerBound + place))
      bytes += size
    }
    judge(&window)
    collector.ranges.append(chunk.range)
  }

  private func entry(_ read: ReadCase, _ index: Int) -> Entry {
    Entry(
      read: read, index: index,
      questions: run.questioners.map {
        read.unsupported == nil ? $0.question(read.testCase) : nil
      }, answers: Array(repeating: nil, count: sessions.count))
  }

  private func judge(_ window: inout [Entry]) {
    for (number, session) in sessions.enumerated() {
      let asked = window.indices.filter { window[$0].questions[number] != nil }
      guard !asked.isEmpty else { continue }
      let requests = asked.map { Request(testCase(window[$0], number)) }
      for (place, answer) in zip(asked, session.answer(requests)) {
        window[place].answers[number] = answer
      }
      collect(session.takeStrays(), number)
    }
    for entry in window { judge(entry) }
    window.removeAll(keepingCapacity: true)
  }

  /// The case as one implementation gets it: under the arithmetic that it is asked for.
  private func testCase(_ entry: Entry, _ number: Int) -> TestCase {
    var testCase = entry.read.testCase
    guard let question = entry.questions[number] else { return testCase }
    let profile = question.asked ?? question.profile
    guard profile != testCase.profile else { return testCase }
    testCase.origin = .given(id: writer.identifier(of: testCase))
    testCase.profile = profile
    return testCase
  }

  private func judge(_ entry: Entry) {
    let testCase = entry.read.testCase
    var examined: String?
    var truth = Truth.outsideDomain(entry.read.unsupported ?? "not claimed")
    for (number, implementation) in run.implementations.enumerated() {
      var verdict = Verdict(.unsupported, entry.read.unsupported ?? "not claimed")
      var answer = Answer.unsupported("not claimed")
      if let question = entry.questions[number] {
        if examined != question.profile {
          truth = examine(entry.read, question.profile)
          examined = question.profile
        }
        answer = entry.answers[number] ?? .failed(.protocolError, "no answer")
        verdict = judge.judge(answer, truth, question, testCase.layer)
        verdict.counts.vacuous = judge.isVacuous && verdict.outcome != .notReached ? 1 : 0
      }
      collector.add(verdict, number, testCase, profile: entry.questions[number]?.profile)
      keep(verdict, answer, entry, number)
      let isKept =
        verdict.outcome == .notReached
        ? run.noteNotReached(number)
        : verdict.isFailure && run.noteFailure(number, testCase.mainClass)
      if isKept {
        collector.failures.append(
          record(verdict, answer, truth, entry, number, implementation.name))
      }
    }
    collector.compare(entry.answers)
  }

  /// Keeps what a diagnosis may be made from: outputs that were compared, right or wrong.
  private func keep(_ verdict: Verdict, _ answer: Answer, _ entry: Entry, _ number: Int) {
    guard case .output(let bytes) = answer, let profile = entry.questions[number]?.profile,
      verdict.compared > 0, verdict.outcome == .pass || verdict.outcome == .mismatch
    else { return }
    let testCase = entry.read.testCase
    let passes = verdict.outcome == .pass
    guard samples[number].wants(testCase.mainClass, profile, passes: passes, entry.index) else {
      return
    }
    samples[number].add(
      Evidence(index: entry.index, testCase: testCase, profile: profile, output: bytes),
      passes: passes)
  }

  /// What a file expects belongs to the arithmetic that it names.
  private func examine(_ read: ReadCase, _ profile: String) -> Truth {
    var testCase = read.testCase
    let expected = testCase.profile ?? profile == profile ? read.expected : nil
    testCase.profile = profile
    return judge.examine(testCase, expected: expected)
  }

  private func collect(_ strays: [Stray], _ number: Int) {
    for stray in strays {
      collector.add(stray, number)
      guard run.noteFailure(number, stray.outcome.rawValue) else { continue }
      collector.failures.append(
        FailureRecord(
          implementation: run.implementations[number].name, caseID: stray.id, operatorName: "",
          types: "", profile: "", classes: [], outcome: stray.outcome, message: stray.message))
    }
  }

  private func record(
    _ verdict: Verdict, _ answer: Answer, _ truth: Truth, _ entry: Entry, _ number: Int,
    _ implementation: String
  ) -> FailureRecord {
    let testCase = entry.read.testCase
    let line = writer.write(testCase)
    let id = writer.identifier(of: testCase)
    var exact: String?
    if let element = verdict.element, case .valid(let layer, _, let oracle) = truth {
      exact = judge.exactValue(element, oracle, channels: layer.channels).description
    }
    return FailureRecord(
      implementation: implementation, caseID: id, caseIndex: entry.index,
      operatorName: testCase.layer.operation, types: testCase.layer.types.description,
      profile: entry.questions[number]?.profile ?? "", classes: testCase.classes,
      outcome: verdict.outcome,
      elementIndex: verdict.element, expected: verdict.expected.map { Int($0) },
      got: verdict.got.map { Int($0) }, exact: exact, differingElements: verdict.differing,
      comparedElements: verdict.compared, message: verdict.message,
      caseLine: String(decoding: line.dropLast(), as: UTF8.self), answer: answer.text,
      repeatCommand: run.options.repeatCommand(id, implementation))
  }
}

extension Answer {
  /// The answer in words or, of an output of up to 4,096 bytes, in hexadecimal digits.
  fileprivate var text: String {
    switch self {
    case .output(let bytes): Hexadecimal.text(bytes.prefix(4_096))
    case .refused(let reason): "refused: \(reason)"
    case .unsupported(let reason): "unsupported: \(reason)"
    case .failed(_, let message): message
    }
  }
}

extension RawLayer {
  /// About how long the layer's line is, in bytes.
  fileprivate var estimatedLineBytes: Int {
    512 + (input.data.count + weights.data.count + (bias?.data.count ?? 0)) / 3 * 4
      + weights.scales.count * 24
  }
}
