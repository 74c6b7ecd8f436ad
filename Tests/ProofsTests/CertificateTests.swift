import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Testing
import Verdicts

@testable import Proofs

@Suite("certificates and small domains") struct CertificateTests {
  private func body() throws -> Certificate.Body {
    let profile = try #require(Profiles.named("tflm"))
    let configuration = try ProofConfiguration(
      inputScale: 0.125, weightScale: 0.3125, outputScale: 1, outputZeroPoint: -7
    ).fixed(for: [profile])
    let proof = try RequantizationProof(configuration.function(profile))
    let statement = Certificate.Statement(proof, profile.name, configuration)
    let small = try SmallDomain(.lossless, .int8, scales: [0.1], zeroPoints: [-128])
    return Certificate.Body(
      tool: "1", command: "qverify prove", made: "2031-02-03T04:05:06Z", claim: [statement.claim],
      statements: [statement], smallDomains: [small])
  }

  @Test("what was written is read, and computed again it holds")
  func roundTrip() throws {
    let certificate = Certificate(try body())
    let read = try Certificate(text: certificate.text)
    #expect(read == certificate)
    #expect(read.contradictions() == [])
  }

  @Test("intervals that are counted and not listed are said to be, and hold when computed again")
  func unlisted() throws {
    let profile = try #require(Profiles.named("litert-builtin"))
    let configuration = try ProofConfiguration(inputScale: 1, weightScale: 0x1p26).fixed(
      for: [profile])
    let proof = try RequantizationProof(configuration.function(profile))
    let statement = Certificate.Statement(proof, profile.name, configuration)
    let set = try #require(statement.differences["up"])
    #expect(set.listed == DifferenceSet.mostListed && set.intervals > DifferenceSet.mostListed)
    #expect(statement.claim.contains("\(set.intervals) intervals; all counted, the first"))
    var body = try body()
    #expect(body.statements[0].differences["up"]?.listed == nil)
    body.statements = [statement]
    #expect(try Certificate(text: Certificate(body).text).contradictions() == [])
    body.statements[0].differences["up"]?.intervals -= 1
    #expect(Certificate(body).contradictions().count == 1)
    body.statements = [statement]
    body.statements[0].differences["up"]?.listed = nil
    #expect(Certificate(body).contradictions().count == 1)
  }

  @Test("a changed byte is noticed, wherever it is")
  func edited() throws {
    let text = Certificate(try body()).text
    let bytes = Array(text.utf8)
    for place in stride(from: 0, to: bytes.count, by: 7) {
      var other = bytes
      other[place] = other[place] == UInt8(ascii: "1") ? UInt8(ascii: "2") : UInt8(ascii: "1")
      #expect(throws: ProofError.self) {
        try Certificate(text: String(decoding: other, as: UTF8.self))
      }
    }
    #expect(throws: ProofError.self) { try Certificate(text: String(text.dropLast(20))) }
    #expect(throws: ProofError.self) { try Certificate(text: "{}") }
    #expect(throws: ProofError.self) { try Certificate(text: text + " ") }
  }

  @Test("a false statement under a sound seal does not hold")
  func falseStatements() throws {
    var changes: [(inout Certificate.Body) -> Void] = []
    changes.append { $0.statements[0].ties += 1 }
    changes.append { $0.statements[0].accuracyClass = "nearest" }
    changes.append { $0.statements[0].configuration.outputZeroPoint = 0 }
    changes.append { $0.statements[0].profile = "exact-even" }
    changes.append { $0.statements[0].profile = "none" }
    changes.append { $0.statements[0].differences["up"]?.accumulators = 0 }
    changes.append {
      $0.statements[0].differences["up"]?.sha256 = String(repeating: "0", count: 64)
    }
    changes.append { $0.smallDomains[0].evaluations[1].wrong = 3 }
    changes.append { $0.smallDomains[0].scales = [-1] }
    for change in changes {
      var body = try body()
      change(&body)
      let resealed = try Certificate(text: Certificate(body).text)
      #expect(resealed.contradictions().count == 1)
    }
  }

  @Test("every q of every type comes back, for scales of every kind")
  func lossless() throws {
    for type in [ElementType.int8, .uint8] {
      for scale in [0.1, 1, 0x1p-149, 0x1.fffffep127, 3e-300] {
        let zeroPoint = type.range.upperBound
        let domain = try SmallDomain(.lossless, type, scales: [scale], zeroPoints: [zeroPoint])
        #expect(domain.holds && domain.inputs == 256)
        #expect(domain.evaluations.first { $0.name == "float64" }?.wrong == 0)
      }
    }
    let subnormal = try SmallDomain(.lossless, .int8, scales: [0x1p-140], zeroPoints: [0])
    // 1/S is infinite in float32: every q but 0 fails, and 0·∞ is no number.
    #expect(subnormal.evaluations.first { $0.name == "float32" }?.wrong == 0)
    #expect((subnormal.evaluations.first { $0.name == "float32 by 1/S" }?.wrong ?? 0) > 250)
    let huge = try SmallDomain(.lossless, .int8, scales: [0x1.fffffep127], zeroPoints: [0])
    #expect((huge.evaluations.first { $0.name == "float32" }?.wrong ?? 0) > 250)
  }

  @Test("an 8-bit requantization in exact arithmetic is what the exact profiles do")
  func rescale() throws {
    let domain = try SmallDomain(.rescale, .int8, scales: [0.5, 1], zeroPoints: [3, -5])
    #expect(domain.holds && domain.inputs == 256)
    let wrong = Dictionary(
      uniqueKeysWithValues: domain.evaluations.map { ($0.name, $0.wrong) })
    #expect(wrong["exact-even"] == 0)
    // 128 of the 256 inputs are odd from 3 and ties, of which every other one goes up.
    #expect(wrong["exact-up"] == 64)
    #expect(wrong["tflm"] != nil && wrong["ort"] == 0)
  }

  @Test("the derived form of a sum is dequantize, add, quantize, for every pair")
  func add() throws {
    let domain = try SmallDomain(
      .add, .uint8, scales: [0.02, 0.013, 0.05], zeroPoints: [128, 7, 255])
    #expect(domain.holds && domain.inputs == 65_536)
    #expect(throws: ProofError.self) {
      try SmallDomain(.add, .int16, scales: [1, 1, 1], zeroPoints: [0, 0, 0])
    }
    #expect(throws: ProofError.self) {
      try SmallDomain(.rescale, .int8, scales: [1], zeroPoints: [0])
    }
  }
}
