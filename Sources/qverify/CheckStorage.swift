import CaseGeneration
import Diagnosis
import Implementations
import ResultStore
import TestCases
import Verdicts
import Verification

/// A run's place in the database.
final class CheckStorage: Sendable {
  let store: ResultStore
  let run: RunID
  let uuid: String
  let path: String
  /// Ranges of cases that an interrupted run had finished.
  let finished: [Range<Int>]

  /// Begins the run, or goes on with the one that is resumed.
  ///
  /// - Throws: a ``Failure`` where the database cannot be written or the run does not fit.
  init(
    _ path: String, _ command: CheckCommand, _ plan: CheckPlan,
    _ implementations: [any Implementation]
  ) throws {
    self.path = path
    do {
      try Folder.create(containing: path)
      store = try ResultStore(path: path)
      if let resumed = command.resume {
        guard let found = try store.run(RunSelector(resumed)) else {
          throw Failure(.usage, "\(path) has no run \(resumed)")
        }
        try CheckStorage.check(found, plan, command.conformance, implementations, store)
        let record = try store.resumeRun(found.id)
        (run, uuid) = (record.id, record.record.uuid)
        finished = try store.finishedRanges(run)
        return
      }
      let record = RunRecord(
        started: .now(), commandLine: CommandText.repeated, toolVersion: toolVersion,
        generatorVersion: Selection.generatorVersion, seed: plan.seed, selection: plan.selection,
        plannedCases: plan.plannedCases, conformance: command.conformance, vectors: plan.vectors,
        labels: try Labels.parsed(command.label), environment: Machine.description)
      run = try store.beginRun(
        record, implementations: implementations.map { ImplementationRecord($0) })
      uuid = record.uuid
      finished = []
    } catch let error as StoreError {
      throw Failure(error)
    }
  }

  private static func check(
    _ found: StoredRun, _ plan: CheckPlan, _ conformance: String?,
    _ implementations: [any Implementation],
    _ store: ResultStore
  ) throws {
    let record = found.record
    guard record.selection == plan.selection, record.seed == plan.seed,
      record.generatorVersion == Selection.generatorVersion
    else {
      throw Failure(
        .usage,
        "run \(found.id) was made with --seed \(record.seed) \(record.selection); --resume needs"
          + " the same options")
    }
    guard found.status != .finished else {
      throw Failure(.usage, "run \(found.id) is finished: there is nothing to go on with")
    }
    guard record.plannedCases == plan.plannedCases, record.conformance == conformance else {
      let planned = record.plannedCases.map { "--count \($0)" } ?? "--duration"
      let asked = record.conformance.map { " --conformance \($0)" } ?? ""
      throw Failure(
        .usage, "run \(found.id) was made with \(planned)\(asked); --resume needs the same options")
    }
    let names = try store.implementations(found.id).map(\.record.name)
    guard Set(names) == Set(implementations.map { $0.name }) else {
      throw Failure(
        .usage, "run \(found.id) judges \(names.joined(separator: ",")); --impl must be the same")
    }
  }

  /// Stores a finished batch.
  func commit(_ batch: BatchResult) throws {
    do throws(StoreError) {
      try store.commitBatch(run, batch)
    } catch {
      throw Failure(.database, "\(error)")
    }
  }

  /// Keeps what explains the wrong outputs.
  func add(_ diagnoses: [String: Diagnosis]) throws {
    let causes = diagnoses.keys.sorted().flatMap { name in
      diagnoses[name]?.records(name) ?? []
    }
    guard !causes.isEmpty else { return }
    do throws(StoreError) {
      try store.setCauses(run, causes)
    } catch {
      throw Failure(.database, "\(error)")
    }
  }

  /// Ends the run.
  func finish(_ status: RunStatus, _ exit: ExitStatus, _ results: [String: ProfileResult]) throws {
    do throws(StoreError) {
      try store.finishRun(
        run,
        RunEnd(
          status: status, finished: .now(), exitStatus: Int(exit.rawValue), profileResults: results)
      )
    } catch {
      throw Failure(.database, "\(error)")
    }
  }
}

/// `--label KEY=VALUE`.
enum Labels {
  static func parsed(_ texts: [String]) throws -> [String: String] {
    var labels: [String: String] = [:]
    for text in texts {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      let key = String(parts[0])
      guard labels.updateValue(String(parts[1]), forKey: key) == nil else {
        throw Failure(.usage, "--label \(key) is given twice")
      }
    }
    return labels
  }
}

extension ImplementationRecord {
  init(_ implementation: any Implementation) {
    let claims = implementation.claims.json
    self.init(
      name: implementation.name, version: implementation.version, kind: implementation.kind,
      claims: claims)
  }
}

extension Failure {
  /// A run that is not there was misnamed; everything else is the database's.
  init(_ error: StoreError) {
    switch error {
    case .unknownRun, .ambiguousRun: self.init(.usage, "\(error)")
    default: self.init(.database, "\(error)")
    }
  }
}
