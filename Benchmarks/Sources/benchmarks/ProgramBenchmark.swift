import CaseGeneration
import CommandImplementations
import Foundation
import Implementations
import Profiles
import QuantizedArithmetic
import Synchronization
import Verdicts
import Verification

/// Small int8 layers through `check` with a program on pipes, beside the built-in kernels on the same
/// cases: a compiled program that does next to nothing, and an adapter in Python.
enum ProgramBenchmark {
  static func run() throws -> [String] {
    guard let kernels = BuiltInImplementations.named("kernels") else { return [] }
    let selection = Selection(
      profiles: Profiles.all.filter { $0.name == "exact-even" }, inputTypes: [.int8],
      weightTypes: [.int8], outputTypes: [.int8], kind: .random)
    let generator = try CaseGenerator(seed: 1, selection: selection)
    var lines: [String] = []
    if let program = try compiled() {
      defer { try? FileManager.default.removeItem(atPath: program) }
      lines += try compiled(program, generator, kernels)
    } else {
      lines.append("cc is not here: nothing is measured through a compiled program")
    }
    return lines + (try python(generator)) + (try onnxRuntime())
  }

  /// The same beside ONNX Runtime, whose adapter re-uses a session; set up by `make runtimes`.
  private static func onnxRuntime() throws -> [String] {
    let python = repository + "/.runtimes/bin/python"
    guard FileManager.default.isExecutableFile(atPath: python) else {
      return ["ONNX Runtime is not here (make runtimes): nothing is measured beside it"]
    }
    let generator = try CaseGenerator(
      seed: 1,
      selection: Selection(
        profiles: Profiles.all.filter { $0.name == "ort" }, inputTypes: [.int8],
        weightTypes: [.int8], outputTypes: [.int8], kind: .random))
    let adapter = CommandImplementation(
      CommandConfiguration(
        name: "onnxruntime", run: [python, "Adapters/onnx_runtime.py"],
        environment: ["OMP_NUM_THREADS": "1"], folder: repository))
    return try share("ONNX Runtime from Python", adapter, generator, 20_000)
  }

  private static func compiled(
    _ program: String, _ generator: CaseGenerator, _ kernels: any Implementation
  ) throws -> [String] {
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let count = 60_000
    let times = try Stopwatch.medians(turns: 5) {
      let trivial = CommandImplementation(CommandConfiguration(name: "trivial", run: [program]))
      _ = try check(generator, trivial, count, jobs: cores)
    } _: {
      _ = try check(generator, kernels, count, jobs: cores)
    }
    return [
      "\(Int(Double(count) / times.first)) cases a second through a compiled program, \(cores) jobs",
      "\(rounded(times.second / times.first)) of the rate of the built-in kernels,"
        + " \(Int(Double(count) / times.second))",
    ]
  }

  /// How much of a run with the Python helper is qverify's own work: its processor time beside that
  /// of the adapter.
  private static func python(_ generator: CaseGenerator) throws -> [String] {
    let files = repository + "/Sources/AdapterTemplates/Files/mine.py"
    guard FileManager.default.fileExists(atPath: files),
      let python = ["/usr/bin/python3", "/usr/local/bin/python3"].first(where: {
        FileManager.default.isExecutableFile(atPath: $0)
      })
    else { return ["python3 is not here: nothing is measured through an adapter in Python"] }
    let adapter = CommandImplementation(CommandConfiguration(name: "mine", run: [python, files]))
    return try share("adapter in Python", adapter, generator, 2_000)
  }

  /// The processor time of a program, its start included, and qverify's own beside it.
  private static func share(
    _ name: String, _ adapter: CommandImplementation, _ generator: CaseGenerator, _ cases: Int
  ) throws -> [String] {
    let (own, children) = (seconds(RUSAGE_SELF), seconds(RUSAGE_CHILDREN))
    let count = try check(generator, adapter, cases, jobs: 1)
    let spent = seconds(RUSAGE_SELF) - own
    let theirs = seconds(RUSAGE_CHILDREN) - children
    return [
      "\(name): \(rounded(theirs / Double(count) * 1e6)) µs of processor time a case, beside it"
        + " qverify \(rounded(spent / Double(count) * 1e6)) µs"
    ]
  }

  /// - Returns: how many cases were computed; the others are not claimed.
  private static func check(
    _ generator: CaseGenerator, _ implementation: any Implementation, _ count: Int, jobs: Int
  ) throws -> Int {
    try implementation.prepare()
    let run = CheckRun(
      [implementation], source: GeneratedCases(generator, count: count),
      options: CheckOptions(jobs: jobs))
    let counts = Mutex(TallyCounts())
    try run.run { batch in
      counts.withLock { counts in for tally in batch.tallies { counts += tally.counts } }
    }
    let outcomes = counts.withLock { $0.outcomes }
    let answered = outcomes[.pass] + outcomes[.mismatch]
    precondition(answered > count / 4 && answered + outcomes[.unsupported] == count)
    return answered
  }

  private static let repository: String = {
    var path = #filePath as NSString
    for _ in 0..<4 { path = path.deletingLastPathComponent as NSString }
    return path as String
  }()

  /// The path of the compiled program; `nil` where there is no compiler.
  private static func compiled() throws -> String? {
    let target = NSTemporaryDirectory() + "qverify-trivial-\(UUID().uuidString)"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["cc", "-O2", "-o", target, repository + "/Benchmarks/trivial_adapter.c"]
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? target : nil
  }

  /// Processor time, of user and system.
  private static func seconds(_ who: __rusage_who) -> Double {
    var usage = rusage()
    guard getrusage(__rusage_who_t(who.rawValue), &usage) == 0 else { return 0 }
    return Double(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec)
      + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6
  }
}
