import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// MatMulInteger and QLinearMatMul, through the model of a fully connected layer.
///
/// A matrix of the product is a layer: its input is the left matrix, its weights are the right one
/// transposed, a scale and zero point per column are those of a channel. A scale and zero point per
/// row make each row a layer of its own.
extension NodeCall {
  func matMulInteger() throws(Obstacle) -> [(reference: String, values: [Double])] {
    let (product, left, right) = try factors(
      Factor.Places(data: 0, zeroPoint: 2), Factor.Places(data: 1, zeroPoint: 3), .int32)
    var sums: [Double] = []
    for pair in product.pairs {
      for row in 0..<product.rows {
        for column in 0..<product.columns {
          var sum: Int32 = 0
          for k in 0..<product.depth {
            let a = left.centred(pair.left, row * product.depth + k, line: row)
            let b = right.centred(pair.right, k * product.columns + column, line: column)
            // "The accumulation may overflow if and only if in 32 bits"; a product has 18 bits.
            sum &+= a &* b
          }
          sums.append(Double(sum))
        }
      }
    }
    let accumulators = try layers(product, left, right, output: nil, profile: "exact-even") {
      $0.accumulators.map { Double(Int32(truncatingIfNeeded: $0)) }
    }
    return [(operation.references[0], sums)]
      + (accumulators.map { [(operation.references[1], $0)] } ?? [])
  }

  func qLinearMatMul() throws(Obstacle) -> [(reference: String, values: [Double])] {
    let (scale, zeroPoint) = (try input(6), try input(7))
    let zeroPoints = try integers(7)
    guard scale.type.format != nil else { throw .unsupported("y_scale is \(scale.type.name)") }
    guard scale.values.count == 1, zeroPoints.count == 1 else {
      throw .unsupported("y has more than one scale or zero point")
    }
    guard let type = zeroPoint.type.elementType else {
      throw .unsupported("y is \(zeroPoint.type.name)")
    }
    let (product, left, right) = try factors(
      Factor.Places(data: 0, scale: 1, zeroPoint: 2),
      Factor.Places(data: 3, scale: 4, zeroPoint: 5), zeroPoint.type)
    let output = RawTensor(type: type, shape: [], scales: scale.values, zeroPoints: zeroPoints)
    var answers: [(reference: String, values: [Double])] = []
    for profile in operation.references {
      let values = try layers(product, left, right, output: output, profile: profile) {
        $0.values.map { Double($0) }
      }
      if let values { answers.append((profile, values)) }
    }
    guard !answers.isEmpty else { throw .unsupported("no profile defines the layers") }
    return answers
  }

  private func factors(
    _ first: Factor.Places, _ second: Factor.Places, _ type: DataType
  ) throws(Obstacle) -> (MatrixProduct, Factor, Factor) {
    let product = try MatrixProduct(
      try input(first.data).shape, try input(second.data).shape, limit: output.values.count)
    try checkOutput(type, product.shape)
    let left = try Factor(self, first, lines: product.rows, size: product.rows * product.depth) {
      $0.dropLast() + [1]
    }
    let right = try Factor(
      self, second, lines: product.columns, size: product.depth * product.columns
    ) { $0.dropLast(2) + [1] + $0.suffix(1) }
    guard !product.pairs.isEmpty || output.values.isEmpty else {
      throw .unsupported("there is nothing to sum")
    }
    return (product, left, right)
  }

  /// What `read` takes from the reference's outputs of every layer, in the order of the product.
  ///
  /// - Returns: `nil` where the profile does not define the layers.
  private func layers(
    _ product: MatrixProduct, _ left: Factor, _ right: Factor, output: RawTensor?, profile: String,
    read: (ReferenceOutputs) -> [Double]
  ) throws(Obstacle) -> [Double]? {
    guard let profile = Profiles.named(profile) else { return nil }
    var (values, operands, outputs) = ([Double](), Operands(), ReferenceOutputs())
    for pair in product.pairs {
      let weights = right.weights(pair.right, product)
      // One layer, or one a row.
      let height = left.isPerLine ? 1 : product.rows
      for row in stride(from: 0, to: product.rows, by: height) {
        var result =
          output ?? RawTensor(type: .int8, shape: [], scales: [1], zeroPoints: [0])
        result.shape = [height, product.columns]
        let raw = RawLayer(
          operation: FullyConnected.name, activation: .none,
          input: left.input(pair.left, row..<row + height, product.depth), weights: weights,
          bias: nil, output: result)
        let layer: Layer
        do throws(LayerError) {
          layer = try FullyConnected.validate(raw)
        } catch {
          throw .unsupported(error.description)
        }
        guard let reference = try? profile.reference(for: layer) else { return nil }
        FullyConnected.lower(layer, into: &operands)
        reference.run(operands, into: &outputs)
        values += read(outputs)
      }
    }
    return values
  }
}

/// A factor of a product of matrices, and what is said of it.
private struct Factor {
  /// The places of the inputs.
  struct Places {
    var data: Int
    var scale: Int?
    var zeroPoint: Int
  }

  let type: ElementType
  private let values: [Int64]
  private let scales: [Double]
  private let zeroPoints: [Int64]
  /// Rows on the left, columns on the right.
  private let lines: Int
  /// Elements of one matrix.
  private let size: Int
  /// Whether scale or zero point differ from line to line.
  var isPerLine: Bool { scales.count > 1 || zeroPoints.count > 1 }

  /// `perLine` is the shape of parameters per line, for a shape of the factor.
  ///
  /// - Throws: ``Obstacle``
  init(
    _ call: NodeCall, _ places: Places, lines: Int, size: Int, perLine: ([Int]) -> [Int]
  ) throws(Obstacle) {
    let data = try call.input(places.data)
    let names = call.operation.inputs.names
    guard data.type != .int16, let type = data.type.elementType else {
      throw .unsupported("\(names[places.data]) is \(data.type.name)")
    }
    self.type = type
    self.lines = lines
    self.size = size
    values = data.integers
    let allowed = data.shape.count < 2 ? [] : perLine(data.shape)
    func check(_ place: Int) throws(Obstacle) -> Tensor {
      let tensor = try call.input(place)
      let isVector = data.shape.count == 2 && tensor.shape == [lines]
      guard tensor.values.count == 1 || tensor.shape == allowed || isVector else {
        throw .inconsistent(
          "\(names[place]) must be one value or of shape \(allowed), but is \(tensor.shape)")
      }
      return tensor
    }
    if let place = places.scale {
      let tensor = try check(place)
      guard tensor.type.format != nil else {
        throw .unsupported("\(names[place]) is \(tensor.type.name)")
      }
      scales = tensor.values
    } else {
      scales = [1]
    }
    if call.optionalInput(places.zeroPoint) == nil {
      zeroPoints = [0]
    } else {
      let tensor = try check(places.zeroPoint)
      guard tensor.type == data.type else {
        throw .inconsistent(
          "\(names[places.zeroPoint]) is \(tensor.type.name), but \(names[places.data]) is"
            + " \(data.type.name)")
      }
      zeroPoints = tensor.integers
    }
  }

  /// Element `index` of a matrix, its zero point subtracted.
  func centred(_ matrix: Int, _ index: Int, line: Int) -> Int32 {
    let zeroPoint = zeroPoints.count == 1 ? zeroPoints[0] : zeroPoints[matrix * lines + line]
    // Both are 8-bit integers.
    return Int32(truncatingIfNeeded: values[matrix * size + index] - zeroPoint)
  }

  /// Some rows of a matrix.
  func input(_ matrix: Int, _ rows: Range<Int>, _ depth: Int) -> RawTensor {
    let first = matrix * size + rows.lowerBound * depth
    let line = matrix * lines + rows.lowerBound
    return RawTensor(
      type: type, shape: [rows.count, depth],
      scales: [scales.count == 1 ? scales[0] : scales[line]],
      zeroPoints: [zeroPoints.count == 1 ? zeroPoints[0] : zeroPoints[line]],
      data: ElementBytes.bytes(values[first..<first + rows.count * depth], as: type))
  }

  /// A matrix of `depth` rows and `columns` columns, as the weights of a layer.
  func weights(_ matrix: Int, _ product: MatrixProduct) -> RawTensor {
    let (depth, columns) = (product.depth, product.columns)
    var transposed: [Int64] = []
    transposed.reserveCapacity(size)
    for column in 0..<columns {
      for k in 0..<depth { transposed.append(values[matrix * size + k * columns + column]) }
    }
    let own = matrix * lines..<(matrix + 1) * lines
    return RawTensor(
      type: type, shape: [columns, depth], scales: scales.count == 1 ? scales : Array(scales[own]),
      zeroPoints: zeroPoints.count == 1 ? zeroPoints : Array(zeroPoints[own]),
      data: ElementBytes.bytes(transposed, as: type))
  }
}

extension DataType {
  /// As the layers name it; `nil` for a type that they do not have.
  var elementType: ElementType? {
    switch self {
    case .int8: .int8
    case .uint8: .uint8
    case .int16: .int16
    default: nil
    }
  }
}
