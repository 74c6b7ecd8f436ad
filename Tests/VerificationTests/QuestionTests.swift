import CaseGeneration
import Implementations
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestCases
import Testing
import Verdicts
import Verification

@Suite("what an implementation is asked") struct QuestionTests {
  private func testCase(_ profile: String?, _ name: String = "ort") throws -> TestCase {
    let generator = try CaseGenerator(
      seed: 3,
      selection: Selection(
        profiles: [try #require(Profiles.named(name))], inputTypes: [.int8], weightTypes: [.int8],
        kind: .random))
    var testCase = generator.testCase(0)
    testCase.profile = profile
    return testCase
  }

  private func claim(_ profile: String?, _ conformance: Conformance? = nil) -> Claim {
    Claim(types: [TypeTriple(.int8)], profile: profile, conformance: conformance)
  }

  @Test("its own arithmetic, bit for bit") func claimedProfile() throws {
    let questioner = Questioner([claim("tflm"), claim("ort")], asked: nil, crossesProfiles: false)
    let question = try #require(questioner.question(try testCase("ort")))
    #expect(question.profile == "ort")
    #expect(question.conformance == .profile)
  }

  @Test("another arithmetic is not asked for, unless several are compared")
  func anotherProfile() throws {
    let alone = Questioner([claim("tflm")], asked: nil, crossesProfiles: false)
    #expect(alone.question(try testCase("ort")) == nil)
    let among = Questioner([claim("tflm")], asked: nil, crossesProfiles: true)
    #expect(among.question(try testCase("ort"))?.profile == "tflm")
  }

  @Test("a case that names no arithmetic is judged by the one claimed") func noProfile() throws {
    let questioner = Questioner([claim("tflm")], asked: nil, crossesProfiles: false)
    #expect(questioner.question(try testCase(nil))?.profile == "tflm")
  }

  @Test("who claims no arithmetic is held to the true value") func noClaim() throws {
    let usual = Questioner([claim(nil)], asked: nil, crossesProfiles: false)
    #expect(usual.question(try testCase("ort"))?.profile == "exact-even")
    #expect(usual.question(try testCase("ort"))?.conformance == .nearest)
    let weaker = Questioner([claim(nil, .within(1))], asked: nil, crossesProfiles: false)
    #expect(weaker.question(try testCase("ort"))?.conformance == .within(1))
  }

  @Test("a profile from a file is what everybody is held to") func addedProfile() throws {
    let ort = try #require(Profiles.named("ort"))
    let added = Profile(name: "from-a-file", summary: "", source: "", rules: ort.rules)
    #expect(Profiles.add(added))
    for claimed in [claim(nil), claim(nil, .within(1)), claim("tflm")] {
      let questioner = Questioner([claimed], asked: nil, crossesProfiles: false)
      let question = try #require(questioner.question(try testCase("from-a-file")))
      #expect(question.profile == "from-a-file")
      #expect(question.conformance == .profile)
    }
  }

  @Test("what the user asks for comes before what is claimed") func asked() throws {
    let questioner = Questioner([claim("ort")], asked: .faithful, crossesProfiles: false)
    #expect(questioner.question(try testCase("ort"))?.conformance == .faithful)
  }

  @Test("a layer outside the claims is not sent") func outside() throws {
    let questioner = Questioner(
      [Claim(types: [TypeTriple(.uint8)], profile: "ort")], asked: nil, crossesProfiles: true)
    #expect(questioner.question(try testCase("ort")) == nil)
  }

  @Test("agreement counts pairs that both answered, and groups those that never differ")
  func agreement() {
    var agreement = Agreement()
    agreement.add([[1], [1], [2], nil])
    agreement.add([[1], [1], [1], [1]])
    #expect(agreement.pairs[Agreement.Pair(1, 0)]?.compared == 2)
    #expect(agreement.pairs[Agreement.Pair(1, 0)]?.differing == 0)
    #expect(agreement.pairs[Agreement.Pair(0, 2)]?.differing == 1)
    #expect(agreement.pairs[Agreement.Pair(2, 3)]?.compared == 1)
    #expect(agreement.clusters(of: 4) == [[0, 1, 3], [2]])
  }
}
