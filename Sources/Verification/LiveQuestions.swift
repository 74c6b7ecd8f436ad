package import Implementations
import Oracles
import Profiles
package import QuantizedArithmetic
import QuantizedLayers
package import TestCases
package import Verdicts

/// What an implementation answers to one case, and what it was held to.
package struct LiveAnswer: Sendable {
  package let answer: Answer
  package let verdict: Verdict
  /// What is expected; `nil` where the case must be refused, or nothing is defined.
  package let expected: ExpectedOutputs?
  /// The implementation's own accumulators, where it hands them out.
  package let accumulators: [Int64]?
}

/// The outputs that are expected, and those that are as good under what was asked for.
package struct ExpectedOutputs: Hashable, Sendable {
  /// What the profile's reference computes.
  package let values: [Int64]
  /// Of each output, what conforms.
  package let accepted: [ClosedRange<Int64>]
  package let type: ElementType

  /// Whether only the values themselves conform.
  package var isExact: Bool { accepted.allSatisfy { $0.lowerBound == $0.upperBound } }

  package var bytes: [UInt8] { ElementBytes.bytes(values, as: type) }
}

/// Asks one implementation about cases that are made while it answers, and judges its answers.
package final class LiveQuestions {
  private let implementation: any Implementation
  private let questioner: Questioner
  private let judge = CaseJudge()
  private var session: (any Session)?
  /// Cases that were sent.
  package private(set) var asked = 0

  /// Questions to an implementation; `asked` is what is asked for in place of what is claimed.
  package init(_ implementation: any Implementation, asked: Conformance?) {
    self.implementation = implementation
    questioner = Questioner(implementation.claims, asked: asked, crossesProfiles: false)
  }

  deinit { session?.close() }

  /// What the implementation would be asked; `nil` where its claims do not cover the case.
  package func question(_ testCase: TestCase) -> Question? { questioner.question(testCase) }

  /// Asks cases together, at most ``RequestWindow/cases``.
  ///
  /// - Returns: an answer a case; `nil` where the claims do not cover it.
  /// - Throws: ``StartError``
  package func answers(_ cases: [TestCase]) throws(StartError) -> [LiveAnswer?] {
    let questions = cases.map { questioner.question($0) }
    let requests = zip(cases, questions).compactMap { testCase, question -> Request? in
      guard let question else { return nil }
      var asked = testCase
      asked.profile = question.profile
      return Request(asked)
    }
    var answers: [Answer] = []
    var taps: [Int: [Int64]] = [:]
    if !requests.isEmpty {
      let session = try running()
      answers = session.answer(requests)
      taps = session.takeTaps()
      _ = session.takeStrays()
      asked += requests.count
    }
    var place = -1
    return zip(cases, questions).map { testCase, question in
      guard let question else { return nil }
      place += 1
      let answer =
        place < answers.count ? answers[place] : .failed(.protocolError, "no answer")
      return judged(answer, taps[place], testCase, question)
    }
  }

  private func running() throws(StartError) -> any Session {
    if let session { return session }
    let started = try implementation.start()
    session = started
    return started
  }

  private func judged(
    _ answer: Answer, _ accumulators: [Int64]?, _ testCase: TestCase, _ question: Question
  ) -> LiveAnswer {
    var examined = testCase
    examined.profile = question.profile
    let truth = judge.examine(examined)
    let verdict = judge.judge(answer, truth, question, testCase.layer)
    return LiveAnswer(
      answer: answer, verdict: verdict, expected: judge.expected(truth, question.conformance),
      accumulators: accumulators)
  }
}

extension CaseJudge {
  /// What is expected of the case that was examined last.
  package func expected(_ truth: Truth, _ conformance: Conformance) -> ExpectedOutputs? {
    guard case .valid(let layer, _, let oracle) = truth else { return nil }
    let values = reference.values.map { Int64($0) }
    let range = layer.outputRange
    let accepted = values.indices.map { index -> ClosedRange<Int64> in
      guard conformance != .profile else { return values[index]...values[index] }
      guard reference.departures[index].isEmpty else { return layer.output.type.range }
      let position = oracle.activated(exact.positions[index])
      func conforms(_ value: Int64) -> Bool {
        OutputGrade(value, position, zeroPoint: layer.outputZeroPoint, range: range)
          .meets(conformance)
      }
      // What conforms lies around the value's nearest integer, without gaps.
      let nearest = min(
        max(position.rounded(.toNearestOrEven) + layer.outputZeroPoint, range.lowerBound),
        range.upperBound)
      let start = [nearest, nearest - 1, nearest + 1].first { conforms($0) } ?? nearest
      var (low, high) = (start, start)
      while low > layer.output.type.range.lowerBound, conforms(low - 1) { low -= 1 }
      while high < layer.output.type.range.upperBound, conforms(high + 1) { high += 1 }
      return low...high
    }
    return ExpectedOutputs(values: values, accepted: accepted, type: layer.output.type)
  }
}
