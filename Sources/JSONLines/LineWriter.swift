import Glibc

/// Collects bytes and writes them to a file or a stream in big pieces.
///
/// A regular file gets its name only in ``finish()``: until then its bytes lie beside it under a
/// temporary name, so that nobody sees half a file and a failure leaves an old one as it was.
/// Devices, pipes and standard output are written to directly.
package final class LineWriter {
  /// Named as the caller named it.
  private let target: Descriptor
  private let closes: Bool
  /// The temporary file that `target` writes to and the name that it must get; `nil` where
  /// there is none.
  private let renaming: (temporary: String, final: String)?
  private let capacity: Int
  private var buffer: [UInt8] = []
  private var failure: LineError?
  private var isOpen = true

  /// Opens a file to be written, or a device or pipe of that name.
  ///
  /// A symbolic link stays one: the file that it leads to is replaced. An old file's permissions
  /// are kept.
  ///
  /// - Parameters:
  ///   - path: as the system takes it.
  ///   - capacity: how many bytes are collected before they are written.
  /// - Throws: ``LineError/system(action:path:code:)``, for a directory as well.
  package init(path: String, capacity: Int = 1 << 18) throws(LineError) {
    self.capacity = capacity
    closes = true
    var status = stat()
    let exists = !path.utf8.contains(0) && stat(path, &status) == 0
    let kind = status.st_mode & S_IFMT
    // Beside no name there would be a file nevertheless.
    if path.isEmpty { throw LineError.system(action: "open", path: path, code: ENOENT) }
    // The standard streams under their names must not be replaced by another file.
    if exists && kind != S_IFREG || path.hasPrefix("/dev/") || path.hasPrefix("/proc/") {
      target = try Descriptor.open(path, O_WRONLY)
      renaming = nil
      return
    }
    let final = exists ? Self.resolved(path) : path
    let temporary = try Self.openTemporary(beside: final)
    target = Descriptor(number: temporary.number, path: path)
    renaming = (temporary.path, final)
    if exists { fchmod(target.number, status.st_mode & 0o7777) }
  }

  /// Writes to an open file descriptor, which stays open and the caller's.
  ///
  /// - Parameters:
  ///   - descriptor: where to write to; 1 is standard output.
  ///   - name: what messages call it.
  ///   - capacity: how many bytes are collected before they are written.
  package init(descriptor: Int32, name: String, capacity: Int = 1 << 18) {
    self.capacity = capacity
    target = Descriptor(number: descriptor, path: name)
    closes = false
    renaming = nil
  }

  deinit { discard() }

  /// Appends bytes, which are written when enough have come together.
  ///
  /// - Throws: ``LineError/system(action:path:code:)``, e.g. where the disk is full (ENOSPC) or
  ///   the reader has gone (EPIPE); the same error again from then on.
  package func write(_ bytes: [UInt8]) throws(LineError) {
    try bytes.withUnsafeBufferPointer { buffer throws(LineError) in
      try write(UnsafeRawBufferPointer(buffer))
    }
  }

  /// Appends bytes, which are written when enough have come together.
  ///
  /// - Throws: ``LineError/system(action:path:code:)``, e.g. where the disk is full (ENOSPC) or
  ///   the reader has gone (EPIPE); the same error again from then on.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(LineError) {
    try check()
    if buffer.count &+ bytes.count > capacity { try flush() }
    if bytes.count < capacity {
      buffer.append(contentsOf: bytes)
    } else {
      try attempt { () throws(LineError) in try target.write(bytes) }
    }
  }

  /// Writes what was collected, for a reader that waits for it.
  ///
  /// - Throws: ``LineError/system(action:path:code:)``; the same error again from then on.
  package func flush() throws(LineError) {
    try attempt { () throws(LineError) in
      try buffer.withUnsafeBufferPointer { bytes throws(LineError) in
        try target.write(UnsafeRawBufferPointer(bytes))
      }
    }
    buffer.removeAll(keepingCapacity: true)
  }

  /// Writes everything and gives a file its name.
  ///
  /// Nothing can be written afterwards.
  ///
  /// - Throws: ``LineError/system(action:path:code:)``; a file is then removed, and what its name
  ///   stood for before stays.
  package func finish() throws(LineError) {
    guard isOpen else { return }
    defer { discard() }
    try flush()
    isOpen = false
    guard closes else { return }
    // Some file systems tell only now that the disk is full.
    if close(target.number) != 0, errno != EINTR { throw abandoned("write", errno) }
    if let (temporary, final) = renaming, rename(temporary, final) != 0 {
      throw abandoned("rename \(temporary) to", errno)
    }
  }

  /// Gives up: what was collected is forgotten, a temporary file removed.
  ///
  /// Also happens where a writer is let go without ``finish()``.
  package func discard() {
    guard isOpen else { return }
    isOpen = false
    buffer = []
    if closes { close(target.number) }
    removeTemporary()
  }

  private func removeTemporary() {
    if let renaming { unlink(renaming.temporary) }
  }

  /// The error of an end that failed, after which nothing is left behind.
  private func abandoned(_ action: String, _ code: Int32) -> LineError {
    removeTemporary()
    return .system(action: action, path: target.path, code: code)
  }

  /// A closed descriptor's number may meanwhile be another file's.
  private func check() throws(LineError) {
    if let failure { throw failure }
    guard isOpen else {
      throw LineError.system(action: "write", path: target.path, code: EBADF)
    }
  }

  private func attempt(_ body: () throws(LineError) -> Void) throws(LineError) {
    try check()
    do {
      try body()
    } catch {
      failure = error
      throw error
    }
  }

  /// The path without symbolic links, or itself if that cannot be had.
  private static func resolved(_ path: String) -> String {
    guard let real = realpath(path, nil) else { return path }
    defer { free(real) }
    return String(cString: real)
  }

  /// Creates a file that is not there yet, in the same folder: a name can only be given to it
  /// within one file system.
  private static func openTemporary(beside path: String) throws(LineError) -> Descriptor {
    let flags = O_WRONLY | O_CREAT | O_EXCL
    for attempt in 0..<100 {
      do {
        return try Descriptor.open("\(path).partial-\(getpid())-\(attempt)", flags, mode: 0o666)
      } catch .system(_, _, EEXIST) {
        continue
      } catch .system(let action, _, let code) {
        throw LineError.system(action: action, path: path, code: code)
      }
    }
    throw LineError.system(action: "open", path: path, code: EEXIST)
  }
}
