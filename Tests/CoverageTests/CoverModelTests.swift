import CaseGeneration
import Coverage
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestCases
import TestSupport
import Testing
import Verdicts
import Verification

@Suite struct CoverModelTests {
  private let model = CoverModel(Profiles.all.map { ($0, $0.rules) })

  @Test func groupsAndBinsHaveNamesOfTheirOwn() {
    #expect(Set(model.groups.map(\.name)).count == model.groups.count)
    for (group, names) in zip(model.groups, model.names) {
      #expect(Set(names).count == names.count, "\(group.name)")
      #expect(!names.isEmpty, "\(group.name)")
    }
    for point in CoverPoint.allCases {
      #expect(!point.summary.isEmpty && Set(point.bins).count == point.bins.count)
    }
  }

  @Test func everyExclusionHasAReasonThatIsUsedAndMatchesSomething() {
    let used = Set(model.reasons)
    #expect(!used.isEmpty)
    for exclusion in Exclusion.all {
      #expect(!exclusion.reason.isEmpty)
      // A misspelt name of a bin would leave an empty set.
      #expect(exclusion.bins.allSatisfy { !$0.bins.isEmpty }, "\(exclusion.reason)")
    }
  }

  /// What is excluded does not occur among cases that were not made for coverage.
  @Test func noCaseMeetsABinThatIsExcluded() throws {
    let generator = try CaseGenerator(seed: 31, selection: Selection())
    var counter = CoverCounter()
    for index in 0..<UInt64(draws(12_000, debug: 60)) {
      let testCase = generator.testCase(index)
      // Of a general bias' own term nothing is said.
      guard testCase.layer.bias?.scales.isEmpty ?? true else { continue }
      _ = count(testCase, in: &counter)
    }
    for (number, group) in model.groups.enumerated() {
      for index in 0..<group.size where counter.table[model.offsets[number] + index] {
        if let reason = model.exclusion(group: number, index) {
          Issue.record("\(group.name): \(group.binName(index)) was met, though \(reason)")
        }
      }
    }
  }

  @Test func whatIsNotAskedForIsNotCounted() throws {
    let tflm = try #require(Profiles.named("tflm"))
    let narrow = CoverModel([(tflm, tflm.rules.filter { $0.types == TypeTriple(.int8) })])
    func bins(_ name: String) throws -> [String] {
      try #require(narrow.results(CoverTable()).first { $0.group == name }).bins
    }
    #expect(try bins("profile") == ["tflm"])
    #expect(try bins("types") == ["int8,int8,int8"])
    #expect(try bins("bias") == ["none", "int32"])
    #expect(try !bins("accumulator").contains("beyond int32"))
    #expect(try bins("departure") == ["none", "accumulator", "left shift", "zero point addition"])
    let xnnpack = try #require(Profiles.named("litert-xnnpack"))
    let uint8 = CoverModel([(xnnpack, xnnpack.rules.filter { $0.types == TypeTriple(.uint8) })])
    let results = uint8.results(CoverTable())
    #expect(results.first { $0.group == "granularity" }?.bins == ["per tensor"])
    #expect(results.first { $0.group == "Zi" }?.bins == ["low end", "high end", "inside"])
  }
}

/// Cases that aim at coverage.
@Suite struct CoverCaseTests {
  @Test func everyBinIsMetByTheCaseThatIsBuiltForIt() throws {
    let generator = try CaseGenerator(seed: 1, selection: Selection())
    let model = generator.coverModel
    let targets = model.targets
    #expect(targets.count == generator.coverCount)
    var missed: [String] = []
    for place in stride(from: 0, to: targets.count, by: draws(40, debug: 40) == 40 ? 1 : 61) {
      let testCase = generator.testCase(CaseGenerator.firstCoverIndex + UInt64(place))
      #expect(testCase.mainClass == "cover" && testCase.refuse == nil)
      var counter = CoverCounter()
      #expect(count(testCase, in: &counter))
      let target = targets[place]
      if !counter.table[model.offsets[target.group] + target.index] {
        let group = model.groups[target.group]
        missed.append("\(group.name): \(group.binName(target.index))")
      }
    }
    #expect(missed == [], "\(missed.count) of \(targets.count)")
  }

  @Test(arguments: Profiles.all.map(\.name))
  func everyProfileAloneCanBeCovered(name: String) throws {
    let profile = try #require(Profiles.named(name))
    let generator = try CaseGenerator(seed: 4, selection: Selection(profiles: [profile]))
    let model = generator.coverModel
    var counter = CoverCounter()
    let step = draws(40, debug: 40) == 40 ? 1 : 397
    let places = Array(stride(from: 0, to: generator.coverCount, by: step))
    for place in places {
      _ = count(
        generator.testCase(CaseGenerator.firstCoverIndex + UInt64(place)), in: &counter)
    }
    guard step == 1 else { return }
    let holes = model.results(counter.table).flatMap { group in
      group.holes.map { "\(group.group): \($0)" }
    }
    #expect(holes == [], "\(holes.count) of \(places.count)")
  }

  @Test func coverCasesAreAFunctionOfTheirIndex() throws {
    let generator = try CaseGenerator(seed: 6, selection: Selection())
    let other = try CaseGenerator(seed: 6, selection: Selection())
    let first = CaseGenerator.firstCoverIndex
    let indices = (0..<40).map { first + UInt64($0) * 37 }
    let forward = indices.map { generator.testCase($0) }
    for (index, testCase) in zip(indices, forward).reversed() {
      #expect(other.testCase(index) == testCase)
      #expect(testCase.origin == .generated(seed: 6, index: index))
    }
    // After the last bin it begins again, with other draws.
    let again = generator.testCase(first + UInt64(generator.coverCount))
    #expect(again.mainClass == "cover" && again != generator.testCase(first))
  }
}
