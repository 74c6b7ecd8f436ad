import CaseGeneration
import Implementations
import LibraryImplementations
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Synchronization
import TestCases
import Testing
import Verdicts
import Verification

@Suite(.enabled(if: Compiler.c != nil, "there is no C compiler"))
struct LibraryCheckTests {
  #if DEBUG
  private static let count = 1_024
  #else
  private static let count = 20_000
  #endif

  private func check(
    _ library: LibraryImplementation, count: Int, kind: Selection.Kind, jobs: Int
  ) throws -> (CheckRun, [BatchResult]) {
    let profile = try #require(Profiles.named("litert-reference"))
    let selection = Selection(
      profiles: [profile], inputTypes: [.int8], weightTypes: [.int8], outputTypes: [.int8],
      kind: kind)
    let source = GeneratedCases(try CaseGenerator(seed: 5, selection: selection), count: count)
    let run = CheckRun([library], source: source, options: CheckOptions(jobs: jobs))
    let batches = Mutex<[BatchResult]>([])
    try run.run { batch in batches.withLock { $0.append(batch) } }
    return (run, batches.withLock { $0 })
  }

  @Test(arguments: [Selection.Kind.random, .edge, .invalid])
  func theExampleOfTheDocumentationConforms(_ kind: Selection.Kind) throws {
    let library = LibraryImplementation(name: "example", path: try Libraries.example.get())
    try library.prepare()
    let (run, batches) = try check(library, count: Self.count, kind: kind, jobs: 2)
    let failures = batches.flatMap(\.failures)
    #expect(failures.isEmpty, "\(failures.prefix(3))")
    #expect(run.failureCount == 0)
    #expect(run.judgeLog.totalDisagreements == 0)
    let outcomes = batches.flatMap(\.tallies).reduce(into: OutcomeCounts()) {
      $0 += $1.counts.outcomes
    }
    #expect(outcomes[.pass] > Self.count / 2, "\(outcomes.all)")
  }

  /// An input of a few MiB: the memories that are shared grow, and what comes after still fits.
  @Test func largeAndSmallCasesTakeTurns() throws {
    let library = LibraryImplementation(name: "example", path: try Libraries.example.get())
    let session = try library.start()
    defer { session.close() }
    for (rows, depth) in [(1, 1), (3, 1_500_000), (2, 5), (40_000, 60), (1, 4_096), (7, 3)] {
      let requests = [Layers.request(Layers.layer(rows: rows, depth: depth))]
      #expect(session.answer(requests) == (try Layers.expected(requests)), "\(rows) x \(depth)")
    }
  }

  @Test func layersThatMustBeRefusedReachTheLibraryAsTheyAre() throws {
    let session = try LibraryImplementation(name: "mine", path: try Libraries.example.get())
      .start()
    defer { session.close() }
    var layers: [RawLayer] = []
    func add(_ change: (inout RawLayer) -> Void) {
      var layer = Layers.layer(rows: 2)
      change(&layer)
      layers.append(layer)
    }
    add { $0.input.scales = [-1] }
    add { $0.weights.scales = [.nan] }
    add { $0.output.scales = [.infinity] }
    add { $0.input.zeroPoints = [128] }
    add { $0.input.shape = [2, 2, 2] }
    add { $0.input.shape = [] }
    add {
      $0.input.shape = [.max, .max]; $0.input.data = []
    }
    add { $0.output.shape = [2, .max] }
    add { $0.output.shape = [-2, -2] }
    add {
      $0.weights.shape = [0, 4]; $0.weights.data = []
    }
    add { $0.weights.scales = [] }
    add { $0.bias?.shape = [3] }
    add { $0.activation = .clamp(5, 4) }
    add { $0.activation = .clamp(-1_000, 4) }
    let answers = session.answer(layers.map { Layers.request($0) })
    for (place, answer) in answers.enumerated() {
      guard case .refused(let reason) = answer else {
        Issue.record("\(place): \(answer)")
        continue
      }
      #expect(!reason.isEmpty)
    }
  }

  @Test func whatTheInterfaceHasNoWordsForIsNotAsked() throws {
    let session = try LibraryImplementation(name: "mine", path: try Libraries.example.get())
      .start()
    defer { session.close() }
    var other = Layers.layer(rows: 1)
    other.operation = "convolution"
    let sound = Layers.request(Layers.layer(rows: 1))
    let answers = session.answer([sound, Layers.request(other), sound])
    #expect(answers[1] == .unsupported("the interface has no operator convolution"))
    #expect(answers[0] == answers[2])
    #expect([answers[0]] == (try Layers.expected([sound])))
  }

  /// All faults, in one run of `check`: 100 rows and more are faulty, fewer are not.
  @Test func aCheckGoesOnPastEveryFault() throws {
    let library = LibraryImplementation(
      name: "faulty", path: try Libraries.faulty.get(),
      limits: LibraryLimits(secondsPerCase: 2))
    try library.prepare()
    let faulty = PlantedFault.all.filter { $0.outcome != .timeout && $0.rows != 134 }
    var cases: [ReadCase] = []
    for fault in faulty {
      for rows in [1, fault.rows, 2] {
        let layer = Layers.layer(rows: rows, depth: rows == 130 ? 8 : 4)
        cases.append(ReadCase(testCase: Layers.request(layer, "\(cases.count)").testCase))
      }
    }
    let run = CheckRun(
      [library], source: GivenCases(cases), options: CheckOptions(jobs: 2, keptFailures: 1_000))
    let failures = Mutex<[FailureRecord]>([])
    let passed = Mutex<Int>(0)
    try run.run { batch in
      failures.withLock { $0 += batch.failures }
      let count = batch.tallies.reduce(0) { $0 + $1.counts.outcomes[.pass] }
      passed.withLock { $0 += count }
    }
    #expect(run.failureCount == faulty.count)
    #expect(passed.withLock { $0 } == 2 * faulty.count)
    let found = failures.withLock { $0 }.sorted { ($0.caseIndex ?? 0) < ($1.caseIndex ?? 0) }
    #expect(found.map(\.outcome) == faulty.map(\.outcome))
    #expect(found.map(\.caseIndex) == faulty.indices.map { 3 * $0 + 1 })
  }
}
