import CaseGeneration
import Foundation
import Implementations
import LibraryImplementations
import Profiles
import QuantizedArithmetic
import Verdicts
import Verification

/// Small layers through a trivial C library, judged, beside the same through the built-in kernels.
enum LibraryBenchmark {
  private static let count = 40_000

  static func run() throws -> [String] {
    let folder = NSTemporaryDirectory() + "qverify-benchmark-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    guard let path = try compileExample(in: folder) else { return ["skipped: no C compiler"] }
    guard let kernels = BuiltInImplementations.named("kernels"),
      let profile = Profiles.named("litert-reference")
    else { return [] }
    let library = LibraryImplementation(name: "example", path: path)
    try library.prepare()
    let selection = Selection(
      profiles: [profile], inputTypes: [.int8], weightTypes: [.int8], outputTypes: [.int8],
      kind: .random)
    let generator = try CaseGenerator(seed: 1, selection: selection)
    let jobs = ProcessInfo.processInfo.activeProcessorCount
    let times = try Stopwatch.medians(turns: 5) {
      try check(library, generator, jobs)
    } _: {
      try check(kernels, generator, jobs)
    }
    let (theirs, ours) = (Double(count) / times.first, Double(count) / times.second)
    return [
      "through the example's C library \(Int(theirs)) cases a second on \(jobs) cores, through the"
        + " built-in kernels \(Int(ours))",
      "ratio \(rounded(theirs / ours)) (asked for: at least 0.33)",
    ]
  }

  private static func check(
    _ implementation: any Implementation, _ generator: CaseGenerator, _ jobs: Int
  ) throws {
    let source = GeneratedCases(generator, count: count)
    let run = CheckRun([implementation], source: source, options: CheckOptions(jobs: jobs))
    try run.run { _ in }
    precondition(run.failureCount == 0 && run.judgeLog.totalDisagreements == 0)
  }

  /// The complete example of Documentation/libraries.md; `nil` without a compiler.
  private static func compileExample(in folder: String) throws -> String? {
    let page = try String(contentsOfFile: "Documentation/libraries.md", encoding: .utf8)
    guard let start = page.range(of: "```c\n"),
      let end = page.range(of: "\n```\n", range: start.upperBound..<page.endIndex)
    else { return nil }
    let source = folder + "/example.c"
    try (page[start.upperBound..<end.lowerBound] + "\n").write(
      toFile: source, atomically: true, encoding: .utf8)
    let compiler = Process()
    compiler.executableURL = URL(filePath: "/usr/bin/env")
    compiler.arguments = [
      "cc", "-O2", "-shared", "-fPIC", "-I", "Sources/CQverify/include", source, "-o",
      folder + "/libexample.so", "-lm",
    ]
    do { try compiler.run() } catch { return nil }
    compiler.waitUntilExit()
    return compiler.terminationStatus == 0 ? folder + "/libexample.so" : nil
  }
}
