/// The shapes of a product of stacks of matrices, as numpy.matmul has them.
///
/// A factor with one dimension is a row on the left and a column on the right, and its dimension
/// goes missing from the result. Leading dimensions are broadcast: 1 goes with anything.
package struct MatrixProduct: Sendable {
  package let rows: Int
  package let depth: Int
  package let columns: Int
  /// Of the product.
  package let shape: [Int]
  /// Which matrix of each factor makes each matrix of the product.
  package let pairs: [(left: Int, right: Int)]

  /// A product of more elements than `limit`, what is known to exist of it, gets no ``pairs``.
  ///
  /// - Throws: ``Obstacle/inconsistent(_:)`` where the shapes do not fit.
  package init(_ left: [Int], _ right: [Int], limit: Int) throws(Obstacle) {
    let what = "\(left) and \(right)"
    guard let leftLast = left.last, let rightLast = right.last else {
      throw .inconsistent("a factor of \(what) is a scalar")
    }
    rows = left.count == 1 ? 1 : left[left.count - 2]
    depth = leftLast
    columns = right.count == 1 ? 1 : rightLast
    let rightDepth = right.count == 1 ? rightLast : right[right.count - 2]
    guard depth == rightDepth else { throw .inconsistent("\(what) have no product") }
    let rank = max(left.count, right.count, 2) - 2
    let a = Self.stack(left, rank)
    let b = Self.stack(right, rank)
    var batch: [Int] = []
    for (first, second) in zip(a, b) {
      guard first == second || first == 1 || second == 1 else {
        throw .inconsistent("\(what) cannot be broadcast")
      }
      batch.append(first == 1 ? second : first)
    }
    shape = batch + (left.count == 1 ? [] : [rows]) + (right.count == 1 ? [] : [columns])
    var elements = 1
    for dimension in shape {
      let (product, overflow) = elements.multipliedReportingOverflow(by: dimension)
      guard !overflow else { throw .inconsistent("the product of \(what) is too large") }
      elements = product
    }
    guard elements <= limit, elements > 0, depth > 0 else {
      pairs = []
      return
    }
    pairs = (0..<batch.reduce(1, *)).map { index in
      (Self.place(index, batch, a), Self.place(index, batch, b))
    }
  }

  /// The leading dimensions, ones put before them.
  private static func stack(_ shape: [Int], _ rank: Int) -> [Int] {
    let leading = shape.dropLast(2)
    return [Int](repeating: 1, count: rank - leading.count) + leading
  }

  /// Where the matrix `index` of the product comes from, in a factor of leading dimensions `own`.
  private static func place(_ index: Int, _ batch: [Int], _ own: [Int]) -> Int {
    var (rest, place, stride) = (index, 0, 1)
    for dimension in batch.indices.reversed() {
      if own[dimension] != 1 { place += rest % batch[dimension] * stride }
      rest /= batch[dimension]
      stride *= own[dimension]
    }
    return place
  }
}
