import QuantizedArithmetic

/// QuantizeLinear and DequantizeLinear, in every form from operator set 10 to 28.
///
/// Source: the ONNX operator specification, `docs/Operators.md`.
extension NodeCall {
  func quantizeLinear() throws(Obstacle) -> [(reference: String, values: [Double])] {
    let (x, scale) = (try input(0), try input(1))
    guard x.type.format != nil || x.type == .int32 else {
      throw .unsupported("x is \(x.type.name)")
    }
    let type = try quantizedType()
    guard let range = type.range else { throw .unsupported("y is \(type.name)") }
    // "The type of y_scale determines the precision of the division" unless the attribute does.
    let divisionType = try dataType("precision") ?? scale.type
    guard scale.type.format != nil, let precision = divisionType.format else {
      throw .unsupported("the division is in \(divisionType.name)")
    }
    let places = try places(x.shape, scale)
    let zeroPoints = try zeroPoints(scale)
    try checkOutput(type, x.shape)
    let precisions: [BinaryFormat?] = [nil, precision]
    var answers: [(reference: String, values: [Double])] = []
    for (reference, precision) in zip(operation.references, precisions) {
      var values: [Double] = []
      for (index, place) in places.enumerated() {
        guard
          let value = LinearQuantization.quantized(
            x.values[index], scale: scale.values[place], zeroPoint: zeroPoints[place], range: range,
            precision: precision)
        else {
          throw .unsupported(
            "\(x.values[index]) / \(scale.values[place]) is no number, x[\(index)]")
        }
        values.append(Double(value))
      }
      answers.append((reference, values))
    }
    return answers
  }

  func dequantizeLinear() throws(Obstacle) -> [(reference: String, values: [Double])] {
    let (x, scale) = (try input(0), try input(1))
    let integers = try integers(0)
    let type = try dataType("output_dtype") ?? scale.type
    guard scale.type.format != nil, let precision = type.format else {
      throw .unsupported("x_scale is \(scale.type.name) and y is \(type.name)")
    }
    if let zeroPoint = optionalInput(2), zeroPoint.type != x.type {
      throw .inconsistent("x_zero_point is \(zeroPoint.type.name), but x is \(x.type.name)")
    }
    let places = try places(x.shape, scale)
    let zeroPoints = try zeroPoints(scale)
    try checkOutput(type, x.shape)
    var values: [Double] = []
    for (index, place) in places.enumerated() {
      guard
        let value = LinearQuantization.dequantized(
          integers[index], scale: scale.values[place], zeroPoint: zeroPoints[place],
          precision: precision)
      else { throw .unsupported("x_scale[\(place)] is \(scale.values[place])") }
      values.append(value)
    }
    return [(operation.references[0], values)]
  }

  /// Of the zero point; without one `output_dtype`, and without that uint8.
  private func quantizedType() throws(Obstacle) -> DataType {
    let asked = try dataType("output_dtype")
    guard let type = optionalInput(2)?.type else { return asked ?? .uint8 }
    if let asked, asked != type {
      throw .inconsistent("output_dtype is \(asked.name), but y_zero_point is \(type.name)")
    }
    return type
  }

  /// The type that an attribute names; 0 stands for none.
  private func dataType(_ attribute: String) throws(Obstacle) -> DataType? {
    guard let code = attributes[attribute], code != 0 else { return nil }
    guard let type = DataType(rawValue: Int(truncatingIfNeeded: code)) else {
      throw .unsupported("\(attribute) is data type \(code)")
    }
    return type
  }

  private func places(_ shape: [Int], _ scale: Tensor) throws(Obstacle) -> [Int] {
    try Granularity.places(
      shape: shape, scales: scale.shape, axis: attributes["axis"] ?? 1,
      blockSize: attributes["block_size"] ?? 0)
  }

  /// One a scale. A single one may be a scalar beside a list of one, as in the official tests.
  private func zeroPoints(_ scale: Tensor) throws(Obstacle) -> [Int64] {
    guard let tensor = optionalInput(2) else {
      return [Int64](repeating: 0, count: scale.values.count)
    }
    let zeroPoints = try integers(2)
    let isSingle = zeroPoints.count == 1 && scale.values.count == 1
    guard tensor.shape == scale.shape || isSingle else {
      throw .inconsistent(
        "scale and zero point must have one shape, but have \(scale.shape) and \(tensor.shape)")
    }
    return zeroPoints
  }
}
