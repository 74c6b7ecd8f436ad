import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// A layer as plain numbers, which a ``Change`` may spoil: nothing here has to be legal.
///
/// Parameters are spread out to one a channel, and the corrections for zero points carry factors of
/// their own, so that most changes are a change of these numbers and not of the computation:
///
///     Σ(qi − Zi)(qw − Zw) = Σqi·qw − row·Zw·Σqi − column·Zi·Σqw + constant·Zi·Zw
struct Numbers {
  let types: TypeTriple
  let rows: Int
  private(set) var depth: Int
  let channels: Int
  /// `rows` × `depth`.
  var input: [Int32]
  /// `channels` × `depth`.
  var weights: [Int32]
  /// One a channel.
  var bias: [Int64]
  var hasBias: Bool
  var inputZeroPoint: Int64
  /// In place of ``inputZeroPoint``, one a channel.
  var inputZeroPointByChannel: [Int64]?
  var weightZeroPoints: [Int64]
  var outputZeroPoint: Int64
  /// What is added in place of ``outputZeroPoint``, with which bounds are formed.
  var addedZeroPoint: Int64?
  var inputScale: Double
  var weightScales: [Double]
  var outputScale: Double
  /// Of a general bias; empty where the bias is in accumulator units.
  var biasScales: [Double]
  var biasZeroPoints: [Int64]
  let isPerChannel: Bool
  var activation: Activation
  var rowFactor: Int64 = 1
  var columnFactor: Int64 = 1
  var constantFactor: Int64
  /// How often each term of the depth counts; `nil`: once.
  var multiplicity: [Int32]?
  /// The same of the raw products alone.
  var productMultiplicity: [Int32]?
  /// Terms that the row and column sums leave out, from here on.
  var rowSumEnd: Int
  var columnSumEnd: Int
  /// Of each block of so many rows or channels, the first one's sum.
  var rowSumBlock = 1
  var columnSumBlock = 1
  var constantWraps16 = false
  /// Whether elements are not those of the layer.
  var hasOtherElements = false
  var differences: [Operand: Overflow] = [:]
  var productOverflow: Overflow?
  var partialSums: (grouping: Grouping, count: Int, overflow: Overflow, isRaw: Bool)?
  /// A change of a part of the sum of products.
  var sumChange: (part: SumPart, change: Change)?
  /// The register of the sum of products.
  var sumRegister: (bits: Int, overflow: Overflow, everyStep: Bool)?

  init(_ layer: Layer, _ operands: Operands) {
    let channels = layer.channels
    types = layer.types
    rows = layer.rows
    depth = layer.depth
    self.channels = channels
    input = operands.input
    weights = operands.weights
    bias = operands.bias
    hasBias = layer.biasType != nil
    inputZeroPoint = layer.inputZeroPoint
    weightZeroPoints = (0..<channels).map { layer.weights.zeroPoint($0) }
    outputZeroPoint = layer.outputZeroPoint
    inputScale = layer.inputScale.value
    weightScales = (0..<channels).map { layer.weights.scale($0).value }
    outputScale = layer.outputScale.value
    biasScales = layer.generalBias.map { bias in (0..<channels).map { bias.scale($0).value } } ?? []
    biasZeroPoints =
      layer.generalBias.map { bias in (0..<channels).map { bias.zeroPoint($0) } } ?? []
    isPerChannel = layer.isPerChannel
    activation = layer.activation
    constantFactor = Int64(layer.depth)
    rowSumEnd = layer.depth
    columnSumEnd = layer.depth
  }

  /// The same layer with some terms of the depth alone.
  func terms(_ range: Range<Int>) -> Numbers {
    func slices(_ values: [Int32], _ count: Int) -> [Int32] {
      (0..<count).flatMap {
        values[($0 * depth + range.lowerBound)..<($0 * depth + range.upperBound)]
      }
    }
    var part = self
    part.input = slices(input, rows)
    part.weights = slices(weights, channels)
    part.depth = range.count
    part.multiplicity = multiplicity.map { Array($0[range]) }
    part.productMultiplicity = productMultiplicity.map { Array($0[range]) }
    part.constantFactor = Int64(range.count)
    part.rowSumEnd = range.count
    part.columnSumEnd = range.count
    return part
  }

  /// Whether the plain sums of the layer's own elements serve.
  var hasPlainSums: Bool {
    !hasOtherElements && multiplicity == nil && productMultiplicity == nil
      && rowSumEnd == depth && columnSumEnd == depth && differences.isEmpty
      && productOverflow == nil && sumRegister?.everyStep != true
  }
}

/// Raw sums of a layer: `Σqi·qw` of every output, `Σqi` of every row, `Σqw` of every channel.
struct RawSums {
  var products: [Int64]
  var rows: [Int64]
  var columns: [Int64]

  init(_ numbers: Numbers) {
    let (rowCount, channels, depth) = (numbers.rows, numbers.channels, numbers.depth)
    let terms = numbers.multiplicity
    let productTerms = numbers.productMultiplicity ?? terms
    var products: [Int64] = []
    products.reserveCapacity(rowCount * channels)
    numbers.input.withUnsafeBufferPointer { input in
      numbers.weights.withUnsafeBufferPointer { weights in
        for row in 0..<rowCount {
          for channel in 0..<channels {
            var sum: Int64 = 0
            let (x, w) = (row &* depth, channel &* depth)
            if let productTerms {
              for k in 0..<depth {
                sum &+=
                  Int64(input[x &+ k]) &* Int64(weights[w &+ k]) &* Int64(productTerms[k])
              }
            } else {
              for k in 0..<depth { sum &+= Int64(input[x &+ k]) &* Int64(weights[w &+ k]) }
            }
            products.append(sum)
          }
        }
      }
    }
    self.products = products
    rows = RawSums.sums(
      numbers.input, rowCount, depth, end: numbers.rowSumEnd, terms,
      block: numbers.rowSumBlock)
    columns = RawSums.sums(
      numbers.weights, channels, depth, end: numbers.columnSumEnd, terms,
      block: numbers.columnSumBlock)
  }

  private static func sums(
    _ values: [Int32], _ count: Int, _ depth: Int, end: Int, _ terms: [Int32]?, block: Int
  ) -> [Int64] {
    (0..<count).map { place in
      let start = place / block * block * depth
      var sum: Int64 = 0
      for k in 0..<min(end, depth) {
        sum &+= Int64(values[start &+ k]) &* Int64(terms?[k] ?? 1)
      }
      return sum
    }
  }
}
