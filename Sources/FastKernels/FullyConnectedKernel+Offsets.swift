internal import CFastKernels

/// A bias that enters the exact value beside the accumulator.
enum ExactAddend {
  /// In accumulator units, but too large to be added in int64.
  case accumulatorUnits(UnsafeRawPointer)
  /// With a scale of its own.
  case general(UnsafeRawPointer, scales: [Double])
}

extension FullyConnectedKernel {
  /// The offset of one column without its bias: −Zi·Σw + K·Zi·Zw, of the packed operands.
  ///
  /// Below 2^62 in magnitude: K is at most 2^30 and the others fit 17 bits.
  private func offset(_ buffers: LayerBuffers, _ column: Int) -> Int64 {
    let zeroPoint = weightsZeroPoints.map { Int64($0[column]) } ?? 0
    let packedDepth = Int64(sizes.depth)
    return inputZeroPoint &* (packedDepth &* zeroPoint &- buffers.weightsSums[column])
  }

  /// The bias of a column; 0 without one.
  func biasValue(_ bias: UnsafeRawPointer, _ column: Int) -> Int64 {
    biasType == .int64
      ? bias.loadUnaligned(fromByteOffset: column &* 8, as: Int64.self)
      : Int64(bias.loadUnaligned(fromByteOffset: column &* 4, as: Int32.self))
  }

  /// Offsets modulo 2^32.
  func setOffsets32(_ buffers: LayerBuffers, bias: UnsafeRawPointer?) {
    for column in 0..<sizes.columns {
      let sum = offset(buffers, column) &+ (bias.map { biasValue($0, column) } ?? 0)
      buffers.offsets32[column] = Int32(truncatingIfNeeded: sum)
    }
  }

  /// Offsets modulo 2^64.
  func setOffsets64(_ buffers: LayerBuffers, bias: UnsafeRawPointer?) {
    for column in 0..<sizes.columns {
      buffers.offsets64[column] =
        offset(buffers, column) &+ (bias.map { biasValue($0, column) } ?? 0)
    }
  }

  /// Offsets without overflow; a bias that cannot be one of them becomes an addend of y.
  func setExactOffsets(
    _ buffers: LayerBuffers, _ scales: ExactScales, bias: UnsafeRawPointer?
  ) -> ExactAddend? {
    guard let bias else {
      setOffsets64(buffers, bias: nil)
      return nil
    }
    if let biasScales = scales.bias {
      setOffsets64(buffers, bias: nil)
      setGeneralAddends(buffers, scales, biasScales, bias)
      return .general(bias, scales: biasScales)
    }
    // Accumulators are below 2^62 in magnitude; with such a bias they stay below 2^63.
    let limit: UInt64 = 1 << 61
    if (0..<sizes.columns).allSatisfy({ biasValue(bias, $0).magnitude <= limit }) {
      setOffsets64(buffers, bias: bias)
      return nil
    }
    setOffsets64(buffers, bias: nil)
    for column in 0..<sizes.columns {
      let addend = Double(biasValue(bias, column)) * exactStage.factors[column]
      buffers.addends[column] = addend
      // Relative error below 4.1 · 2^-53, as of the first term.
      buffers.addendErrors[column] = 0x1p-50 * addend.magnitude
    }
    return .accumulatorUnits(bias)
  }

  /// (Qb − Zb) · Sb/So of every column, with a bound of its error.
  private func setGeneralAddends(
    _ buffers: LayerBuffers, _ scales: ExactScales, _ biasScales: [Double],
    _ bias: UnsafeRawPointer
  ) {
    for column in 0..<sizes.columns {
      let scale = biasScales.count > 1 ? biasScales[column] : biasScales[0]
      let zeroPoint = scales.biasZeroPoint(column)
      let value = biasValue(bias, column)
      let (difference, overflow) = value.subtractingReportingOverflow(zeroPoint)
      // Where it overflows the two have opposite signs, so that nothing cancels.
      let count = overflow ? Double(value) - Double(zeroPoint) : Double(difference)
      let exponent = Int(scale.exponent) &- Int(scales.output.exponent)
      let factor = ExactFactor(
        input: scales.input, weights: scales.weights(column), output: scales.output)
      guard factor.isFaithful, abs(exponent) <= 900 else {
        // Left to exact arithmetic.
        (buffers.addends[column], buffers.addendErrors[column]) = (.nan, .nan)
        continue
      }
      let ratio = scale.significand / scales.output.significand
      let addend = count * ratio * Double(sign: .plus, exponent: exponent, significand: 1)
      buffers.addends[column] = addend
      // At most five roundings.
      buffers.addendErrors[column] = 0x1p-50 * addend.magnitude
    }
  }

  /// The exact rounding of y of one output that binary64 left open, the zero point not added.
  func roundExactly(
    _ rounding: ExactRounding, _ scales: ExactScales, _ accumulator: Int64, column: Int,
    _ addend: ExactAddend?
  ) -> Int64 {
    let input = BinaryScale(scales.input)
    let weights = BinaryScale(scales.weights(column))
    switch addend {
    case nil:
      return rounding.rounded(ExactTerm(Int128(accumulator), times: input, weights))
    case .accumulatorUnits(let bias):
      let sum = Int128(accumulator) &+ Int128(biasValue(bias, column))
      return rounding.rounded(ExactTerm(sum, times: input, weights))
    case .general(let bias, let biasScales):
      let scale = biasScales.count > 1 ? biasScales[column] : biasScales[0]
      let zeroPoint = scales.biasZeroPoint(column)
      let difference = Int128(biasValue(bias, column)) &- Int128(zeroPoint)
      return rounding.rounded(
        ExactTerm(Int128(accumulator), times: input, weights),
        ExactTerm(difference, times: BinaryScale(scale)))
    }
  }

  /// The bounds of y after rounding.
  var roundingBounds: ClosedRange<Int64> {
    (Int64(bounds.minimum) &- outputZeroPoint)...(Int64(bounds.maximum) &- outputZeroPoint)
  }
}
