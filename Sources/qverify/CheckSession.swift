import Coverage
import Dispatch
import Foundation
import Implementations
import JSONLines
import ResultStore
import Synchronization
import TestCases
import Verdicts
import Verification

/// One run of `check`, from the first case to the summary.
struct CheckSession {
  private let command: CheckCommand
  private let implementations: [any Implementation]
  private let plan: CheckPlan
  private let store: CheckStorage?

  init(
    _ command: CheckCommand, _ implementations: [any Implementation], _ plan: CheckPlan,
    _ store: CheckStorage?
  ) {
    self.command = command
    self.implementations = implementations
    self.plan = plan
    self.store = store
  }

  /// Judges, stores, prints.
  func run() throws -> ExitStatus {
    let check = CheckRun(implementations, source: plan.source, options: options)
    let interruption = Interruption { check.stop() }
    let timer = deadline(check)
    let results = Mutex(try earlierResults())
    let progress = Mutex(Progress(total: plan.plannedCases, unit: "cases"))
    let store = store
    var failure: Failure?
    do {
      try check.run { batch in
        try store?.commit(batch)
        results.withLock { $0.add(batch) }
        progress.withLock {
          $0.advance(batch.ranges.reduce(0) { $0 + $1.count }, note: note(check.failureCount))
        }
      }
    } catch let error as Failure {
      failure = error
    } catch let error as StartError {
      failure = Failure(.notStarted, error.description)
    }
    timer?.cancel()
    progress.withLock { $0.finish() }
    var result = results.withLock { $0 }
    result.judges = check.judgeLog
    result.withoutClaim = check.withoutClaim
    if interruption.status == nil {
      result.diagnoses = Diagnoses.made(implementations, check.evidence)
      result.patterns = Diagnoses.patterns(implementations, check.evidence, command.conformance)
    }
    result.run = store?.run.rawValue
    result.database = store?.path ?? ""
    return try finish(result, check, interruption.status, failure)
  }

  /// Empty, or what an interrupted part of the run has found.
  private func earlierResults() throws -> CheckResults {
    let coverage = plan.coverage.map { $0.results(CoverTable()) } ?? []
    guard let store, !store.finished.isEmpty else { return CheckResults(coverage: coverage) }
    do throws(StoreError) {
      return try CheckResults(earlier: store, coverage: coverage)
    } catch {
      throw Failure(.database, "\(error)")
    }
  }

  private var options: CheckOptions {
    let conformance = command.conformance.flatMap { Conformance($0) }
    let plan = plan
    let isFile = !command.vectors.isEmpty
    let asked = command.conformance.map { " --conformance \(CommandText.quoted($0))" } ?? ""
    let config = command.config.map { " --config \(CommandText.quoted($0))" } ?? ""
    let answers = command.answers.map { " --answers \(CommandText.quoted($0))" } ?? ""
    let files = command.vectors.map { CommandText.quoted($0) }.joined(separator: " ")
    return CheckOptions(
      conformance: conformance, jobs: command.options.threads,
      maximumFailures: command.maxFailures, keptFailures: command.failures == nil ? 20 : 1_000,
      coverage: plan.coverage
    ) { id, implementation in
      if isFile {
        let isRecorded = implementation == "answers" && !answers.isEmpty
        let what = isRecorded ? answers : " --impl \(implementation)\(config)"
        return "qverify check\(what)\(asked) --vectors \(files)"
      }
      return "qverify check --impl \(implementation)\(config)\(asked)"
        + " \(plan.repeating(id, implementation))"
    }
  }

  private func deadline(_ check: CheckRun) -> (any DispatchSourceTimer)? {
    guard let seconds = command.duration.flatMap({ command.seconds($0) }) else { return nil }
    let timer = DispatchSource.makeTimerSource(queue: .global())
    timer.schedule(deadline: .now() + seconds)
    timer.setEventHandler { check.stop() }
    timer.resume()
    return timer
  }

  // MARK: The end

  private func finish(
    _ result: CheckResults, _ check: CheckRun, _ interruption: ExitStatus?, _ failure: Failure?
  ) throws -> ExitStatus {
    let status = failure?.status ?? interruption ?? result.status(implementations.map { $0.name })
    let ended: RunStatus =
      failure != nil
      ? .failed : interruption != nil || stoppedEarly(check) ? .interrupted : .finished
    if failure == nil { try store?.add(result.diagnoses) }
    do {
      try store?.finish(ended, status, result.profileResults(command.conformance, implementations))
    } catch let error as Failure where failure != nil {
      printError("qverify: \(error.message)")
    }
    if let path = command.failures { try save(result, path) }
    if let failure { throw failure }
    let text = CheckSummary(result, command, implementations, plan, store, status)
    if let path = command.json {
      try write(text.json + "\n", to: path)
      if path != "-" { print(text.text) }
    } else {
      print(text.text)
    }
    if result.disagreements > 0 {
      printError("qverify: THE JUDGES DISAGREE: a defect of qverify, not of the implementation")
      for message in result.judges.messages { printError("  \(message)") }
    }
    return status
  }

  /// A limit on failures leaves cases unjudged; a duration does what was asked for.
  private func stoppedEarly(_ check: CheckRun) -> Bool { check.reachedFailureLimit }

  private func save(_ result: CheckResults, _ path: String) throws {
    var lines: [UInt8] = Array("{\"hello\":{\"format\":1}}\n".utf8)
    var seen: Set<String> = []
    for failure in result.failures where seen.insert(failure.caseID).inserted {
      lines += failure.caseLine.utf8
      lines.append(UInt8(ascii: "\n"))
    }
    try write(String(decoding: lines, as: UTF8.self), to: path)
  }

  private func write(_ text: String, to path: String) throws {
    do throws(LineError) {
      let writer =
        path == "-"
        ? LineWriter(descriptor: 1, name: "standard output") : try LineWriter(path: path)
      try writer.write(Array(text.utf8))
      try writer.finish()
    } catch {
      throw Failure(.usage, error.description)
    }
  }
}

private func note(_ failures: Int) -> String { failures == 0 ? "" : "\(grouped(failures)) failing" }
