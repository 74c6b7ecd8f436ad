import Foundation
import GRDB
import ResultStore
import Testing
import Verdicts

@Suite("opening a database") struct OpeningTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// The error that opening gives; the file must be the same afterwards, and nothing beside it.
  private func errorOfOpening(_ path: String, create: Bool = true) throws -> StoreError? {
    let manager = FileManager.default
    let before = manager.contents(atPath: path)
    let names = try Set(manager.contentsOfDirectory(atPath: folder.path))
    var result: StoreError?
    do {
      _ = try ResultStore(path: path, create: create)
    } catch {
      result = error
    }
    #expect(manager.contents(atPath: path) == before)
    #expect(try Set(manager.contentsOfDirectory(atPath: folder.path)) == names)
    return result
  }

  @Test("makes the file and its folder") func makesFolders() throws {
    let path = folder.file("a/b/results.sqlite")
    let store = try ResultStore(path: path)
    #expect(try store.runCount() == 0)
    try store.close()
    let again = try ResultStore(path: path, create: false)
    #expect(try again.run(.newest) == nil)
  }

  @Test("the pragmas that users rely on") func pragmas() throws {
    let path = folder.file()
    let store = try ResultStore(path: path)
    let queue = try DatabaseQueue(path: path)
    try queue.read { db in
      #expect(try String.fetchOne(db, sql: "PRAGMA journal_mode") == "wal")
      #expect(try Int.fetchOne(db, sql: "PRAGMA application_id") == 0x7176_6679)
      #expect(try Int.fetchOne(db, sql: "PRAGMA user_version") == 5)
      let loose = try String.fetchAll(
        db, sql: "SELECT name FROM pragma_table_list WHERE type = 'table' AND NOT strict")
      #expect(Set(loose).isSubset(of: ["sqlite_schema", "sqlite_temp_schema", "sqlite_sequence"]))
    }
    try store.close()
    // The id stands in the file itself, where `file` and other programs look for it.
    let header = try #require(FileManager.default.contents(atPath: path))
    #expect(Array(header[68..<72]) == Array("qvfy".utf8))
  }

  @Test("no file, and none wanted") func absent() throws {
    let path = folder.file("none.sqlite")
    #expect(try errorOfOpening(path, create: false) == .notFound(path: path))
    #expect(throws: StoreError.notFound(path: "''")) { try ResultStore(path: "") }
  }

  @Test("an empty file is a database not yet made") func empty() throws {
    let path = folder.file()
    try #require(FileManager.default.createFile(atPath: path, contents: Data()))
    #expect(throws: StoreError.notFound(path: path)) {
      try ResultStore(path: path, create: false)
    }
    #expect(try ResultStore(path: path).runCount() == 0)
  }

  @Test("a folder, a device") func notAFile() throws {
    #expect(
      try errorOfOpening(folder.path) == .notAFile(path: folder.path, kind: "a folder"))
    #expect(
      try errorOfOpening("/dev/null") == .notAFile(path: "/dev/null", kind: "not a regular file"))
  }

  @Test("a text, a picture, a stump", arguments: [1, 99, 100, 5000])
  func notADatabase(size: Int) throws {
    let path = folder.file()
    try Data(repeating: UInt8(ascii: "x"), count: size).write(to: URL(fileURLWithPath: path))
    #expect(try errorOfOpening(path) == .notADatabase(path: path))
  }

  @Test("another program's database") func foreign() throws {
    let path = folder.file()
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: "CREATE TABLE t (x); PRAGMA application_id = 77") }
    try queue.close()
    let error = try errorOfOpening(path)
    #expect(error == .foreign(path: path, applicationID: 77))
    #expect(
      error?.description == "\(path) is another program's SQLite database (application_id 77); "
        + "expected qverify's 1903584889")
  }

  @Test("a database of a later version") func newer() throws {
    let path = folder.file()
    try ResultStore(path: path).close()
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: "PRAGMA user_version = 99") }
    try queue.close()
    #expect(try errorOfOpening(path) == .newer(path: path, version: 99, known: 5))
  }

  @Test("a table is gone") func incomplete() throws {
    let path = folder.file()
    try ResultStore(path: path).close()
    let queue = try DatabaseQueue(path: path)
    try queue.write { try $0.execute(sql: "DROP VIEW trend") }
    try queue.close()
    #expect(try errorOfOpening(path) == .damaged(path: path, detail: "'trend' is missing"))
  }

  @Test("a file that was cut short, or overwritten")
  func damaged() throws {
    let path = folder.file()
    try ResultStore(path: path).close()
    let whole = try #require(FileManager.default.contents(atPath: path))
    var overwritten = whole
    overwritten.replaceSubrange(100..<4096, with: Data(repeating: 0xA5, count: 3996))
    for contents in [whole.prefix(4096), whole.prefix(150), overwritten] {
      try contents.write(to: URL(fileURLWithPath: path))
      let error = try errorOfOpening(path)
      guard case .damaged(path, _) = error else {
        Issue.record("\(contents.count) bytes: \(String(describing: error))")
        continue
      }
    }
  }

  @Test("damage further inside is reported when it is met") func damagedInside() throws {
    let path = folder.file()
    let store = try ResultStore(path: path)
    let run = try store.beginRun(Sample.run(), implementations: [Sample.mine])
    for index in 0..<200 {
      try store.commitBatch(
        run,
        BatchResult(
          ranges: [index..<index + 1], failures: [Sample.failure("case-\(index)", index: index)]))
    }
    try store.close()
    var bytes = try #require(FileManager.default.contents(atPath: path))
    let pages = bytes.count / 4096
    for page in pages / 2..<pages {
      bytes.replaceSubrange(
        page * 4096..<page * 4096 + 200, with: Data(repeating: 0xFF, count: 200))
    }
    try bytes.write(to: URL(fileURLWithPath: path))
    let opened = try ResultStore(path: path)
    do {
      _ = try opened.failures(run, limit: 1000)
      Issue.record("nothing was thrown")
    } catch .damaged(path, _) {
    } catch {
      Issue.record("\(error)")
    }
  }

  @Test("places where nothing can be written") func unwritable() throws {
    for path in ["/proc/results.sqlite", "/proc/no/results.sqlite", "/dev/null/results.sqlite"] {
      do {
        _ = try ResultStore(path: path)
        Issue.record("\(path) was opened")
      } catch .unwritable(path, _) {
      } catch {
        Issue.record("\(path): \(error)")
      }
    }
  }

  @Test("a read-only file, a read-only folder", .enabled(if: geteuid() != 0, "root may write all"))
  func readOnly() throws {
    let path = folder.file()
    try ResultStore(path: path).close()
    chmod(path, 0o444)
    #expect(
      try errorOfOpening(path) == .unwritable(path: path, reason: "the file is read-only"))
    chmod(path, 0o644)
    chmod(folder.path, 0o555)
    defer { chmod(folder.path, 0o755) }
    #expect(
      try errorOfOpening(path)
        == .unwritable(path: path, reason: "its folder \(folder.path) is read-only"))
  }

  @Test("every message is one line that says what was expected") func messages() {
    let errors: [StoreError] = [
      .notFound(path: "p"), .notAFile(path: "p", kind: "a folder"),
      .unwritable(path: "p", reason: "r"), .notADatabase(path: "p"),
      .foreign(path: "p", applicationID: 1), .damaged(path: "p", detail: "d"),
      .newer(path: "p", version: 3, known: 2), .busy(path: "p", seconds: 30), .full(path: "p"),
      .unknownRun("p"), .ambiguousRun("p", count: 2), .runNotOpen(uuid: "p", status: .finished),
      .unknownImplementation("p", run: RunID(rawValue: 1)), .emptyBatch(run: RunID(rawValue: 1)),
      .overlappingBatch(run: RunID(rawValue: 1), range: 0..<2),
    ]
    for error in errors {
      #expect(error.description.contains("expected"))
      #expect(!error.description.contains("\n"))
    }
  }
}
