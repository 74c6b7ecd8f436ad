import CProcessCalls
import Dispatch
import Glibc

/// A program that was started in a process group of its own, with pipes to its standard streams.
final class Child {
  let processID: pid_t
  /// Non-blocking ends of the pipes, −1 once closed.
  private(set) var input: Int32
  private(set) var output: Int32
  private(set) var errors: Int32
  private var status: Int32?

  /// Starts a program.
  ///
  /// - Throws: ``ChildError`` with the reason, for example that there is no such program.
  init(_ configuration: CommandConfiguration) throws(ChildError) {
    let ends: [Int32]
    (processID, ends) = try Child.start(configuration)
    (input, output, errors) = (ends[1], ends[2], ends[4])
    for end in [input, output, errors] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    // A window of small cases fits the pipe, so that neither side wakes the other for each.
    for end in [input, output] { _ = fcntl(end, 1031 /* F_SETPIPE_SZ */, 1 << 20) }
    if let memory = configuration.memoryMiB {
      _ = qv_limit_memory(processID, UInt64(clamping: memory) << 20)
    }
  }

  deinit { end(after: 0) }

  func closeInput() { Child.close(&input) }
  func closeOutput() { Child.close(&output) }
  func closeErrors() { Child.close(&errors) }

  /// How the process ended, if it did.
  func ended(within seconds: Double) -> ChildEnd? {
    let deadline = DispatchTime.now() + seconds
    while true {
      if let status { return ChildEnd(status: status) }
      var status: Int32 = 0
      let result = waitpid(processID, &status, WNOHANG)
      if result == processID || (result < 0 && errno == ECHILD) {
        self.status = result == processID ? status : 0
        continue
      }
      guard DispatchTime.now() < deadline else { return nil }
      usleep(500)
    }
  }

  /// Ends the process and whatever it has started: its whole group.
  func end(after seconds: Double) {
    closeInput()
    if status == nil, ended(within: seconds) == nil {
      kill(-processID, SIGTERM)
      if seconds > 0 { _ = ended(within: 0.5) }
    }
    // What is left of the group: a program may end before those that it has started.
    kill(-processID, SIGKILL)
    if status == nil { _ = ended(within: 5) }
    closeOutput()
    closeErrors()
  }

  private static func close(_ descriptor: inout Int32) {
    if descriptor >= 0 { Glibc.close(descriptor) }
    descriptor = -1
  }

  private static func start(
    _ configuration: CommandConfiguration
  ) throws(ChildError) -> (pid_t, [Int32]) {
    var ends: [Int32] = []
    do throws(ChildError) {
      for _ in 0..<3 { ends += try Child.pipe() }
      let processID = try Child.spawn(configuration, ends)
      for end in [ends[0], ends[3], ends[5]] { Glibc.close(end) }
      return (processID, ends)
    } catch {
      for end in ends { Glibc.close(end) }
      throw error
    }
  }

  private static func pipe() throws(ChildError) -> [Int32] {
    var ends: [Int32] = [-1, -1]
    let code = qv_pipe(&ends)
    guard code == 0 else { throw ChildError("no pipe: \(Child.text(code))") }
    return ends
  }

  private static func text(_ code: Int32) -> String { String(cString: strerror(code)) }

  private static func spawn(
    _ configuration: CommandConfiguration, _ ends: [Int32]
  ) throws(ChildError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, end) in [ends[0], ends[3], ends[5]].enumerated() {
      posix_spawn_file_actions_adddup2(&actions, end, Int32(number))
    }
    if let folder = configuration.folder {
      _ = qv_spawn_in_folder(&actions, folder)
    }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setpgroup(&attributes, 0)
    var (all, none) = (sigset_t(), sigset_t())
    sigfillset(&all)
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(
      &attributes,
      Int16(POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK))
    guard let program = configuration.run.first else { throw ChildError("run is empty") }
    var arguments = configuration.run.map { strdup($0) } + [nil]
    var environment = Child.environment(configuration.environment).map { strdup($0) } + [nil]
    defer { for pointer in arguments + environment { free(pointer) } }
    var processID: pid_t = 0
    let code = posix_spawnp(
      &processID, program, &actions, &attributes, &arguments, &environment)
    guard code == 0 else {
      // A missing folder is reported as a missing program.
      if let folder = configuration.folder, access(folder, X_OK) != 0 {
        throw ChildError("its folder \(folder) cannot be entered")
      }
      throw ChildError("\(program) cannot be run: \(Child.text(code))")
    }
    return processID
  }

  /// This process's environment with some variables added or changed.
  private static func environment(_ changes: [String: String]) -> [String] {
    var lines: [String] = []
    var place = environ
    while let pointer = place.pointee {
      let line = String(cString: pointer)
      let name = line.prefix { $0 != "=" }
      if changes[String(name)] == nil { lines.append(line) }
      place += 1
    }
    return lines + changes.map { "\($0.key)=\($0.value)" }
  }
}

/// Why a program was not started.
struct ChildError: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}

/// How a process ended.
struct ChildEnd: Hashable, CustomStringConvertible {
  /// As `waitpid` gives it.
  let status: Int32

  /// `exit status 3`, `signal 11 (Segmentation fault)`.
  var description: String {
    let number = status & 0x7F
    guard number != 0 else { return "exit status \((status >> 8) & 0xFF)" }
    return "signal \(number) (\(String(cString: strsignal(number))))"
  }
}
