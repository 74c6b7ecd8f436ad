/// Why a number cannot be a parameter of a quantized tensor.
package enum QuantizationError: Error, Hashable, Sendable, CustomStringConvertible {
  case scaleIsNaN
  case scaleIsInfinite(Double)
  case scaleIsZero
  case scaleIsNegative(Double)
  case zeroPointOutOfRange(Int64, ElementType)
  case rangeIsNotFinite(Double, Double)
  case rangeIsReversed(Double, Double)

  package var description: String {
    switch self {
    case .scaleIsNaN: "scale must be finite and greater than 0, but is NaN"
    case .scaleIsInfinite(let value):
      "scale must be finite and greater than 0, but is \(value < 0 ? "-Infinity" : "Infinity")"
    case .scaleIsZero: "scale must be finite and greater than 0, but is 0"
    case .scaleIsNegative(let value): "scale must be finite and greater than 0, but is \(value)"
    case .zeroPointOutOfRange(let value, let type):
      "zero point of an \(type.rawValue) tensor must be in \(type.range.lowerBound)"
        + "...\(type.range.upperBound), but is \(value)"
    case .rangeIsNotFinite(let low, let high):
      "a real range must have finite bounds, but is [\(low), \(high)]"
    case .rangeIsReversed(let low, let high):
      "the lower bound of a real range must not exceed the upper one, but it is [\(low), \(high)]"
    }
  }
}
