import Diagnosis
import Hypotheses
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestCases
import Testing
import Verification

@testable import PlantedKernels

struct DiagnosisTests {
  #if DEBUG
  static let indices = [11, 26]
  #else
  static let indices = Array(stride(from: 0, to: Defect.changes.count, by: 3))
  #endif

  /// The cause that is named first is what was spoilt by hand.
  @Test(arguments: indices)
  func thePlantedCauseIsNamedFirst(_ index: Int) throws {
    let (profile, name, change) = Defect.changes[index]
    let found = try diagnosis(try #require(Defect.named(name, profile)))
    let cause = try #require(found.cause, "\(name): \(found.lines)")
    #expect(cause.words == Hypothesis([change]).words)
    #expect(cause.score.isConsistent && cause.score.wrong > 0)
    #expect(found.lines[0].hasPrefix("CAUSE"))
  }

  /// What no hypothesis says is not explained by one.
  @Test(arguments: [
    ("product of −128 and −128 of the wrong sign", "tflm"),
    ("least accumulator taken as the greatest", "tflm"),
  ])
  func aDefectBesideTheBankIsUnexplained(_ name: String, _ profile: String) throws {
    let found = try diagnosis(try #require(Defect.named(name, profile)))
    guard case .unexplained = found.conclusion else {
      Issue.record("\(found.lines)")
      return
    }
    #expect(found.lines[0].contains("unexplained"))
  }

  #if !DEBUG
  /// Two causes at once are found as two.
  @Test func twoCausesAreFoundAsTwo() throws {
    let both = Defect("bias missing and ties up", "tflm") { kernel in
      kernel.prepare = { $0.bias = $0.bias.map { _ in 0 } }
      kernel.requantize = FixedPoint(second: .up)
    }
    let cause = try #require(try diagnosis(both).cause)
    #expect(
      Set(cause.hypothesis.changes) == [.bias(.missing), .part(.rounding, "toNearestOrUp")])
  }

  /// A cause that holds in some layers only is found with the place.
  @Test func aCauseIsFoundWithItsPlace() throws {
    let some = Defect("bias missing per channel", "tflm") { kernel in
      kernel.prepare = { layer in
        if layer.isPerChannel { layer.bias = layer.bias.map { _ in 0 } }
      }
    }
    let cause = try #require(try diagnosis(some).cause)
    #expect(cause.hypothesis.changes == [.only(.perChannel, .bias(.missing))])
  }

  /// A single product beyond 16 bits wraps too: nothing beside the pairs is needed.
  @Test func pairsThatWrapAreOneCause() throws {
    let pairs = Defect("pairs of differences wrap at 16 bits", "tflm") { kernel in
      kernel.prepare = { layer in
        for place in layer.input.indices { layer.input[place] -= layer.inputZeroPoint }
        for place in layer.weights.indices {
          layer.weights[place] -= layer.weightZeroPoints[place / layer.depth]
        }
        layer.inputZeroPoint = 0
        layer.weightZeroPoints = layer.weightZeroPoints.map { _ in 0 }
      }
      kernel.pair = { wrapped($0 + $1, bits: 16) }
    }
    let cause = try #require(try diagnosis(pairs).cause)
    #expect(
      cause.hypothesis.changes
        == [.partialSums(.neighbours, count: 2, .wraps, isRaw: false)])
  }

  /// In 64 bits as in 32, a bias that is added late is one cause.
  @Test(arguments: [false, true]) func aLateBiasIsOneCause(_ isWide: Bool) throws {
    let late = Defect("bias after requantization", "gemmlowp") { kernel in
      kernel.add = { sum, _ in sum }
      kernel.finish = { value, channel, limits, layer in
        let sum = value + layer.bias[channel] + layer.outputZeroPoint
        return clamped(isWide ? sum : wrapped(sum, bits: 32), limits)
      }
    }
    let cause = try #require(try diagnosis(late).cause)
    #expect(cause.hypothesis.changes.first == .bias(.afterRequantization))
    #expect(!cause.words.contains(Hypothesis.conjunction), "\(cause.words)")
  }

  /// Of places that explain as much, the one that leaves out the least is named, and no narrower one.
  @Test func theWidestPlaceIsNamed() throws {
    let cut = Defect("multiplier truncated", "single-rounding") { kernel in
      var single = FixedPoint.single
      single.significandRounding = .floor
      kernel.requantize = single
    }
    // Multipliers of 2^30 and more, which the kernel limits and the hypothesis does not, are rare.
    let seen = try every(cut, ["hardScale", "multiplier.huge", "multiplier.aboveOne"], 900)
    let found = Diagnostician(EvidenceSample(failing: seen)).diagnosis()
    guard case .explained(let causes) = found.conclusion else {
      Issue.record("\(found.lines)")
      return
    }
    let truncated = causes.flatMap(\.hypothesis.changes).compactMap { change -> Guard? in
      guard case .only(let place, .part(.multiplier, "bits31Truncated")) = change else {
        return nil
      }
      return place
    }
    #expect(truncated.first == .multiplierBelow(power: 30), "\(found.lines)")
    #expect(!truncated.contains(.multiplierBelowOne))
    #expect(!truncated.contains(.channelsAreMultiple(of: 2)))
  }

  /// What one case suggests and further ones refute is not claimed; together they tell the place.
  @Test func furtherCasesAreLookedAtToo() throws {
    let some = Defect("bias missing per channel", "tflm") { kernel in
      kernel.prepare = { layer in
        if layer.isPerChannel { layer.bias = layer.bias.map { _ in 0 } }
      }
    }
    let seen = try sample(some, seed: 1)
    let first = try #require(
      seen.failing.first { Hypothesis([.bias(.missing)]).explains($0) })
    let one = Diagnostician(EvidenceSample(failing: [first]))
    #expect(one.diagnosis().lines.contains { $0.contains("no passing case was looked at") })
    let more = try sample(some, seed: 99, count: 600)
    let cause = try #require(one.diagnosis { more }.cause)
    #expect(cause.hypothesis.changes == [.only(.perChannel, .bias(.missing))])
  }
  #endif

  /// The words that are stored lead back to what they were made of.
  @Test func causesAreFoundByTheirWords() throws {
    for hypothesis in Bank.all + Compound.all {
      #expect(Hypothesis.named(hypothesis.words).contains(hypothesis), "\(hypothesis.words)")
    }
    let change = Change.terms(.lastDropped)
    for place in Guard.all {
      let some = Hypothesis([.only(place, change)])
      #expect(Hypothesis.named(some.words).contains(some), "\(some.words)")
    }
    let both = Hypothesis([.bias(.missing), .only(.perChannel, change)])
    #expect(Hypothesis.named(both.words).contains(both))
    #expect(Hypothesis.named("the moon is full").isEmpty)
    #expect(Hypothesis.named("the bias is missing; and the moon is full").isEmpty)
  }

  /// Sentences are those of whoever writes kernels, not names of the program.
  @Test func noCauseSpeaksInNamesOfTheProgram() {
    for hypothesis in Bank.all {
      let words = hypothesis.words
      #expect(
        words.firstMatch(of: /bits\d|[a-z]+[A-Z][a-z]+\(|\b(exact|binary64Quotient)\(/) == nil,
        "\(words)")
    }
  }

  @Test func aSoundKernelHasNoDiagnosis() throws {
    let found = try diagnosis(Defect("none", "tflm") { _ in })
    #expect(found.conclusion == .nothingWrong)
  }
}
