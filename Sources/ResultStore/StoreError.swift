/// Why the database could not be opened, read or written: one clear line each.
///
/// Every message names what is wrong, where, and what was expected. No case of it leaves a half
/// written record behind, and none of those about opening changes the file.
package enum StoreError: Error, Hashable, Sendable {
  /// Nothing is at the path, and it was not to be created.
  case notFound(path: String)
  /// A folder, a device or a pipe is at the path (`kind` says which).
  case notAFile(path: String, kind: String)
  /// The file, or the folder that is to hold it and its `-wal` and `-shm` files, cannot be written.
  case unwritable(path: String, reason: String)
  /// The file is not an SQLite database at all.
  case notADatabase(path: String)
  /// An SQLite database of another program.
  case foreign(path: String, applicationID: UInt32)
  /// It was an SQLite database of qverify, and its contents are no longer consistent.
  case damaged(path: String, detail: String)
  /// A later qverify has changed the tables.
  case newer(path: String, version: Int, known: Int)
  /// Another process held the database for longer than the time that was allowed.
  case busy(path: String, seconds: Double)
  /// The disk is full.
  case full(path: String)
  /// A value was refused by the tables' own rules (type, range, uniqueness).
  case refused(path: String, detail: String)
  /// Anything else that SQLite reports.
  case failed(path: String, detail: String)
  /// No run has this number, or a uuid that begins so.
  case unknownRun(String)
  /// Several runs' uuids begin so.
  case ambiguousRun(String, count: Int)
  /// The run has ended, so nothing can be added to it.
  case runNotOpen(uuid: String, status: RunStatus)
  /// A count or a failure names an implementation that the run did not begin with.
  case unknownImplementation(String, run: RunID)
  /// A batch names no cases, so that it could not be told whether it was stored before.
  case emptyBatch(run: RunID)
  /// Some of the batch's cases are stored already, and some are not.
  case overlappingBatch(run: RunID, range: Range<Int>)
}

extension StoreError: CustomStringConvertible {
  package var description: String {
    switch self {
    case .notFound(let path):
      "no database at \(path); expected one that 'qverify check' has written"
    case .notAFile(let path, let kind):
      "\(path) is \(kind); expected the path of a database file"
    case .unwritable(let path, let reason):
      "cannot write the database \(path): \(reason); expected a writable file in a writable folder"
    case .notADatabase(let path):
      "\(path) is not an SQLite database; expected one of qverify's, or a path where none is yet"
    case .foreign(let path, let applicationID):
      "\(path) is another program's SQLite database (application_id \(applicationID)); "
        + "expected qverify's \(Schema.applicationID)"
    case .damaged(let path, let detail):
      "the database \(path) is damaged (\(detail)); expected qverify's tables: restore a copy, "
        + "or name another file"
    case .newer(let path, let version, let known):
      "the database \(path) has version \(version) of the tables; expected at most \(known): "
        + "a later qverify has written it"
    case .busy(let path, let seconds):
      "the database \(path) was locked by another process for more than \(seconds) s; expected a "
        + "shorter wait: try again"
    case .full(let path):
      "no space is left for the database \(path); expected room to write"
    case .refused(let path, let detail):
      "the database \(path) refused a record: \(detail)"
    case .failed(let path, let detail):
      "the database \(path) reported: \(detail)"
    case .unknownRun(let name):
      "no run '\(name)' in the database; expected a run's number or the beginning of its uuid"
    case .ambiguousRun(let prefix, let count):
      "'\(prefix)' is the beginning of \(count) runs' uuids; expected that of one"
    case .runNotOpen(let uuid, let status):
      "run \(uuid) is \(status.rawValue); expected a running one"
    case .unknownImplementation(let name, let run):
      "run \(run) has no implementation '\(name)'; expected one that it began with"
    case .emptyBatch(let run):
      "a batch of run \(run) names no cases; expected at least one range of case indices"
    case .overlappingBatch(let run, let range):
      "cases \(range.lowerBound) ..< \(range.upperBound) of run \(run) are stored in part; expected "
        + "a batch that is wholly new or wholly stored"
    }
  }
}
