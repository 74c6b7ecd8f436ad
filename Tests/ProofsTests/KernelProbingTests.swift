import Implementations
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Testing
import Verdicts

@testable import Proofs

@Suite("a kernel that is certified") struct KernelProbingTests {
  // D = 0.171875: steps some six accumulators apart, the outermost at about ±745.
  private let configuration = ProofConfiguration(
    inputScale: 0.171875, weightScale: 1, outputScale: 1, outputZeroPoint: 3, bias: "int32")

  private func profile() throws -> Profile { try #require(Profiles.named("single-rounding")) }

  private func result(
    _ defect: @escaping @Sendable (PlantedKernel.Place) -> Int64
  ) throws -> (KernelProbing, KernelProbing.Result) {
    let profile = try profile()
    let probing = try KernelProbing(profile, configuration, jobs: 1)
    let kernel = PlantedKernel(profile: profile, defect: defect)
    return (probing, try probing.run(kernel, jobs: 2))
  }

  @Test("a right one is, in every lane, through bias and products")
  func right() throws {
    let (probing, result) = try result { _ in 0 }
    #expect(result.wrong == 0 && result.unanswered == 0 && result.failure == nil)
    #expect(result.layers == probing.layers.count && result.outputs > 100_000)
    #expect(probing.points.steps == 255 && probing.points.ties > 0)
    #expect(probing.layers.rotations(.bias) == 64)
    let low = try #require(probing.layers.reach(.bias)).lowerBound
    #expect(low == Int64(Int32.min))
    #expect(try #require(probing.layers.reach(.products)).upperBound > 10_000_000)
  }

  @Test("the layers deliver what they say, and each point to all 64 places of a block")
  func delivery() throws {
    let profile = try profile()
    let probing = try KernelProbing(profile, configuration, jobs: 1)
    let points = probing.points.all
    var places: [Int: UInt64] = [:]
    var (operands, outputs) = (Operands(), ReferenceOutputs())
    for number in 0..<probing.layers.count {
      let layer = try probing.layers.layer(number)
      let valid = try layer.raw.validated()
      FullyConnected.lower(valid, into: &operands)
      try profile.reference(for: valid).run(operands, into: &outputs)
      for (index, accumulator) in outputs.accumulators.enumerated() {
        let channel = index % valid.channels
        guard accumulator == points[layer.points[channel]] else {
          Issue.record("layer \(number), channel \(channel): \(accumulator)")
          return
        }
        if layer.carrier == .bias, channel < valid.channels & ~63 {
          places[layer.points[channel], default: 0] |= 1 << UInt64(channel % 64)
        }
      }
    }
    #expect(places.count == points.count && places.values.allSatisfy { $0 == .max })
  }

  @Test("wrong beside one step only, in one lane only, in a tail or a last row only: found")
  func planted() throws {
    let profile = try profile()
    let function = try configuration.function(profile)
    let steps = try FunctionSteps(
      function, near: TrueFunctions(function)[TrueSteps.Tie.up], sweeps: false, jobs: 1
    ).outputs.runs.map(\.start)
    let step = steps[100]
    let defects: [(String, @Sendable (PlantedKernel.Place) -> Int64)] = [
      ("one accumulator", { $0.accumulator == step ? 1 : 0 }),
      ("one accumulator, below a step", { $0.accumulator == step - 1 ? -1 : 0 }),
      ("one accumulator in one lane", { $0.accumulator == step && $0.channel % 64 == 37 ? 1 : 0 }),
      ("the end of the domain", { $0.accumulator == Int64(Int32.min) ? 1 : 0 }),
      ("a tail", { $0.channel >= $0.layer.channels & ~7 && $0.accumulator == step ? 1 : 0 }),
      ("narrow layers", { $0.layer.channels < 8 && $0.accumulator == step ? 1 : 0 }),
      (
        "a row left over",
        { $0.row >= $0.layer.rows & ~3 && $0.layer.rows > 4 && $0.accumulator == step ? 1 : 0 }
      ),
      ("products only", { $0.layer.depth >= 64 && $0.accumulator == step ? 1 : 0 }),
      ("one depth modulo 16", { $0.layer.depth > 64 && $0.layer.depth % 16 == 5 ? 1 : 0 }),
      // Monotone no more, over a stretch: a probe lies in it.
      ("a bump", { (1_000_000...3_000_000).contains($0.accumulator) ? -1 : 0 }),
    ]
    for (name, defect) in defects {
      let (probing, result) = try result(defect)
      #expect(result.wrong > 0, "\(name)")
      let failure = try #require(result.failure)
      let output = try #require(failure.output)
      #expect(output.got - output.expected == (name == "a bump" || name.contains("below") ? -1 : 1))
      // The layer alone fails again.
      let kernel = PlantedKernel(profile: profile, defect: defect)
      let again = try probing.run(kernel, only: failure.layer, jobs: 1)
      #expect(again.failure == failure && again.layers == 1)
    }
  }

  @Test("wrong at one accumulator away from steps and probes: outside of the claim, which says so")
  func outside() throws {
    let profile = try profile()
    let points = Set(try KernelProbing(profile, configuration, jobs: 1).points.all)
    let hidden = try #require((1_500_000...1_600_000).first { !points.contains($0) })
    let (probing, result) = try result { $0.accumulator == hidden ? -1 : 0 }
    #expect(result.wrong == 0)
    let subject = Probing.Subject(
      name: "planted", version: "1", kind: "builtIn", path: "", sha256: "", config: "", machine: [:]
    )
    let claim = Probing(subject, probing, configuration, result).claim
    #expect(claim.contains("given that in each of them it is monotone wherever the profile is"))
    // Asked at every accumulator it is found.
    let all = try KernelExhaustion(profile, configuration)
    let layer = Int((hidden - Int64(Int32.min)) >> 16)
    let kernel = PlantedKernel(profile: profile) { $0.accumulator == hidden ? -1 : 0 }
    let swept = try all.run(kernel, layers: (layer - 1)..<(layer + 2), jobs: 2)
    #expect(swept.wrong == 1 && swept.outputs == 3 << 16)
    #expect(swept.failure?.output?.accumulator == hidden)
    #expect(all.layers == 1 << 16)
  }

  @Test("what cannot be computed is no certificate")
  func unsupported() throws {
    let probing = try KernelProbing(try profile(), configuration, jobs: 1)
    let other = PlantedKernel(profile: try #require(Profiles.named("gemmlowp"))) { _ in 0 }
    let result = try probing.run(other, jobs: 1)
    #expect(result.unanswered == probing.layers.count && result.outputs == 0)
    #expect(result.failure?.message == "unsupported: outside the domain")
  }

  @Test("profiles of several kernels are held to each of them", arguments: ["litert-builtin-sse"])
  func variants(name: String) throws {
    let profile = try #require(Profiles.named(name))
    let configuration = try ProofConfiguration(
      types: "uint8,uint8,uint8", inputScale: 0.125, weightScale: 1, outputScale: 1,
      inputZeroPoint: 128, weightZeroPoint: 128, outputZeroPoint: 100
    ).fixed(for: [profile])
    #expect(try KernelProbing.functions(profile, configuration).count > 1)
    let probing = try KernelProbing(profile, configuration, jobs: 1)
    let right = PlantedKernel(profile: profile) { _ in 0 }
    #expect(try probing.run(right, jobs: 2).wrong == 0)
  }
}
