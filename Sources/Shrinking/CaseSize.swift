import QuantizedArithmetic
import QuantizedLayers

/// How much there is to understand in a layer; the order in which smaller is better.
///
/// Compared part by part: shape first, then what takes part at all, then how simple its numbers are.
/// Every part is a whole number of at least 0, so that a chain of ever smaller layers ends.
struct CaseSize: Comparable {
  private let parts: [Int]

  init(_ layer: RawLayer) {
    let tensors = [layer.input, layer.weights, layer.output] + (layer.bias.map { [$0] } ?? [])
    let operands = [layer.input, layer.weights].map { Offsets($0) }
    let bias = layer.bias?.integers ?? []
    var parts = CaseSize.shape(layer)
    parts += [
      tensors.reduce(0) { $0 + $1.scales.count + $1.zeroPoints.count },
      layer.bias.map { $0.scales.isEmpty ? 0 : 1 } ?? 0,
      CaseSize.rank(layer.activation),
      tensors.reduce(0) { $0 + $1.zeroPoints.count { $0 != 0 } },
      operands.reduce(0) { $0 + $1.present },
      layer.bias == nil ? 0 : 1 + bias.count { $0 != 0 },
      tensors.reduce(0) { CaseSize.sum($0, $1.scales.reduce(0) { $0 + CaseSize.scale($1) }) },
      operands.reduce(0) { CaseSize.sum($0, $1.total) },
      bias.reduce(0) { CaseSize.sum($0, Int(clamping: $1.magnitude)) },
      tensors.reduce(0) { total, tensor in
        tensor.zeroPoints.reduce(total) { CaseSize.sum($0, Int(clamping: $1.magnitude)) }
      },
      CaseSize.bounds(layer.activation),
      operands.reduce(0) { $0 + $1.negative } + bias.count { $0 < 0 },
    ]
    self.parts = parts
  }

  static func < (left: CaseSize, right: CaseSize) -> Bool {
    left.parts.lexicographicallyPrecedes(right.parts)
  }

  /// Dimensions; those of a layer that must be refused may be anything.
  private static func shape(_ layer: RawLayer) -> [Int] {
    func size(_ tensor: RawTensor, _ place: Int) -> Int {
      tensor.shape.count > place ? Int(clamping: tensor.shape[place].magnitude) : 0
    }
    let bytes = [layer.input, layer.weights].reduce(0) { $0 + $1.data.count }
    return [
      size(layer.output, 0), size(layer.weights, 0), size(layer.weights, 1), size(layer.input, 0),
      size(layer.input, 1), size(layer.output, 1), bytes,
    ]
  }

  /// The distances of a tensor's elements from their zero points.
  private struct Offsets {
    /// Elements that are not at their zero point.
    var present = 0
    var total = 0
    var negative = 0

    init(_ tensor: RawTensor) {
      let elements = tensor.integers
      let zeros = tensor.zeroPoints
      let row = zeros.count > 1 ? max(1, elements.count / zeros.count) : elements.count
      for (index, element) in elements.enumerated() {
        let place = zeros.count > 1 ? min(index / row, zeros.count - 1) : 0
        let zero = zeros.isEmpty ? 0 : zeros[place]
        let (offset, overflow) = element.subtractingReportingOverflow(zero)
        guard offset != 0 else { continue }
        present += 1
        total = CaseSize.sum(total, overflow ? .max : Int(clamping: offset.magnitude))
        if offset < 0 { negative += 1 }
      }
    }
  }

  private static func sum(_ left: Int, _ right: Int) -> Int {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? .max : sum
  }

  private static func rank(_ activation: Activation) -> Int {
    switch activation {
    case .none: 0
    case .clamp: 1
    case .relu: 2
    case .relu6: 3
    }
  }

  private static func bounds(_ activation: Activation) -> Int {
    guard case .clamp(let low, let high) = activation else { return 0 }
    return sum(Int(clamping: low.magnitude), Int(clamping: high.magnitude))
  }

  /// 0 for 1; then powers of two by their distance from 1; then by digits, in decimal or binary,
  /// whichever are fewer.
  static func scale(_ scale: Double) -> Int {
    guard scale.isFinite, scale > 0 else { return 0 }
    let exponent = Int(scale.exponent.magnitude)
    if scale.significand == 1 { return exponent }
    let bits = scale.significandWidth
    let digits = decimalDigits(scale)
    return 2_000 + min(bits, (digits * 10 + 2) / 3) * 4_000 + exponent
  }

  /// Significant digits of the shortest decimal that reads back as the same number, of binary32 where
  /// it is one.
  static func decimalDigits(_ value: Double) -> Int {
    let text = Double(Float(value)) == value ? Float(value).description : value.description
    let significand = text.prefix { $0 != "e" }.filter { $0 != "." && $0 != "-" }
    let withoutZeros = significand.drop { $0 == "0" }
    var count = withoutZeros.count
    for character in withoutZeros.reversed() {
      guard character == "0" else { break }
      count -= 1
    }
    return max(1, count)
  }
}
