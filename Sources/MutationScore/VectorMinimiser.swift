import Hypotheses
package import Profiles
import QuantizedArithmetic
package import QuantizedLayers
package import TestCases

/// Finds few and small cases that kill every wrong kernel that a pool of cases kills.
///
/// Cases lose their profile, so that each is put to every profile that defines it. The pool is read
/// from small to large, and what shows nothing that was not shown several times before is left out; of
/// the rest, whichever kills most for its size is taken, again and again; those taken are then made
/// smaller for as long as nothing survives.
package struct VectorMinimiser: Sendable {
  private let profiles: [Profile]
  private let jobs: Int

  /// Of each wrong kernel, so many of the smallest cases that kill it are looked at.
  private static let choices = 2
  private static let wave = 32
  /// So many cases are put to every profile; what lives on is tried only with those of its own.
  private static let shared = 3_000

  package init(_ profiles: [Profile], jobs: Int) {
    self.profiles = profiles
    self.jobs = max(1, jobs)
  }

  private struct Candidate: Sendable {
    var testCase: TestCase
    /// The profiles that it was drawn for.
    var profiles: Set<String>
    var size: Int
    var kills: KillSet
  }

  /// The cases chosen from a pool of one type triple.
  package func chosen(_ types: TypeTriple, from pool: [TestCase]) -> [TestCase] {
    let kernels = WrongKernels(MutationTarget.all(profiles).filter { $0.rule.types == types })
    var chosen = cover(kernels, candidates(kernels, sorted(pool)))
    trim(&chosen, kernels)
    return chosen.map(\.testCase)
  }

  /// Without a profile, small ones first; layers that were drawn for several profiles once.
  private func sorted(_ pool: [TestCase]) -> [Candidate] {
    var places: [RawLayer: Int] = [:]
    var candidates: [Candidate] = []
    for testCase in pool where testCase.refuse == nil {
      if let place = places[testCase.layer] {
        candidates[place].profiles.formUnion(testCase.profile.map { [$0] } ?? [])
        continue
      }
      places[testCase.layer] = candidates.count
      var plain = testCase
      plain.profile = nil
      candidates.append(
        Candidate(
          testCase: plain, profiles: testCase.profile.map { [$0] } ?? [], size: 0,
          kills: KillSet(0)))
    }
    let written = candidates
    let sizes = parallel(written.count, jobs: jobs) { place in
      var writer = CaseWriter()
      return writer.write(written[place].testCase).count
    }
    for (place, size) in sizes.enumerated() { candidates[place].size = size }
    return candidates.enumerated().sorted {
      ($0.element.size, $0.offset) < ($1.element.size, $1.offset)
    }.map(\.element)
  }

  private func candidates(_ kernels: WrongKernels, _ pool: [Candidate]) -> [Candidate] {
    var counts = Array(repeating: 0, count: kernels.count)
    var wanted = kernels.all
    var kept: [Candidate] = []
    var rest = pool[...]
    while !rest.isEmpty {
      let wave = Array(rest.prefix(VectorMinimiser.wave))
      let isShared = pool.count - rest.count < VectorMinimiser.shared
      rest = rest.dropFirst(wave.count)
      let asked = wanted
      let killed = parallel(wave.count, jobs: jobs) {
        kernels.killed(
          by: wave[$0].testCase.layer, among: asked, of: isShared ? nil : wave[$0].profiles)
      }
      for (candidate, kills) in zip(wave, killed) {
        let new = kills.places.filter { wanted[$0] }
        guard !new.isEmpty else { continue }
        kept.append(candidate)
        for place in new {
          counts[place] += 1
          if counts[place] >= VectorMinimiser.choices { wanted[place] = false }
        }
      }
    }
    return judged(kept, kernels)
  }

  /// With all that they kill.
  private func judged(_ candidates: [Candidate], _ kernels: WrongKernels) -> [Candidate] {
    parallel(candidates.count, jobs: jobs) {
      var candidate = candidates[$0]
      candidate.kills = kernels.killed(by: candidate.testCase.layer, among: kernels.all)
      return candidate
    }
  }

  /// The greedy cover; then what the others make superfluous is left out, the largest first.
  private func cover(_ kernels: WrongKernels, _ candidates: [Candidate]) -> [Candidate] {
    var rest = KillSet(kernels.count)
    for candidate in candidates { rest.formUnion(candidate.kills) }
    var chosen: [Candidate] = []
    while !rest.isEmpty {
      var best: (index: Int, value: Double)?
      for (index, candidate) in candidates.enumerated() {
        let value = Double(candidate.kills.shared(rest)) / Double(candidate.size)
        if value > best?.value ?? 0 { best = (index, value) }
      }
      guard let best else { break }
      chosen.append(candidates[best.index])
      rest.subtract(candidates[best.index].kills)
    }
    for candidate in chosen.sorted(by: { $0.size > $1.size }) {
      let others = chosen.filter { $0.testCase != candidate.testCase }
      var union = KillSet(kernels.count)
      for other in others { union.formUnion(other.kills) }
      if union.isSuperset(of: candidate.kills) { chosen = others }
    }
    return chosen
  }

  /// Makes the chosen smaller, the largest first; each keeps what it alone kills.
  private func trim(_ chosen: inout [Candidate], _ kernels: WrongKernels) {
    var writer = CaseWriter()
    for index in chosen.indices.sorted(by: { chosen[$0].size > chosen[$1].size }) {
      var own = chosen[index].kills
      for other in chosen.indices where other != index { own.subtract(chosen[other].kills) }
      var testCase = chosen[index].testCase
      while let smaller = smallerForm(of: testCase, own, kernels) { testCase = smaller }
      guard testCase != chosen[index].testCase else { continue }
      chosen[index] = Candidate(
        testCase: testCase, profiles: [], size: writer.write(testCase).count,
        kills: kernels.killed(by: testCase.layer, among: kernels.all))
    }
  }

  private func smallerForm(
    of testCase: TestCase, _ own: KillSet, _ kernels: WrongKernels
  ) -> TestCase? {
    let forms = testCase.layer.trimmed
    let suits = parallel(forms.count, jobs: jobs) {
      kernels.killed(by: forms[$0], among: own).isSuperset(of: own)
    }
    guard let place = suits.firstIndex(of: true) else { return nil }
    var smaller = testCase
    smaller.layer = forms[place]
    return smaller
  }
}
