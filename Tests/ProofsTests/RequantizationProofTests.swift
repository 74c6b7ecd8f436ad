import Profiles
import Proofs
import QuantizedArithmetic
import QuantizedLayers
import Testing
import Verdicts

@Suite("a statement about all accumulators") struct RequantizationProofTests {
  private func function(
    _ name: String, _ scale: Double, zeroPoint: Int64 = 0, types: TypeTriple = TypeTriple(.int8)
  ) throws -> RequantizationFunction {
    func tensor(_ type: ElementType, _ scale: Double, _ zeroPoint: Int64) -> RawTensor {
      RawTensor(
        type: type, shape: [1, 1], scales: [scale], zeroPoints: [zeroPoint],
        data: ElementBytes.bytes([Int64(0)], as: type))
    }
    let layer = try RawLayer(
      operation: FullyConnected.name, activation: .none, input: tensor(types.input, scale, 0),
      weights: tensor(types.weights, 1, 0), bias: nil, output: tensor(types.output, 1, zeroPoint)
    ).validated()
    return try RequantizationFunction(try #require(Profiles.named(name)), layer)
  }

  /// At D = 1/2 the second rounding of TensorFlow Lite Micro has nothing to do; at 1/8 it has. With a
  /// tie at every odd multiple of 1/(2D), there are 255 of them between the 256 outputs.
  @Test("one half rounds alike once and twice, an eighth does not")
  func doubleRounding() throws {
    let half = try RequantizationProof(try function("tflm", 0.5))
    #expect(half.count(.up) == 0)
    #expect(half.ties == 255)
    let eighth = try RequantizationProof(try function("tflm", 0.125))
    // 3/8 is rounded to 1/2 first, and then to 1.
    #expect(
      eighth.differences[.away]?.listed.contains { $0.range.contains(3) && $0.output == 1 } == true)
    let single = try RequantizationProof(try function("single-rounding", 0.125))
    #expect(single.count(.up) == 0)
  }

  @Test("each exact profile equals its own rule everywhere, and differs from the others on ties")
  func exactProfiles() throws {
    for (name, rule) in [("exact-even", TieRule.even), ("exact-away", .away), ("exact-up", .up)] {
      let proof = try RequantizationProof(try function(name, 0.125, zeroPoint: 3))
      #expect(proof.count(rule) == 0)
      #expect(proof.accuracy.text == "correctlyRounded(\(rule.rawValue))")
      #expect(proof.ties == 255)
      for other in TieRule.allCases where other != rule {
        #expect(proof.count(other) > 0 && proof.count(other) < 255)
      }
    }
  }

  /// Windows at both ends, around 0, and where the profile begins to leave the mathematics.
  @Test("the steps are what asking one by one gives", arguments: Profiles.all.map(\.name))
  func stepsAgreeWithWindows(name: String) throws {
    let profile = try #require(Profiles.named(name))
    for types in [TypeTriple(.int8), TypeTriple(.uint8)] where profile.types.contains(types) {
      let zeroPoint: Int64 = types == TypeTriple(.int8) ? -69 : 7
      for scale in [0.5, Double(Float(0.3)), 0.01171875, 1.0, 3.0, Double(Float(1e-5))] {
        guard let function = try? function(name, scale, zeroPoint: zeroPoint, types: types) else {
          continue
        }
        let pieces = MonotonePieces(function)
        guard pieces.unknown.isEmpty, let inside = pieces.undeparted else { continue }
        var steps = StepFunction(from: function.domain.lowerBound)
        for range in pieces.ranges { steps.append(range, monotone: function.output) }
        #expect(steps.end == function.domain.upperBound)
        let (low, high) = (function.domain.lowerBound, function.domain.upperBound)
        for start in [
          low, -3_000, -40, high - 2_000, inside.lowerBound - 500,
          inside.upperBound - 500,
        ] {
          let first = max(start, low)
          #expect(
            wrong(steps, function, first...min(first + 2_000, high)) == 0,
            "\(name) \(scale) from \(first)")
        }
      }
    }
  }

  private func wrong(
    _ steps: StepFunction, _ function: RequantizationFunction, _ window: ClosedRange<Int64>
  ) -> Int {
    var (run, wrong) = (0, 0)
    for accumulator in window {
      while run + 1 < steps.runs.count, steps.runs[run + 1].start <= accumulator { run += 1 }
      if steps.runs[run].value != function.output(accumulator) { wrong += 1 }
    }
    return wrong
  }
}
