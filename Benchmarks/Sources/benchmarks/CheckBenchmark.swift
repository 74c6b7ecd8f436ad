import CaseGeneration
import Coverage
import Foundation
import Implementations
import Profiles
import ResultStore
import Verdicts
import Verification

/// Small layers (M to 8, K to 64, N to 16, every case its own parameters) through the whole of
/// `check`: generation, three judges, kernel, storage.
enum CheckBenchmark {
  static func run() throws -> [String] {
    guard let kernels = BuiltInImplementations.named("kernels") else { return [] }
    let claimed = Set(kernels.claims.compactMap(\.profile))
    let selection = Selection(
      profiles: Profiles.all.filter { claimed.contains($0.name) }, kind: .random)
    let generator = try CaseGenerator(seed: 1, selection: selection)
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let count = 200_000
    var rates: [Double] = []
    for _ in 0..<3 {
      let seconds = try Stopwatch.seconds { try check(generator, kernels, count, jobs: cores) }
      rates.append(Double(count) / seconds)
    }
    let generation = Stopwatch.seconds {
      for index in 0..<UInt64(count / 10) { _ = generator.testCase(index) }
    }
    let (counted, plain) = try Stopwatch.medians(
      { try check(generator, kernels, count / 4, jobs: cores) },
      { try check(generator, kernels, count / 4, jobs: cores, countsCoverage: false) })
    let median = rates.sorted()[1]
    let share = generation * 10 / (Double(count) / median * Double(cores))
    return [
      "\(Int(median)) cases a second on \(cores) cores, whole check with storage",
      "counting coverage costs \(rounded((counted / plain - 1) * 100)) %",
      "making the cases is \(rounded(share * 100)) % of it",
    ]
  }

  private static func check(
    _ generator: CaseGenerator, _ kernels: any Implementation, _ count: Int, jobs: Int,
    countsCoverage: Bool = true
  ) throws {
    let folder = NSTemporaryDirectory() + "qverify-benchmark-\(UUID().uuidString)"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try ResultStore(path: folder + "/results.sqlite")
    let run = try store.beginRun(
      RunRecord(
        started: .now(), commandLine: "benchmark", toolVersion: "0", generatorVersion: 1, seed: "1",
        selection: ""),
      implementations: [ImplementationRecord(name: kernels.name, kind: kernels.kind)])
    let source = GeneratedCases(generator, count: count)
    let coverage = countsCoverage ? generator.coverModel : nil
    let session = CheckRun(
      [kernels], source: source, options: CheckOptions(jobs: jobs, coverage: coverage))
    try session.run { try store.commitBatch(run, $0) }
    precondition(session.failureCount == 0 && session.judgeLog.totalDisagreements == 0)
  }
}
