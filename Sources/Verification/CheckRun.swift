package import Coverage
import Dispatch
package import Implementations
import Synchronization
package import Verdicts

/// How a check is to be done.
package struct CheckOptions: Sendable {
  /// `nil`: what each implementation claims.
  package var conformance: Conformance?
  package var jobs: Int
  /// Stop after this many failing cases.
  package var maximumFailures: Int?
  /// Of one implementation and class, so many failures are kept whole.
  package var keptFailures: Int
  /// The bins whose coverage is counted; `nil` for none.
  package var coverage: CoverModel?
  /// The command that repeats one case for one implementation.
  package var repeatCommand: @Sendable (_ id: String, _ implementation: String) -> String

  package init(
    conformance: Conformance? = nil, jobs: Int = 1, maximumFailures: Int? = nil,
    keptFailures: Int = 20, coverage: CoverModel? = nil,
    repeatCommand: @escaping @Sendable (String, String) -> String = { _, _ in "" }
  ) {
    self.conformance = conformance
    self.jobs = jobs
    self.maximumFailures = maximumFailures
    self.keptFailures = keptFailures
    self.coverage = coverage
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
  let questioners: [Questioner]
  private let source: any CaseSource
  private let stopRequested = Atomic<Bool>(false)
  private let failed = Atomic<Int>(0)
  private let state: Mutex<State>

  private struct State {
    var kept: [FailureKey: Int] = [:]
    var log = JudgeLog()
    var withoutClaim = 0
    var evidence: [EvidenceSample]
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
    questioners = implementations.map {
      Questioner(
        $0.claims, asked: options.conformance, crossesProfiles: implementations.count > 1)
    }
    self.source = source
    self.options = options
    state = Mutex(
      State(evidence: Array(repeating: EvidenceSample(), count: implementations.count)))
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

  /// Cases that each implementation failed and passed, for a diagnosis.
  package var evidence: [EvidenceSample] { state.withLock { $0.evidence.map(\.sorted) } }

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
    let thread = CheckThread(self, try implementations.map { try $0.start() })
    do {
      while !isStopping, let chunk = try source.next() {
        // Before the next chunk, so that the last one is still here when the sessions are closed.
        if thread.collector.isDue { try hand(over: thread, commit) }
        thread.judge(chunk)
        if reachedFailureLimit { stop() }
      }
    } catch {
      thread.close()
      throw error
    }
    // What comes at the very end belongs to the last batch.
    thread.close()
    state.withLock { state in
      for (number, sample) in thread.samples.enumerated() { state.evidence[number].add(sample) }
    }
    try hand(over: thread, commit)
  }

  private func hand(
    over thread: CheckThread, _ commit: (BatchResult) throws -> Void
  ) throws {
    guard !thread.collector.ranges.isEmpty else { return }
    var batch = thread.collector.finished(names: implementations.map(\.name))
    batch.judgements = thread.judge.log.judgements
    if let model = options.coverage, let met = thread.judge.takeCoverage() {
      batch.coverage = model.results(met)
    }
    state.withLock { $0.log.take(&thread.judge.log) }
    state.withLock { $0.withoutClaim += thread.judge.takeWithoutClaim() }
    try commit(batch)
  }

  /// Counts a failing case, and says whether it is to be kept whole.
  func noteFailure(_ implementation: Int, _ caseClass: String) -> Bool {
    failed.add(1, ordering: .relaxed)
    return isKept(implementation, caseClass)
  }

  /// Says whether a case that was not reached is to be kept: the first, which says why.
  func noteNotReached(_ implementation: Int) -> Bool {
    isKept(implementation, Outcome.notReached.rawValue, most: 1)
  }

  private func isKept(_ implementation: Int, _ caseClass: String, most: Int = .max) -> Bool {
    let key = FailureKey(implementation: implementation, caseClass: caseClass)
    return state.withLock { state in
      let count = state.kept[key, default: 0]
      guard count < min(options.keptFailures, most) else { return false }
      state.kept[key] = count + 1
      return true
    }
  }
}
