import GRDB
import Glibc

/// The database of runs: an SQLite file that several processes may write at once.
///
/// Write-ahead log, `synchronous = NORMAL`: a batch that has been committed survives a kill of the
/// process (a loss of power may cost the last ones, never the file's consistency). Values of this
/// type may be shared between threads; calls take turns.
package final class ResultStore: Sendable {
  package let path: String
  private let seconds: Double
  private let queue: DatabaseQueue

  /// Opens the database, or makes a new one with its folder, and brings its tables up to date.
  ///
  /// - Parameters:
  ///   - path: of the file.
  ///   - create: whether a new one may be made; false for those who only want to read.
  ///   - busyTimeout: seconds to wait for other processes, in every call.
  /// - Throws: ``StoreError``. A file that is not qverify's is left as it is, byte for byte.
  package init(
    path: String, create: Bool = true, busyTimeout: Double = 30
  ) throws(StoreError) {
    let seconds = busyTimeout
    guard !path.isEmpty else { throw .notFound(path: "''") }
    // "./" keeps SQLite from reading ":memory:" or "file:…" as something other than a file's name.
    let path = path.hasPrefix("/") ? path : "./" + path
    self.path = path
    self.seconds = seconds
    let existed = try DatabaseFile(path: path).inspect(create: create)
    var configuration = Configuration()
    configuration.label = "qverify.store"
    configuration.busyMode = .timeout(seconds)
    configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = NORMAL") }
    let translator = ErrorTranslator(path: path, seconds: seconds)
    queue = try translator.run { try DatabaseQueue(path: path, configuration: configuration) }
    try translator.run {
      try queue.inDatabase { try Self.bringUpToDate($0, path: path, existed: existed) }
      try Self.enterWAL(queue, seconds: seconds)
    }
  }

  /// Waits for calls that are under way, then closes the file.
  ///
  /// Later calls throw.
  package func close() throws(StoreError) {
    try ErrorTranslator(path: path, seconds: seconds).run { try queue.close() }
  }

  /// Runs `body` in one transaction, which is rolled back when it throws.
  func write<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
    try ErrorTranslator(path: path, seconds: seconds).run { try queue.write(body) }
  }

  /// Runs `body` on one unchanging state of the database.
  func read<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
    try ErrorTranslator(path: path, seconds: seconds).run { try queue.read(body) }
  }

  // One immediate transaction: of two processes that make the same file, one waits and then finds
  // the work done. Before WAL, so that the application id stands in the file itself, not its log.
  private static func bringUpToDate(_ db: Database, path: String, existed: Bool) throws {
    let found = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    if existed, found == Schema.version { return try checkObjects(db, path: path) }
    guard found <= Schema.version else {
      throw StoreError.newer(path: path, version: found, known: Schema.version)
    }
    try db.inTransaction(.immediate) {
      let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
      for migration in Schema.migrations.dropFirst(max(0, version)) {
        try db.execute(sql: migration.sql)
      }
      try db.execute(sql: "PRAGMA application_id = \(Schema.applicationID)")
      try db.execute(sql: "PRAGMA user_version = \(max(version, Schema.version))")
      return .commit
    }
    try checkObjects(db, path: path)
  }

  private static func checkObjects(_ db: Database, path: String) throws {
    let names = try Set(String.fetchAll(db, sql: "SELECT name FROM sqlite_master"))
    guard let absent = Schema.objects.subtracting(names).min() else { return }
    throw StoreError.damaged(path: path, detail: "'\(absent)' is missing")
  }

  // SQLite does not wait for locks on this switch as it does elsewhere, so this waits itself.
  private static func enterWAL(_ queue: DatabaseQueue, seconds: Double) throws {
    let step: UInt32 = 20_000
    var waited = 0.0
    while true {
      do {
        let mode = try queue.inDatabase {
          try String.fetchOne($0, sql: "PRAGMA journal_mode = WAL")
        }
        guard mode == "wal" else {
          throw DatabaseError(message: "its file system does not support a write-ahead log")
        }
        return
      } catch let error as DatabaseError
        where error.resultCode == .SQLITE_BUSY && waited < seconds
      {
        usleep(step)
        waited += Double(step) / 1e6
      }
    }
  }
}
