package import Implementations
import Oracles
import Profiles
import QuantizedArithmetic
package import QuantizedLayers
package import Verdicts

/// What one answer to one case is worth.
package struct Verdict: Sendable {
  package var outcome: Outcome
  package var message = ""
  /// Of the first output that differs.
  package var element: Int?
  package var expected: Int64?
  package var got: Int64?
  package var differing = 0
  package var compared = 0
  /// The counts of this case alone.
  package var counts = TallyCounts()

  /// Whether it counts against the implementation.
  package var isFailure: Bool { outcome.isFailure && counts.tolerated == 0 }

  init(_ outcome: Outcome, _ message: String = "") {
    self.outcome = outcome
    self.message = message
    counts.cases = 1
    counts.outcomes[outcome] = 1
  }
}

extension CaseJudge {
  /// Judges an answer to the case that was examined last.
  package func judge(
    _ answer: Answer, _ truth: Truth, _ question: Question, _ raw: RawLayer
  ) -> Verdict {
    switch (truth, answer) {
    case (.invalid(let error), .output(let bytes)) where question.refusesAsProfile:
      nonsense(bytes, error, question.profile, raw)
    case (.valid(let layer, _, _), .refused(let reason))
    where question.refusesAsProfile && Profiles.named(question.profile)?.refusesValid(layer) != nil:
      Verdict(.pass, reason)
    case (_, .failed(let outcome, let message)): Verdict(outcome, message)
    case (_, .unsupported(let reason)): Verdict(.unsupported, reason)
    case (.invalid, .refused(let reason)): Verdict(.pass, reason)
    case (.invalid(let error), .output): Verdict(.acceptedInvalid, "\(error)")
    case (.outsideDomain(let reason), .refused), (.outsideDomain(let reason), .output):
      Verdict(.unsupported, reason)
    case (.valid, .refused(let reason)): Verdict(.refusedValid, reason)
    case (.valid(let layer, let reference, let oracle), .output(let bytes)):
      compare(bytes, layer, reference, oracle, question.conformance)
    }
  }

  /// Judges outputs for a configuration that must be refused, of an implementation that computes what
  /// its profile accepts: what the profile computes is tolerated.
  private func nonsense(
    _ bytes: [UInt8], _ error: LayerError, _ profile: String, _ raw: RawLayer
  ) -> Verdict {
    switch Profiles.named(profile)?.answer(toInvalid: raw) {
    case .computed(let values)?:
      let type = raw.output.type
      guard bytes.count == values.count * type.byteCount else {
        return Verdict(
          .protocolError,
          "output must have \(values.count * type.byteCount) bytes, of \(values.count) ×"
            + " \(type.rawValue), but has \(bytes.count)")
      }
      var verdict = Verdict(.acceptedInvalid, "\(error); computed as \(profile) does")
      verdict.compared = values.count
      verdict.counts.outputs = values.count
      // Nothing is claimed of their accuracy.
      verdict.counts.departedOutputs = values.count
      for (index, got) in ElementBytes.integers(bytes, as: type).enumerated()
      where got != Int64(values[index]) {
        verdict.note(index, got: got, expected: Int64(values[index]))
      }
      guard verdict.differing > 0 else {
        verdict.counts.tolerated = 1
        return verdict
      }
      verdict.counts.mismatchedOutputs = verdict.differing
      verdict.outcome = .mismatch
      verdict.counts.outcomes[.acceptedInvalid] = 0
      verdict.counts.outcomes[.mismatch] = 1
      verdict.message =
        "\(error); computed, but not as \(profile) does: \(verdict.differing) of"
        + " \(values.count) outputs differ"
      return verdict
    case .refused(let reason)?:
      return Verdict(.acceptedInvalid, "\(error); \(profile) refuses it: \(reason)")
    case .undefined(let reason)?: return Verdict(.unsupported, "\(error): \(reason)")
    case nil: return Verdict(.acceptedInvalid, "\(error)")
    }
  }

  private func compare(
    _ bytes: [UInt8], _ layer: Layer, _ reference: Reference, _ oracle: ExactOracle,
    _ conformance: Conformance
  ) -> Verdict {
    let type = layer.output.type
    let count = layer.outputCount
    guard bytes.count == count * type.byteCount else {
      return Verdict(
        .protocolError,
        "output must have \(count * type.byteCount) bytes, of \(count) × \(type.rawValue), but has"
          + " \(bytes.count)")
    }
    var verdict = Verdict(.pass)
    verdict.compared = count
    verdict.counts.outputs = count
    let zeroPoint = layer.outputZeroPoint
    let range = layer.outputRange
    let outputs = widened(bytes, as: type)
    let (values, departures, positions) = (
      self.reference.values, self.reference.departures, exact.positions
    )
    for index in 0..<count {
      let (got, expected) = (Int64(outputs[index]), Int64(values[index]))
      let hasDeparted = !departures[index].isEmpty
      let grade = OutputGrade(
        got, oracle.activated(positions[index]), zeroPoint: zeroPoint, range: range)
      if hasDeparted {
        verdict.counts.departedOutputs &+= 1
      } else {
        grade.add(to: &verdict.counts)
      }
      if got != expected {
        let difference = Int((got - expected).magnitude)
        verdict.counts.largestDifference = max(verdict.counts.largestDifference, difference)
      }
      let conforms =
        conformance == .profile ? got == expected : hasDeparted || grade.meets(conformance)
      if !conforms { verdict.note(index, got: got, expected: expected) }
    }
    verdict.counts.mismatchedOutputs = verdict.differing
    if verdict.differing > 0 {
      verdict.outcome = .mismatch
      verdict.counts.outcomes[.pass] = 0
      verdict.counts.outcomes[.mismatch] = 1
      verdict.message =
        "\(verdict.differing) of \(count) outputs are not \(description(of: conformance))"
    }
    return verdict
  }

  private func description(of conformance: Conformance) -> String {
    conformance == .profile ? "bit-exact with the profile" : conformance.text
  }
}

extension Verdict {
  fileprivate mutating func note(_ index: Int, got: Int64, expected: Int64) {
    differing &+= 1
    guard element == nil else { return }
    element = index
    self.got = got
    self.expected = expected
  }
}
