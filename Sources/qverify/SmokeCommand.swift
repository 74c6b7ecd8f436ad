import ArgumentParser
import CaseGeneration
import Foundation
import Implementations
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestCases
import Verdicts
import Verification

struct SmokeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "smoke", abstract: "Is this implementation wired rightly?",
    discussion: """
      Starts an implementation and asks it a few tiny cases: of every operator, type and \
      arithmetic that it claims one for each thing that is easily wired wrongly, one that it must \
      refuse, and sizes that grow and shrink, so that an answer of the wrong size shows. It says in \
      words what is wrong: shapes, layout, byte order, signedness, scales, zero points, bias, \
      activation, a missing flush. What the kernel computes on harder cases is for 'qverify check'.

      EXAMPLES
        qverify smoke --impl mine
        qverify smoke --impl mine --config board/qverify.yaml
      """)

  @Option(
    name: .customLong("impl"),
    help: ArgumentHelp("The implementations.", valueName: "list"))
  var implementations: String

  @Option(
    help: ArgumentHelp(
      "File that names implementations; qverify.yaml if left out.", valueName: "file"))
  var config: String?

  func run() throws {
    let chosen = try ChosenImplementations(implementations, config: config).all
    var failed = false
    for implementation in chosen {
      print("\(implementation.name) \(implementation.version) (\(implementation.kind))")
      print("  it starts and says what it claims: \(claimed(implementation))")
      let session: any Session
      do throws(StartError) {
        session = try implementation.start()
      } catch {
        throw Failure(.notStarted, error.description)
      }
      defer { session.close() }
      let steps = SmokeSteps(implementation).all
      if steps.isEmpty { print("  FAIL what it claims covers no tiny case") }
      failed = failed || steps.isEmpty
      var timeouts = 0
      for (number, step) in steps.enumerated() {
        let finding = step.judged(by: session)
        print("  \(finding.isRight ? "ok  " : "FAIL") \(step.title)")
        for line in finding.lines { print("       \(line)") }
        failed = failed || !finding.isRight
        timeouts += finding.outcome == .timeout ? 1 : 0
        guard timeouts < 2 || number == steps.count - 1 else {
          print("  not asked any more: \(steps.count - 1 - number) cases, since it is silent")
          break
        }
      }
      for stray in session.takeStrays() {
        print("  FAIL answers that nobody asked for: \(stray.message)")
        failed = true
      }
    }
    print(failed ? "NOT WIRED RIGHTLY" : "WIRED RIGHTLY")
    if failed { throw Failure(.deviates) }
  }

  private func claimed(_ implementation: any Implementation) -> String {
    if implementation.claims == [Claim()] {
      return "nothing, so that all of its outputs must be nearest"
    }
    let profiles = Profiles.narrowed(to: implementation.claims)
    let types = profiles.flatMap(\.types)
    let count = Set(types).count
    return
      "\(count) type combination\(count == 1 ? "" : "s"), held to \(implementation.heldTo(nil))"
  }
}

/// One question of `smoke`.
struct SmokeStep {
  let title: String
  let testCase: TestCase
  let question: Question

  /// What came of it, in words.
  struct Finding {
    let outcome: Outcome
    let isRight: Bool
    let lines: [String]
  }

  func judged(by session: any Session) -> Finding {
    let answer = session.answer([Request(testCase)]).first ?? .failed(.protocolError, "no answer")
    let judge = CaseJudge()
    let truth = judge.examine(testCase)
    let verdict = judge.judge(answer, truth, question, testCase.layer)
    guard verdict.isFailure || verdict.outcome == .unsupported || verdict.outcome == .notReached
    else {
      return Finding(outcome: verdict.outcome, isRight: true, lines: [])
    }
    var lines = [words(verdict)]
    if case .output(let bytes) = answer, case .valid(let layer, _, _) = truth {
      lines += SmokeDiagnosis(layer, judge.reference.values, bytes).lines
    }
    return Finding(outcome: verdict.outcome, isRight: false, lines: lines)
  }

  /// What came, and what should have.
  private func words(_ verdict: Verdict) -> String {
    let text = "\(verdict.outcome.rawValue): \(verdict.message)"
    switch verdict.outcome {
    case .acceptedInvalid:
      return text + "; it computed something, but such a case must be answered with 'refused'"
    case .refusedValid: return text + "; the case is legal, and must be computed"
    case .unsupported: return text + "; yet its claims cover the case: narrow them, or compute it"
    default: return text
    }
  }
}
