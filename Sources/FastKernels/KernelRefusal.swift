/// The tensors of a fully connected layer, in messages.
package enum KernelTensor: String, Hashable, Sendable {
  case input, weights, bias, output
}

/// Why a layer is not computed.
package enum KernelRefusal: Error, Hashable, CustomStringConvertible, Sendable {
  /// A scale that is negative, zero, NaN or infinite.
  case scale(KernelTensor, index: Int, value: Double)
  case scaleCount(KernelTensor, count: Int, channels: Int)
  case zeroPoint(KernelTensor, index: Int, value: Int64, allowed: ClosedRange<Int64>)
  case zeroPointCount(KernelTensor, count: Int, channels: Int)
  case rank(KernelTensor, rank: Int, expected: Int)
  case dimension(KernelTensor, axis: Int, value: Int)
  /// More elements than a tensor may have, or a product that overflows.
  case size(KernelTensor, shape: [Int])
  /// A dimension that contradicts another tensor's.
  case mismatch(KernelTensor, axis: Int, value: Int, expected: Int)
  /// A type that this tensor cannot have in any layer.
  case element(KernelTensor, KernelElement, allowed: [KernelElement])
  /// Bounds in the wrong order, or outside the output type.
  case clamp(low: Int64, high: Int64, type: KernelElement)
  case bufferSize(KernelTensor, bytes: Int, expected: Int)
  case biasPresence(expected: Bool)
  /// A legal layer that this profile, path or library does not compute.
  case unsupported(String)

  /// False where the layer itself is invalid.
  package var isUnsupported: Bool {
    if case .unsupported = self { return true }
    return false
  }

  package var description: String {
    switch self {
    case .scale(let tensor, let index, let value):
      "\(tensor.rawValue) scale[\(index)] must be finite and greater than 0, but is \(value)"
    case .scaleCount(let tensor, let count, let channels):
      "\(tensor.rawValue) must have 1 scale or \(channels), one a channel, but has \(count)"
    case .zeroPoint(let tensor, let index, let value, let allowed):
      "\(tensor.rawValue) zero point[\(index)] must be in \(allowed), but is \(value)"
    case .zeroPointCount(let tensor, let count, let channels):
      "\(tensor.rawValue) must have 1 zero point or \(channels), one a channel, but has \(count)"
    case .rank(let tensor, let rank, let expected):
      "\(tensor.rawValue) must have rank \(expected), but has \(rank)"
    case .dimension(let tensor, let axis, let value):
      "\(tensor.rawValue) shape[\(axis)] must be greater than 0, but is \(value)"
    case .size(let tensor, let shape):
      "\(tensor.rawValue) of shape \(shape) has more than 2^40 elements"
    case .mismatch(let tensor, let axis, let value, let expected):
      "\(tensor.rawValue) shape[\(axis)] must be \(expected), but is \(value)"
    case .element(let tensor, let element, let allowed):
      "\(tensor.rawValue) must be \(allowed.map(\.rawValue).joined(separator: " or ")), "
        + "but is \(element.rawValue)"
    case .clamp(let low, let high, let type):
      "clamp bounds must be in order and in \(type.range) of \(type.rawValue), "
        + "but are \(low) and \(high)"
    case .bufferSize(let tensor, let bytes, let expected):
      "\(tensor.rawValue) buffer must have \(expected) bytes, but has \(bytes)"
    case .biasPresence(let expected):
      expected
        ? "the layer has a bias, but no bias buffer was given"
        : "a bias buffer was given, but the layer has no bias"
    case .unsupported(let reason): "unsupported: \(reason)"
    }
  }
}
