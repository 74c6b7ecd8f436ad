/// The operators whose node tests are read; `op_type` of a node.
package enum Operation: String, CaseIterable, Hashable, Sendable {
  case quantizeLinear = "QuantizeLinear"
  case dequantizeLinear = "DequantizeLinear"
  case matMulInteger = "MatMulInteger"
  case qLinearMatMul = "QLinearMatMul"

  /// The inputs, named as in the specification, and how many of them must be there.
  var inputs: (names: [String], required: Int) {
    switch self {
    case .quantizeLinear: (["x", "y_scale", "y_zero_point"], 2)
    case .dequantizeLinear: (["x", "x_scale", "x_zero_point"], 2)
    case .matMulInteger: (["A", "B", "a_zero_point", "b_zero_point"], 2)
    case .qLinearMatMul:
      (
        [
          "a", "a_scale", "a_zero_point", "b", "b_scale", "b_zero_point", "y_scale", "y_zero_point",
        ], 8
      )
    }
  }

  /// The references that each element is compared with.
  package var references: [String] {
    switch self {
    case .quantizeLinear: ["exact quotient", "quotient in the scale's precision"]
    case .dequantizeLinear: ["product in the output's precision"]
    case .matMulInteger: ["sum of products", "accumulators of exact-even"]
    case .qLinearMatMul: ["exact-even", "ort"]
    }
  }
}

/// What a node is given, and what it must answer.
package struct NodeCall: Sendable {
  package let operation: Operation
  package let attributes: [String: Int64]
  /// In the order of ``Operation/inputs``; `nil` where one is left out.
  package let inputs: [Tensor?]
  package let output: Tensor

  package init(
    _ operation: Operation, attributes: [String: Int64] = [:], inputs: [Tensor?], output: Tensor
  ) {
    self.operation = operation
    self.attributes = attributes
    self.inputs = inputs
    self.output = output
  }

  /// What each reference computes, by its name; one that does not define this call is missing.
  ///
  /// - Throws: ``Obstacle`` where no reference defines it, or it is against the specification.
  package func answers() throws(Obstacle) -> [(reference: String, values: [Double])] {
    switch operation {
    case .quantizeLinear: try quantizeLinear()
    case .dequantizeLinear: try dequantizeLinear()
    case .matMulInteger: try matMulInteger()
    case .qLinearMatMul: try qLinearMatMul()
    }
  }

  func input(_ place: Int) throws(Obstacle) -> Tensor {
    guard let tensor = optionalInput(place) else {
      throw .inconsistent("input \(operation.inputs.names[place]) is missing")
    }
    return tensor
  }

  func optionalInput(_ place: Int) -> Tensor? { place < inputs.count ? inputs[place] : nil }

  /// Integers of an input.
  func integers(_ place: Int) throws(Obstacle) -> [Int64] {
    let tensor = try input(place)
    guard tensor.type.range != nil else {
      throw .unsupported("\(operation.inputs.names[place]) is \(tensor.type.name)")
    }
    return tensor.integers
  }

  func checkOutput(_ type: DataType, _ shape: [Int]) throws(Obstacle) {
    guard output.type == type else {
      throw .inconsistent("the output must be \(type.name), but is \(output.type.name)")
    }
    guard output.shape == shape else {
      throw .inconsistent("the output's shape must be \(shape), but is \(output.shape)")
    }
  }
}
