import Glibc

/// A look at the path of a database before SQLite is let near it.
///
/// SQLite opens what it is given, rolls back a journal that it finds and may leave files beside it;
/// so that another program's file stays as it is, byte for byte, its header is read here first.
/// The header's layout is section 1.3 of SQLite's "Database File Format".
struct DatabaseFile {
  let path: String

  /// Whether the file exists and has content.
  ///
  /// An empty one counts as not yet there, as in SQLite.
  ///
  /// - Throws: ``StoreError`` when what is at the path cannot be, or is not, qverify's database.
  func inspect(create: Bool) throws(StoreError) -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else {
      let reason = errno
      guard reason == ENOENT else {
        throw .unwritable(path: path, reason: String(cString: strerror(reason)))
      }
      guard create else { throw .notFound(path: path) }
      try checkFolder(create: true)
      return false
    }
    switch status.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw .notAFile(path: path, kind: "a folder")
    default: throw .notAFile(path: path, kind: "not a regular file")
    }
    if status.st_size == 0, !create { throw .notFound(path: path) }
    if status.st_size > 0 { try checkHeader() }
    guard access(path, W_OK) == 0 else {
      throw .unwritable(path: path, reason: "the file is read-only")
    }
    try checkFolder(create: false)
    return status.st_size > 0
  }

  private func checkHeader() throws(StoreError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw .unwritable(path: path, reason: String(cString: strerror(errno)))
    }
    defer { close(descriptor) }
    var header = [UInt8](repeating: 0, count: 100)
    let count = read(descriptor, &header, header.count)
    guard count == header.count, header.starts(with: "SQLite format 3\0".utf8) else {
      throw .notADatabase(path: path)
    }
    let applicationID = header[68..<72].reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
    guard applicationID == Schema.applicationID else {
      throw .foreign(path: path, applicationID: applicationID)
    }
  }

  // The folder must be writable too, since SQLite keeps its log beside the database.
  private func checkFolder(create: Bool) throws(StoreError) {
    let folder = Self.folder(of: path)
    if create { Self.createFolder(folder) }
    var status = stat()
    guard stat(folder, &status) == 0 else {
      throw .unwritable(path: path, reason: "its folder \(folder) cannot be created")
    }
    guard status.st_mode & S_IFMT == S_IFDIR else {
      throw .unwritable(path: path, reason: "\(folder) is not a folder")
    }
    guard access(folder, W_OK | X_OK) == 0 else {
      throw .unwritable(path: path, reason: "its folder \(folder) is read-only")
    }
  }

  private static func createFolder(_ folder: String) {
    var status = stat()
    guard stat(folder, &status) != 0, errno == ENOENT else { return }
    let parent = self.folder(of: folder)
    if parent != folder { createFolder(parent) }
    mkdir(folder, 0o777)
  }

  private static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
