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
      Starts an implementation and asks it a few tiny cases: one of every operator, type and \
      arithmetic that it claims, written so that a person can follow it, one that it must refuse, \
      and one of a size that it has not met before. It says in words what is wrong with the \
      wiring: shapes, layout, byte order, signedness, zero points, a missing flush. What the \
      kernel computes on harder cases is for 'qverify check'.

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
      for step in SmokeSteps(implementation).all {
        let finding = step.judged(by: session)
        print("  \(finding.isRight ? "ok  " : "FAIL") \(step.title)")
        for line in finding.lines { print("       \(line)") }
        failed = failed || !finding.isRight
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
    let isRight: Bool
    let lines: [String]
  }

  func judged(by session: any Session) -> Finding {
    let answer = session.answer([Request(testCase)]).first ?? .failed(.protocolError, "no answer")
    let judge = CaseJudge()
    let truth = judge.examine(testCase)
    let verdict = judge.judge(answer, truth, question, testCase.layer)
    guard verdict.isFailure || verdict.outcome == .unsupported else {
      return Finding(isRight: true, lines: [])
    }
    var lines = ["\(verdict.outcome.rawValue): \(verdict.message)"]
    if case .output(let bytes) = answer, case .valid(let layer, _, _) = truth {
      lines += SmokeDiagnosis(layer, judge.reference.values, bytes, verdict).lines
    }
    return Finding(isRight: false, lines: lines)
  }
}
