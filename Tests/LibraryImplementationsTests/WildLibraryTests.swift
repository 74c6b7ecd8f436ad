import Implementations
import LibraryImplementations
import Testing
import Verdicts

@Suite(.enabled(if: Compiler.c != nil, "there is no C compiler"), .serialized)
struct WildLibraryTests {
  private static let library = Libraries.compiled("wild")

  /// Rows, outcome and words; `nil` where the call does no harm that must be named.
  private static let faults: [(Int, Outcome?, String)] = [
    (101, .nondeterministic, "pointers kept from another call"),
    (102, .crash, "aborted (SIGABRT)"),
    (104, .memoryError, "overwrote the memory in which its process keeps its answers"),
    (105, .crash, "where it must not (SIGSEGV)"),
    (106, .memoryError, "the output"),
    (107, .timeout, "took longer than 2.0 s"),
    (108, nil, ""),
    (109, nil, ""),
    (110, .crash, "exit status 0"),
  ]

  private func answers(_ rows: Int, depth: Int = 4) throws -> [Answer] {
    let session = try LibraryImplementation(
      name: "wild", path: try Self.library.get(), limits: LibraryLimits(secondsPerCase: 2)
    ).start()
    defer { session.close() }
    return session.answer(
      [3, rows, 4, 5].map { Layers.request(Layers.layer(rows: $0, depth: depth)) })
  }

  private func ones(_ count: Int) -> Answer { .output(Array(repeating: 1, count: count)) }

  @Test(arguments: faults)
  func theOtherCasesAreAnswered(_ rows: Int, _ outcome: Outcome?, _ words: String) throws {
    let answers = try answers(rows)
    #expect([answers[0], answers[2], answers[3]] == [ones(6), ones(8), ones(10)])
    #expect(answers[1].outcome == outcome, "\(answers[1])")
    #expect(answers[1].failure.contains(words), "\(answers[1])")
    if outcome == nil { #expect(answers[1] == ones(2 * rows)) }
  }

  /// What becomes of it is not defined; that the others are answered is.
  @Test func aJumpIntoAFunctionThatHasReturnedCostsItsCaseOnly() throws {
    let answers = try answers(103)
    #expect([answers[0], answers[2], answers[3]] == [ones(6), ones(8), ones(10)])
  }

  #if arch(x86_64)
  @Test func theAlignmentThatAnInstructionNeedsIsRead() throws {
    // 40 × 111 bytes end at an address that is no multiple of 32. Without AVX there is no fault.
    let answer = try answers(111, depth: 40)[1]
    guard answer != ones(222) else { return }
    #expect(answer.outcome == .crash)
    #expect(answer.failure.contains("aligned to 32 bytes"), "\(answer)")
  }
  #endif
}
