import Foundation
import Glibc
import Implementations
import Testing
import Verdicts

@Suite(.enabled(if: Python.path != nil, "python3 is not here"))
struct SessionTests {
  @Test func answersInAnyOrderAreTaken() throws {
    let trial = try Trial(
      """
      hello()
      held = []
      for case in cases():
          held.append(case)
          if len(held) == 10:
              for case in reversed(held): answer(case)
      """)
    #expect(trial.outcomes == [.pass: 10], "\(trial.text)")
  }

  @Test func largeCasesDoNotBlockWhoeverReadsFirstAndAnswersLater() throws {
    // Sixty-four answers with a tap of 100 KiB each: neither side's pipe holds them.
    let trial = try Trial(
      """
      hello()
      held = []
      for case in cases():
          held.append(case)
          if len(held) == 64:
              for case in held:
                  write('{"id":"%s","note":"%s","output":"%s"}\\n'
                        % (case["id"], "x" * 100000, case["inputs"]["input"]["data"]))
              held = []
      """, cases: 64)
    #expect(trial.outcomes == [.pass: 64], "\(trial.text)")
  }

  @Test func carriageReturnsAndSpacesAreNoFault() throws {
    let trial = try Trial(
      """
      hello()
      for case in cases():
          write('  { "id" : "%s" , "output" : "%s" } \\t\\r\\n'
                % (case["id"], case["inputs"]["input"]["data"]))
      """)
    #expect(trial.outcomes == [.pass: 10], "\(trial.text)")
  }

  @Test func aSecondAnswerIsADuplicate() throws {
    let trial = try Trial(faulty("answer(case); answer(case)"))
    #expect(trial.outcomes == [.pass: 10, .duplicate: 1], "\(trial.text)")
    #expect(trial.strays.first?.message == "a second answer to case-4")
  }

  @Test func aSecondAnswerAtTheVeryEndIsADuplicate() throws {
    let trial = try Trial(
      """
      hello()
      for case in cases():
          answer(case)
      time.sleep(0.1)
      answer(case)
      """)
    #expect(trial.outcomes == [.pass: 10, .duplicate: 1], "\(trial.text)")
  }

  @Test func anAnswerToAnotherCaseIsExtra() throws {
    let trial = try Trial(faulty(#"answer({"id": "other"}, output="AA=="); answer(case)"#))
    #expect(trial.outcomes == [.pass: 10, .extra: 1], "\(trial.text)")
    #expect(trial.strays.first?.message == "an answer to other, which is not open")
  }

  @Test func nonsenseAfterTheLastAnswerIsCounted() throws {
    let trial = try Trial(
      """
      hello()
      for case in cases():
          answer(case)
      write("bye\\n")
      """)
    #expect(trial.outcomes == [.pass: 10, .protocolError: 1], "\(trial.text)")
    #expect(trial.strays.first?.message.contains("while no case was open") == true)
  }

  @Test func everyBadAnswerIsJudgedWithoutAnyRestart() throws {
    let trial = try Trial(
      "hello()\nfor case in cases(): answer(case, output='?')", cases: 200, restarts: 0)
    #expect(trial.outcomes == [.protocolError: 200], "\(trial.text)")
  }

  @Test func aProgramThatEndsAfterEveryThirdAnswerIsJudgedInFull() throws {
    let trial = try Trial(
      """
      hello()
      for count, case in enumerate(cases()):
          if count == 3: os._exit(0)
          answer(case)
      """)
    #expect(trial[.pass] == 10, "\(trial.text)")
    #expect(trial[.crash] > 0 && trial.failures.isEmpty, "\(trial.text)")
    #expect(trial.strays.allSatisfy { $0.message.contains("exit status 0") })
  }

  @Test func severalCrashesAreEachTold() throws {
    let trial = try Trial(
      """
      hello()
      for case in cases():
          if case["number"] % 3 == 1: os.kill(os.getpid(), signal.SIGABRT)
          answer(case)
      """, cases: 20)
    #expect(trial.outcomes == [.pass: 13, .crash: 7], "\(trial.text)")
    #expect(Set(trial.failures.keys) == Set((0..<20).filter { $0 % 3 == 1 }.map { "case-\($0)" }))
  }

  @Test func whoTakesLongForManyButNotForOneIsNotBlamed() throws {
    let trial = try Trial(
      """
      hello()
      rest = b""
      while True:
          chunk = os.read(0, 1 << 20)
          if not chunk: break
          lines = (rest + chunk).split(b"\\n")
          rest = lines.pop()
          group = [json.loads(line) for line in lines]
          group = [case for case in group if "id" in case]
          if len(group) > 1: time.sleep(5)
          for case in group: answer(case)
      """, cases: 100, limit: 0.5, restarts: 1)
    #expect(trial.outcomes == [.pass: 100], "\(trial.text)")
  }

  @Test func whoHoldsAnswersBackIsToldToFlush() throws {
    let trial = try Trial(
      """
      hello()
      held = open(1, "w", buffering=1 << 16, closefd=False)
      for case in cases():
          held.write(json.dumps({"id": case["id"], "output": case["inputs"]["input"]["data"]}) + "\\n")
      """, cases: 3, limit: 0.3)
    #expect(trial.outcomes == [.timeout: 3], "\(trial.text)")
    #expect(trial.failures["case-0"]?.message.contains("does not flush") == true, "\(trial.text)")
  }

  @Test func aProgramThatFailsTooOftenIsQuarantined() throws {
    let trial = try Trial("hello()\nos._exit(7)", cases: 100, restarts: 5)
    #expect(trial[.crash] > 0 && trial[.crash] <= 6, "\(trial.text)")
    #expect(trial[.crash] + trial[.notReached] == 100, "\(trial.text)")
    let told = try #require(trial.failures.values.first { $0.outcome == .notReached })
    #expect(told.message.contains("quarantined after 5 restarts"))
    #expect(told.message.contains("exit status 7"))
  }

  @Test func aProgramThatIsAlwaysSilentIsQuarantinedEarly() throws {
    let trial = try Trial("hello()\ntime.sleep(60)", cases: 100, limit: 0.02, restarts: 10_000)
    #expect(trial[.timeout] > 0 && trial[.timeout] <= 21, "\(trial.text)")
    #expect(trial[.timeout] + trial[.notReached] == 100, "\(trial.text)")
    #expect(trial.failures.values.contains { $0.message.contains("without any answer") })
  }

  @Test func aProgramThatCannotBeStartedAgainCostsItsCases() throws {
    let mark = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: mark) }
    let trial = try Trial(
      """
      if os.path.exists(sys.argv[1]): sys.exit("the device is busy")
      open(sys.argv[1], "w").close()
      hello()
      for case in cases():
          if case["number"] == 4: os._exit(1)
          answer(case)
      """, restarts: 3, arguments: [mark])
    #expect(trial[.pass] == 4, "\(trial.text)")
    #expect(trial[.pass] + trial[.crash] + trial[.notReached] == 10, "\(trial.text)")
    #expect(trial.failures.values.contains { $0.message.contains("the device is busy") })
  }

  @Test func aFloodOfStandardErrorIsNoFault() throws {
    let trial = try Trial(faulty("write(b'x' * 100_000_000 + b'\\n', 2); answer(case)"))
    #expect(trial.outcomes == [.pass: 10], "\(trial.text)")
  }

  @Test(arguments: ["pass", "os._exit(1)", "time.sleep(60)"])
  func nothingThatItStartedOutlivesTheRun(_ fault: String) throws {
    let list = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: list) }
    _ = try Trial(
      """
      signal.signal(signal.SIGTERM, signal.SIG_IGN)
      child = subprocess.Popen(["sleep", "300"])
      open(sys.argv[1], "a").write(f"{child.pid}\\n")
      hello()
      for case in cases():
          if case["number"] == 4: \(fault)
          else: answer(case)
      """, limit: 0.3, arguments: [list])
    let numbers = try String(contentsOfFile: list, encoding: .utf8).split(separator: "\n")
    try #require(!numbers.isEmpty)
    for number in numbers {
      let child = try #require(pid_t(number))
      #expect(isGone(child), "\(child) runs on")
    }
  }

  /// Whether a process has ended, or does within a few seconds; nobody may have waited for it yet.
  private func isGone(_ process: pid_t) -> Bool {
    for _ in 0..<300 {
      guard kill(process, 0) == 0,
        let state = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8)
      else { return true }
      if state.split(separator: ")").last?.hasPrefix(" Z") == true { return true }
      usleep(10_000)
    }
    return false
  }
}
