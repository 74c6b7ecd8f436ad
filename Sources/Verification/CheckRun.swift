import Dispatch
package import Implementations
import QuantizedArithmetic
import QuantizedLayers
import Synchronization
import TestCases
package import Verdicts

/// How a check is to be done.
package struct CheckOptions: Sendable {
  /// `nil`: the profile that a case asks for.
  package var conformance: Conformance
  package var jobs: Int
  /// Stop after this many failing cases.
  package var maximumFailures: Int?
  /// Of one implementation and class, so many failures are kept whole.
  package var keptFailures: Int
  /// The command that repeats one case for one implementation.
  package var repeatCommand: @Sendable (_ id: String, _ implementation: String) -> String

  package init(
    conformance: Conformance = .profile, jobs: Int = 1, maximumFailures: Int? = nil,
    keptFailures: Int = 20,
    repeatCommand: @escaping @Sendable (String, String) -> String = { _, _ in "" }
  ) {
    self.conformance = conformance
    self.jobs = jobs
    self.maximumFailures = maximumFailures
    self.keptFailures = keptFailures
    self.repeatCommand = repeatCommand
  }
}

/// Judges the cases of a source for some implementations, on several threads.
///
/// Results leave in batches, each complete for its ranges of cases, so that whoever stores them can
/// be interrupted at any time and go on later.
package final class CheckRun: Sendable {
  let implementations: [any Implementation]
  let options: CheckOptions
  /// Of each implementation; asked for once, since making them takes time.
  private let claims: [[Claim]]
  private let source: any CaseSource
  private let stopRequested = Atomic<Bool>(false)
  private let failed = Atomic<Int>(0)
  private let state: Mutex<State>

  private struct State {
    var kept: [FailureKey: Int] = [:]
    var log = JudgeLog()
    var withoutClaim = 0
    var error: (any Error)?
  }

  private struct FailureKey: Hashable {
    let implementation: Int
    let caseClass: String
  }

  package init(
    _ implementations: [any Implementation], source: any CaseSource, options: CheckOptions
  ) {
    self.implementations = implementations
    claims = implementations.map(\.claims)
    self.source = source
    self.options = options
    state = Mutex(State())
  }

  /// Asks all threads to stop after the chunk they are at. May be called from anywhere.
  package func stop() { stopRequested.store(true, ordering: .relaxed) }

  package var isStopping: Bool { stopRequested.load(ordering: .relaxed) }

  /// Failing cases so far.
  package var failureCount: Int { failed.load(ordering: .relaxed) }

  /// Whether the limit on failing cases ended the run.
  package var reachedFailureLimit: Bool {
    options.maximumFailures.map { failureCount >= $0 } ?? false
  }

  /// What the judges found of each other, after the run.
  package var judgeLog: JudgeLog { state.withLock { $0.log } }

  /// Values of float64 forms for which no claim was made.
  package var withoutClaim: Int { state.withLock { $0.withoutClaim } }

  /// Judges everything.
  ///
  /// - Parameter commit: is given finished batches, one call at a time.
  /// - Throws: what the source, the start of an implementation, or `commit` throws first.
  package func run(commit: @escaping @Sendable (BatchResult) throws -> Void) throws {
    let gate = Mutex<Void>(())
    DispatchQueue.concurrentPerform(iterations: max(1, options.jobs)) { _ in
      do {
        try self.work { batch in try gate.withLock { _ in try commit(batch) } }
      } catch {
        self.state.withLock { if $0.error == nil { $0.error = error } }
        self.stop()
      }
    }
    if let error = state.withLock({ $0.error }) { throw error }
  }

  private func work(_ commit: (BatchResult) throws -> Void) throws {
    let judge = CaseJudge()
    let sessions = try implementations.map { try $0.start() }
    var collector = BatchCollector()
    while !isStopping, let chunk = try source.next() {
      for (place, read) in chunk.cases.enumerated() {
        judgeCase(read, chunk.range.lowerBound + place, judge, sessions, &collector)
      }
      collector.ranges.append(chunk.range)
      if reachedFailureLimit { stop() }
      if collector.isDue { try hand(over: &collector, judge, commit) }
    }
    try hand(over: &collector, judge, commit)
  }

  private func hand(
    over collector: inout BatchCollector, _ judge: CaseJudge,
    _ commit: (BatchResult) throws -> Void
  ) throws {
    guard !collector.ranges.isEmpty else { return }
    var batch = collector.finished(names: implementations.map(\.name))
    batch.judgements = judge.log.judgements
    state.withLock { $0.log.take(&judge.log) }
    state.withLock { $0.withoutClaim += judge.takeWithoutClaim() }
    try commit(batch)
  }

  private func judgeCase(
    _ read: ReadCase, _ index: Int, _ judge: CaseJudge, _ sessions: [any Session],
    _ collector: inout BatchCollector
  ) {
    let testCase = read.testCase
    let truth: Truth =
      read.unsupported.map { .outsideDomain($0) }
      ?? judge.examine(testCase, expected: read.expected)
    for (number, implementation) in implementations.enumerated() {
      let isClaimed = claims[number].contains { $0.covers(testCase) }
      let answer: Answer =
        isClaimed
        ? sessions[number].answer([Request(testCase)]).first
          ?? .failed(.protocolError, "no answer")
        : .unsupported("not claimed")
      let verdict = judge.judge(answer, truth, options.conformance)
      collector.add(verdict, number, testCase)
      guard verdict.outcome.isFailure else { continue }
      failed.add(1, ordering: .relaxed)
      if isKept(number, testCase.mainClass) {
        collector.failures.append(
          record(verdict, answer, truth, testCase, index, implementation.name, judge))
      }
    }
  }

  private func isKept(_ implementation: Int, _ caseClass: String) -> Bool {
    let key = FailureKey(implementation: implementation, caseClass: caseClass)
    return state.withLock { state in
      let count = state.kept[key, default: 0]
      guard count < options.keptFailures else { return false }
      state.kept[key] = count + 1
      return true
    }
  }

  private func record(
    _ verdict: Verdict, _ answer: Answer, _ truth: Truth, _ testCase: TestCase, _ index: Int,
    _ implementation: String, _ judge: CaseJudge
  ) -> FailureRecord {
    var writer = CaseWriter()
    let line = writer.write(testCase)
    let id = writer.identifier(of: testCase)
    var exact: String?
    if let element = verdict.element, case .valid(let layer, _, let oracle) = truth {
      exact = judge.exactValue(element, oracle, channels: layer.channels).description
    }
    return FailureRecord(
      implementation: implementation, caseID: id, caseIndex: index,
      operatorName: testCase.layer.operation, types: testCase.layer.types.description,
      profile: testCase.profile ?? "", classes: testCase.classes, outcome: verdict.outcome,
      elementIndex: verdict.element, expected: verdict.expected.map { Int($0) },
      got: verdict.got.map { Int($0) }, exact: exact, differingElements: verdict.differing,
      comparedElements: verdict.compared, message: verdict.message,
      caseLine: String(decoding: line.dropLast(), as: UTF8.self), answer: answer.text,
      repeatCommand: options.repeatCommand(id, implementation))
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
