internal import CFastKernels

/// How the operands of a layer lie in scratch memory, and which dot products fit where.
struct Packing: Hashable, Sendable {
  /// `fk_layout`.
  let layout: Int32
  /// Elements of a packed row, and the bytes of one.
  let stride, elementSize: Int
  /// Whether 16-bit weights are split into a low and a high byte, each in its own plane, because
  /// products of two 16-bit operands do not fit int32 sums.
  let isSplit: Bool
  /// So many products of packed elements fit an int32 sum.
  let laneLimit: Int
  /// Whether a whole row's sum fits an int32.
  let fitsInt32: Bool
  /// What packing adds to the elements, and so to their zero points.
  let inputShift, weightsShift: Int64

  /// - Parameters:
  ///   - description: Gives the operands' types.
  ///   - path: The instructions that will read the packed rows.
  ///   - depth: K.
  init(_ description: FullyConnectedDescription, path: KernelPath, depth: Int) {
    let inputIsWide = description.inputType == .int16
    let weightsAreWide = description.weightsType == .int16
    isSplit = inputIsWide && weightsAreWide
    // 255 · 255 · 32768 and 255 · 32768 · 256 are below 2^31.
    laneLimit = inputIsWide || weightsAreWide ? 256 : 32_768
    fitsInt32 = !isSplit && depth <= laneLimit
    if path == .avx512vnni, !inputIsWide, !weightsAreWide {
      layout = Int32(FK_BYTES.rawValue)
      stride = (depth &+ 63) & ~63
      elementSize = 1
      // vpdpbusd takes uint8 on the left and int8 on the right: xor 0x80 turns the one into the
      // other.
      inputShift = description.inputType == .int8 ? 128 : 0
      weightsShift = description.weightsType == .uint8 ? -128 : 0
    } else {
      layout = Int32(FK_WORDS.rawValue)
      stride = (depth &+ 31) & ~31
      elementSize = 2
      inputShift = 0
      weightsShift = 0
    }
  }

  /// The bytes of a packed row, one plane.
  var rowByteCount: Int { stride &* elementSize }

  /// Packs rows and takes their sums.
  ///
  /// `shift` is ``inputShift`` or ``weightsShift``; `high` is the second plane of split weights,
  /// nil for everything else.
  func pack(
    _ source: UnsafeRawPointer, _ type: KernelElement, rows: Int, depth: Int, path: KernelPath,
    shift: Int64, isWeights: Bool, into packed: UnsafeMutableRawPointer,
    high: UnsafeMutableRawPointer?, sums: UnsafeMutablePointer<Int64>
  ) {
    if layout == Int32(FK_BYTES.rawValue) {
      fk_pack_bytes(
        source, Int64(rows), Int64(depth), Int64(stride), shift == 0 ? 0 : 0x80,
        isWeights ? 1 : 0, packed, sums)
    } else {
      fk_pack_words(
        path.code, type.code, source, Int64(rows), Int64(depth), Int64(stride),
        packed.assumingMemoryBound(to: Int16.self), high?.assumingMemoryBound(to: Int16.self),
        sums)
    }
  }
}
