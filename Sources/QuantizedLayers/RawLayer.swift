package import QuantizedArithmetic

/// A tensor as it was described, legal or not.
package struct RawTensor: Hashable, Sendable {
  package var type: ElementType
  package var shape: [Int]
  /// One for the whole tensor, or one an output channel. Empty only for a bias in accumulator units.
  package var scales: [Double]
  /// One for the whole tensor, or one an output channel.
  package var zeroPoints: [Int64]
  /// Elements, row by row, little-endian; empty for an output.
  package var data: [UInt8]

  package init(
    type: ElementType, shape: [Int], scales: [Double], zeroPoints: [Int64], data: [UInt8] = []
  ) {
    self.type = type
    self.shape = shape
    self.scales = scales
    self.zeroPoints = zeroPoints
    self.data = data
  }

  /// The elements as integers.
  package var integers: [Int64] { ElementBytes.integers(data, as: type) }
}

/// What is applied to the real output before it is rounded, or the bounds of the output integers.
package enum Activation: Hashable, Sendable {
  case none
  /// `max(y, 0)`
  case relu
  /// `min(max(y, 0), 6)` in real units.
  case relu6
  /// An explicit range of output integers, applied last.
  case clamp(Int64, Int64)

  /// `none`, `relu`, `relu6` or `clamp`.
  package var name: String {
    switch self {
    case .none: "none"
    case .relu: "relu"
    case .relu6: "relu6"
    case .clamp: "clamp"
    }
  }
}

/// A layer as it was described. It may hold nonsense; ``Layer`` cannot.
package struct RawLayer: Hashable, Sendable {
  /// The operator's name, e.g. `fullyConnected`.
  package var operation: String
  package var activation: Activation
  package var input: RawTensor
  package var weights: RawTensor
  package var bias: RawTensor?
  package var output: RawTensor

  package init(
    operation: String, activation: Activation, input: RawTensor, weights: RawTensor,
    bias: RawTensor?, output: RawTensor
  ) {
    self.operation = operation
    self.activation = activation
    self.input = input
    self.weights = weights
    self.bias = bias
    self.output = output
  }

  /// The types of input, weights and output.
  package var types: TypeTriple {
    TypeTriple(input: input.type, weights: weights.type, output: output.type)
  }
}

/// The types of input, weights and output; written `int8,int8,int8`.
package struct TypeTriple: Hashable, Sendable, CustomStringConvertible {
  package let input: ElementType
  package let weights: ElementType
  package let output: ElementType
  /// A number below 125 that stands for the three: tables are searched once a case.
  @usableFromInline package let code: UInt8

  package init(input: ElementType, weights: ElementType, output: ElementType) {
    self.input = input
    self.weights = weights
    self.output = output
    code = (input.code * 5 + weights.code) * 5 + output.code
  }

  @inlinable
  package static func == (left: TypeTriple, right: TypeTriple) -> Bool { left.code == right.code }

  @inlinable
  package func hash(into hasher: inout Hasher) { hasher.combine(code) }

  /// Reads `int8,int8,int8`; `nil` when it is not three known types.
  package init?(_ text: String) {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    let types = parts.compactMap { ElementType(rawValue: String($0)) }
    guard parts.count == 3, types.count == 3 else { return nil }
    self.init(input: types[0], weights: types[1], output: types[2])
  }

  package init(_ type: ElementType) {
    self.init(input: type, weights: type, output: type)
  }

  package var description: String {
    "\(input.rawValue),\(weights.rawValue),\(output.rawValue)"
  }
}
