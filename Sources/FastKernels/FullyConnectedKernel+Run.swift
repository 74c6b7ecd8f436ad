internal import CFastKernels

extension FullyConnectedKernel {
  /// Computes the layer.
  ///
  /// - Parameters:
  ///   - input: M·K elements.
  ///   - weights: N·K elements.
  ///   - bias: N elements, nil where the layer has none.
  ///   - output: M·N elements, written whole; it must not overlap the others.
  ///   - workspace: Scratch memory, kept for the next call.
  /// - Throws: ``KernelRefusal/bufferSize(_:bytes:expected:)`` and
  ///   ``KernelRefusal/biasPresence(expected:)``; ``KernelRefusal/unsupported(_:)`` where there is
  ///   no memory. The output is untouched then.
  package func run(
    input: UnsafeRawBufferPointer, weights: UnsafeRawBufferPointer, bias: UnsafeRawBufferPointer?,
    output: UnsafeMutableRawBufferPointer, workspace: inout KernelWorkspace
  ) throws(KernelRefusal) {
    let expected = byteCounts
    let inputBase = try Self.base(input, of: .input, expected.input)
    let weightsBase = try Self.base(weights, of: .weights, expected.weights)
    _ = try Self.base(UnsafeRawBufferPointer(output), of: .output, expected.output)
    guard let outputBase = output.baseAddress else { return }
    guard (bias == nil) == (biasType == nil) else {
      throw .biasPresence(expected: biasType != nil)
    }
    var biasBase: UnsafeRawPointer?
    if let bias { biasBase = try Self.base(bias, of: .bias, expected.bias) }

    let buffers = try LayerBuffers(self, in: &workspace)
    packing.pack(
      weightsBase, weightsType, rows: sizes.columns, depth: sizes.depth, path: path,
      shift: packing.weightsShift, isWeights: true, into: buffers.packedWeights,
      high: buffers.highWeights, sums: buffers.weightsSums)
    switch plan {
    case .wrapping32: runWrapping32(buffers, inputBase, biasBase, outputBase)
    case .wide64: runWide64(buffers, inputBase, biasBase, outputBase)
    case .exact(let tie):
      if let exactScales {
        runExact(buffers, tie, exactScales, inputBase, biasBase, outputBase)
      }
    }
  }

  private func runWrapping32(
    _ buffers: LayerBuffers, _ input: UnsafeRawPointer, _ bias: UnsafeRawPointer?,
    _ output: UnsafeMutableRawPointer
  ) {
    setOffsets32(buffers, bias: bias)
    forEachBlock(buffers, input: input) { first, rows in
      fk_dots32(
        path.code, packing.layout, buffers.packedInput, buffers.packedWeights, Int64(rows),
        Int64(sizes.columns), Int64(packing.stride), buffers.dots32, Int64(buffers.dotStride))
      withUnsafePointer(to: stage) {
        fk_requantize32(
          path.code, $0, buffers.dots32, Int64(rows), Int64(sizes.columns),
          Int64(buffers.dotStride), buffers.rowSums, buffers.offsets32,
          output + first &* outputRowByteCount)
      }
    }
  }

  private func runWide64(
    _ buffers: LayerBuffers, _ input: UnsafeRawPointer, _ bias: UnsafeRawPointer?,
    _ output: UnsafeMutableRawPointer
  ) {
    setOffsets64(buffers, bias: bias)
    forEachBlock(buffers, input: input) { first, rows in
      computeDots(buffers, rows: rows)
      for row in 0..<rows {
        accumulate(buffers, row: row)
        withUnsafePointer(to: stage) {
          fk_requantize64(
            $0, buffers.accumulators, Int64(sizes.columns),
            output + (first &+ row) &* outputRowByteCount)
        }
      }
    }
  }

  /// Binary64 with a proven bound decides nearly all outputs, exact integers the others.
  private func runExact(
    _ buffers: LayerBuffers, _ tie: TieRule, _ scales: ExactScales, _ input: UnsafeRawPointer,
    _ bias: UnsafeRawPointer?, _ output: UnsafeMutableRawPointer
  ) {
    let addend = setExactOffsets(buffers, scales, bias: bias)
    var stage = exactStage
    if addend != nil {
      stage.addends = UnsafePointer(buffers.addends)
      stage.addend_errors = UnsafePointer(buffers.addendErrors)
    }
    let rounding = ExactRounding(
      divisor: BinaryScale(scales.output), tie: tie, bounds: roundingBounds)
    forEachBlock(buffers, input: input) { first, rows in
      computeDots(buffers, rows: rows)
      for row in 0..<rows {
        accumulate(buffers, row: row)
        let target = output + (first &+ row) &* outputRowByteCount
        let count = fk_round_exact(
          path.code, &stage, buffers.accumulators, Int64(sizes.columns), target,
          buffers.undecided)
        for index in 0..<Int(count) {
          let column = Int(buffers.undecided[index])
          let value = roundExactly(
            rounding, scales, buffers.accumulators[column], column: column, addend)
          store(value &+ outputZeroPoint, at: column, in: target)
        }
      }
    }
  }

  /// The bytes of a row of the output.
  private var outputRowByteCount: Int { sizes.columns &* outputType.byteCount }

  private static func base(
    _ buffer: UnsafeRawBufferPointer, of tensor: KernelTensor, _ expected: Int
  ) throws(KernelRefusal) -> UnsafeRawPointer {
    guard buffer.count == expected, let base = buffer.baseAddress else {
      throw .bufferSize(tensor, bytes: buffer.count, expected: expected)
    }
    return base
  }

  /// Packs the input block by block and calls `body` with the first row and their number.
  @inline(__always)
  private func forEachBlock(
    _ buffers: LayerBuffers, input: UnsafeRawPointer, _ body: (Int, Int) -> Void
  ) {
    let rowByteCount = sizes.depth &* inputType.byteCount
    var first = 0
    while first < sizes.rows {
      let rows = min(buffers.rowsPerBlock, sizes.rows &- first)
      packing.pack(
        input + first &* rowByteCount, inputType, rows: rows, depth: sizes.depth,
        path: path, shift: packing.inputShift, isWeights: false, into: buffers.packedInput,
        high: nil, sums: buffers.rowSums)
      body(first, rows)
      first &+= rows
    }
  }

  /// Exact dot products of the packed rows, in int32 where they fit, else in int64.
  private func computeDots(_ buffers: LayerBuffers, rows: Int) {
    let (columns, stride) = (Int64(sizes.columns), Int64(packing.stride))
    let dotStride = Int64(buffers.dotStride)
    if packing.fitsInt32 {
      fk_dots32(
        path.code, packing.layout, buffers.packedInput, buffers.packedWeights, Int64(rows),
        columns, stride, buffers.dots32, dotStride)
      return
    }
    buffers.dots64.update(repeating: 0, count: rows &* buffers.dotStride)
    fk_dots64(
      path.code, packing.layout, buffers.packedInput, buffers.packedWeights, Int64(rows), columns,
      stride, Int64(packing.laneLimit), 0, buffers.dots64, dotStride)
    if let high = buffers.highWeights {
      fk_dots64(
        path.code, packing.layout, buffers.packedInput, high, Int64(rows), columns, stride,
        Int64(packing.laneLimit), 8, buffers.dots64, dotStride)
    }
  }

  /// The accumulators of one row: dot products, offsets, and the weights' zero points.
  private func accumulate(_ buffers: LayerBuffers, row: Int) {
    let start = row &* buffers.dotStride
    fk_accumulate64(
      packing.fitsInt32 ? UnsafePointer(buffers.dots32 + start) : nil,
      UnsafePointer(buffers.dots64 + start), Int64(sizes.columns), weightsZeroPoints,
      buffers.rowSums[row], buffers.offsets64, buffers.accumulators)
  }

  private func store(_ value: Int64, at index: Int, in row: UnsafeMutableRawPointer) {
    if outputType == .int16 {
      row.storeBytes(
        of: Int16(truncatingIfNeeded: value), toByteOffset: index &* 2, as: Int16.self)
    } else {
      row.storeBytes(of: UInt8(truncatingIfNeeded: value), toByteOffset: index, as: UInt8.self)
    }
  }
}
