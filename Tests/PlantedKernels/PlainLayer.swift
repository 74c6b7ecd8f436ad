import QuantizedArithmetic
import QuantizedLayers

/// A fully connected layer as plain numbers, for kernels that are written to be spoilt.
///
/// Everything per channel is spread out to one number a channel, and the corrections for zero points
/// carry a factor each, so that most defects are a change of these numbers and not of the code.
struct PlainLayer {
  var types: TypeTriple
  var rows: Int
  var depth: Int
  var channels: Int
  /// `rows` × `depth`.
  var input: [Int64]
  /// `channels` × `depth`.
  var weights: [Int64]
  /// One a channel; zeros without a bias.
  var bias: [Int64]
  var biasType: ElementType?
  var inputZeroPoint: Int64
  var weightZeroPoints: [Int64]
  var outputZeroPoint: Int64
  var inputScale: Double
  var weightScales: [Double]
  var outputScale: Double
  /// Of a general bias; empty where the bias is in accumulator units.
  var biasScales: [Double]
  var biasZeroPoints: [Int64]
  var isPerChannel: Bool
  var activation: Activation

  // Σ(x−Zx)(w−Zw) = Σxw − row·Zw·Σx − column·Zx·Σw + terms·Zx·Zw with row = column = 1 and
  // terms = K.
  var rowFactor: Int64 = 1
  var columnFactor: Int64 = 1
  var terms: Int64

  /// - Precondition: `raw` is a legal layer.
  init(_ raw: RawLayer) {
    let channels = raw.weights.shape[0]
    func spread<T>(_ list: [T]) -> [T] {
      list.count == 1 ? Array(repeating: list[0], count: channels) : list
    }
    types = raw.types
    rows = raw.input.shape[0]
    depth = raw.input.shape[1]
    self.channels = channels
    input = raw.input.integers
    weights = raw.weights.integers
    bias = raw.bias?.integers ?? Array(repeating: 0, count: channels)
    biasType = raw.bias?.type
    inputZeroPoint = raw.input.zeroPoints[0]
    weightZeroPoints = spread(raw.weights.zeroPoints)
    outputZeroPoint = raw.output.zeroPoints[0]
    inputScale = raw.input.scales[0]
    weightScales = spread(raw.weights.scales)
    outputScale = raw.output.scales[0]
    biasScales = spread(raw.bias?.scales ?? [])
    biasZeroPoints = spread(raw.bias?.zeroPoints ?? [])
    isPerChannel = raw.weights.scales.count > 1
    activation = raw.activation
    terms = Int64(raw.input.shape[1])
  }

  /// `(f64 Si · f64 Sw) / f64 So`.
  func multiplier(_ channel: Int) -> Double {
    (inputScale * weightScales[channel]) / outputScale
  }

  /// `Qb − Zb` of a general bias, else 0.
  func biasTerm(_ channel: Int) -> Int128 {
    biasScales.isEmpty ? 0 : Int128(bias[channel]) - Int128(biasZeroPoints[channel])
  }

  /// `Sb` of a general bias, else 0.
  func biasScale(_ channel: Int) -> Double { biasScales.isEmpty ? 0 : biasScales[channel] }

  var outputRange: ClosedRange<Int64> { types.output.range }

  /// Input elements from `first` on become the zero point in every row: those terms are dropped.
  mutating func dropTerms(from first: Int) {
    for row in 0..<rows {
      for k in first..<max(first, depth) { input[row * depth + k] = inputZeroPoint }
    }
  }
}

/// Two's complement of 2^`bits`.
func wrapped(_ value: Int64, bits: Int64) -> Int64 { (value << (64 - bits)) >> (64 - bits) }

func clamped(_ value: Int64, _ range: ClosedRange<Int64>) -> Int64 {
  min(max(value, range.lowerBound), range.upperBound)
}

/// The lower bound wins where a defect has put them in the wrong order.
func range(_ low: Int64, _ high: Int64) -> ClosedRange<Int64> { low...max(low, high) }
