import CaseGeneration
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestCases
import TestSupport
import Testing

@Suite struct ValidityTests {
  /// A product of zeros with all scales 1: what is made where every draw led nowhere.
  private func isFallback(_ raw: RawLayer) -> Bool {
    raw.input.shape == [1, 1] && raw.weights.shape == [1, 1] && raw.input.scales == [1]
      && raw.weights.scales == [1] && raw.output.scales == [1]
      && raw.input.integers == raw.input.zeroPoints
  }

  @Test(arguments: [UInt64(1), 2, 0xFFFF_FFFF_FFFF_FFFF])
  func validCasesLieInTheirDomainAndInvalidOnesAreRefusedForTheirFault(seed: UInt64) throws {
    let generator = try CaseGenerator(seed: seed, selection: Selection())
    let count = UInt64(draws(6_000, debug: 8))
    var (fallbacks, valid, faults): (Int, Int, Set<Fault>) = (0, 0, [])
    for index in 0..<count {
      let testCase = generator.testCase(index)
      #expect(testCase.origin == .generated(seed: seed, index: index))
      if let fault = testCase.refuse {
        faults.insert(fault)
        #expect(testCase.mainClass == "invalid.\(fault.rawValue)")
        do {
          _ = try testCase.layer.validated()
          Issue.record("case \(index) of \(testCase.mainClass) is legal")
        } catch { #expect(error.fault == fault, "case \(index): \(error)") }
        continue
      }
      valid += 1
      #expect(!testCase.mainClass.hasPrefix("invalid"))
      do {
        let layer = try testCase.layer.validated()
        let profile = try #require(Profiles.named(testCase.profile ?? ""))
        _ = try profile.reference(for: layer)
        #expect(layer.rows * layer.depth * layer.channels <= 1 << 21)
      } catch { Issue.record("case \(index) of \(testCase.mainClass): \(error)") }
      if isFallback(testCase.layer) { fallbacks += 1 }
    }
    #expect(fallbacks * 100 < valid)
    #expect(faults == Set(Fault.allCases))
  }

  @Test func everyClassProfileAndTypeTripleOccurs() throws {
    let generator = try CaseGenerator(seed: 3, selection: Selection())
    var classes: Set<String> = []
    var triples: [String: Set<TypeTriple>] = [:]
    // The kinds take turns at 10 : 4 : 2; every class meets every profile within as many rounds.
    for index in 0..<UInt64(draws(24_000, debug: 8)) {
      let testCase = generator.testCase(index)
      classes.insert(testCase.mainClass)
      triples[testCase.profile ?? "", default: []].insert(testCase.layer.types)
    }
    #expect(classes == Set(CaseClass.all.map(\.name)))
    for profile in Profiles.all {
      #expect(triples[profile.name] == Set(profile.types), "\(profile.name)")
    }
  }

  @Test func everyKindHasItsShare() throws {
    let generator = try CaseGenerator(seed: 4, selection: Selection())
    let kinds = Dictionary(uniqueKeysWithValues: CaseClass.all.map { ($0.name, $0.kind) })
    var counts: [CaseClass.Kind: Int] = [:]
    for index in UInt64(0)..<160 {
      counts[kinds[generator.testCase(index).mainClass] ?? .edge, default: 0] += 1
    }
    #expect(counts == [.edge: 100, .random: 40, .invalid: 20])
  }

  @Test func classesAreDescribed() {
    #expect(Set(CaseClass.all.map(\.name)).count == CaseClass.all.count)
    for caseClass in CaseClass.all {
      #expect(!caseClass.reason.isEmpty && !caseClass.catches.isEmpty)
    }
  }
}

@Suite struct DeterminismTests {
  @Test func aCaseIsAFunctionOfSeedSelectionAndIndex() throws {
    let count = UInt64(draws(800, debug: 4))
    // Without refused cases: NaN is unequal to itself.
    let generator = try CaseGenerator(seed: 5, selection: Selection(kind: .edge))
    let forward = (0..<count).map { generator.testCase($0) }
    // Another generator, in the reverse order, with every case made after others.
    let second = try CaseGenerator(seed: 5, selection: Selection(kind: .edge))
    for index in (0..<count).reversed() where second.testCase(index) != forward[Int(index)] {
      Issue.record("case \(index) differs")
    }
    let other = try CaseGenerator(seed: 6, selection: Selection(kind: .edge))
    let same = (0..<count).count { other.testCase($0).layer == forward[Int($0)].layer }
    #expect(same * 20 < Int(count))
  }

  @Test func farIndicesHaveCases() throws {
    let generator = try CaseGenerator(seed: 5, selection: Selection())
    let indices: [UInt64] = [.max, .max - 1, 1 << 32, (1 << 32) - 1, 1 << 63]
    for index in indices {
      let testCase = generator.testCase(index)
      #expect(testCase == generator.testCase(index))
      #expect(testCase.origin == .generated(seed: 5, index: index))
    }
  }

  @Test func casesMadeAtTheSameTimeAreTheSame() async throws {
    let generator = try CaseGenerator(seed: 7, selection: Selection(kind: .edge))
    let serial = (0..<UInt64(64)).map { generator.testCase($0) }
    let parallel = await withTaskGroup(of: (UInt64, TestCase).self) { group in
      for index in UInt64(0)..<64 { group.addTask { (index, generator.testCase(index)) } }
      var cases: [UInt64: TestCase] = [:]
      for await (index, testCase) in group { cases[index] = testCase }
      return cases
    }
    for (index, testCase) in serial.enumerated() { #expect(parallel[UInt64(index)] == testCase) }
  }
}

@Suite struct SelectionTests {
  @Test func onlyWhatIsAskedForIsDrawn() throws {
    let tflm = try #require(Profiles.named("tflm"))
    let selection = Selection(profiles: [tflm], inputTypes: [.int8], kind: .edge)
    let generator = try CaseGenerator(seed: 8, selection: selection)
    for index in UInt64(0)..<100 {
      let testCase = generator.testCase(index)
      #expect(testCase.profile == "tflm" && testCase.layer.types == TypeTriple(.int8))
      #expect(testCase.refuse == nil && testCase.mainClass != "random")
    }
  }

  @Test func aClassIsNamedWholeOrByItsBeginning() throws {
    let whole = try cases(of: "saturation.low", count: 20)
    #expect(Set(whole.map(\.mainClass)) == ["saturation.low"])
    let family = try cases(of: "saturation", count: 60)
    #expect(
      Set(family.map(\.mainClass)) == ["saturation.low", "saturation.high", "saturation.both"])
    // A dot must follow: no class is named `saturation.l`.
    #expect(throws: SelectionError.noClass(["saturation.l"])) {
      try cases(of: "saturation.l", count: 1)
    }
  }

  @Test func whatNoProfileDefinesIsRefused() throws {
    let gemmlowp = try #require(Profiles.named("gemmlowp"))
    let selection = Selection(profiles: [gemmlowp], inputTypes: [.int8])
    #expect(throws: SelectionError.nothingDefined(selection.canonical)) {
      try CaseGenerator(seed: 1, selection: selection)
    }
  }

  @Test func theCanonicalTextNamesWhatIsNarrowed() throws {
    #expect(Selection().canonical == "--operator fullyConnected --cases all")
    let ort = try #require(Profiles.named("ort"))
    let narrow = Selection(
      profiles: [ort], inputTypes: [.uint8], outputTypes: [.int8, .uint8], kind: .random,
      classes: ["random"])
    #expect(
      narrow.canonical
        == "--operator fullyConnected --cases random --input-type uint8 --output-type int8,uint8"
        + " --profile ort --class random")
  }
}
