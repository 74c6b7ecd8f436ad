import ChildProcesses
import Glibc

/// A program that speaks the line format, with non-blocking pipes to its standard streams.
final class Child {
  private let process: ChildProcess
  private let streams: (input: OwnedDescriptor, output: OwnedDescriptor, errors: OwnedDescriptor)

  /// Descriptors for `poll`, −1 once closed.
  var input: Int32 { streams.input.number }
  var output: Int32 { streams.output.number }
  var errors: Int32 { streams.errors.number }
  /// Becomes readable when the process ends; −1 where the system has no such thing.
  var exit: Int32 { process.exitDescriptor }

  /// Starts a program.
  ///
  /// - Throws: ``SpawnError`` with the reason, for example that there is no such program.
  init(_ configuration: CommandConfiguration) throws(SpawnError) {
    guard let program = configuration.run.first else { throw SpawnError("run is empty") }
    let input = try Channel.pipe()
    let output = try Channel.pipe()
    let errors = try Channel.pipe()
    var description = ProcessDescription(
      executable: program, arguments: Array(configuration.run.dropFirst()),
      environment: Child.environment(configuration.environment),
      workingFolder: configuration.folder,
      descriptors: [input.first.number, output.second.number, errors.second.number])
    description.memoryLimitBytes = configuration.memoryMiB.map { UInt64(clamping: $0) << 20 }
    process = try ChildProcess(description)
    for end in [input.first, output.second, errors.second] { end.close() }
    streams = (input.second, output.first, errors.first)
    for end in [streams.input, streams.output, streams.errors] { end.setNonBlocking() }
    // A window of small cases fits the pipe, so that neither side wakes the other for each.
    for end in [streams.input, streams.output] {
      _ = fcntl(end.number, Child.setPipeSize, 1 << 20)
    }
  }

  /// `F_SETPIPE_SZ` of Linux, which Swift's module of the C library leaves out.
  private static let setPipeSize: Int32 = 1_031

  func closeInput() { streams.input.close() }
  func closeOutput() { streams.output.close() }
  func closeErrors() { streams.errors.close() }

  /// How the process ended, if it does within some time.
  func ended(within seconds: Double) -> Termination? { process.wait(seconds: seconds) }

  /// Ends the process and whatever it has started: its whole group.
  ///
  /// - Parameter seconds: how long it has to leave by itself once its input is closed.
  func end(after seconds: Double) {
    closeInput()
    if process.wait(seconds: seconds) == nil {
      process.kill()
      _ = process.wait(seconds: 5)
    }
    closeOutput()
    closeErrors()
  }

  /// This process's environment with some variables added or changed.
  private static func environment(_ changes: [String: String]) -> [String] {
    let kept = ChildProcess.environment.filter { line in
      changes[String(line.prefix { $0 != "=" })] == nil
    }
    return kept + changes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }
}
