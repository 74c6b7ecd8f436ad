package import Profiles
import QuantizedLayers

/// Which arithmetic an implementation performs for one combination of types and bias.
package struct Identification {
  /// One question, its answer, and what that ruled out.
  package struct Step {
    package let number: Int
    package let purpose: String
    /// Outputs that came back, or why none did.
    package let answer: String
    package let before: Int
    package let after: Int
    /// The profiles that are left.
    package let names: [String]

    init(
      number: Int, purpose: String, answer: String, before: Int, after: Int, names: [String]
    ) {
      self.number = number
      self.purpose = purpose
      self.answer = answer
      self.before = before
      self.after = after
      self.names = names
    }
  }

  package enum Conclusion {
    /// The profile of this name; of several that no question told apart, all. `also` has those that
    /// agree too, but whose domain is less like what was answered.
    case named([String], also: [String])
    /// No profile has these choices; where several choices of a part are left, all of them. `within` has
    /// profiles that agree as far as they are defined, but whose steps do not give what was answered
    /// beyond.
    case described(
      Arithmetic, open: [(part: ArithmeticPart, choices: [String])], within: [String])
    /// None of them; the nearest, and where it fails.
    case none(nearest: String, failure: String)
    /// Nothing was answered.
    case unanswered(String)
  }

  package let subject: Subject
  package let conclusion: Conclusion
  package let steps: [Step]
  /// Cases asked, those of the verification included.
  package let cases: Int
  /// Generated cases that were answered as the result predicts.
  package let verified: Int
  /// Outputs compared in all.
  package let outputs: Int
  /// The D = Si·Sw/So for which the result holds.
  package let limits: Range<Double>
  /// The result holds only where every scale and every Si·Sw is a normal binary32 number.
  package let needsNormalScales: Bool
  /// Questions beyond them, which no candidate predicts.
  package let exceptions: [String]

  /// Whether anything that may be asked depends on a part of an arithmetic.
  package func concerns(_ part: ArithmeticPart, of arithmetic: Arithmetic) -> Bool {
    if part == .leftShift, arithmetic.fixedPoint?.highMultiply == nil { return false }
    return subject.concerns(part)
  }
}
