package import Hypotheses

/// Why an implementation's outputs are wrong, as far as that is known.
package struct Diagnosis: Hashable, Sendable {
  /// A hypothesis and how well it fits.
  package struct Cause: Hashable, Sendable {
    package let hypothesis: Hypothesis
    package let score: Score

    package init(_ hypothesis: Hypothesis, _ score: Score) {
      self.hypothesis = hypothesis
      self.score = score
    }

    package var words: String { hypothesis.words }
  }

  package enum Conclusion: Hashable, Sendable {
    /// Each predicts every output that was seen; the first is the most plausible.
    case explained([Cause])
    /// No hypothesis does, alone or with another; the nearest, if any comes near.
    case unexplained(nearest: [Cause])
    /// No wrong output was seen.
    case nothingWrong
  }

  package let conclusion: Conclusion
  package let failingCases: Int
  package let passingCases: Int
  /// The arithmetic that hypotheses start from, where it is not what the cases were compared with.
  package let base: String?
  /// Further cases that the implementation was asked, all of which the causes predict.
  package let confirmedBy: Int
  /// Of what nothing explains: kinds of layers outside of which no case failed, though many passed.
  package let confinement: Confinement
  /// Whether two causes at once and places were tried: not where too little was seen.
  package let triedCombinations: Bool

  package init(
    _ conclusion: Conclusion, failingCases: Int, passingCases: Int, base: String? = nil,
    confirmedBy: Int = 0, triedCombinations: Bool = true, confinement: Confinement = .init()
  ) {
    self.confinement = confinement
    self.triedCombinations = triedCombinations
    self.conclusion = conclusion
    self.confirmedBy = confirmedBy
    self.failingCases = failingCases
    self.passingCases = passingCases
    self.base = base
  }

  /// The most plausible cause.
  package var cause: Cause? {
    if case .explained(let causes) = conclusion { causes.first } else { nil }
  }
}
