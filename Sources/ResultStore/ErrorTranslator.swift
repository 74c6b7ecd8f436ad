import GRDB

/// Turns SQLite's result codes into ``StoreError``.
struct ErrorTranslator {
  let path: String
  /// How long was waited for a lock.
  let seconds: Double

  /// Runs `body`; whatever it throws comes out as a ``StoreError``.
  func run<Result>(_ body: () throws -> Result) throws(StoreError) -> Result {
    do {
      return try body()
    } catch let error as StoreError {
      throw error
    } catch let error as DatabaseError {
      throw translate(error)
    } catch let error as RowDecodingError {
      throw .damaged(path: path, detail: oneLine("\(error)"))
    } catch {
      throw .failed(path: path, detail: oneLine("\(error)"))
    }
  }

  private func translate(_ error: DatabaseError) -> StoreError {
    let detail = oneLine(error.message ?? error.resultCode.description)
    switch error.resultCode {
    case .SQLITE_NOTADB: return .notADatabase(path: path)
    case .SQLITE_CORRUPT: return .damaged(path: path, detail: detail)
    case .SQLITE_BUSY, .SQLITE_LOCKED: return .busy(path: path, seconds: seconds)
    case .SQLITE_FULL: return .full(path: path)
    case .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_CANTOPEN:
      return .unwritable(path: path, reason: detail)
    case .SQLITE_CONSTRAINT, .SQLITE_MISMATCH, .SQLITE_TOOBIG:
      return .refused(path: path, detail: detail)
    default: return .failed(path: path, detail: detail)
    }
  }

  // A message may quote SQL over several lines; a diagnostic is one line.
  private func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
