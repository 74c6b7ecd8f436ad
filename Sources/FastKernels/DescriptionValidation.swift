/// The sizes of a valid layer.
struct LayerSizes: Hashable, Sendable {
  /// M, K and N; all greater than 0, M·K, N·K and M·N at most 2^40.
  let rows, depth, columns: Int
}

extension FullyConnectedDescription {
  /// Checks everything that is wrong under every profile.
  ///
  /// - Returns: M, K and N.
  /// - Throws: The first fault found, in the order shapes, types, scales, zero points, bias,
  ///   activation.
  func validated() throws(KernelRefusal) -> LayerSizes {
    try Self.check(inputShape, of: .input, rank: 2)
    try Self.check(weightsShape, of: .weights, rank: 2)
    try Self.check(outputShape, of: .output, rank: 2)
    let sizes = LayerSizes(rows: inputShape[0], depth: inputShape[1], columns: weightsShape[0])
    try Self.require(weightsShape[1], equals: sizes.depth, axis: 1, of: .weights)
    try Self.require(outputShape[0], equals: sizes.rows, axis: 0, of: .output)
    try Self.require(outputShape[1], equals: sizes.columns, axis: 1, of: .output)

    try Self.checkOperand(inputType, of: .input)
    try Self.checkOperand(weightsType, of: .weights)
    try Self.checkOperand(outputType, of: .output)

    try Self.check(scale: inputScale, of: .input)
    try Self.check(scales: weightsScales, of: .weights, channels: sizes.columns)
    try Self.check(scale: outputScale, of: .output)
    try Self.check(zeroPoint: inputZeroPoint, of: .input, in: inputType.range)
    try Self.check(
      zeroPoints: weightsZeroPoints, of: .weights, channels: sizes.columns,
      in: weightsType.range)
    try Self.check(zeroPoint: outputZeroPoint, of: .output, in: outputType.range)

    if let bias { try check(bias, channels: sizes.columns) }
    try checkClamp()
    return sizes
  }

  private func check(_ bias: Bias, channels: Int) throws(KernelRefusal) {
    try Self.check(bias.shape, of: .bias, rank: 1)
    try Self.require(bias.shape[0], equals: channels, axis: 0, of: .bias)
    guard bias.type == .int32 || (bias.type == .int64 && inputType == .int16) else {
      throw .element(
        .bias, bias.type, allowed: inputType == .int16 ? [.int32, .int64] : [.int32])
    }
    if let scales = bias.scales {
      try Self.check(scales: scales, of: .bias, channels: channels)
    }
    if !bias.zeroPoints.isEmpty {
      try Self.check(
        zeroPoints: bias.zeroPoints, of: .bias, channels: channels,
        in: bias.scales == nil ? 0...0 : bias.type.range)
    }
  }

  private func checkClamp() throws(KernelRefusal) {
    guard case .clamp(let low, let high) = activation else { return }
    let range = outputType.range
    guard low <= high, range.contains(low), range.contains(high) else {
      throw .clamp(low: low, high: high, type: outputType)
    }
  }

  private static func check(
    _ shape: [Int], of tensor: KernelTensor, rank: Int
  ) throws(KernelRefusal) {
    guard shape.count == rank else {
      throw .rank(tensor, rank: shape.count, expected: rank)
    }
    var count = 1
    for axis in 0..<rank {
      guard shape[axis] > 0 else {
        throw .dimension(tensor, axis: axis, value: shape[axis])
      }
      let (product, overflow) = count.multipliedReportingOverflow(by: shape[axis])
      guard !overflow, product <= 1 << 40 else { throw .size(tensor, shape: shape) }
      count = product
    }
  }

  private static func require(
    _ value: Int, equals expected: Int, axis: Int, of tensor: KernelTensor
  ) throws(KernelRefusal) {
    guard value == expected else {
      throw .mismatch(tensor, axis: axis, value: value, expected: expected)
    }
  }

  private static func checkOperand(
    _ type: KernelElement, of tensor: KernelTensor
  ) throws(KernelRefusal) {
    switch type {
    case .int8, .uint8, .int16: return
    case .int32, .int64: throw .element(tensor, type, allowed: [.int8, .uint8, .int16])
    }
  }

  private static func check(
    scale: Double, index: Int = 0, of tensor: KernelTensor
  ) throws(KernelRefusal) {
    guard scale > 0, scale.isFinite else {
      throw .scale(tensor, index: index, value: scale)
    }
  }

  private static func check(
    scales: [Double], of tensor: KernelTensor, channels: Int
  ) throws(KernelRefusal) {
    guard scales.count == 1 || scales.count == channels else {
      throw .scaleCount(tensor, count: scales.count, channels: channels)
    }
    for index in 0..<scales.count {
      try check(scale: scales[index], index: index, of: tensor)
    }
  }

  private static func check(
    zeroPoint: Int64, index: Int = 0, of tensor: KernelTensor, in range: ClosedRange<Int64>
  ) throws(KernelRefusal) {
    guard range.contains(zeroPoint) else {
      throw .zeroPoint(tensor, index: index, value: zeroPoint, allowed: range)
    }
  }

  private static func check(
    zeroPoints: [Int64], of tensor: KernelTensor, channels: Int, in range: ClosedRange<Int64>
  ) throws(KernelRefusal) {
    guard zeroPoints.count == 1 || zeroPoints.count == channels else {
      throw .zeroPointCount(tensor, count: zeroPoints.count, channels: channels)
    }
    for index in 0..<zeroPoints.count {
      try check(zeroPoint: zeroPoints[index], index: index, of: tensor, in: range)
    }
  }
}
