package import QuantizedLayers

/// A change of one element of a layer's data for which a reference gives another output.
///
/// It shows that the layer's expected output depends on its data: who ignores the element, gives a
/// wrong answer to one of the two layers.
package struct Witness: Hashable, Sendable {
  /// Input, weights or bias.
  package let tensor: TensorRole
  /// The place in the tensor, row by row.
  package let element: Int
  /// What stands there after the change, zero point not subtracted.
  package let value: Int64
  /// An output that is another one then, row by row.
  package let output: Int

  package init(tensor: TensorRole, element: Int, value: Int64, output: Int) {
    self.tensor = tensor
    self.element = element
    self.value = value
    self.output = output
  }
}
