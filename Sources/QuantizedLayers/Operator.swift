import QuantizedArithmetic

/// What an operator has to say of itself; everything else is written once for all operators.
package protocol Operator: Sendable {
  /// In case files, the store and `--operator`, e.g. `fullyConnected`.
  static var name: String { get }
  /// One line for `list`.
  static var summary: String { get }
  /// Checks every rule of shapes, types and parameters.
  ///
  /// - Throws: ``LayerError`` for the first rule that is broken.
  static func validate(_ raw: RawLayer) throws(LayerError) -> Layer
  /// Lays out the operands of every output's sum of products, in the order in which kernels meet
  /// them.
  static func lower(_ layer: Layer, into operands: inout Operands)
}

/// The operators of this build; nothing else enumerates them.
package enum Operators {
  package static let all: [any Operator.Type] = [FullyConnected.self]

  /// - Throws: ``LayerError/unknownOperator(_:known:)``
  package static func named(_ name: String) throws(LayerError) -> any Operator.Type {
    for candidate in all where candidate.name == name { return candidate }
    throw .unknownOperator(name, known: all.map { $0.name })
  }
}

extension RawLayer {
  /// The layer that this describes.
  ///
  /// - Throws: ``LayerError`` naming the value that is not legal and what it had to be.
  package func validated() throws(LayerError) -> Layer {
    try Operators.named(operation).validate(self)
  }
}

/// The raw integers of a layer, widened: what the reference and the oracle both read.
///
/// One value is kept per worker and filled again for every case, so that memory is not allocated
/// each time.
package struct Operands: Sendable {
  /// `rows` × `depth`, zero points not subtracted.
  package var input: [Int32] = []
  /// `channels` × `depth`, zero points not subtracted.
  package var weights: [Int32] = []
  /// One a channel; zeros without a bias. Zero point not subtracted.
  package var bias: [Int64] = []

  package init() {}

  /// Makes room for a layer of these sizes; the contents are unspecified afterwards.
  package mutating func resize(rows: Int, depth: Int, channels: Int) {
    Operands.resize(&input, to: rows * depth)
    Operands.resize(&weights, to: channels * depth)
    bias.removeAll(keepingCapacity: true)
  }

  private static func resize(_ array: inout [Int32], to count: Int) {
    if array.count > count {
      array.removeLast(array.count - count)
    } else if array.count < count {
      array.append(contentsOf: repeatElement(0, count: count - array.count))
    }
  }
}
