package import QuantizedArithmetic

/// Which tensor of a layer an error is about.
package enum TensorRole: String, Hashable, Sendable {
  case input
  case weights
  case bias
  case output
}

/// Why a described layer is not a layer. Each case carries the value and what it had to be.
package enum LayerError: Error, Hashable, Sendable, CustomStringConvertible {
  case unknownOperator(String, known: [String])
  case type(TensorRole, ElementType, allowed: [ElementType])
  case parameter(TensorRole, QuantizationError)
  case rank(TensorRole, shape: [Int], expected: Int)
  case zeroDimension(TensorRole, shape: [Int])
  case sizeOverflows(TensorRole, shape: [Int])
  case depthMismatch(input: Int, weights: Int)
  case biasLength(Int, outputs: Int)
  case outputShape([Int], expected: [Int])
  case channelCount(TensorRole, what: String, count: Int, channels: Int)
  case dataLength(TensorRole, bytes: Int, expected: Int)
  case clampIsReversed(Int64, Int64)
  case clampOutOfRange(Int64, ElementType)
  case biasType(ElementType, input: ElementType)

  /// The rule that is broken, as named in `refuse` of a case; `nil` where no case to be refused is
  /// about it.
  package var fault: Fault? {
    switch self {
    case .parameter(_, .scaleIsNaN): .scaleNaN
    case .parameter(_, .scaleIsInfinite): .scaleInfinite
    case .parameter(_, .scaleIsZero): .scaleZero
    case .parameter(_, .scaleIsNegative): .scaleNegative
    case .parameter(_, .zeroPointOutOfRange): .zeroPointRange
    case .parameter(_, .rangeIsNotFinite), .parameter(_, .rangeIsReversed): nil
    case .rank: .shapeRank
    case .zeroDimension: .shapeZero
    case .sizeOverflows: .shapeOverflow
    case .depthMismatch: .shapeMismatch
    case .biasLength: .shapeBias
    case .outputShape: .shapeOutput
    case .channelCount: .channelsCount
    case .clampIsReversed: .clampOrder
    case .clampOutOfRange: .clampRange
    case .unknownOperator, .type, .dataLength, .biasType: nil
    }
  }

  package var description: String {
    switch self {
    case .unknownOperator(let name, let known):
      "operator must be one of \(known.joined(separator: ", ")), but is '\(name)'"
    case .type(let role, let type, let allowed):
      "type of \(role.rawValue) must be one of "
        + "\(allowed.map(\.rawValue).joined(separator: ", ")), but is \(type.rawValue)"
    case .parameter(let role, let error): "\(role.rawValue): \(error)"
    case .rank(let role, let shape, let expected):
      "\(role.rawValue) must have \(expected) dimension\(expected == 1 ? "" : "s"), but its shape"
        + " is \(shape)"
    case .zeroDimension(let role, let shape):
      "every dimension of \(role.rawValue) must be at least 1, but its shape is \(shape)"
    case .sizeOverflows(let role, let shape):
      "\(role.rawValue) must have fewer than 2^63 elements, but its shape is \(shape)"
    case .depthMismatch(let input, let weights):
      "weights must have as many columns as the input, \(input), but have \(weights)"
    case .biasLength(let count, let outputs):
      "bias must have one element an output channel, \(outputs), but has \(count)"
    case .outputShape(let shape, let expected): "output shape must be \(expected), but is \(shape)"
    case .channelCount(let role, let what, let count, let channels):
      "\(what) of \(role.rawValue) must be one number or one an output channel, \(channels), but"
        + " there are \(count)"
    case .dataLength(let role, let bytes, let expected):
      "data of \(role.rawValue) must be \(expected) bytes, but is \(bytes)"
    case .clampIsReversed(let low, let high):
      "the lower bound of clamp must not exceed the upper one, but it is [\(low), \(high)]"
    case .clampOutOfRange(let bound, let type):
      "a bound of clamp must be in \(type.range.lowerBound)...\(type.range.upperBound) of"
        + " \(type.rawValue), but is \(bound)"
    case .biasType(let type, let input):
      "bias must be int32, or int64 with an int16 input, but is \(type.rawValue) with an"
        + " \(input.rawValue) input"
    }
  }
}

/// The rules whose violation a configuration must be refused for; one fault a case.
package enum Fault: String, CaseIterable, Hashable, Sendable {
  case scaleNegative = "scale.negative"
  case scaleZero = "scale.zero"
  case scaleNaN = "scale.nan"
  case scaleInfinite = "scale.infinite"
  case zeroPointRange = "zeroPoint.range"
  case shapeRank = "shape.rank"
  case shapeMismatch = "shape.mismatch"
  case shapeBias = "shape.bias"
  case shapeOutput = "shape.output"
  case shapeZero = "shape.zero"
  case shapeOverflow = "shape.overflow"
  case channelsCount = "channels.count"
  case clampOrder = "clamp.order"
  case clampRange = "clamp.range"
}
