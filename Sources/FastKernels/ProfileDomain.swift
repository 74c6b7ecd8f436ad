/// What an accumulator is, and what becomes of it.
enum RequantizationPlan: Hashable, Sendable {
  /// int32 modulo 2^32, requantized by one of the C stages.
  case wrapping32(RequantizationStage)
  /// int64 modulo 2^64, then binary64, half away from zero.
  case wide64
  /// Full width, correctly rounded.
  case exact(TieRule)
}

/// The requantizations of int32 accumulators, as named in CFastKernels.h.
enum RequantizationStage: Hashable, Sendable {
  case doubleAway, doubleUp, single, float64, float32Wrap, float32Clamp
}

extension FullyConnectedDescription {
  /// LiteRT's criterion: a list of one scale is per tensor, whatever N is.
  var isPerChannel: Bool { weightsScales.count > 1 }

  private var isInt8: Bool {
    inputType == .int8 && weightsType == .int8 && outputType == .int8
  }
  private var isUInt8: Bool {
    inputType == .uint8 && weightsType == .uint8 && outputType == .uint8
  }
  private var isInt16x8: Bool {
    inputType == .int16 && weightsType == .int8 && outputType == .int16
  }

  /// Chooses the arithmetic; what a profile does not define is refused here.
  ///
  /// - Precondition: The description is valid.
  /// - Throws: ``KernelRefusal/unsupported(_:)``.
  func plan() throws(KernelRefusal) -> RequantizationPlan {
    if let tie = profile.tieRule { return .exact(tie) }
    try requireRuntimeParameters()
    switch profile {
    case .tflm:
      try require(isInt8 || isInt16x8, "\(profile.rawValue) with these types")
      try require(
        !isInt16x8 || bias?.type == .int32, "tflm with an accumulator of 64 bits")
      try requireLiteRTZeroPoints()
      return .wrapping32(.doubleAway)
    case .singleRounding:
      try require(isInt8 || isUInt8, "\(profile.rawValue) with these types")
      return .wrapping32(.single)
    case .litertReference:
      try requireLiteRTTypes()
      try requireLiteRTZeroPoints()
      return isInt16x8 && bias?.type != .int32 ? .wide64 : .wrapping32(.float64)
    case .litertBuiltin:
      try requireLiteRTTypes()
      try requireLiteRTZeroPoints()
      return bias?.type == .int64 ? .wide64 : .wrapping32(.doubleUp)
    case .litertXNNPACK:
      try require(isInt8 || isUInt8, "\(profile.rawValue) with these types")
      try requireXNNPACKParameters()
      return .wrapping32(.float32Wrap)
    default:
      try requireONNXRuntimeTypes()
      return .wrapping32(.float32Clamp)
    }
  }

  /// The weights' zero points that the profile uses; LiteRT takes them as 0 per channel.
  var effectiveWeightsZeroPoints: [Int64] {
    switch profile {
    case .tflm, .litertReference, .litertBuiltin: isPerChannel ? [0] : weightsZeroPoints
    default: weightsZeroPoints
    }
  }

  private func require(_ condition: Bool, _ reason: @autoclosure () -> String)
    throws(KernelRefusal)
  {
    guard condition else { throw .unsupported(reason()) }
  }

  /// Runtimes store scales as binary32, and take the bias for accumulator units.
  private func requireRuntimeParameters() throws(KernelRefusal) {
    try require(bias?.scales == nil, "a bias with a scale of its own under \(profile.rawValue)")
    try requireBinary32(inputScale)
    try requireBinary32(outputScale)
    for scale in weightsScales { try requireBinary32(scale) }
  }

  private func requireBinary32(_ scale: Double) throws(KernelRefusal) {
    try require(Double(Float(scale)) == scale, "the scale \(scale), which is not a binary32")
  }

  private func requireLiteRTTypes() throws(KernelRefusal) {
    try require(isInt8 || isUInt8 || isInt16x8, "\(profile.rawValue) with these types")
    try require(!isUInt8 || !isPerChannel, "uint8 weights per channel under \(profile.rawValue)")
  }

  private func requireLiteRTZeroPoints() throws(KernelRefusal) {
    if isInt16x8 {
      try require(
        inputZeroPoint == 0 && outputZeroPoint == 0,
        "int16 with a zero point under \(profile.rawValue)")
    }
    if !isPerChannel, let first = weightsZeroPoints.first {
      try require(
        weightsZeroPoints.allSatisfy { $0 == first },
        "several zero points and one scale under \(profile.rawValue)")
    }
  }

  private func requireXNNPACKParameters() throws(KernelRefusal) {
    try require(!isUInt8 || !isPerChannel, "uint8 weights per channel under \(profile.rawValue)")
    if isInt8 {
      try require(
        weightsZeroPoints.allSatisfy { $0 == 0 }, "zero points of int8 weights in XNNPACK")
    } else {
      try requireLiteRTZeroPoints()
    }
    let input = Float(inputScale), output = Float(outputScale)
    try require(
      input.isNormal && output.isNormal && weightsScales.allSatisfy { Float($0).isNormal },
      "a subnormal scale in XNNPACK")
    for scale in weightsScales {
      try require(
        input * Float(scale) / output < 256, "a multiplier of 256 or more in XNNPACK")
    }
  }

  private func requireONNXRuntimeTypes() throws(KernelRefusal) {
    let isMixed = inputType == .uint8 && weightsType == .int8 && outputType == .uint8
    try require(isInt8 || isUInt8 || isMixed, "\(profile.rawValue) with these types")
    switch activation {
    case .none, .clamp: return
    case .relu, .relu6: throw .unsupported("a fused activation in ONNX Runtime")
    }
  }
}
