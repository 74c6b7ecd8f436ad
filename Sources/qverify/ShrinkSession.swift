import CommandImplementations
import Diagnosis
import Hypotheses
import Implementations
import QuantizedArithmetic
import QuantizedLayers
import Reproducers
import Shrinking
import TestCases
import Verdicts
import Verification

/// A case before and after.
struct ShrunkFailure {
  let id: String
  let implementation: String
  let before: (testCase: TestCase, answer: LiveAnswer)
  let after: (testCase: TestCase, answer: LiveAnswer)
  let result: Shrunk
  /// What explains it, before and after; `nil` where none is known.
  let cause: Diagnosis.Cause?
  /// Whether the smallest case failed in the same way when it was asked once more.
  let isConfirmed: Bool
  let reproduction: Reproduction
}

/// Shrinks one failing case by asking a live implementation.
struct ShrinkSession {
  enum Result {
    /// The case does not fail.
    case sound(LiveAnswer)
    case notClaimed
    case shrunk(ShrunkFailure)
  }

  private let implementation: any Implementation
  private let failing: FailingCase
  private let budget: Int?

  init(_ implementation: any Implementation, _ failing: FailingCase, budget: Int?) {
    self.implementation = implementation
    self.failing = failing
    self.budget = budget
  }

  func run() throws(StartError) -> Result {
    let live = LiveQuestions(implementation, asked: failing.conformance)
    var testCase = failing.testCase
    guard let question = live.question(testCase) else { return .notClaimed }
    testCase.profile = question.profile
    testCase.origin = .given(id: failing.id)
    guard let first = try live.answers([testCase]).first ?? nil else { return .notClaimed }
    guard first.verdict.isFailure else { return .sound(first) }
    let outcome = first.verdict.outcome
    let cause = cause(testCase, first)
    let questioner = Questioner(
      implementation.claims, asked: failing.conformance, crossesProfiles: false)
    let shrinker = Shrinker(limits: limits(outcome)) {
      questioner.question($0)?.profile == $0.profile
    }
    let shrunk: Shrunk
    var lastSound: TestCase?
    do {
      shrunk = try shrinker.shrinkTogether(testCase, focus: first.verdict.element) { cases in
        try answers(cases, live, outcome, cause, &lastSound)
      }
    } catch let error as StartError {
      throw error
    } catch {
      throw StartError(name: implementation.name, reason: "\(error)")
    }
    return .shrunk(try confirmed(testCase, first, shrunk, live, cause))
  }

  /// The cause that the case is to keep while it is made smaller; `nil` where none is known.
  private func cause(_ testCase: TestCase, _ answer: LiveAnswer) -> Diagnosis.Cause? {
    guard answer.verdict.outcome == .mismatch,
      let evidence = ShrinkSession.evidence(testCase, answer),
      let cause = Diagnoses.asking(implementation, beside: evidence)?.cause,
      cause.hypothesis.explains(evidence)
    else { return nil }
    return cause
  }

  private static func evidence(_ testCase: TestCase, _ answer: LiveAnswer) -> Evidence? {
    guard case .output(let bytes) = answer.answer else { return nil }
    return Evidence(
      index: 0, testCase: testCase, profile: testCase.profile ?? "exact-even", output: bytes)
  }

  /// Whether the cause, if one is known, explains a smaller case too.
  private func keeps(
    _ cause: Diagnosis.Cause?, _ testCase: TestCase, _ answer: LiveAnswer
  ) -> Bool {
    guard let cause else { return true }
    return ShrinkSession.evidence(testCase, answer).map { cause.hypothesis.explains($0) } ?? false
  }

  /// Which of the cases fail as the first one does.
  private func answers(
    _ cases: [TestCase], _ live: LiveQuestions, _ outcome: Outcome, _ cause: Diagnosis.Cause?,
    _ lastSound: inout TestCase?
  ) throws -> [Bool] {
    // A program that was just started again is first asked what it can answer: what it does late
    // at its start is not the case's.
    if outcome == .timeout, let lastSound { _ = try live.answers([lastSound]) }
    return try zip(cases, live.answers(cases)).map { testCase, answer in
      guard let answer else { return false }
      if answer.verdict.outcome == .notReached { throw ShrinkStop(answer.verdict.message) }
      if answer.verdict.outcome != outcome { lastSound = testCase }
      return answer.verdict.isFailure && answer.verdict.outcome == outcome
        && keeps(cause, testCase, answer)
    }
  }

  /// What a failure costs decides how often it may be seen.
  private func limits(_ outcome: Outcome) -> ShrinkLimits {
    switch outcome {
    case .mismatch: ShrinkLimits(questions: budget ?? 6_000)
    case .timeout:
      ShrinkLimits(questions: budget ?? 400, batch: 1, steps: 18, seeksNumbers: false)
    case .crash, .memoryError, .nondeterministic, .protocolError:
      ShrinkLimits(questions: budget ?? 1_000, batch: 1, steps: 60, seeksNumbers: false)
    default: ShrinkLimits(questions: budget ?? 6_000, seeksNumbers: false)
    }
  }

  private func confirmed(
    _ testCase: TestCase, _ first: LiveAnswer, _ shrunk: Shrunk, _ live: LiveQuestions,
    _ cause: Diagnosis.Cause?
  ) throws(StartError) -> ShrunkFailure {
    var smallest = shrunk.testCase
    smallest.origin = .given(id: shrunk.steps == 0 ? failing.id : "\(failing.id)-small")
    let last = try live.answers([smallest]).first ?? nil
    let isConfirmed = last?.verdict.outcome == first.verdict.outcome
    let answer = last ?? first
    return ShrunkFailure(
      id: failing.id, implementation: implementation.name, before: (testCase, first),
      after: (smallest, answer), result: shrunk, cause: cause, isConfirmed: isConfirmed,
      reproduction: Reproduction(
        testCase: smallest, expectation: expectation(smallest, answer),
        finding: ShrinkReport.finding(answer), implementation: implementation.name,
        start: start,
        withoutC: implementation.kind == "builtIn"
          ? "\(implementation.name) is built into qverify and is no library" : nil))
  }

  private func expectation(_ testCase: TestCase, _ answer: LiveAnswer) -> Reproduction.Expectation {
    if let expected = answer.expected {
      return .outputs(expected.values, accepted: expected.accepted)
    }
    do {
      _ = try testCase.layer.validated()
      return .refused("no arithmetic is defined for it")
    } catch {
      return .refused(error.description)
    }
  }

  private var start: String {
    guard let command = implementation as? CommandImplementation,
      let folder = command.configuration.folder
    else { return implementation.summary }
    let words = command.configuration.run.map { CommandText.quoted($0) }.joined(separator: " ")
    return "cd \(CommandText.quoted(folder)) && \(words)"
  }
}
