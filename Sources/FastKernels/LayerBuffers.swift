/// The scratch arrays of one run, cut out of a workspace.
struct LayerBuffers {
  /// Rows of the input that are packed and multiplied at a time.
  let rowsPerBlock: Int
  /// Elements from one row of dot products to the next, a multiple of 8.
  let dotStride: Int
  let packedWeights, packedInput: UnsafeMutableRawPointer
  /// The second plane of split weights.
  let highWeights: UnsafeMutableRawPointer?
  let weightsSums, rowSums: UnsafeMutablePointer<Int64>
  /// `rowsPerBlock` rows; one of the two is used.
  let dots32: UnsafeMutablePointer<Int32>
  let dots64: UnsafeMutablePointer<Int64>
  /// One entry a column each.
  let offsets32: UnsafeMutablePointer<Int32>
  let offsets64, accumulators: UnsafeMutablePointer<Int64>
  let addends, addendErrors: UnsafeMutablePointer<Double>
  let undecided: UnsafeMutablePointer<Int32>

  /// - Throws: ``KernelRefusal/unsupported(_:)`` where there is no memory.
  init(
    _ kernel: FullyConnectedKernel, in workspace: inout KernelWorkspace
  ) throws(KernelRefusal) {
    let sizes = kernel.sizes, packing = kernel.packing
    let stride = (sizes.columns &+ 7) & ~7
    // Packed rows that stay in a second-level cache, dot products that stay in it too.
    let target = min(64, (192 << 10) / packing.rowByteCount, (256 << 10) / stride)
    let rows = min(sizes.rows, max(4, target & ~3))
    let usesDots32: Bool
    let isWrapping: Bool
    if case .wrapping32 = kernel.plan { isWrapping = true } else { isWrapping = false }
    usesDots32 = isWrapping || packing.fitsInt32

    var arena = Arena()
    let weights = arena.take(sizes.columns &* packing.rowByteCount, of: UInt8.self)
    let high = arena.take(
      packing.isSplit ? sizes.columns &* packing.rowByteCount : 0, of: UInt8.self)
    let input = arena.take(rows &* packing.rowByteCount, of: UInt8.self)
    let weightsSums = arena.take(stride, of: Int64.self)
    let rowSums = arena.take(rows, of: Int64.self)
    let dots32 = arena.take(usesDots32 ? rows &* stride : 0, of: Int32.self)
    let dots64 = arena.take(usesDots32 ? 0 : rows &* stride, of: Int64.self)
    let offsets32 = arena.take(isWrapping ? stride : 0, of: Int32.self)
    let wide = isWrapping ? 0 : stride
    let offsets64 = arena.take(wide, of: Int64.self)
    let accumulators = arena.take(wide, of: Int64.self)
    let addends = arena.take(wide, of: Double.self)
    let addendErrors = arena.take(wide, of: Double.self)
    let undecided = arena.take(wide, of: Int32.self)

    let base = try workspace.reserve(arena.byteCount)
    rowsPerBlock = rows
    dotStride = stride
    packedWeights = base + weights
    highWeights = packing.isSplit ? base + high : nil
    packedInput = base + input
    self.weightsSums = (base + weightsSums).bindMemory(to: Int64.self, capacity: stride)
    self.rowSums = (base + rowSums).bindMemory(to: Int64.self, capacity: rows)
    self.dots32 = (base + dots32).assumingMemoryBound(to: Int32.self)
    self.dots64 = (base + dots64).assumingMemoryBound(to: Int64.self)
    self.offsets32 = (base + offsets32).assumingMemoryBound(to: Int32.self)
    self.offsets64 = (base + offsets64).assumingMemoryBound(to: Int64.self)
    self.accumulators = (base + accumulators).assumingMemoryBound(to: Int64.self)
    self.addends = (base + addends).assumingMemoryBound(to: Double.self)
    self.addendErrors = (base + addendErrors).assumingMemoryBound(to: Double.self)
    self.undecided = (base + undecided).assumingMemoryBound(to: Int32.self)
  }
}
