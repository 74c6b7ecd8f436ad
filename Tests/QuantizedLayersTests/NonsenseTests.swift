import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

/// Draws descriptions that mostly mean nothing.
private struct Nonsense {
  var random: SplitMix64

  mutating func dimension() -> Int {
    random.pick([-1, 0, 1, 1, 2, 2, 3, 4, 1 << 31, 1 << 32, 1 << 60, 1 << 62, .max, .min])
  }

  mutating func shape() -> [Int] {
    let rank = random.pick([0, 1, 2, 2, 2, 2, 3, 9])
    return (0..<rank).map { _ in dimension() }
  }

  mutating func scale() -> Double {
    random.pick([
      1, 0.5, 0.1, 0, -0.0, -1, .nan, .signalingNaN, .infinity, -.infinity, 0x1p-1074, 0x1p1023,
    ])
  }

  mutating func zeroPoint() -> Int64 {
    random.pick([0, 1, -1, 127, 128, -128, -129, 255, 256, 32_767, 1 << 31, .max, .min])
  }

  mutating func tensor() -> RawTensor {
    RawTensor(
      type: random.pick(ElementType.allCases), shape: shape(),
      scales: (0..<random.below(5)).map { _ in scale() },
      zeroPoints: (0..<random.below(5)).map { _ in zeroPoint() },
      data: Array(repeating: 1, count: random.pick([0, 1, 2, 3, 4, 6, 8, 9, 64])))
  }

  mutating func activation() -> Activation {
    random.pick([.none, .relu, .relu6, .clamp(zeroPoint(), zeroPoint())])
  }

  mutating func layer() -> RawLayer {
    RawLayer(
      operation: random.pick(["fullyConnected", "fullyConnected", "", "FullyConnected"]),
      activation: activation(), input: tensor(), weights: tensor(),
      bias: random.below(2) == 0 ? tensor() : nil, output: tensor())
  }

  /// A legal layer with one or two of its parts replaced.
  mutating func nearlySound() -> RawLayer {
    var raw = LayerMaker.random(random.pick(LayerMaker.allTypes), &random).raw
    for _ in 0...random.below(2) {
      switch random.below(12) {
      case 0: raw.input = tensor()
      case 1: raw.weights = tensor()
      case 2: raw.output = tensor()
      case 3: raw.bias = tensor()
      case 4: raw.input.shape = shape()
      case 5: raw.weights.shape = shape()
      case 6: raw.output.shape = shape()
      case 7: raw.weights.scales = (0..<random.below(5)).map { _ in scale() }
      case 8: raw.weights.zeroPoints = (0..<random.below(5)).map { _ in zeroPoint() }
      case 9: raw.input.zeroPoints = [zeroPoint()]
      case 10: raw.output.scales = [scale()]
      default: raw.activation = activation()
      }
    }
    return raw
  }
}

@Suite struct NonsenseTests {
  @Test func nonsenseIsRefusedWithoutATrap() {
    var nonsense = Nonsense(random: SplitMix64(seed: 2))
    var refused = 0
    for _ in 0..<draws(100_000) {
      if (try? nonsense.layer().validated()) == nil { refused += 1 }
    }
    // Hardly anything fits together by chance.
    #expect(refused > draws(100_000) * 99 / 100)
  }

  @Test func oneWrongPartIsRefusedOrTheLayerIsSound() {
    var nonsense = Nonsense(random: SplitMix64(seed: 3))
    var (accepted, messages): (Int, Set<String>) = (0, [])
    for _ in 0..<draws(100_000) {
      let raw = nonsense.nearlySound()
      do throws(LayerError) {
        let layer = try raw.validated()
        accepted += 1
        // What was accepted can be laid out.
        #expect(layer.operands.input.count == layer.rows * layer.depth)
        #expect(layer.operands.weights.count == layer.channels * layer.depth)
        #expect(layer.operands.bias.count == layer.channels)
        #expect(layer.input.scales.count == 1 && layer.output.scales.count == 1)
        #expect(layer.weights.scales.allSatisfy { $0.value > 0 && $0.value.isFinite })
      } catch {
        messages.insert(String(error.description.prefix(12)))
      }
    }
    #expect(accepted > 0 && messages.count > 10)
  }
}
