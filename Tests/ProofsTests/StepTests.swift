import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Testing
import Verdicts

@testable import Proofs

@Suite("steps, found in three ways") struct StepTests {
  #if DEBUG
  static let sets = 20
  #else
  static let sets = 60
  #endif

  private func drawn(_ profile: Profile) -> [DrawnConfiguration] {
    (0..<Self.sets).compactMap {
      DrawnConfiguration(
        seed: 5, index: $0, profile: profile, types: nil, base: ProofConfiguration())
    }
  }

  @Test(
    "the true value's steps by division are those by halving", arguments: ["exact-even", "ort"])
  func truth(name: String) throws {
    let profile = try #require(Profiles.named(name))
    for set in drawn(profile) where set.configuration.typeTriple?.output != .int16 {
      let function = try set.configuration.function(profile)
      let (fast, slow) = (TrueFunctions(function), TrueFunctions(function, byDivision: false))
      for tie in TrueSteps.Tie.allCases {
        #expect(fast[tie].runs == slow[tie].runs, "\(set.configuration.text) \(tie)")
        #expect(fast[tie].end == slow[tie].end)
      }
    }
  }

  @Test("steps by division are those of a sum of doubles' worst kind: 53-bit scales")
  func wideScales() throws {
    let profile = try #require(Profiles.named("exact-even"))
    for (si, sw, so) in [
      (0.1, 0.3, 0.7), (1e-3.nextUp, 1.0.nextDown, 0.25), (1e-300, 1e10, 1e-293), (3e-5, 1, 1e9),
      (1e5, 1e5, 1e-3),
    ] {
      for types in ["int8,int8,int8", "int16,int8,int16"] {
        let configuration = ProofConfiguration(
          types: types, inputScale: si, weightScale: sw, outputScale: so, outputZeroPoint: 5)
        let function = try configuration.function(profile)
        let (fast, slow) = (TrueFunctions(function), TrueFunctions(function, byDivision: false))
        for tie in TrueSteps.Tie.allCases { #expect(fast[tie].runs == slow[tie].runs) }
      }
    }
  }

  @Test(
    "a profile's steps near the true ones are those by halving, hard scales included",
    arguments: Profiles.all.map(\.name))
  func near(name: String) throws {
    let profile = try #require(Profiles.named(name))
    for set in drawn(profile) where set.configuration.typeTriple?.output != .int16 {
      let function = try set.configuration.function(profile)
      let pieces = MonotonePieces(function)
      #expect(pieces.unknown.isEmpty, "\(set.configuration.text)")
      guard pieces.pieces.count < 64 else { continue }
      let guide = TrueFunctions(function)[TrueSteps.Tie.up]
      let found = try FunctionSteps(function, near: guide, sweeps: false, jobs: 1)
      var halved = StepFunction(from: function.domain.lowerBound)
      for range in pieces.ranges { halved.append(range, monotone: function.output) }
      #expect(found.outputs.runs == halved.runs, "\(set.configuration.text)")
      #expect(found.outputs.end == halved.end)
      guard case .steps = found.method else {
        Issue.record("\(name) was swept: \(set.configuration.text)")
        continue
      }
    }
  }

  /// Windows where something happens, asked one by one: beside steps, ends, pieces and departures.
  @Test("sweeping windows finds the same", arguments: Profiles.all.map(\.name))
  func windows(name: String) throws {
    let profile = try #require(Profiles.named(name))
    for set in drawn(profile).prefix(12) {
      let function = try set.configuration.function(profile)
      let pieces = MonotonePieces(function)
      let isWide = set.configuration.typeTriple?.output == .int16
      guard pieces.unknown.isEmpty, pieces.pieces.count < (isWide ? 3 : 64) else { continue }
      let guide = TrueFunctions(function)[TrueSteps.Tie.up]
      let found = try FunctionSteps(function, near: guide, sweeps: false, jobs: 1)
      let domain = function.domain
      let middles = pieces.ranges.flatMap { [$0.lowerBound, $0.upperBound] }
      for middle in [domain.lowerBound, 0, domain.upperBound] + middles.prefix(12) {
        let low = max(domain.lowerBound, middle - 200)
        let window = low...min(domain.upperBound, middle + 200)
        let isSame = window.allSatisfy {
          found.outputs.value(at: $0) == function.output($0)
            && (found.departures.value(at: $0) == 0) == function.departure($0).isEmpty
        }
        #expect(isSame, "\(set.configuration.text) at \(middle)")
      }
    }
  }

  @Test("a search from a wrong guess finds the steps all the same")
  func wrongGuide() {
    func function(_ a: Int64) -> Int64 { min(max((a &* 3) >> 6, -7), 9) }
    var guide = StepFunction(from: -100_000)
    guide.append(-100_000...50_000, constant: -7)
    guide.append(50_001...100_000, constant: 3)
    var near = StepFunction(from: -100_000)
    near.append(-100_000...100_000, near: guide, monotone: function)
    #expect(near.runs == StepFunction(asking: function, -100_000...100_000).runs)
  }

  @Test("a result that wraps many times is taken piece by piece, exactly")
  func wrappedResults() throws {
    let profile = try #require(Profiles.named("tflm-int16"))
    let configuration = ProofConfiguration(
      types: "int16,int8,int16", inputScale: 0x1.8p-6, weightScale: 1, outputScale: 1)
    let function = try configuration.function(profile)
    let pieces = MonotonePieces(function)
    #expect(pieces.unknown.isEmpty && pieces.pieces.count > 100)
    for piece in pieces.pieces.prefix(40) {
      for place in [piece.range.lowerBound, piece.range.upperBound] {
        let window =
          max(
            place - 50, function.domain.lowerBound)...min(
            place + 50, function.domain.upperBound)
        let swept = StepFunction(asking: function.output, window)
        // Within the piece nothing falls.
        let inside = swept.runs.filter { piece.range.contains($0.start) }.map(\.value)
        #expect(inside == inside.sorted())
      }
    }
  }

  @Test("where accumulators are too many, nothing is swept and nothing is claimed")
  func tooMany() throws {
    let profile = try #require(Profiles.named("tflm-int16"))
    let configuration = ProofConfiguration(
      types: "int16,int8,int16", inputScale: 0x1p-10, weightScale: 1, outputScale: 1)
    let function = try configuration.function(profile)
    #expect(throws: ProofError.self) { try RequantizationProof(function, sweeps: true) }
  }

  @Test("every profile's arithmetic is one that the argument is about")
  func covered() throws {
    for profile in Profiles.all {
      let set = try #require(drawn(profile).first)
      #expect(MonotoneArgument.covers(try set.configuration.function(profile)), "\(profile.name)")
    }
  }

  @Test("a multiplier and a shift become scales that give them")
  func multiplierScales() throws {
    for (multiplier, shift) in [
      (Int64(1_481_729_237), -9), (2_147_483_647, 0), (1 << 30, 3), (1_073_741_825, -30),
      (1_999_999_999, 7),
    ] {
      let scales = try #require(MultiplierScales.binary32(multiplier, shift: shift))
      let derived = FixedPointMultiplier(scales.input * scales.weights / scales.output)
      #expect(Int64(derived.significand) == multiplier && derived.exponent == shift)
      #expect(Double(Float(scales.input)) == scales.input)
      #expect(Double(Float(scales.output)) == scales.output)
    }
  }

  @Test(
    "two profiles that are one arithmetic are equal, and two that are not differ where a sweep says"
  )
  func comparison() throws {
    let (tflm, cmsis) = (
      try #require(Profiles.named("tflm")), try #require(Profiles.named("cmsis-nn"))
    )
    let single = try #require(Profiles.named("single-rounding"))
    let configuration = try ProofConfiguration(
      inputScale: 0.25, weightScale: 0.5, outputScale: 1
    ).fixed(for: [tflm, cmsis, single])
    let first = try configuration.function(tflm)
    #expect(
      try ProfileComparison(first, configuration.function(cmsis)).differences.accumulators == 0)
    let second = try configuration.function(single)
    let comparison = try ProfileComparison(first, second)
    let differing = Set((-1_100...1_100).filter { first.output($0) != second.output($0) })
    let found = Set(comparison.differences.listed.flatMap { Array($0.range) })
    #expect(!differing.isEmpty && found == Set(differing.map { Int64($0) }))
  }
}

extension StepFunction {
  /// A function that is asked at every point of a range.
  init(asking function: (Int64) -> Int64, _ range: ClosedRange<Int64>) {
    self.init(from: range.lowerBound)
    append(range) { values, first in
      for index in values.indices { values[index] = function(first + Int64(index)) }
    }
  }
}
