import Glibc

/// A file descriptor, its name for messages, and the calls on it that other lines need: each
/// repeats what a signal interrupted, and waits where the descriptor is set not to block.
struct Descriptor {
  let number: Int32
  let path: String

  /// Opens `path`.
  ///
  /// - Throws: ``LineError/system(action:path:code:)``.
  static func open(_ path: String, _ flags: Int32, mode: mode_t = 0) throws(LineError) -> Self {
    // The name that the system would see ends at a NUL.
    guard !path.utf8.contains(0) else {
      throw LineError.system(action: "open", path: path, code: EINVAL)
    }
    while true {
      let number = Glibc.open(path, flags | O_CLOEXEC, mode)
      if number >= 0 { return Self(number: number, path: path) }
      if errno != EINTR { throw LineError.system(action: "open", path: path, code: errno) }
    }
  }

  /// The kind of the file, `S_IFREG` and so on; 0 if it cannot be told.
  var kind: mode_t {
    var status = stat()
    return fstat(number, &status) == 0 ? status.st_mode & S_IFMT : 0
  }

  /// Reads at most `count` bytes, at least one except at the end.
  ///
  /// - Throws: ``LineError/system(action:path:code:)``.
  func read(_ target: UnsafeMutableRawPointer, _ count: Int) throws(LineError) -> Int {
    while true {
      let got = Glibc.read(number, target, count)
      if got >= 0 { return got }
      try retry(after: errno, "read", POLLIN)
    }
  }

  /// Writes all of `bytes`.
  ///
  /// - Throws: ``LineError/system(action:path:code:)``.
  func write(_ bytes: UnsafeRawBufferPointer) throws(LineError) {
    guard let base = bytes.baseAddress else { return }
    var done = 0
    while done < bytes.count {
      let (put, code) = writeWithoutSignal(base + done, bytes.count &- done)
      if put >= 0 {
        done &+= put
      } else {
        try retry(after: code, "write", POLLOUT)
      }
    }
  }

  private func retry(after code: Int32, _ action: String, _ event: Int32) throws(LineError) {
    if code == EINTR { return }
    guard code == EAGAIN else { throw LineError.system(action: action, path: path, code: code) }
    var request = pollfd(fd: number, events: Int16(event), revents: 0)
    _ = poll(&request, 1, -1)
  }

  /// `write`, with its error number, such that a reader that has gone is EPIPE and not the end
  /// of the process.
  ///
  /// SIGPIPE goes to the thread that writes: it is blocked there for this one call, and taken
  /// off again if it came. The process's own handling of it, which children inherit, stays.
  private func writeWithoutSignal(_ bytes: UnsafeRawPointer, _ count: Int) -> (Int, Int32) {
    var pipe = sigset_t()
    var before = sigset_t()
    var pending = sigset_t()
    sigemptyset(&pipe)
    sigaddset(&pipe, SIGPIPE)
    sigpending(&pending)
    pthread_sigmask(SIG_BLOCK, &pipe, &before)
    let put = Glibc.write(number, bytes, count)
    let code = put < 0 ? errno : 0
    if code == EPIPE, sigismember(&pending, SIGPIPE) == 0 {
      var now = timespec()
      while sigtimedwait(&pipe, nil, &now) < 0, errno == EINTR {}
    }
    pthread_sigmask(SIG_SETMASK, &before, nil)
    return (put, code)
  }
}
