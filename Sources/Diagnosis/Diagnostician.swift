import Hypotheses
package import Verification

/// Finds the hypotheses that predict what an implementation did.
///
/// Hypotheses are held against the failing cases first, small ones before large ones, and leave at the
/// first output that they do not predict. What remains is held against the passing cases too. Where
/// nothing remains, those that predict every wrong output, and some right ones wrongly, are restricted
/// to a kind of layers or outputs; then pairs are tried.
package struct Diagnostician {
  private let failing: [Observation]
  private let passing: [Observation]
  private let base: String?

  /// Pairs begin with the best of so many hypotheses.
  private static let partners = 24
  /// What two choices at once, or a restriction, have to explain at least: with less, one of so many
  /// combinations would fit by chance.
  private static let leastCases = 5
  private static let leastOutputs = 16

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

  /// The diagnosis of what was seen.
  ///
  /// - Parameter further: asks the implementation for more cases, which every cause has to predict
  ///   too; `nil` where it cannot be asked.
  package func diagnosis(further: (() -> EvidenceSample)? = nil) -> Diagnosis {
    guard !failing.isEmpty else { return made(.nothingWrong) }
    let found = explanations()
    guard !found.isEmpty else { return unexplained() }
    guard let further else { return made(.explained(causes(found))) }
    let more = Diagnostician(further(), base: base)
    let confirmed = found.filter { more.contradictsNothing($0) }
    guard !confirmed.isEmpty else { return unexplained() }
    return made(.explained(causes(confirmed)), confirmedBy: more.failing.count + more.passing.count)
  }

  private func made(_ conclusion: Diagnosis.Conclusion, confirmedBy: Int = 0) -> Diagnosis {
    Diagnosis(
      conclusion, failingCases: failing.count, passingCases: passing.count, base: base,
      confirmedBy: confirmedBy)
  }

  private func explanations() -> [Hypothesis] {
    let single = Bank.all.filter(isConsistent)
    guard single.isEmpty else { return single }
    let wrong = failing.reduce(0) { $0 + $1.wrong }
    guard failing.count >= Diagnostician.leastCases, wrong >= Diagnostician.leastOutputs else {
      return []
    }
    let ranked = ranked()
    let restricted = restricted(ranked)
    return restricted.isEmpty ? consistentPairs(ranked) : restricted
  }

  private func unexplained() -> Diagnosis {
    let nearest = ranked().prefix(3).map { Diagnosis.Cause($0.hypothesis, score($0.hypothesis)) }
      .filter { $0.score.explained > $0.score.contradicted }
    return made(.unexplained(nearest: nearest))
  }

  // MARK: Holding a hypothesis against what was seen

  private func isConsistent(_ hypothesis: Hypothesis) -> Bool {
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

  private func causes(_ hypotheses: [Hypothesis]) -> [Diagnosis.Cause] {
    hypotheses.map { Diagnosis.Cause($0, score($0)) }
  }

  // MARK: Restricted to a place

  /// Hypotheses that hold in some layers or outputs only.
  private func restricted(_ ranked: [Ranked]) -> [Hypothesis] {
    var found: [Hypothesis] = []
    for candidate in ranked where candidate.score.explainsAll {
      guard let change = candidate.hypothesis.changes.first,
        score(candidate.hypothesis).explainsAll
      else { continue }
      let places = Guard.all.map { Hypothesis([.only($0, change)]) }.filter(isConsistent)
      found += places
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
  private func ranked() -> [Ranked] {
    let sample = failing.prefix(32)
    let ranked = Bank.all.compactMap { hypothesis -> Ranked? in
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
      let (first, second) = (
        a.score.explained - a.score.contradicted, b.score.explained - b.score.contradicted
      )
      return first != second ? first > second : left.offset < right.offset
    }.map(\.element)
  }

  private func consistentPairs(_ ranked: [Ranked]) -> [Hypothesis] {
    var found: [Hypothesis] = []
    for first in ranked.prefix(Diagnostician.partners) {
      for second in Bank.all where second != first.hypothesis {
        let pair = first.hypothesis + second
        if found.contains(where: { Set($0.changes) == Set(pair.changes) }) { continue }
        if isConsistent(pair) { found.append(pair) }
      }
      if !found.isEmpty { break }
    }
    return found
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
