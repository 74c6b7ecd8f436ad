import Hypotheses
import Profiles
package import Verification

/// Finds the hypotheses that predict what an implementation did.
///
/// Hypotheses are held against the failing cases first, small ones before large ones, and leave at the
/// first output that they do not predict. What remains is held against the passing cases too. Where
/// nothing remains, those that predict every wrong output, and some right ones wrongly, are restricted
/// to a kind of layers or outputs; then pairs are tried.
package struct Diagnostician {
  let failing: [Observation]
  let passing: [Observation]
  private let base: String?
  /// What is tried alone.
  static let single = Bank.all + Compound.all + Bank.further

  /// Pairs begin with the best of so many hypotheses.
  private static let partners = 24
  /// What two choices at once, or a restriction, have to explain at least: with less, one of so many
  /// combinations would fit by chance.
  private static let leastCases = 5
  private static let leastOutputs = 16
  /// Cases of these that each of two causes has to be needed in.
  private static let leastCasesOfEach = 2

  /// - Parameters:
  ///   - sample: what an implementation failed and passed.
  ///   - base: the arithmetic to start from; `nil`: what each case was compared with.
  package init(_ sample: EvidenceSample, base: String? = nil) {
    self.base = base
    let all = (sample.failing + sample.passing).compactMap { Observation($0, profile: base) }
      .sorted { ($0.cost, $0.evidence.index) < ($1.cost, $1.evidence.index) }
    // Under another base, other cases are wrong.
    failing = all.filter { $0.wrong > 0 }
    passing = all.filter { $0.wrong == 0 }
  }

  private init(failing: [Observation], passing: [Observation], base: String?) {
    (self.failing, self.passing, self.base) = (failing, passing, base)
  }

  private func joined(_ other: Diagnostician) -> Diagnostician {
    func sorted(_ observations: [Observation]) -> [Observation] {
      observations.sorted { ($0.cost, $0.evidence.index) < ($1.cost, $1.evidence.index) }
    }
    return Diagnostician(
      failing: sorted(failing + other.failing), passing: sorted(passing + other.passing), base: base
    )
  }

  /// The diagnosis of what was seen.
  ///
  /// - Parameter further: asks the implementation for more cases, which every cause has to predict
  ///   too; `nil` where it cannot be asked.
  /// - Returns: the causes, the most plausible first, or that there is none.
  package func diagnosis(further: (() -> EvidenceSample)? = nil) -> Diagnosis {
    guard !failing.isEmpty else { return made(.nothingWrong) }
    let found = explanations()
    guard let further, !found.isEmpty || !admitsCombinations else {
      return found.isEmpty ? unexplained() : made(.explained(causes(found)))
    }
    let more = Diagnostician(further(), base: base)
    let confirmed = found.filter { more.contradictsNothing($0) }
    guard confirmed.isEmpty else {
      return made(
        .explained(causes(confirmed)), confirmedBy: more.failing.count + more.passing.count)
    }
    // What little was seen suggests, more refutes: all of it together may still be explained.
    return joined(more).diagnosis()
  }

  private func made(_ conclusion: Diagnosis.Conclusion, confirmedBy: Int = 0) -> Diagnosis {
    Diagnosis(
      conclusion, failingCases: failing.count, passingCases: passing.count, base: base,
      confirmedBy: confirmedBy, triedCombinations: admitsCombinations)
  }

  /// Whether enough was seen for two causes at once, or one that is restricted to a place.
  private var admitsCombinations: Bool {
    failing.count >= Diagnostician.leastCases
      && failing.reduce(0) { $0 + $1.wrong } >= Diagnostician.leastOutputs
  }

  private func explanations() -> [Hypothesis] {
    let single = Diagnostician.single.filter(isConsistent)
    guard single.isEmpty, admitsCombinations else { return single }
    let ranked = ranked(Diagnostician.single)
    let atPlaces = restricted(ranked)
    guard atPlaces.isEmpty else { return atPlaces }
    let ofParts = Bank.ofParts.filter(isConsistent)
    guard ofParts.isEmpty else { return ofParts }
    let ofPartsAtPlaces = restricted(self.ranked(Bank.ofParts))
    return ofPartsAtPlaces.isEmpty ? consistentPairs(ranked) : ofPartsAtPlaces
  }

  private func unexplained() -> Diagnosis {
    var said: Set<String> = []
    let nearest = ranked(Diagnostician.single).filter { said.insert($0.hypothesis.words).inserted }
      .prefix(12)
      .map { Diagnosis.Cause($0.hypothesis, score($0.hypothesis)) }
      .filter { $0.score.surplus > 0 }
      .sorted { $0.score.surplus > $1.score.surplus }.prefix(3)
    return Diagnosis(
      .unexplained(nearest: Array(nearest)), failingCases: failing.count,
      passingCases: passing.count, base: base, triedCombinations: admitsCombinations,
      confinement: Confinement(failing: failing, passing: passing))
  }

  // MARK: Holding a hypothesis against what was seen

  func isConsistent(_ hypothesis: Hypothesis) -> Bool {
    guard failing.allSatisfy({ fits(hypothesis, $0) }), passing.allSatisfy({ fits(hypothesis, $0) })
    else { return false }
    return score(hypothesis, failing).isConsistent
  }

  /// Whether no output that was seen is another than predicted.
  private func contradictsNothing(_ hypothesis: Hypothesis) -> Bool {
    failing.allSatisfy { fits(hypothesis, $0) } && passing.allSatisfy { fits(hypothesis, $0) }
  }

  /// Whether every output of a case is as predicted, as far as anything is.
  private func fits(_ hypothesis: Hypothesis, _ observation: Observation) -> Bool {
    switch hypothesis.kernel.predict(observation.subject) {
    case .outputs(let outputs): outputs == observation.got
    case .unchanged: observation.wrong == 0
    case .undefined: true
    }
  }

  private func score(_ hypothesis: Hypothesis) -> Score {
    var score = score(hypothesis, failing)
    score += self.score(hypothesis, passing)
    return score
  }

  private func score(_ hypothesis: Hypothesis, _ observations: [Observation]) -> Score {
    var score = Score()
    for observation in observations { score += observation.score(hypothesis) }
    return score
  }

  /// The plainest first: what only says again how the claimed arithmetic computes comes behind what says
  /// where it differs, and what says nothing of some cases behind what is about all.
  private func causes(_ hypotheses: [Hypothesis]) -> [Diagnosis.Cause] {
    let claimed = failing.map(\.subject.arithmetic)
    let kinds = Set(claimed.map(\.requantization.kind))
    let roundsOnce = claimed.allSatisfy { $0.fixedPoint?.highMultiply == nil }
    func misleads(_ change: Change) -> Bool {
      switch change {
      case .computed(let kind, _): kinds.contains(kind)
      // There is no first rounding to be wrong.
      case .part(.firstRounding, _): roundsOnce
      case .only(_, let inner): misleads(inner)
      default: false
      }
    }
    let causes = hypotheses.map { Diagnosis.Cause($0, score($0)) }
    let rank = { (cause: Diagnosis.Cause) in
      (cause.score.undecided > 0 ? 2 : 0)
        + (cause.hypothesis.changes.contains(where: misleads) ? 1 : 0)
    }
    return (0...3).flatMap { wanted in causes.filter { rank($0) == wanted } }
  }

  // MARK: Restricted to a place

  /// Hypotheses that hold in some layers or outputs only.
  private func restricted(_ ranked: [Ranked]) -> [Hypothesis] {
    var found: [Hypothesis] = []
    for candidate in ranked where candidate.score.explainsAll {
      guard candidate.hypothesis.changes.count == 1,
        let change = candidate.hypothesis.changes.first,
        score(candidate.hypothesis).explainsAll
      else { continue }
      found += Places(self).widest(change).map { Hypothesis([.only($0, change)]) }
      if found.count > 8 { break }
    }
    return found
  }

  // MARK: Two at once

  private struct Ranked {
    let hypothesis: Hypothesis
    /// Failing cases that it predicts as a whole.
    let cases: Int
    /// Over the smallest failing cases.
    let score: Score
  }

  /// The hypotheses that explain something, the best first.
  private func ranked(_ hypotheses: [Hypothesis]) -> [Ranked] {
    let sample = failing.prefix(32)
    let ranked = hypotheses.compactMap { hypothesis -> Ranked? in
      var (score, cases) = (Score(), 0)
      for observation in sample {
        let part = observation.score(hypothesis)
        if part.isConsistent { cases += 1 }
        score += part
      }
      return score.explained > 0
        ? Ranked(hypothesis: hypothesis, cases: cases, score: score) : nil
    }
    // The bank's order decides between equals: sorting is stable in the place.
    return ranked.enumerated().sorted { left, right in
      let (a, b) = (left.element, right.element)
      if a.cases != b.cases { return a.cases > b.cases }
      let (first, second) = (a.score.surplus, b.score.surplus)
      return first != second ? first > second : left.offset < right.offset
    }.map(\.element)
  }

  private func consistentPairs(_ ranked: [Ranked]) -> [Hypothesis] {
    var found: [Hypothesis] = []
    for first in ranked.prefix(Diagnostician.partners) {
      let left = remainder(first.hypothesis)
      // What the first alone leaves open is too little to say what a second is.
      guard isEnough(left) else { continue }
      for second in Bank.all where second != first.hypothesis {
        let pair = first.hypothesis + second
        if found.contains(where: { Set($0.changes) == Set(pair.changes) }) { continue }
        guard left.allSatisfy({ fits(pair, $0.observation) }), isConsistent(pair),
          isEnough(remainder(second))
        else { continue }
        found.append(pair)
      }
      if !found.isEmpty { break }
    }
    return found
  }

  /// Cases that a hypothesis alone does not predict, and how many of their outputs.
  private func remainder(_ hypothesis: Hypothesis) -> [(observation: Observation, outputs: Int)] {
    (failing + passing).compactMap { observation in
      guard !fits(hypothesis, observation) else { return nil }
      let score = observation.score(hypothesis)
      return (observation, score.wrong - score.explained - score.undecided + score.contradicted)
    }
  }

  /// Whether so much speaks for another cause beside one.
  private func isEnough(_ remainder: [(observation: Observation, outputs: Int)]) -> Bool {
    remainder.count >= Diagnostician.leastCasesOfEach
      && remainder.reduce(0) { $0 + $1.outputs } >= Diagnostician.leastOutputs
  }
}

extension Hypothesis {
  /// Whether every output of a case is as this predicts, and some output is wrong.
  package func explains(_ evidence: Evidence) -> Bool {
    guard let observation = Observation(evidence), observation.wrong > 0 else { return false }
    return observation.score(self).isConsistent
  }

  /// How well this predicts the outputs of a case; `nil` where nothing is defined.
  package func score(_ evidence: Evidence) -> Score? { Observation(evidence)?.score(self) }
}
