import AdapterProtocol
import Implementations
import QuantizedArithmetic
import TestCases
import TestSupport
import Testing
import Verdicts

@Suite struct AnswerReaderTests {
  private func read(_ text: String) throws(LineFormatError) -> AdapterLine {
    try read(Array(text.utf8))
  }

  private func read(_ bytes: [UInt8]) throws(LineFormatError) -> AdapterLine {
    let result = bytes.withUnsafeBufferPointer { bytes in
      Result { () throws(LineFormatError) in try AnswerReader().read(bytes) }
    }
    return try result.get()
  }

  @Test func unknownKeysAreIgnoredAndTapsAreKept() throws {
    let line = try read(#"{"x":[{"y":null}],"accumulator":"AQAAAA==","id":"a","output":"Bw=="}"#)
    guard case .answer(let answer) = line else {
      Issue.record("no answer")
      return
    }
    #expect(
      answer
        == AnswerLine(
          id: "a", content: .output(.bytes([7])), accumulator: .bytes([1, 0, 0, 0])))
    #expect(answer.accumulators(outputs: 1) == [1])
    #expect(answer.accumulators(outputs: 2) == nil && answer.accumulators(outputs: 3) == nil)
    #expect(answer.answer(outputType: .int8) == .output([7]))
  }

  @Test func aListOfIntegersIsAnOutput() throws {
    guard case .answer(let answer) = try read(#"{"id":"a","output":[-2,300]}"#) else {
      Issue.record("no answer")
      return
    }
    // Little-endian, by hand.
    #expect(answer.answer(outputType: .int16) == .output([0xFE, 0xFF, 0x2C, 0x01]))
    guard case .failed(.protocolError, let message) = answer.answer(outputType: .int8) else {
      Issue.record("300 was taken as int8")
      return
    }
    #expect(message == "output [1] must be in -128...127 of int8, but is 300")
  }

  private static let bad: [(String, String)] = [
    ("", "line"), ("[]", "object"), ("{}", "exactly one of the keys hello, id and end"),
    (#"{"id":"a","end":{}}"#, "exactly one of the keys hello, id and end"),
    (#"{"id":"a"}"#, "but has 0"), (#"{"id":"a","output":[],"error":"x"}"#, "but has 2"),
    (#"{"id":1,"output":[]}"#, "string"), (#"{"id":"a","id":"b","output":[]}"#, "every key once"),
    (#"{"id":"a","output":[]} x"#, "end"), (#"{"hello":{"format":2}}"#, "format must be 1"),
    (#"{"hello":{"name":"x"}}"#, "no format"), (#"{"end":{"answers":1.5}}"#, "integer"),
  ]

  @Test(arguments: bad)
  func whatIsWrongWithALineIsSaid(_ line: String, words: String) {
    let error = #expect(throws: LineFormatError.self) { try read(line) }
    let text = error?.description ?? ""
    #expect(text.contains(words) || words == "line" && !text.isEmpty, "\(text)")
  }

  private static let guesses: [(String, String?)] = [
    (#"{"id":"a-1","output":"#, "a-1"), (#"{ "output":"?", "id" : "b"}"#, "b"),
    (#"{"ids":"a"}"#, nil), (#"{"id":"\n"}"#, nil), ("", nil), (#"{"id":""}"#, nil),
  ]

  @Test(arguments: guesses)
  func theCaseOfAMalformedLineIsGuessed(_ line: String, id: String?) {
    #expect(Array(line.utf8).withUnsafeBufferPointer { AnswerReader.guessedID($0) } == id)
  }

  @Test func aMutatedLineIsAnErrorOrALineAndNeverATrap() throws {
    let lines = [
      #"{"id":"7-0000012-5f0c91ab","output":"gAB/AQ==","accumulator":"AQAAAA=="}"#,
      #"{"id":"7-0000013-0b7de1c2","output":[1,-2,127,-128]}"#,
      #"{"id":"7-0000013-0b7de1c2","refused":"scale must be \u0070ositive"}"#,
      #"{"hello":{"format":1,"name":"n","version":"1","claims":[{"operator":"fullyConnected","#
        + #""types":["int8,int8,int8"],"weights":["perTensor"],"weightZeroPoint":true,"#
        + #""bias":["none","accumulator"],"maxElements":16777216,"profile":"ort"}]}}"#,
      #"{"end":{"answers":4,"sha256":"00ff"}}"#,
    ].map { Array($0.utf8) }
    var mutator = TextMutator(
      seed: 4,
      tokens: [
        "\"", "{", "}", "[", "]", ":", ",", "null", "1e999", "NaN", "\\u0000", "\\ud800", "\u{FF}",
        "9223372036854775808", "-9223372036854775808", "\"9007199254740993\"", "==", "AAAA", "[[[[",
        "\"output\":[]", "\"id\":\"x\"", "\"end\":{}", "\"within(1)\"", "\"operator\"",
      ])
    var (taken, refused) = (0, 0)
    for _ in 0..<draws(40_000) {
      let line = mutator.mutated(mutator.random.pick(lines))
      if let parsed = try? read(line) {
        taken += 1
        if case .answer(let answer) = parsed { _ = answer.answer(outputType: .int8) }
      } else {
        refused += 1
        _ = line.withUnsafeBufferPointer { AnswerReader.guessedID($0) }
      }
    }
    #expect(taken > 20 && refused > 1_000)
  }
}
