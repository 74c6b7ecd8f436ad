import FastKernels
import Foundation
import Glibc
import ResultStore

/// What a run's results depend on besides its options.
enum Machine {
  /// Processor, its features that kernels choose by, cores, system, compiler.
  static var description: [String: String] {
    var facts: [String: String] = [:]
    facts["os"] = system
    facts["cores"] = String(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
    let processor = processorFacts
    facts["cpu"] = processor["model name"] ?? "unknown"
    let flags = Set((processor["flags"] ?? "").split(separator: " ").map(String.init))
    let known = ["sse4_2", "avx", "avx2", "fma", "avx_vnni", "avx512f", "avx512bw", "avx512_vnni"]
    facts["cpuFeatures"] = known.filter { flags.contains($0) }.joined(separator: " ")
    facts["kernels"] = KernelPath.best.rawValue
    facts["swift"] = compiler
    #if DEBUG
    facts["build"] = "debug"
    #else
    facts["build"] = "release"
    #endif
    return facts
  }

  private static var system: String {
    var names = utsname()
    guard uname(&names) == 0 else { return "unknown" }
    func text<T>(_ field: T) -> String {
      withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }
    return "\(text(names.sysname)) \(text(names.release)) \(text(names.machine))"
  }

  /// The first processor's lines of /proc/cpuinfo.
  private static var processorFacts: [String: String] {
    guard let text = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8) else {
      return [:]
    }
    var facts: [String: String] = [:]
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.isEmpty { break }
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      facts[parts[0].trimmingCharacters(in: .whitespaces)] =
        parts[1].trimmingCharacters(in: .whitespaces)
    }
    return facts
  }

  private static var compiler: String {
    #if compiler(>=6.4)
    "6.4 or later"
    #elseif compiler(>=6.3)
    "6.3"
    #else
    "6.2"
    #endif
  }
}

/// The folder of a file that is about to be written.
enum Folder {
  /// Makes it where it is missing. A failure shows when the file is opened.
  static func create(containing path: String) throws {
    // Not NSString's deletingLastPathComponent: it traps on a name of one character.
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    let folder = parts.dropLast().joined(separator: "/")
    guard !folder.isEmpty, !FileManager.default.fileExists(atPath: folder) else { return }
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }
}

/// The command line as a shell takes it.
enum CommandText {
  static var repeated: String {
    (["qverify"] + CommandLine.arguments.dropFirst()).map { quoted($0) }.joined(separator: " ")
  }

  /// The option that names a database, with a space before it; empty for the usual one.
  static func databaseOption(_ path: String) -> String {
    path == defaultDatabase ? "" : " --database \(quoted(path))"
  }

  /// In single quotes where a shell would see more than a word.
  static func quoted(_ word: String) -> String {
    let plain = word.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: "-_./,:=+@%".utf8.contains(byte)
      }
    }
    guard !plain || word.isEmpty else { return word }
    return "'" + word.replacingOccurrences(of: "'", with: "'\\''") + "'"
  }
}
