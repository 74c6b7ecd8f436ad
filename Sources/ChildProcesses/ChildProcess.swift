import CChildProcesses
import Glibc

/// What a program is started with.
package struct ProcessDescription: Sendable {
  /// A path, or a name that is looked for on PATH.
  package var executable: String
  /// Without the program's own name.
  package var arguments: [String]
  /// `NAME=value` each; `nil`: that of this process.
  package var environment: [String]?
  /// `nil`: that of this process.
  package var workingFolder: String?
  /// What its descriptors 0, 1, 2, … are; `nil` stands for /dev/null. It has no others, and this
  /// process keeps its own.
  package var descriptors: [Int32?]
  /// Of address space; `nil`: no limit.
  package var memoryLimitBytes: UInt64?

  package init(
    executable: String, arguments: [String] = [], environment: [String]? = nil,
    workingFolder: String? = nil, descriptors: [Int32?] = [nil, nil, nil],
    memoryLimitBytes: UInt64? = nil
  ) {
    self.executable = executable
    self.arguments = arguments
    self.environment = environment
    self.workingFolder = workingFolder
    self.descriptors = descriptors
    self.memoryLimitBytes = memoryLimitBytes
  }
}

/// Why a program could not be started; one line.
package struct SpawnError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// How a process ended.
package enum Termination: Hashable, Sendable, CustomStringConvertible {
  case exited(Int32)
  case signaled(Int32)

  package var description: String {
    switch self {
    case .exited(let code): "exit status \(code)"
    case .signaled(let number):
      "signal \(number)" + (Self.signalName(number).map { " (\($0))" } ?? "")
    }
  }

  /// `SIGSEGV` and so on; `nil` for a number without a name.
  package static func signalName(_ number: Int32) -> String? {
    child_signal_name(number).map { String(cString: $0) }
  }
}

/// A program that was started, the leader of a process group of its own.
///
/// The group is killed with the last reference, and by the kernel when this process ends, whatever
/// ends it. For use by one thread at a time.
package final class ChildProcess {
  package let identifier: Int32
  /// Becomes readable when the process ends: for `poll`, beside its pipes. -1 where the system has no
  /// such thing.
  package let exitDescriptor: Int32
  /// How it ended, once that is known.
  package private(set) var termination: Termination?

  /// Starts a program.
  ///
  /// - Throws: ``SpawnError`` where there is no such program or it cannot be executed.
  package init(_ description: ProcessDescription) throws(SpawnError) {
    let inherited = description.environment ?? Self.environment
    let texts = [description.executable] + description.arguments + inherited
    guard !texts.contains(where: { $0.utf8.contains(0) }) else {
      throw SpawnError("'\(description.executable)' or its arguments contain a NUL")
    }
    let descriptors = description.descriptors.map { $0 ?? -1 }
    let arguments = CStrings([description.executable] + description.arguments)
    let environment = CStrings(inherited)
    let result = descriptors.withUnsafeBufferPointer { descriptors in
      withOptionalCString(description.workingFolder) { folder in
        description.executable.withCString { executable in
          var request = child_spawn_request()
          request.executable = executable
          request.arguments = arguments.pointer
          request.environment = environment.pointer
          request.working_folder = folder
          request.descriptors = descriptors.baseAddress
          request.descriptor_count = Int32(clamping: descriptors.count)
          request.memory_limit = description.memoryLimitBytes ?? 0
          return child_spawn(&request)
        }
      }
    }
    guard result.process > 0 else {
      throw SpawnError(Self.explanation(result, description))
    }
    identifier = result.process
    exitDescriptor = child_open_exit_descriptor(result.process)
  }

  deinit {
    kill()
    _ = wait(seconds: nil)
    if exitDescriptor >= 0 { close(exitDescriptor) }
  }

  /// Ends the process and its group at once. Nothing happens where it was waited for already.
  package func kill() {
    // A process that was not waited for keeps its number, so no other can be hit.
    guard termination == nil else { return }
    Glibc.kill(-identifier, SIGKILL)
    Glibc.kill(identifier, SIGKILL)
  }

  /// Waits until the process ends, and then kills what is left of its group.
  ///
  /// - Parameter seconds: how long; 0 asks without waiting, `nil` waits without end.
  /// - Returns: how it ended; `nil` where it has not.
  package func wait(seconds: Double?) -> Termination? {
    if let termination { return termination }
    let deadline = seconds.map { Clock.now + $0 }
    while child_has_ended(identifier) == 0 {
      let rest = deadline.map { $0 - Clock.now } ?? 60
      if rest <= 0 { return nil }
      pause(rest)
    }
    // Before it is reaped, while the group's number cannot be anybody else's.
    Glibc.kill(-identifier, SIGKILL)
    var code: Int32 = 0
    termination = child_reap(identifier, &code) == 1 ? .signaled(code) : .exited(code)
    return termination
  }

  /// Returns when the process ends or some time has passed.
  private func pause(_ seconds: Double) {
    guard exitDescriptor >= 0 else {
      usleep(1_000)
      return
    }
    var request = pollfd(fd: exitDescriptor, events: Int16(POLLIN), revents: 0)
    _ = poll(&request, 1, Clock.milliseconds(seconds))
  }

  private static func explanation(
    _ result: child_spawn_result, _ description: ProcessDescription
  ) -> String {
    let reason = String(cString: strerror(result.error_number))
    return switch Int(result.failed_step) {
    case CHILD_SPAWN_EXECUTE: "'\(description.executable)' cannot be executed: \(reason)"
    case CHILD_SPAWN_FOLDER:
      "folder '\(description.workingFolder ?? "")' cannot be entered: \(reason)"
    case CHILD_SPAWN_LIMITS: "the memory limit cannot be set: \(reason)"
    case CHILD_SPAWN_DESCRIPTORS: "descriptors cannot be passed on: \(reason)"
    default: "no process can be made: \(reason)"
    }
  }

  /// That of this process, `NAME=value` each.
  package static var environment: [String] {
    var texts: [String] = []
    var next = environ
    while let text = next.pointee {
      texts.append(String(cString: text))
      next += 1
    }
    return texts
  }
}

/// Seconds on a clock that is never set back.
package enum Clock {
  package static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// For `poll`: rounded up, so that it does not return before the time; at most an hour.
  package static func milliseconds(_ seconds: Double) -> Int32 {
    // Also where it is not a number.
    guard seconds > 0 else { return 0 }
    return Int32(min(seconds * 1_000 + 1, 3_600_000))
  }
}

/// A NULL-terminated list of C strings.
private final class CStrings {
  let pointer: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  private let count: Int

  init(_ texts: [String]) {
    count = texts.count
    pointer = .allocate(capacity: texts.count + 1)
    for (place, text) in texts.enumerated() { pointer[place] = strdup(text) }
    pointer[texts.count] = nil
  }

  deinit {
    for place in 0..<count { free(pointer[place]) }
    pointer.deallocate()
  }
}

private func withOptionalCString<Result>(
  _ text: String?, _ body: (UnsafePointer<CChar>?) -> Result
) -> Result {
  guard let text else { return body(nil) }
  return text.withCString { body($0) }
}
