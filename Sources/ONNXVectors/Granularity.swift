/// Which scale and zero point belong to which element: the three granularities of QuantizeLinear
/// and DequantizeLinear.
package enum Granularity {
  /// The place in the list of scales, for each element of a tensor of `shape`, `axis` being
  /// −rank to rank − 1.
  ///
  /// One scale is per tensor. Without a block size, a list is per axis; with one, the scales have
  /// the tensor's shape but for `⌈D/B⌉` at the axis.
  ///
  /// - Returns: one place an element, row by row.
  /// - Throws: ``Obstacle/inconsistent(_:)`` where the shapes do not fit.
  package static func places(
    shape: [Int], scales: [Int], axis: Int64, blockSize: Int64
  ) throws(Obstacle) -> [Int] {
    let count = shape.reduce(1, *)
    if blockSize == 0, scales.reduce(1, *) == 1 { return [Int](repeating: 0, count: count) }
    let rank = Int64(shape.count)
    guard (-rank..<rank).contains(axis) else {
      throw .inconsistent("axis must be in \(-rank)...\(rank - 1), but is \(axis)")
    }
    let axis = Int(axis < 0 ? axis + rank : axis)
    guard blockSize >= 0, let block = Int(exactly: blockSize) else {
      throw .inconsistent("block_size must not be negative, but is \(blockSize)")
    }
    let inner = shape[(axis + 1)...].reduce(1, *)
    let extent = shape[axis]
    guard block > 0 else {
      guard scales == [extent] else {
        throw .inconsistent(
          "scales along axis \(axis) of \(shape) must be [\(extent)], but are \(scales)")
      }
      return (0..<count).map { $0 / inner % extent }
    }
    let blocks = extent / block + (extent % block == 0 ? 0 : 1)
    var expected = shape
    expected[axis] = blocks
    guard scales == expected else {
      throw .inconsistent(
        "scales in blocks of \(block) of \(shape) must be \(expected), but are \(scales)")
    }
    return (0..<count).map { index in
      let (outer, position) = (index / inner / extent, index / inner % extent)
      return (outer * blocks + position / block) * inner + index % inner
    }
  }
}
