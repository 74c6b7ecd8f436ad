import CaseGeneration
import Crypto
import Foundation
import QuantizedArithmetic
import QuantizedLayers
import TestCases
import TestSupport
import Testing

@Suite struct RoundTripTests {
  @Test func aLineIsReadAsTheCaseThatWasWritten() throws {
    var writer = CaseWriter()
    var classes: Set<String> = []
    for testCase in try generated(draws(2_000, debug: 8)) {
      let line = writer.write(testCase)
      guard case .testCase(let read) = try readLine(Array(line.dropLast())) else {
        Issue.record("no case")
        continue
      }
      #expect(read.unsupported == nil && read.expected == nil)
      #expect(read.testCase.classes == testCase.classes && read.testCase.refuse == testCase.refuse)
      #expect(read.testCase.profile == testCase.profile)
      // NaN is unequal to itself; the bytes tell.
      if testCase.refuse != .scaleNaN { #expect(read.testCase.layer == testCase.layer) }
      let again = writer.write(read.testCase)
      if again != line { Issue.record("\(testCase.mainClass) is written otherwise when read") }
      classes.insert(testCase.mainClass)
    }
    #expect(classes.count > 40)
  }

  @Test func expectedAnswersSurvive() throws {
    var writer = CaseWriter()
    let expected = ExpectedAnswer(output: [0x80, 0x7F], exact: ["-3/8", "12"])
    for testCase in try generated(20) {
      let line = writer.write(testCase, expected: expected)
      guard case .testCase(let read) = try readLine(Array(line.dropLast())) else {
        Issue.record("no case")
        continue
      }
      #expect(read.expected == expected)
      #expect(writer.write(read.testCase, expected: read.expected) == line)
    }
  }

  @Test func blindLinesTellNothingOfTheAnswer() throws {
    var writer = CaseWriter()
    let expected = ExpectedAnswer(output: [1])
    for testCase in try generated(100) {
      let text = String(
        decoding: writer.write(testCase, expected: expected, isBlind: true), as: UTF8.self)
      for key in ["\"classes\"", "\"refuse\"", "\"expected\""] { #expect(!text.contains(key)) }
      // The same id with and without.
      let full = String(decoding: writer.write(testCase, expected: expected), as: UTF8.self)
      #expect(text.prefix { $0 != "," } == full.prefix { $0 != "," })
    }
  }

  @Test func aLineIsWrittenKeyByKeyInTheDocumentedOrder() throws {
    var writer = CaseWriter()
    var testCase = TestCase(
      origin: .given(id: "a"), classes: ["x.y"], profile: "tflm", layer: handMade())
    let blind = writer.write(testCase, isBlind: true)
    #expect(String(decoding: blind, as: UTF8.self) == "{\"id\":\"a\"," + handWritten + "\n")
    testCase.refuse = .scaleNaN
    let text = String(
      decoding: writer.write(testCase, expected: ExpectedAnswer(output: [5], exact: ["1/2"])),
      as: UTF8.self)
    let verdicts = "\"classes\":[\"x.y\"],\"refuse\":\"scale.nan\",\"profile\""
    #expect(text.contains(verdicts))
    #expect(text.hasSuffix(",\"expected\":{\"output\":\"BQ==\",\"exact\":[\"1/2\"]}}\n"))
  }
}

@Suite struct IdentifierTests {
  /// `printf '%s' '{"operator":…}' | sha256sum` of the hand-written case gives this.
  private let digest = "586fe1cedb199f5f3712d1db618560f389e120cc5d19e409beca1a3bb82cceff"

  @Test func anIdEndsInTheDigestThatSha256sumGives() throws {
    var writer = CaseWriter()
    let testCase = TestCase(
      origin: .generated(seed: 7, index: 12), classes: ["x"], refuse: .scaleNaN, profile: "tflm",
      layer: handMade())
    #expect(writer.identifier(of: testCase) == "7-0000012-" + digest.prefix(8))
    let line = String(decoding: writer.write(testCase), as: UTF8.self)
    #expect(line.hasPrefix("{\"id\":\"7-0000012-\(digest.prefix(8))\","))
  }

  @Test func everyIdIsTheDigestOfItsLineWithoutTheVerdicts() throws {
    var writer = CaseWriter()
    for testCase in try generated(draws(400, debug: 4), seed: .max) {
      let line = String(decoding: writer.write(testCase, isBlind: true).dropLast(), as: UTF8.self)
      let match = try #require(line.firstMatch(of: /^\{"id":"(\d+)-(\d+)-([0-9a-f]{8})",/))
      let body = "{" + line[match.range.upperBound...]
      let digest = SHA256.hash(data: Data(body.utf8)).prefix(4).map { byte in
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
      #expect(digest.joined() == match.3)
      #expect(match.1 == "18446744073709551615" && match.2.count == 7)
    }
  }

  @Test func idsDifferByContentAndNotByVerdicts() throws {
    var writer = CaseWriter()
    var testCase = TestCase(
      origin: .generated(seed: 1, index: 10_000_000_000), classes: [], profile: nil,
      layer: handMade())
    let id = writer.identifier(of: testCase)
    #expect(id.hasPrefix("1-10000000000-"))
    testCase.classes = ["a", "b"]
    testCase.refuse = .clampOrder
    #expect(writer.identifier(of: testCase) == id)
    testCase.layer.input.data[0] ^= 1
    #expect(writer.identifier(of: testCase) != id)
  }

  @Test func hexadecimalDigitsAreLowerCase() {
    #expect(Hexadecimal.text([0, 1, 0xAB, 0xFF]) == "0001abff")
  }
}
