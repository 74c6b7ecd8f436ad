import GRDB

/// What any other program sees of a database: rows of a query, by column, as text; no nulls.
struct Rows {
  let rows: [[String: String]]

  init(_ path: String, _ query: String) throws {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(10)
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    rows = try queue.read { db in
      try Row.fetchAll(db, sql: query).map { row in
        Dictionary(row.map { ($0.0, $0.1) }) { first, _ in first }
          .compactMapValues {
            String.fromDatabaseValue($0) ?? Int.fromDatabaseValue($0)?.description
          }
      }
    }
    try queue.close()
  }
}
