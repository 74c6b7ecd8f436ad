import Dispatch
import Hypotheses
package import Profiles
import QuantizedLayers
import Synchronization
package import TestCases

/// Runs the bank as wrong kernels over a sequence of cases.
///
/// Cases are looked at a wave at a time, one thread a case; a kernel that a case has killed is not run
/// again. What is reported is always the first case in order, so that neither the number of threads
/// nor the size of a wave matters.
package struct MutationScorer {
  private var targets: [State]
  private let jobs: Int
  private var position = 0

  private struct State: Sendable {
    let target: MutationTarget
    var cases = 0
    var fates: [Fate]
    /// Places in the bank of those that live.
    var alive: [Int]
  }

  /// What a case shows.
  private struct Finding: Sendable {
    let target: Int
    let killed: [Int]
  }

  package init(_ profiles: [Profile], jobs: Int) {
    self.jobs = max(1, jobs)
    targets = MutationTarget.all(profiles).map { target in
      let fates = Equivalence(target).fates
      return State(
        target: target, fates: fates, alive: fates.indices.filter { fates[$0] == .survived })
    }
  }

  /// Takes further cases; those that must be refused, and those outside every domain, say nothing.
  package mutating func add(_ cases: [TestCase]) {
    var rest = cases[...]
    while !rest.isEmpty {
      // Most kernels die at once: the first waves are small.
      let wave = rest.prefix(position < 64 ? 8 : 64)
      rest = rest.dropFirst(wave.count)
      take(Array(wave))
      position += wave.count
    }
  }

  /// The targets that had a case.
  package var scores: [TargetScore] {
    targets.filter { $0.cases > 0 }.map {
      TargetScore($0.target, cases: $0.cases, fates: $0.fates)
    }
  }

  /// Rules that no case was for.
  package var untouched: [MutationTarget] { targets.filter { $0.cases == 0 }.map(\.target) }

  private mutating func take(_ wave: [TestCase]) {
    let states = targets
    let found = parallel(wave.count, jobs: jobs) { MutationScorer.findings(wave[$0], states) }
    var writer = CaseWriter()
    for (testCase, findings) in zip(wave, found) {
      var id: String?
      for finding in findings { note(finding, testCase, &id, &writer) }
    }
  }

  private mutating func note(
    _ finding: Finding, _ testCase: TestCase, _ id: inout String?, _ writer: inout CaseWriter
  ) {
    targets[finding.target].cases += 1
    let after = targets[finding.target].cases
    var died: Set<Int> = []
    for place in finding.killed where targets[finding.target].fates[place] == .survived {
      let name = id ?? writer.identifier(of: testCase)
      id = name
      targets[finding.target].fates[place] = .killed(
        Kill(caseClass: testCase.mainClass, id: name, after: after))
      died.insert(place)
    }
    if !died.isEmpty { targets[finding.target].alive.removeAll { died.contains($0) } }
  }

  private static func findings(_ testCase: TestCase, _ states: [State]) -> [Finding] {
    guard testCase.refuse == nil, let layer = try? testCase.layer.validated() else { return [] }
    var findings: [Finding] = []
    for (index, state) in states.enumerated() where state.target.covers(layer) {
      guard testCase.profile == nil || testCase.profile == state.target.profile.name,
        let subject = try? Subject(layer, state.target.profile)
      else { continue }
      findings.append(
        Finding(target: index, killed: state.alive.filter { subject.differs(from: $0) }))
    }
    return findings
  }
}

extension Subject {
  /// Whether hypothesis `place` of the bank gives an output that is not the claimed one.
  func differs(from place: Int) -> Bool {
    if case .outputs = Bank.all[place].kernel.predict(self) { true } else { false }
  }
}

/// The results of `body` for 0 ..< count, in order, each computed once by one of `jobs` threads.
func parallel<Result: Sendable>(
  _ count: Int, jobs: Int, _ body: @Sendable (Int) -> Result
) -> [Result] {
  let next = Atomic<Int>(0)
  let results = Mutex<[(Int, Result)]>([])
  DispatchQueue.concurrentPerform(iterations: min(jobs, max(count, 1))) { _ in
    while true {
      let index = next.add(1, ordering: .relaxed).oldValue
      guard index < count else { return }
      let result = body(index)
      results.withLock { $0.append((index, result)) }
    }
  }
  return results.withLock { $0.sorted { $0.0 < $1.0 }.map(\.1) }
}
