import CaseGeneration
import Coverage
import Oracles
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestCases
import TestSupport
import Testing
import Verdicts
import Verification

/// Counts a case; `nil` where it is not computed.
func count(_ testCase: TestCase, in counter: inout CoverCounter) -> Bool {
  guard let profile = Profiles.named(testCase.profile ?? ""),
    let layer = try? testCase.layer.validated(),
    let reference = try? profile.reference(for: layer)
  else { return false }
  var operands = Operands()
  FullyConnected.lower(layer, into: &operands)
  var (outputs, exact) = (ReferenceOutputs(), ExactValues())
  reference.run(operands, into: &outputs)
  ExactOracle(layer).run(operands, into: &exact)
  counter.add(profile: profile.name, reference, exact, outputs)
  return true
}

@Suite struct CoverCounterTests {
  /// A layer of one int8 product a channel, Zi = −128, Zw = 0, Zo = 127, D = 2^−n.
  private func layer(_ products: [Int64], n: Int, bias: Int64? = nil) -> TestCase {
    let raw = RawLayer(
      operation: FullyConnected.name, activation: .none,
      input: RawTensor(
        type: .int8, shape: [1, 1], scales: [1], zeroPoints: [-128],
        data: ElementBytes.bytes([-127], as: .int8)),
      weights: RawTensor(
        type: .int8, shape: [products.count, 1], scales: [1], zeroPoints: [0],
        data: ElementBytes.bytes(products, as: .int8)),
      bias: bias.map { value in
        RawTensor(
          type: .int32, shape: [products.count], scales: [], zeroPoints: [],
          data: ElementBytes.bytes(products.map { _ in value }, as: .int32))
      },
      output: RawTensor(
        type: .int8, shape: [1, products.count],
        scales: [Double(sign: .plus, exponent: n, significand: 1)], zeroPoints: [127]))
    return TestCase(origin: .given(id: "x"), classes: [], profile: "exact-even", layer: raw)
  }

  /// The bins of the points alone that a case meets.
  private func bins(_ testCase: TestCase) -> [String: Set<String>] {
    var counter = CoverCounter()
    guard count(testCase, in: &counter) else { return [:] }
    var met: [String: Set<String>] = [:]
    var offset = 0
    for group in CoverGroup.all {
      if group.points.count == 1 {
        met[group.name] = Set(
          (0..<group.size).filter { counter.table[offset + $0] }.map { group.binName($0) })
      }
      offset += group.size
    }
    return met
  }

  @Test func handMadeOutputsMeetTheirBinsAndNoOthers() {
    // y = −1, −1/2, 0, 1/2, 3: with Zo = 127 that is 126, 127 (ties to even), 127, 127, 130.
    let met = bins(layer([-2, -1, 0, 1, 6], n: 1))
    #expect(met["sign"] == ["y < 0", "y = 0", "y > 0"])
    #expect(met["place"] == ["integer", "tie"])
    #expect(met["saturation"] == ["inside", "at the greatest", "far above"])
    #expect(met["accumulator"] == ["0", "below 2^8"])
    #expect(met["departure"] == ["none"])
    #expect(met["shift"] == ["1/2 ≤ D"] && met["significand"] == ["power of two"])
    #expect(met["Zi"] == ["low end"] && met["Zw"] == ["0"] && met["Zo"] == ["high end"])
    #expect(met["K mod 4"] == ["no vector"] && met["N mod 4"] == ["rest 1"])
    #expect(met["N mod 8"] == ["no vector"] && met["M"] == ["1"])
    #expect(met["bias"] == ["none"] && met["types"] == ["int8,int8,int8"])
    #expect(met["profile"] == ["exact-even"] && met["granularity"] == ["per tensor"])
  }

  @Test func bothSidesOfATieAndOfTheBoundAreToldApart() {
    // (2^20 + w)/2^21 = 1/2 + w·2^−21: just below, on and just above a tie; 127 and 128.
    let met = bins(layer([-1, 0, 1], n: 21, bias: 1 << 20))
    #expect(met["place"] == ["just below a tie", "tie", "just above a tie"])
    #expect(met["saturation"] == ["at the greatest", "one above"])
    #expect(met["accumulator"] == ["below 2^24"])
    // 2^−8 from the tie is no longer beside it: 1/2 − 2^−8 and 1/2 − 2^−9.
    #expect(bins(layer([-2], n: 9, bias: 256))["place"] == ["elsewhere"])
    #expect(bins(layer([-1], n: 9, bias: 256))["place"] == ["just below a tie"])
    // −1/2 − 2^−21 rounds to −1.
    #expect(bins(layer([-1], n: 21, bias: -(1 << 20)))["saturation"] == ["inside"])
  }

  @Test(arguments: [UInt64(1), 2])
  func theTableHoldsWhatARecountFinds(seed: UInt64) throws {
    let generator = try CaseGenerator(seed: seed, selection: Selection())
    var counter = CoverCounter()
    var recount = Recount()
    var counted = 0
    for index in 0..<UInt64(draws(500, debug: 25)) {
      let testCase = generator.testCase(index)
      let raw = testCase.layer
      // Rationals are slow, and large layers are sampled.
      guard raw.input.data.count + raw.weights.data.count < 3_000 else { continue }
      let isCounted = count(testCase, in: &counter)
      #expect(recount.add(testCase) == isCounted)
      counted += isCounted ? 1 : 0
    }
    #expect(counted > draws(300, debug: 30))
    let names = Recount.names(counter.table)
    #expect(names.subtracting(recount.met).sorted().prefix(5) == [])
    #expect(recount.met.subtracting(names).sorted().prefix(5) == [])
  }

  @Test func tablesAddUp() throws {
    let generator = try CaseGenerator(seed: 9, selection: Selection())
    var (whole, first, second) = (CoverCounter(), CoverCounter(), CoverCounter())
    for index in 0..<UInt64(draws(300)) {
      let testCase = generator.testCase(index)
      _ = count(testCase, in: &whole)
      if index & 1 == 0 {
        _ = count(testCase, in: &first)
      } else {
        _ = count(testCase, in: &second)
      }
    }
    var sum = first.take()
    #expect(first.table.isEmpty)
    #expect(sum.words != whole.table.words)
    sum.formUnion(second.table)
    #expect(sum.words == whole.table.words)
    let model = CoverModel(Profiles.all.map { ($0, $0.rules) })
    var results = model.results(sum)
    #expect(results == model.results(whole.table))
    // Results of batches add up to the same.
    results = model.results(CoverTable())
    #expect(results.allSatisfy { $0.covered == 0 && $0.holes == $0.bins })
    for place in results.indices {
      results[place].formUnion(model.results(second.table)[place])
      results[place].formUnion(model.results(whole.table)[place])
    }
    #expect(results == model.results(whole.table))
  }

  @Test func aGeneratorThatMakesNoTiesShowsAsHoles() throws {
    let generator = try CaseGenerator(seed: 3, selection: Selection())
    var (all, without) = (CoverCounter(), CoverCounter())
    for index in 0..<UInt64(draws(1_500, debug: 5)) {
      let testCase = generator.testCase(index)
      _ = count(testCase, in: &all)
      var alone = CoverCounter()
      _ = count(testCase, in: &alone)
      let hasTie = Recount.names(alone.table).contains("place: [\"tie\"]")
      if !hasTie { _ = count(testCase, in: &without) }
    }
    let model = CoverModel(Profiles.all.map { ($0, $0.rules) })
    func place(_ counter: CoverCounter) throws -> CoverageResult {
      try #require(model.results(counter.table).first { $0.group == "place" })
    }
    #expect(try place(all).holes == [])
    #expect(try place(without).holes == ["tie"])
    let crosses = model.results(without.table).filter { $0.group.contains("place") }
    for group in crosses {
      let ties = group.bins.filter { $0 == "tie" || $0.contains("place tie") }
      #expect(!ties.isEmpty && Set(ties).isSubset(of: Set(group.holes)), "\(group.group)")
    }
  }
}
