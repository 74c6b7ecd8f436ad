import Foundation
import Glibc
import Testing

/// All tests here run the built program, one at a time: each has its own threads.
@Suite("the command line", .serialized) struct CommandLineSuite {}

/// How a program ended, and what it said.
struct Ended {
  /// Its exit status; `nil` where a signal ended it.
  let status: Int32?
  /// What ended it, if it did not exit.
  let signal: Int32?
  let output: [UInt8]
  let error: String
  /// Peak of resident memory in KiB.
  let peakMemory: Int

  var text: String { String(decoding: output, as: UTF8.self) }

  /// Standard error is one line, and neither a crash nor a trace.
  var isOneLine: Bool {
    error.hasSuffix("\n") && error.dropLast().allSatisfy { $0 != "\n" } && error.count > 10
  }

  /// The object that standard output holds.
  func object() throws -> [String: Any] {
    let value = try JSONSerialization.jsonObject(with: Data(output))
    return try #require(value as? [String: Any])
  }
}

/// A started program.
final class Running {
  let process: pid_t
  private let files: TemporaryFolder
  private var ended: Ended?

  /// - Parameters:
  ///   - command: a path, or a name on PATH, and its arguments.
  ///   - folder: where it runs.
  ///   - input: a file for its standard input; an empty one if left out.
  /// - Throws: where no process can be made.
  init(_ command: [String], in folder: String, input: String? = nil) throws {
    files = try TemporaryFolder()
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, input ?? "/dev/null", O_RDONLY, 0)
    for (descriptor, name) in [(Int32(1), "output"), (2, "error")] {
      posix_spawn_file_actions_addopen(
        &actions, descriptor, files.file(name), O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    }
    // The shell changes the folder and becomes the program: its number and its memory are its own.
    let words = ["sh", "-c", "cd \"$0\" && exec \"$@\"", folder] + command
    var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
    defer { for argument in arguments { free(argument) } }
    arguments.append(nil)
    // The threads that tests run on block signals; a program that inherited that could not end its
    // own children.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    var child: pid_t = 0
    let failure = posix_spawn(&child, "/bin/sh", &actions, &attributes, arguments, environ)
    try #require(failure == 0, "/bin/sh cannot be started: error \(failure)")
    process = child
  }

  deinit {
    guard ended == nil else { return }
    kill(process, SIGKILL)
    waitpid(process, nil, 0)
  }

  /// Asks whether it has ended, without waiting.
  func poll() -> Ended? {
    if let ended { return ended }
    var (state, usage) = (Int32(0), rusage())
    guard wait4(process, &state, WNOHANG, &usage) == process else { return nil }
    let signal = state & 0x7F
    let manager = FileManager.default
    ended = Ended(
      status: signal == 0 ? (state >> 8) & 0xFF : nil, signal: signal == 0 ? nil : signal,
      output: Array(manager.contents(atPath: files.file("output")) ?? Data()),
      error: String(
        decoding: manager.contents(atPath: files.file("error")) ?? Data(), as: UTF8.self),
      peakMemory: usage.ru_maxrss)
    return ended
  }

  /// Waits for the end.
  ///
  /// A program that hangs is killed, which then shows as its signal.
  func wait() async throws -> Ended {
    for _ in 0..<120_000 {
      if let ended = poll() { return ended }
      try await Task.sleep(for: .milliseconds(5))
    }
    kill(process, SIGKILL)
    while true {
      if let ended = poll() { return ended }
      try await Task.sleep(for: .milliseconds(5))
    }
  }
}

/// What is run, and where it lies.
enum Program {
  /// The program that was built together with these tests.
  static var path: String {
    get throws {
      let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
      var folders = [folder(of: tests)]
      for argument in CommandLine.arguments where argument.contains(".xctest") {
        folders.append(folder(of: argument))
      }
      let found = folders.map { $0 + "/qverify" }.first {
        FileManager.default.isExecutableFile(atPath: $0)
      }
      return try #require(found, "no qverify in \(folders)")
    }
  }

  /// The checkout that these tests were compiled in.
  static let repository = folder(of: folder(of: folder(of: #filePath)))

  static func folder(of path: String) -> String {
    (path as NSString).deletingLastPathComponent
  }

  static func start(
    _ arguments: [String], in folder: TemporaryFolder, input: String? = nil
  ) throws -> Running {
    try Running([path] + arguments, in: folder.path, input: input)
  }

  static func run(
    _ arguments: [String], in folder: TemporaryFolder, input: String? = nil
  ) async throws -> Ended {
    try await start(arguments, in: folder, input: input).wait()
  }

  /// As ``run(_:in:input:)``, with words in place of a list.
  static func run(_ line: String, in folder: TemporaryFolder) async throws -> Ended {
    try await run(line.split(separator: " ").map(String.init), in: folder)
  }
}

/// Other programs that tests ask; where one is missing, its tests are skipped.
enum Tool {
  static let python = onPath("python3")
  /// A compiler of C; Swift's own toolchain has a clang.
  static let c = onPath("cc") ?? onPath("gcc") ?? onPath("clang")
  static let chromium = onPath("chromium")

  /// A Python that has the jsonschema package.
  static let schemaPython: String? = ["/usr/bin/python3", python].compactMap { $0 }.first {
    isExecutable($0) && exitStatus([$0, "-c", "import jsonschema"]) == 0
  }

  private static func onPath(_ name: String) -> String? {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    return path.split(separator: ":").map { "\($0)/\(name)" }.first { isExecutable($0) }
  }

  private static func isExecutable(_ path: String) -> Bool {
    FileManager.default.isExecutableFile(atPath: path)
  }

  static func succeeds(_ command: [String]) -> Bool { exitStatus(command) == 0 }

  private static func exitStatus(_ command: [String]) -> Int32? {
    guard let running = try? Running(command, in: "/") else { return nil }
    while true {
      if let ended = running.poll() { return ended.status }
      usleep(5_000)
    }
  }
}

/// A folder that is removed with the last reference to it.
final class TemporaryFolder: Sendable {
  let path: String

  init() throws {
    let url = FileManager.default.temporaryDirectory
      .appendingPathComponent("qverify-command-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    path = url.path
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  func contents(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: file(name))))
  }

  func text(_ name: String) throws -> String { String(decoding: try contents(name), as: UTF8.self) }

  func write(_ bytes: some Sequence<UInt8>, to name: String) throws {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
  }

  var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }
}
