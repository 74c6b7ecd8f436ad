import Glibc
import Implementations
import ResultStore
import TestCases
import Verdicts
import Verification

/// A case that is said to fail, from the database or from a file.
struct FailingCase {
  /// With the arithmetic that the implementation was asked for.
  let testCase: TestCase
  let id: String
  /// What was stored with it; `nil` for a case of a file, and where another implementation is meant.
  let record: FailureRecord?
  let run: StoredRun?
  /// What was asked for in place of what is claimed.
  let conformance: Conformance?
  /// What the implementation that failed was held to.
  let heldTo: Conformance

  /// Its place in the run.
  var place: Int { record?.caseIndex ?? 0 }

  /// Whether `source` names a stored failure: a file whose name holds a colon is still a file.
  static func isStored(_ source: String) -> Bool {
    source.contains(":") && access(source, F_OK) != 0
  }

  /// The failure of `RUN:CASE`.
  ///
  /// - Parameters:
  ///   - source: RUN:CASE.
  ///   - implementation: whose failure, where several failed; `nil` for the only one.
  ///   - database: where it is stored.
  /// - Throws: a ``Failure`` where there is none, or more than one.
  init(stored source: String, implementation: String?, database: String) throws {
    let parts = source.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let (name, id) = (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
    do {
      let store = try ResultStore(path: database, create: false)
      guard let run = try store.run(RunSelector(name)) else {
        throw Failure(.usage, "\(database) has no run \(name)")
      }
      let all = try store.failures(caseID: id, run: run.id)
      let own = all.filter { implementation == nil || $0.implementation == implementation }
      guard let record = own.first ?? all.first else {
        throw Failure(.usage, "\(database) has no failure of case \(id) in run \(name)")
      }
      if implementation == nil, Set(own.map(\.implementation)).count > 1 {
        let names = own.map(\.implementation).joined(separator: ", ")
        throw Failure(.usage, "case \(id) failed in \(names): name one with --impl")
      }
      guard let found = try FailingCase(record, of: run, store) else {
        throw Failure(.database, "\(database): the stored case \(id) cannot be read")
      }
      self = own.isEmpty ? found.ofAnother : found
    } catch let error as StoreError {
      throw Failure(error)
    }
  }

  /// - Returns: `nil` where the stored line is no case, or one that this version does not know.
  init?(_ record: FailureRecord, of run: StoredRun, _ store: ResultStore) throws(StoreError) {
    let line = Array(record.caseLine.utf8)
    let parsed = line.withUnsafeBufferPointer { try? CaseReader().read($0) }
    guard case .testCase(let read)? = parsed, read.unsupported == nil else { return nil }
    var testCase = read.testCase
    if !record.profile.isEmpty { testCase.profile = record.profile }
    (self.testCase, self.record, self.run, id) = (testCase, record, run, record.caseID)
    conformance = run.record.conformance.flatMap { Conformance($0) }
    let claims = try store.implementations(run.id)
      .first { $0.record.name == record.implementation }?.record.claims
    heldTo = FailingCase.heldTo(claims ?? "", testCase, conformance)
  }

  /// A case of a file, the first where none is named.
  init(file path: String, id: String?) throws {
    let read = try ExplainedSubject.find(id, in: path)
    self.id = ExplainedSubject.identifier(read.testCase)
    if let reason = read.unsupported { throw Failure(.usage, "case \(self.id): \(reason)") }
    testCase = read.testCase
    (record, run, conformance, heldTo) = (nil, nil, nil, .profile)
  }

  private init(
    _ testCase: TestCase, _ id: String, _ run: StoredRun?, _ conformance: Conformance?,
    _ heldTo: Conformance
  ) {
    (self.testCase, self.id, self.run, record) = (testCase, id, run, nil)
    (self.conformance, self.heldTo) = (conformance, heldTo)
  }

  /// The same case for an implementation whose failure was not stored.
  private var ofAnother: FailingCase { FailingCase(testCase, id, run, conformance, heldTo) }

  /// What stored claims hold a case to.
  private static func heldTo(
    _ claims: String, _ testCase: TestCase, _ asked: Conformance?
  ) -> Conformance {
    guard let claims = try? ClaimReader().read(json: Array(claims.utf8)) else {
      return asked ?? .profile
    }
    return Questioner(claims, asked: asked, crossesProfiles: true).question(testCase)?.conformance
      ?? asked ?? .profile
  }
}
