import Implementations
import LibraryImplementations
import QuantizedLayers
import TestCases
import Testing
import Verdicts

/// A fault of Fixtures/faulty.c, and how it must be named.
struct PlantedFault: CustomTestStringConvertible {
  let rows: Int
  let outcome: Outcome
  let words: [String]

  var testDescription: String { "\(rows) \(outcome.rawValue) \(words)" }

  /// In the order of the fixture's list, from 100 rows on; `nil`: none of these tests is about it.
  private static let inOrder: [(Outcome, [String])?] = [
    (.memoryError, ["wrote past the end of the output: at byte 200 of 200 (SIGSEGV)"]),
    (.memoryError, ["wrote before the start of the output: 1 byte before it"]),
    (.memoryError, ["wrote past the end of the output: at byte 300203 of 204"]),
    (.memoryError, ["changed the input", "byte 4, in element 4 [1,0]"]),
    (.memoryError, ["changed the weights", "byte 1, in element 1 [0,1]"]),
    (.memoryError, ["changed the scales of the weights"]),
    (.memoryError, ["changed the arguments"]),
    (.memoryError, ["changed the bias", "in element 1 [1]"]),
    (.memoryError, ["read past the end of the input: at byte 432 of 432"]),
    (.memoryError, ["read before the start of the weights: 1 byte before it"]),
    (.memoryError, ["read past the end of the bias: at byte 8 of 8"]),
    (.memoryError, ["read past the end of the scales of the input: at byte 8 of 8"]),
    (.memoryError, ["read past the end of the shape of the bias"]),
    (.memoryError, ["left element 4 [2,0] of the output unwritten"]),
    (.crash, ["wrote through a null pointer, at 0x8 (SIGSEGV)"]),
    (.crash, ["read at 0x123456789000, where no memory is"]),
    (.crash, ["jumped to 0x123456789000, where no code is"]),
    (.crash, ["divided an integer by zero (SIGFPE)"]),
    (.crash, ["illegal instruction (SIGILL)"]),
    (.crash, ["aborted (SIGABRT)", "it wrote: assertion failed: |   depth > 0"]),
    (.crash, ["called exit", "exit status 3"]),
    (.crash, ["called exit", "exit status 0"]),
    (.crash, ["signal 9 (SIGKILL)"]),
    (.crash, ["signal 15 (SIGTERM)"]),
    (.timeout, ["a call took longer than"]),
    (.nondeterministic, ["differs from call to call", "element 1 [0,1] was"]),
    (.nondeterministic, ["depends on the calls before", "element 1 [0,1] was"]),
    (.nondeterministic, ["depends on where its buffers lie", "element 3 [1,1] was"]),
    (.nondeterministic, ["depends on what the output held before", "element 2 [1,0] was"]),
    (.crash, ["assumes that its buffers are aligned to 16 bytes"]),
    (.crash, ["assumes that its buffers are aligned to 16 bytes"]),
    (.memoryError, ["overwrote its own stack: it returned to an address that is none"]),
    (.memoryError, ["overwrote its own stack: 1 words above its frame"]),
    (.crash, ["overflowed its stack of 8 MiB"]),
    (.crash, ["through a null pointer", "of memory: it may have met the limit"]),
    (.error, ["out of memory"]),
    (.protocolError, ["closed file descriptors"]),
    nil, nil,
    (.protocolError, ["floating-point environment changed", "another rounding mode"]),
    (.protocolError, ["floating-point environment changed", "flush to zero, denormals are zero"]),
    (.protocolError, ["floating-point environment changed", "MMX without emms"]),
    (.protocolError, ["left another handler for SIGSEGV"]),
    (.protocolError, ["left signals blocked"]),
    nil,
    (.memoryError, ["wrote to the output, or beside it, after it had returned"]),
    (.crash, ["ended the thread that called it"]),
    (.protocolError, ["returned 7, which is no return code"]),
    (.protocolError, ["returned QVERIFY_REFUSED with a message that has no NUL"]),
    (.error, ["the table | is missing"]),
    nil, nil,
    (.protocolError, ["did not preserve r15"]),
    (.nondeterministic, ["differs from call to call", "element 0 [0,0]"]),
    (.nondeterministic, ["differs from call to call", "element 0 [0,0]"]),
    (.nondeterministic, ["it returned QVERIFY_OK, then QVERIFY_REFUSED"]),
    nil,
    (.timeout, ["a call took longer than"]),
    nil,
    (.protocolError, ["did not preserve the direction flag"]),
  ]

  static let all: [PlantedFault] = inOrder.enumerated().compactMap { place, known in
    known.map { PlantedFault(rows: 100 + place, outcome: $0.0, words: $0.1) }
  }
}

@Suite(.enabled(if: Compiler.c != nil, "there is no C compiler"), .serialized)
struct LibraryFaultTests {
  private func library(_ seconds: Double = 2) throws -> LibraryImplementation {
    LibraryImplementation(
      name: "faulty", path: try Libraries.faulty.get(),
      limits: LibraryLimits(secondsPerCase: seconds))
  }

  /// Four sound cases around one with the fault.
  private func requests(_ rows: Int) -> [Request] {
    // Weights of 16 bytes lie at a round address wherever they end at a page.
    let depth = rows == 130 ? 8 : 4
    return [1, 5, rows, 2, 7].map { Layers.request(Layers.layer(rows: $0, depth: depth)) }
  }

  @Test(arguments: PlantedFault.all)
  func aFaultIsNamedAndEveryOtherCaseIsJudged(_ fault: PlantedFault) throws {
    let session = try library().start()
    defer { session.close() }
    let requests = requests(fault.rows)
    let answers = session.answer(requests)
    let expected = try Layers.expected(requests)
    #expect(answers.count == requests.count)
    for place in [0, 1, 3, 4] { #expect(answers[place] == expected[place]) }
    #expect(answers[2].outcome == fault.outcome, "\(answers[2])")
    for words in fault.words {
      #expect(answers[2].failure.contains(words), "\(answers[2].failure)")
    }
    #expect(!answers[2].failure.contains("\n"))
    // And the one after it, in whatever process.
    #expect(session.answer([requests[0]]) == [expected[0]])
  }

  /// 137: prints; 138: prints two million bytes; 144: forks.
  @Test(arguments: [137, 138, 144])
  func whatDoesNoHarmIsNoFault(_ rows: Int) throws {
    let session = try library().start()
    defer { session.close() }
    let requests = requests(rows)
    #expect(session.answer(requests) == (try Layers.expected(requests)))
    #expect(session.answer(requests) == (try Layers.expected(requests)))
  }

  @Test func whatALibrarySaysOfACaseIsPassedOn() throws {
    let session = try library().start()
    defer { session.close() }
    #expect(session.answer(requests(150))[2] == .refused("too odd"))
    #expect(session.answer(requests(151))[2] == .unsupported(""))
  }

  @Test func rightAnswersThatLookLikeWhatTheOutputHeldAreNoFault() throws {
    let session = try library().start()
    defer { session.close() }
    let layer = Layers.layer(rows: 156)
    let bytes = (0..<312).map { $0 % 2 == 0 ? UInt8(0xA5) : 0x5A }
    #expect(session.answer([Layers.request(layer)]) == [.output(bytes)])
  }

  @Test func theCompilersStackGuardIsUnderstood() throws {
    let library = LibraryImplementation(name: "guarded", path: try Libraries.guarded.get())
    let session = try library.start()
    defer { session.close() }
    let answer = session.answer(requests(131))[2]
    #expect(answer.outcome == .memoryError)
    #expect(answer.failure.contains("stack smashing detected"), "\(answer)")
  }

  @Test func afterTheLastRestartTheRestIsNotReached() throws {
    let library = LibraryImplementation(
      name: "faulty", path: try Libraries.faulty.get(),
      limits: LibraryLimits(secondsPerCase: 2, restarts: 2))
    let session = try library.start()
    defer { session.close() }
    let requests = [1, 120, 2, 114, 120, 3, 4].map { Layers.request(Layers.layer(rows: $0)) }
    let answers = session.answer(requests)
    #expect(
      answers.map(\.outcome) == [nil, .crash, nil, .crash, .crash, .notReached, .notReached])
    #expect(answers[6].failure.contains("after 2 restarts"))
    #expect(answers[6].failure.contains("exit status 3"))
    #expect(session.answer([requests[0]])[0].outcome == .notReached)
  }

  @Test func everyCaseOfAWindowMayEndTheProcess() throws {
    let session = try library().start()
    defer { session.close() }
    let requests = (0..<20).map { _ in Layers.request(Layers.layer(rows: 114)) }
    #expect(session.answer(requests).map(\.outcome) == Array(repeating: .crash, count: 20))
  }
}
