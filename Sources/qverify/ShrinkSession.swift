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
  let cause: Hypothesis?
  /// Whether `check` has looked for a cause in the run that the case is of.
  let isConcluded: Bool
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
  /// What `check` found of the implementation in the run that the case is of.
  private let conclusion: StoredConclusion?

  init(
    _ implementation: any Implementation, _ failing: FailingCase,
    _ conclusion: StoredConclusion?, budget: Int?
  ) {
    self.implementation = implementation
    self.failing = failing
    self.conclusion = conclusion
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
  ///
  /// That of `check` where it has looked for one, so that both say the same.
  private func cause(_ testCase: TestCase, _ answer: LiveAnswer) -> Hypothesis? {
    guard answer.verdict.outcome == .mismatch,
      let evidence = ShrinkSession.evidence(testCase, answer)
    else { return nil }
    if let conclusion { return conclusion.cause(of: evidence) }
    let found = Diagnoses.asking(implementation, beside: evidence)?.cause?.hypothesis
    return found.flatMap { $0.explains(evidence) ? $0 : nil }
  }

  private static func evidence(_ testCase: TestCase, _ answer: LiveAnswer) -> Evidence? {
    guard case .output(let bytes) = answer.answer else { return nil }
    return Evidence(
      index: 0, testCase: testCase, profile: testCase.profile ?? "exact-even", output: bytes)
  }

  /// Whether the cause, if one is known, explains a smaller case too.
  private func keeps(
    _ cause: Hypothesis?, _ testCase: TestCase, _ answer: LiveAnswer
  ) -> Bool {
    guard let cause else { return true }
    return ShrinkSession.evidence(testCase, answer).map { cause.explains($0) } ?? false
  }

  /// Which of the cases fail as the first one does.
  private func answers(
    _ cases: [TestCase], _ live: LiveQuestions, _ outcome: Outcome, _ cause: Hypothesis?,
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
    _ cause: Hypothesis?
  ) throws(StartError) -> ShrunkFailure {
    var smallest = shrunk.testCase
    smallest.origin = .given(id: shrunk.steps == 0 ? failing.id : "\(failing.id)-small")
    let last = try live.answers([smallest]).first ?? nil
    let isConfirmed = last?.verdict.outcome == first.verdict.outcome
    let answer = last ?? first
    return ShrunkFailure(
      id: failing.id, implementation: implementation.name, before: (testCase, first),
      after: (smallest, answer), result: shrunk, cause: cause,
      isConcluded: conclusion != nil, isConfirmed: isConfirmed,
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
