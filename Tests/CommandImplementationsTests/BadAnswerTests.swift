import Testing
import Verdicts

/// One answer of ten is bad: it is named for what it is, in words, and the other nine are judged.
@Suite(.enabled(if: Python.path != nil, "python3 is not here"))
struct BadAnswerTests {
  struct BadAnswer: CustomTestStringConvertible {
    let name: String
    let python: String
    let outcome: Outcome
    let message: String
    var limit = 5.0

    var testDescription: String { name }
  }

  static let all = [
    BadAnswer(
      name: "a line cut off by its line feed", python: #"write('{"id":"case-4","output":\n')"#,
      outcome: .protocolError, message: "the answer is malformed"),
    BadAnswer(
      name: "a line that is no JSON", python: #"write('here is my answer\n')"#,
      outcome: .protocolError, message: "here is my answer"),
    BadAnswer(
      name: "part of a line, then silence", python: #"write('{"id":"ca'); time.sleep(60)"#,
      outcome: .timeout, message: #"after an unfinished line: {"id":"ca"#, limit: 0.3),
    BadAnswer(
      name: "part of a line, then death", python: #"write('{"id":"ca'); os._exit(3)"#,
      outcome: .crash, message: #"exit status 3, in the middle of a line: {"id":"ca"#),
    BadAnswer(
      name: "an endless line", python: "while True: write('x' * 65536)",
      outcome: .protocolError, message: "a line of more than"),
    BadAnswer(
      name: "a line of 3 MiB", python: "answer(case, output='AAAA' * (3 << 18))",
      outcome: .protocolError, message: "a line of more than"),
    BadAnswer(
      name: "endless answers to another case",
      python: #"while True: write('{"id":"other","output":"AA=="}\n')"#,
      outcome: .protocolError, message: "more than 100 answers"),
    BadAnswer(
      name: "a line dripped byte by byte",
      python: "while True:\n    write('x')\n    time.sleep(0.02)",
      outcome: .timeout, message: "no answer within", limit: 0.3),
    BadAnswer(
      name: "an output of the wrong size", python: #"answer(case, output="AAAA")"#,
      outcome: .protocolError, message: "output must have 1 bytes, of 1 × int8, but has 3"),
    BadAnswer(
      name: "an empty output", python: #"answer(case, output="")"#,
      outcome: .protocolError, message: "but has 0"),
    BadAnswer(
      name: "a value outside the type", python: "answer(case, output=[300])",
      outcome: .protocolError, message: "must be in -128...127 of int8, but is 300"),
    BadAnswer(
      name: "a fraction", python: "answer(case, output=[0.5])",
      outcome: .protocolError, message: "the answer is malformed"),
    BadAnswer(
      name: "wrong base64", python: #"answer(case, output="A")"#,
      outcome: .protocolError, message: "base64"),
    BadAnswer(
      name: "base64 with a foreign letter", python: #"answer(case, output="A*==")"#,
      outcome: .protocolError, message: "base64"),
    BadAnswer(
      name: "an output and a refusal", python: #"answer(case, output="AA==", refused="no")"#,
      outcome: .protocolError, message: "exactly one of the keys output, refused"),
    BadAnswer(
      name: "neither output nor refusal", python: #"answer(case, seconds=1)"#,
      outcome: .protocolError, message: "exactly one of the keys output, refused"),
    BadAnswer(
      name: "a wrong answer", python: #"answer(case, output=[77])"#,
      outcome: .mismatch, message: "1 of 1 outputs"),
    BadAnswer(
      name: "a refusal", python: #"answer(case, refused="I will not")"#,
      outcome: .refusedValid, message: "I will not"),
    BadAnswer(
      name: "an error", python: #"answer(case, error="out of paper")"#,
      outcome: .error, message: "out of paper"),
    BadAnswer(
      name: "a duplicate key", python: #"write('{"id":"case-4","output":[1],"output":[5]}\n')"#,
      outcome: .protocolError, message: "every key once"),
    BadAnswer(
      name: "deep nesting",
      python: #"write('{"id":"case-4","more":' + '[' * 100000 + '\n')"#,
      outcome: .protocolError, message: "the answer is malformed"),
    BadAnswer(
      name: "a huge number", python: #"write('{"id":"case-4","output":[1e999999999]}\n')"#,
      outcome: .protocolError, message: "the answer is malformed"),
    BadAnswer(
      name: "a huge integer", python: #"write('{"id":"case-4","output":[' + '9' * 5000 + ']}\n')"#,
      outcome: .protocolError, message: "the answer is malformed"),
    BadAnswer(
      name: "nan", python: #"answer(case, output=[float("nan")])"#,
      outcome: .protocolError, message: "the answer is malformed"),
    BadAnswer(
      name: "NUL bytes", python: #"write(b'\0\0\0\n')"#,
      outcome: .protocolError, message: #"\0\0\0"#),
    BadAnswer(
      name: "bytes that are no UTF-8", python: #"write(b'{"id":"case-4","error":"\xff\xfe"}\n')"#,
      outcome: .protocolError, message: "UTF-8"),
    BadAnswer(
      name: "an empty line", python: #"write('\n')"#,
      outcome: .protocolError, message: "an empty line"),
    BadAnswer(
      name: "a second hello line", python: "hello()",
      outcome: .protocolError, message: "second hello"),
    BadAnswer(
      name: "an early end line", python: #"write('{"end":{"answers":4}}\n')"#,
      outcome: .protocolError, message: "end line came before"),
    BadAnswer(
      name: "silence", python: "pass", outcome: .timeout, message: "no answer within 0.3 s",
      limit: 0.3),
    BadAnswer(
      name: "silence that ignores signals",
      python: "for s in range(1, 32):\n    if s not in (9, 19): signal.signal(s, signal.SIG_IGN)\n"
        + "time.sleep(60)",
      outcome: .timeout, message: "no answer within 0.3 s", limit: 0.3),
    BadAnswer(
      name: "a crash", python: "os.kill(os.getpid(), signal.SIGSEGV)",
      outcome: .crash, message: "it ended with signal 11 (SIGSEGV)"),
    BadAnswer(
      name: "exit status 0", python: "os._exit(0)",
      outcome: .crash, message: "it ended with exit status 0"),
    BadAnswer(
      name: "an exception", python: #"raise ValueError("no such kernel")"#,
      outcome: .crash, message: "ValueError: no such kernel"),
    BadAnswer(
      name: "a crash while a program that it started holds the stream",
      python: #"subprocess.Popen(["sleep", "300"]); os._exit(3)"#,
      outcome: .crash, message: "it ended with exit status 3"),
    BadAnswer(
      name: "a crash while a program outside its group holds the stream",
      python: #"subprocess.Popen(["sleep", "3"], start_new_session=True); os._exit(3)"#,
      outcome: .crash, message: "it ended with exit status 3"),
    BadAnswer(
      name: "a closed standard output", python: "os.close(1); time.sleep(60)",
      outcome: .protocolError, message: "it closed its standard output"),
    BadAnswer(
      name: "a closed standard input", python: "os.close(0); time.sleep(60)",
      outcome: .protocolError, message: "it closed its standard input", limit: 0.3),
    BadAnswer(
      name: "endless standard error", python: "while True: write('x' * 65536, 2)",
      outcome: .timeout, message: "no answer within", limit: 0.3),
  ]

  @Test(arguments: all)
  func costsItsOwnCase(_ bad: BadAnswer) throws {
    let trial = try Trial(faulty(bad.python), limit: bad.limit)
    #expect(trial[.pass] == 9, "\(trial.text)")
    #expect(trial[bad.outcome] == 1, "\(trial.text)")
    let failure = try #require(trial.failures["case-4"], "\(trial.text)")
    #expect(failure.outcome == bad.outcome)
    #expect(failure.message.contains(bad.message), "\(failure.message)")
    #expect(!failure.message.contains { $0.isNewline } && failure.message.count < 2_200)
    let strays = Set(trial.strays.map(\.outcome))
    #expect(strays.isSubset(of: bad.name.hasPrefix("endless answers") ? [.extra] : []))
  }

  @Test func wordsFromOutsideAreCutAndHarmless() throws {
    let words = #"answer(case, refused="\x1b[2J line\nline \u009b" + "x" * 500000)"#
    let trial = try Trial(faulty(words))
    let message = try #require(trial.failures["case-4"]?.message)
    #expect(message.count < 2_200)
    #expect(message.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x9B })
    #expect(message.contains(" line line "))
  }
}
