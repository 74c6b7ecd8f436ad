import CaseGeneration
import Hypotheses
import Profiles
import QuantizedLayers
import TestCases
import Testing

@testable import MutationScore

@Suite struct ScoreTests {
  @Test("mutants hold every hypothesis of the bank once, under words of their own")
  func mutants() {
    #expect(Mutant.all.flatMap(\.variants).sorted() == Array(Bank.all.indices))
    #expect(Set(Mutant.all.map(\.words)).count == Mutant.all.count)
    for mutant in Mutant.all {
      #expect(mutant.variants.allSatisfy { Bank.all[$0].words == mutant.words })
    }
  }

  @Test("a mutant is killed when all its variants are, by the last of them")
  func joined() {
    let (early, late) = (kill(3), kill(7))
    #expect(Fate.joined([.killed(late), .killed(early)]) == .killed(late))
    #expect(Fate.joined([.killed(early), .survived]) == .survived)
    #expect(Fate.joined([.equivalent("x"), .survived]) == .survived)
    #expect(Fate.joined([.equivalent("x"), .killed(early)]) == .killed(early))
    #expect(Fate.joined([.equivalent("x"), .equivalent("y")]) == .equivalent("x"))
  }

  private func kill(_ after: Int) -> Kill { Kill(caseClass: "c", id: "i", after: after) }

  private func scores(_ cases: [TestCase], _ names: [String], jobs: Int = 2) throws -> [TargetScore]
  {
    var scorer = MutationScorer(try names.map { try profile($0) }, jobs: jobs)
    scorer.add(cases)
    return scorer.scores
  }

  #if !DEBUG
  @Test("random cases alone leave roundings alive that edge cases kill")
  func weak() throws {
    let tflm = try profile("tflm")
    func survivors(_ kind: Selection.Kind) throws -> Set<String> {
      let score = try #require(
        try scores(generated([tflm], count: 600, kind: kind), ["tflm"]).first)
      return Set(score.survivors.map(\.words))
    }
    let (weak, strong) = (try survivors(.random), try survivors(.edge))
    #expect(weak.count > strong.count)
    #expect(weak.contains { $0.hasPrefix("two roundings") })
    #expect(weak.subtracting(strong).contains { $0.hasPrefix("two roundings") })
  }
  #endif

  @Test("neither the number of threads nor how cases are handed over matters")
  func threads() throws {
    let profiles = try ["tflm", "ort", "exact-up"].map { try profile($0) }
    let cases = try generated(profiles, count: isOptimised ? 400 : 60)
    let names = profiles.map(\.name)
    let one = try scores(cases, names, jobs: 1)
    #expect(try scores(cases, names, jobs: 5).map(\.fates) == one.map(\.fates))
    var scorer = MutationScorer(profiles, jobs: 2)
    for start in stride(from: 0, to: cases.count, by: 37) {
      scorer.add(Array(cases[start..<min(start + 37, cases.count)]))
    }
    #expect(scorer.scores.map(\.fates) == one.map(\.fates))
    #expect(scorer.scores.map(\.cases) == one.map(\.cases))
  }

  @Test("a kill names the first case that shows the kernel, found again one by one")
  func firstKills() throws {
    let tflm = try profile("tflm")
    let cases = try generated([tflm], count: 40)
    let score = try #require(try scores(cases, ["tflm"]).first)
    let own = try cases.filter {
      try $0.refuse == nil && score.target.covers($0.layer.validated())
    }
    var writer = CaseWriter()
    for (place, fate) in score.fates.enumerated() {
      guard case .killed(let kill) = fate else { continue }
      let first = try #require(
        try own.firstIndex {
          try Subject($0.layer.validated(), tflm).differs(from: place)
        })
      #expect(kill.after == first + 1 && kill.caseClass == own[first].mainClass)
      #expect(kill.id == writer.identifier(of: own[first]))
    }
  }

  @Test("a case without a profile is put to every profile that defines it; with one, to that")
  func profiles() throws {
    var testCase = try #require(
      try generated([try profile("ort")], count: 30).first {
        $0.refuse == nil && $0.layer.types == TypeTriple("uint8,int8,uint8")
      })
    let names = ["ort", "ort-arm64", "tflm"]
    #expect(try scores([testCase], names).map(\.target.profile.name) == ["ort"])
    testCase.profile = nil
    #expect(try scores([testCase], names).map(\.target.profile.name) == ["ort", "ort-arm64"])
  }

  @Test("cases that must be refused and those outside the domain say nothing") func nothing() throws
  {
    let cases = try generated([try profile("ort")], count: 64, kind: .invalid)
    #expect(try scores(cases, ["ort"]).isEmpty)
    var outside = try #require(try generated([try profile("tflm-int16")], count: 8).first)
    outside.profile = "ort"
    #expect(try scores([outside], ["ort"]).isEmpty)
  }
}
