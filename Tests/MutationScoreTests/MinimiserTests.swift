import CaseGeneration
import Hypotheses
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestCases
import Testing

@testable import MutationScore

@Suite struct MinimiserTests {
  private func killed(_ cases: [TestCase], _ profiles: [Profile]) -> [[Bool]] {
    var scorer = MutationScorer(profiles, jobs: 2)
    scorer.add(
      cases.map {
        var plain = $0
        plain.profile = nil
        return plain
      })
    return scorer.scores.map { $0.fates.map { if case .killed = $0 { true } else { false } } }
  }

  @Test("the chosen few kill whatever the pool kills, for every profile") func strength() throws {
    let profiles = try ["cmsis-nn", "litert-xnnpack"].map { try profile($0) }
    let types = try #require(TypeTriple("int8,int8,int8"))
    let pool = try generated(profiles, count: isOptimised ? 300 : 40)
    let fewer = VectorMinimiser(profiles, jobs: 2).chosen(types, from: pool)
    let own = pool.filter { $0.layer.types == types }
    let whole = killed(own, profiles)
    for (few, all) in zip(killed(fewer, profiles), whole) {
      // A smaller form may show a kernel that no case of the pool does.
      #expect(zip(few, all).allSatisfy { $0 || !$1 })
    }
    // Of a small pool nearly every case shows something of its own.
    if isOptimised { #expect(fewer.count * 3 < own.count) }
    #expect(VectorMinimiser(profiles, jobs: 5).chosen(types, from: pool) == fewer)
  }

  @Test("smaller forms are layers, and smaller") func forms() throws {
    for testCase in try generated(Profiles.all, count: 200, kind: .edge) {
      let layer = try testCase.layer.validated()
      for form in testCase.layer.trimmed {
        let smaller = try form.validated()
        #expect(
          smaller.rows * smaller.channels * smaller.depth
            < layer.rows * layer.channels * layer.depth)
      }
    }
  }

  @Test("a smaller form holds the elements of its rows, channels and terms") func elements() throws
  {
    let raw = RawLayer(
      operation: FullyConnected.name, activation: .none,
      input: RawTensor(
        type: .uint8, shape: [2, 3], scales: [1], zeroPoints: [0], data: [1, 2, 3, 4, 5, 6]),
      weights: RawTensor(
        type: .uint8, shape: [2, 3], scales: [1, 2], zeroPoints: [7, 8],
        data: [11, 12, 13, 14, 15, 16]),
      bias: RawTensor(
        type: .int32, shape: [2], scales: [], zeroPoints: [], data: [1, 0, 0, 0, 2, 0, 0, 0]),
      output: RawTensor(type: .uint8, shape: [2, 2], scales: [1], zeroPoints: [0]))
    let forms = raw.trimmed
    #expect(
      forms.contains { $0.input.data == [2, 3, 5, 6] && $0.weights.data == [12, 13, 15, 16] })
    #expect(
      forms.contains {
        $0.weights.data == [14, 15, 16] && $0.weights.scales == [2] && $0.weights.zeroPoints == [8]
          && $0.bias?.data == [2, 0, 0, 0] && $0.output.shape == [2, 1]
      })
    #expect(forms.contains { $0.input.data == [4, 5, 6] && $0.output.shape == [1, 2] })
  }
}
