import Hypotheses
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestCases
import Verification

/// Evidence that hypotheses can be held against: a subject and the outputs that came.
final class Observation {
  let evidence: Evidence
  let subject: Subject
  let got: [Int32]
  /// Outputs that are not those of the claimed arithmetic.
  let wrong: Int
  var right: Int { got.count - wrong }

  /// `nil` where the claimed arithmetic does not define the case.
  init?(_ evidence: Evidence, profile: String? = nil) {
    guard let layer = try? evidence.testCase.layer.validated(),
      let profile = Profiles.named(profile ?? evidence.profile),
      let subject = try? Subject(layer, profile)
    else { return nil }
    let values = ElementBytes.integers(evidence.output, as: layer.output.type)
    guard values.count == subject.expected.count else { return nil }
    self.evidence = evidence
    self.subject = subject
    got = values.map { Int32(truncatingIfNeeded: $0) }
    wrong = zip(got, subject.expected).count { $0 != $1 }
  }

  /// How much a hypothesis would have to compute here.
  var cost: Int { subject.layer.rows * subject.layer.channels * (8 + subject.layer.depth) }

  /// What a hypothesis says of this.
  func score(_ hypothesis: Hypothesis) -> Score {
    switch hypothesis.kernel.predict(subject) {
    case .unchanged: return Score(explained: 0, wrong: wrong, contradicted: 0, right: right)
    case .undefined: return Score(undecided: wrong, wrong: wrong, right: right)
    case .outputs(let outputs):
      var score = Score(wrong: wrong, right: right)
      for index in got.indices {
        if got[index] != subject.expected[index] {
          if outputs[index] == got[index] { score.explained += 1 }
        } else if outputs[index] != got[index] {
          score.contradicted += 1
        }
      }
      return score
    }
  }
}

/// How well a hypothesis fits outputs.
package struct Score: Hashable, Sendable {
  /// Of the wrong outputs, those that it predicts.
  package var explained = 0
  package var wrong = 0
  /// Of the wrong outputs, those of cases for which it says nothing.
  package var undecided = 0
  /// Of the right outputs, those that it would have wrong.
  package var contradicted = 0
  package var right = 0

  package init(
    explained: Int = 0, undecided: Int = 0, wrong: Int = 0, contradicted: Int = 0, right: Int = 0
  ) {
    self.explained = explained
    self.undecided = undecided
    self.wrong = wrong
    self.contradicted = contradicted
    self.right = right
  }

  /// Whether it predicts every output that was seen, but for a few cases of which it says nothing.
  package var isConsistent: Bool { explainsAll && contradicted == 0 }

  /// How many more wrong outputs it predicts than right ones it would have wrong.
  var surplus: Int { explained - contradicted }

  /// Whether it predicts every wrong output, whatever it says of the right ones.
  var explainsAll: Bool {
    explained > 0 && explained + undecided == wrong && undecided * 8 <= explained
  }

  static func += (left: inout Score, right: Score) {
    left.explained += right.explained
    left.undecided += right.undecided
    left.wrong += right.wrong
    left.contradicted += right.contradicted
    left.right += right.right
  }
}
