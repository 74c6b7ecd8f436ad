import ChildProcesses
import Foundation
import Glibc
import Testing

/// A C or C++ compiler, where the machine has one.
struct Compiler {
  let path: String

  static let c = Compiler(["cc", "gcc", "clang"])
  static let cPlusPlus = Compiler(["c++", "g++", "clang++"])

  /// The first of the names that is on PATH; Swift's own toolchain has a clang.
  private init?(_ names: [String]) {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let candidates = names.flatMap { name in folders.map { "\($0)/\(name)" } }
    guard let found = candidates.first(where: { access($0, X_OK) == 0 }) else { return nil }
    path = found
  }

  /// Runs the compiler.
  func run(_ arguments: [String]) throws {
    let output = try CapturedStream(limit: 8_192)
    let child = try ChildProcess(
      ProcessDescription(
        executable: path, arguments: arguments,
        descriptors: [nil, output.writeDescriptor, output.writeDescriptor]))
    output.closeWriteEnd()
    while child.wait(seconds: 0.02) == nil { output.drain() }
    output.drain()
    try #require(child.termination == .exited(0), "\(arguments): \(output.text)")
  }
}

/// Libraries compiled for these tests, in a folder that is removed at the end.
enum Libraries {
  static let repository = folder(of: folder(of: folder(of: #filePath)))
  static let header = repository + "/Sources/CQverify/include"
  static let fixtures = folder(of: #filePath) + "/Fixtures"

  private static let temporary: Result<String, any Error> = Result {
    let path = NSTemporaryDirectory() + "qverify-libraries-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    removed = strdup(path)
    atexit {
      if let removed { try? FileManager.default.removeItem(atPath: String(cString: removed)) }
    }
    return path
  }
  nonisolated(unsafe) private static var removed: UnsafeMutablePointer<CChar>?

  static func folder(of path: String) -> String { (path as NSString).deletingLastPathComponent }

  /// The complete example of the documentation, as a file.
  static let exampleSource: Result<String, any Error> = Result {
    let page = try String(
      contentsOfFile: repository + "/Documentation/libraries.md", encoding: .utf8)
    let start = try #require(page.range(of: "```c\n"))
    let end = try #require(page.range(of: "\n```\n", range: start.upperBound..<page.endIndex))
    let path = try temporary.get() + "/example.c"
    try (page[start.upperBound..<end.lowerBound] + "\n").write(
      toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  static let example = compiled(
    "example", ["-std=c99", "-pedantic", "-Wall", "-Wextra", "-Werror"])
  static let faulty = compiled("faulty")
  static let guarded = compiled("guarded", ["-fstack-protector-all"], source: "faulty.c")

  /// A library of a fixture, or of the example where none is named.
  static func compiled(
    _ name: String, _ options: [String] = [], source: String? = nil
  ) -> Result<String, any Error> {
    Result {
      let compiler = try #require(Compiler.c)
      let library = try temporary.get() + "/lib\(name).so"
      let example = try exampleSource.get()
      let file = name == "example" ? example : "\(fixtures)/\(source ?? name + ".c")"
      try compiler.run(
        ["-O1", "-shared", "-fPIC", "-I", header, "-DEXAMPLE=\"\(example)\""] + options
          + ["-o", library, file, "-lm", "-lpthread"])
      return library
    }
  }

  /// A library of C source text.
  static func compiled(_ name: String, text: String, options: [String] = []) throws -> String {
    let source = try temporary.get() + "/\(name).c"
    try text.write(toFile: source, atomically: true, encoding: .utf8)
    let library = try temporary.get() + "/lib\(name).so"
    try #require(Compiler.c).run(
      ["-shared", "-fPIC", "-I", header, "-o", library] + options + [source])
    return library
  }

  /// A file in the folder of the libraries.
  static func file(_ name: String, _ text: String) throws -> String {
    let path = try temporary.get() + "/" + name
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }
}
