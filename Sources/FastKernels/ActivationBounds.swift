/// The least and the greatest output integer, inside the output type.
struct OutputBounds: Hashable, Sendable {
  var minimum, maximum: Int32
}

extension FullyConnectedDescription {
  /// The bounds of the activation as the profile computes them.
  ///
  /// - Precondition: The description is valid and the profile supports it.
  /// - Throws: ``KernelRefusal/unsupported(_:)`` where TensorFlow Lite refuses RELU6 because
  ///   6/So is beyond int32.
  func outputBounds() throws(KernelRefusal) -> OutputBounds {
    let type = outputType.range
    var bounds = OutputBounds(
      minimum: Int32(truncatingIfNeeded: type.lowerBound),
      maximum: Int32(truncatingIfNeeded: type.upperBound))
    switch activation {
    case .none: break
    case .clamp(let low, let high):
      bounds.minimum = Int32(truncatingIfNeeded: low)
      bounds.maximum = Int32(truncatingIfNeeded: high)
    case .relu:
      bounds.minimum = Int32(truncatingIfNeeded: outputZeroPoint)
    case .relu6:
      bounds.minimum = Int32(truncatingIfNeeded: outputZeroPoint)
      bounds.maximum = Int32(truncatingIfNeeded: min(type.upperBound, try quantizedSix()))
    }
    return bounds
  }

  /// The output integer of the real 6; clamped to the type, or not.
  private func quantizedSix() throws(KernelRefusal) -> Int64 {
    let type = outputType.range
    if let tie = profile.tieRule {
      let bounds = (type.lowerBound &- outputZeroPoint)...(type.upperBound &- outputZeroPoint)
      let rounding = ExactRounding(
        divisor: BinaryScale(outputScale), tie: tie, bounds: bounds)
      return rounding.rounded(ExactTerm(6, times: BinaryScale(1))) &+ outputZeroPoint
    }
    let quotient = 6 / Float(outputScale)
    if profile == .litertXNNPACK {
      // lrintf(min(max(f32(f32(6/So) + f32(Zo)), lo), hi)), half to even.
      let moved = quotient + Float(outputZeroPoint)
      let inside = min(max(moved, Float(type.lowerBound)), Float(type.upperBound))
      return Int64((Double(inside) + 0x1.8p52) - 0x1.8p52)
    }
    // Zo + int32(round_half_away(f32(6/So))); the quotient is positive.
    guard quotient < 0x1p31 else {
      throw .unsupported("RELU6 with 6 / output scale beyond int32 under \(profile.rawValue)")
    }
    return Int64(Double(quotient) + 0.5) &+ outputZeroPoint
  }
}
