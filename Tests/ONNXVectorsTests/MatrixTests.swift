import ONNXVectors
import Testing

@Suite struct MatrixProductTests {
  private func shape(_ left: [Int], _ right: [Int]) throws -> [Int] {
    try MatrixProduct(left, right, limit: 1_000).shape
  }

  /// The examples and rules of numpy.matmul's documentation.
  @Test func shapesAreThoseOfNumpy() throws {
    #expect(try shape([2, 3], [3, 4]) == [2, 4])
    #expect(try shape([9, 5, 7, 4], [9, 5, 4, 3]) == [9, 5, 7, 3])
    #expect(try shape([2, 2, 4], [4]) == [2, 2])
    #expect(try shape([4], [2, 4, 3]) == [2, 3])
    #expect(try shape([4], [4]) == [])
    #expect(try shape([5, 1, 2, 3], [7, 3, 4]) == [5, 7, 2, 4])
    #expect(try shape([2, 0], [0, 3]) == [2, 3])
  }

  @Test func leadingDimensionsOfOneGoWithAnything() throws {
    let product = try MatrixProduct([2, 1, 1, 1], [3, 1, 1], limit: 100)
    #expect(product.pairs.map(\.left) == [0, 0, 0, 1, 1, 1])
    #expect(product.pairs.map(\.right) == [0, 1, 2, 0, 1, 2])
  }

  @Test func shapesWithoutAProductAreRefused() {
    for (left, right) in [
      ([2, 3], [4, 5]), ([], [2]), ([2], []), ([2, 1, 1], [3, 1, 1]),
      ([1 << 40, 1], [1, 1 << 40]), ([3], [4]),
    ] {
      #expect(throws: Obstacle.self, "\(left) \(right)") { try shape(left, right) }
    }
  }
}

@Suite struct NodeCallTests {
  private func tensor(_ type: DataType, _ shape: [Int], _ values: [Double]) -> Tensor {
    Tensor(type: type, shape: shape, values: values)
  }

  private func answers(
    _ operation: ONNXVectors.Operation, _ inputs: [Tensor?], _ output: (DataType, [Int]),
    _ attributes: [String: Int64] = [:]
  ) throws -> [String: [Double]] {
    let count = output.1.reduce(1, *)
    let call = NodeCall(
      operation, attributes: attributes, inputs: inputs,
      output: tensor(output.0, output.1, [Double](repeating: 0, count: count)))
    return Dictionary(uniqueKeysWithValues: try call.answers().map { ($0.reference, $0.values) })
  }

  /// Both references of MatMulInteger, which must agree with the sums worked by hand.
  private func expectSums(
    _ inputs: [Tensor?], _ shape: [Int], _ sums: [Double],
    at place: SourceLocation = #_sourceLocation
  ) throws {
    let found = try answers(.matMulInteger, inputs, (.int32, shape))
    #expect(Set(found.keys) == Set(ONNXVectors.Operation.matMulInteger.references))
    for (name, values) in found { #expect(values == sums, "\(name)", sourceLocation: place) }
  }

  @Test func integersAreSummedWithTheirZeroPointsSubtracted() throws {
    // (1·5 + 2·7, 1·6 + 2·8), (3·5 + 4·7, 3·6 + 4·8)
    let a = tensor(.uint8, [2, 2], [1, 2, 3, 4])
    let b = tensor(.int8, [2, 2], [5, 6, 7, 8])
    try expectSums([a, b], [2, 2], [19, 22, 43, 50])
    // A − 1 = (0, 1), (2, 3); B − 5 = (0, 1), (2, 3)
    let (za, zb) = (tensor(.uint8, [], [1]), tensor(.int8, [1], [5]))
    try expectSums([a, b, za, zb], [2, 2], [2, 3, 6, 11])
    try expectSums([a, b, nil, zb], [2, 2], [4, 7, 8, 15])
  }

  @Test func zeroPointsMayDifferByRowAndByColumn() throws {
    let a = tensor(.uint8, [2, 2], [1, 2, 3, 4])
    let b = tensor(.uint8, [2, 2], [5, 6, 7, 8])
    // A − (1, 3) = (0, 1), (0, 1); B − (5, 6) = (0, 0), (2, 2)
    for (rows, columns) in [([2], [2]), ([2, 1], [1, 2])] {
      try expectSums(
        [a, b, tensor(.uint8, rows, [1, 3]), tensor(.uint8, columns, [5, 6])], [2, 2],
        [2, 2, 2, 2])
    }
  }

  @Test func stacksOfMatricesAreBroadcastWithTheirOwnZeroPoints() throws {
    let a = tensor(.uint8, [2, 1, 2], [1, 2, 3, 4])
    let b = tensor(.uint8, [2, 1], [5, 7])
    try expectSums([a, b], [2, 1, 1], [19, 43])
    // The second matrix of A less 3: (0, 1).
    try expectSums([a, b, tensor(.uint8, [2, 1, 1], [0, 3])], [2, 1, 1], [19, 7])
    try expectSums([tensor(.uint8, [2], [1, 2]), tensor(.uint8, [2], [5, 7])], [], [19])
  }

  /// 255·255·33026 = 2 147 515 650 lies 32 003 above 2^31 − 1 and wraps.
  @Test func sumsWrapIn32Bits() throws {
    let count = 33_026
    let ones = [Double](repeating: 255, count: count)
    try expectSums(
      [tensor(.uint8, [1, count], ones), tensor(.uint8, [count, 1], ones)], [1, 1],
      [2_147_515_650 - 4_294_967_296])
  }

  private func qLinear(
    a: Tensor, _ sa: Tensor, b: Tensor, _ sb: Tensor, _ sy: Double, _ zy: Double, _ shape: [Int]
  ) throws -> [String: [Double]] {
    let (za, zb) = (
      tensor(a.type, sa.shape, sa.values.map { _ in 1 }),
      tensor(b.type, sb.shape, sb.values.map { _ in 0 })
    )
    return try answers(
      .qLinearMatMul,
      [
        a, sa, za, b, sb, zb, tensor(.float, [1], [sy]), tensor(a.type, [1], [zy]),
      ], (a.type, shape))
  }

  @Test func aProductIsScaledRoundedToEvenAndSaturated() throws {
    // A − 1 = (1, 2); sums 1·3 + 2·1 = 5, 1·1 + 2·100 = 201; by 0.5·1/1: 2.5 and 100.5.
    let found = try qLinear(
      a: tensor(.uint8, [1, 2], [2, 3]), tensor(.float, [], [0.5]),
      b: tensor(.uint8, [2, 2], [3, 1, 1, 100]), tensor(.float, [1], [1]), 1, 7, [1, 2])
    #expect(found == ["exact-even": [9, 107], "ort": [9, 107]])
    let saturated = try qLinear(
      a: tensor(.int8, [1, 1], [101]), tensor(.float16, [], [2]),
      b: tensor(.int8, [1, 2], [1, -1]), tensor(.float16, [], [1]), 1, 0, [1, 2])
    #expect(saturated == ["exact-even": [127, -128], "ort": [127, -128]])
  }

  @Test func scalesMayDifferByRowAndByColumn() throws {
    // Rows of A − 1: 1 by 1, 1 by 2; columns 3 by 1, 5 by 0.5: 3, 2.5, 6, 5.
    let found = try qLinear(
      a: tensor(.uint8, [2, 1], [2, 2]), tensor(.float, [2], [1, 2]),
      b: tensor(.uint8, [1, 2], [3, 5]), tensor(.float, [2], [1, 0.5]), 1, 0, [2, 2])
    #expect(found["exact-even"] == [3, 2, 6, 5])
    #expect(found["ort"] == [3, 2, 6, 5])
  }

  @Test func typesFollowTheZeroPointThenTheAttributeThenTheDefault() throws {
    let (x, s) = (tensor(.float, [2], [3, -600]), tensor(.float, [], [2]))
    func quantized(
      _ zeroPoint: Tensor?, _ type: DataType, _ attributes: [String: Int64] = [:]
    ) throws -> [[Double]] {
      try answers(.quantizeLinear, [x, s, zeroPoint], (type, [2]), attributes).values.map { $0 }
    }
    #expect(try quantized(nil, .uint8) == [[2, 0], [2, 0]])
    #expect(try quantized(tensor(.int4, [1], [1]), .int4) == [[3, -8], [3, -8]])
    #expect(try quantized(nil, .int16, ["output_dtype": 5]) == [[2, -300], [2, -300]])
    #expect(throws: Obstacle.self) {
      try quantized(tensor(.int8, [], [0]), .int8, ["output_dtype": 5])
    }
    #expect(throws: Obstacle.self) { try quantized(nil, .int8) }
    #expect(throws: Obstacle.unsupported("y is float8e4m3fn")) {
      try quantized(nil, .uint8, ["output_dtype": 17])
    }
  }

  /// Half precision has 11 bits: 2049 is 2048 there, and 2051 is 2052.
  @Test func precisionIsTheAttributesOrTheScales() throws {
    let (x, s) = (tensor(.float, [1], [2_051]), tensor(.float16, [], [2]))
    let half = try answers(
      .quantizeLinear, [x, s], (.int16, [1]), ["output_dtype": 5])
    // 2051 becomes 2052 in half precision: 1026; exactly, 1025.5 becomes 1026 as well.
    #expect(half.values.allSatisfy { $0 == [1_026] })
    let odd = try answers(
      .quantizeLinear, [tensor(.float, [1], [2_047.5]), s], (.int16, [1]), ["output_dtype": 5])
    // 2047.5 becomes 2048: 1024; exactly 1023.75 becomes 1024.
    #expect(odd.values.allSatisfy { $0 == [1_024] })
    let low = tensor(.float, [1], [2_049])
    let reading = "quotient in the scale's precision"
    let inHalf = try answers(
      .quantizeLinear, [low, tensor(.float16, [], [1])], (.int16, [1]),
      [
        "output_dtype": 5
      ])
    #expect(inHalf[reading] == [2_048])
    #expect(inHalf["exact quotient"] == [2_049])
    let inSingle = try answers(
      .quantizeLinear, [low, tensor(.float16, [], [1])], (.int16, [1]),
      ["output_dtype": 5, "precision": 1])
    #expect(inSingle[reading] == [2_049])
  }

  @Test func dequantizationTakesItsTypeFromTheScaleOrTheAttribute() throws {
    let (x, s) = (tensor(.int16, [2], [2_049, -3]), tensor(.float16, [], [1]))
    #expect(
      try answers(.dequantizeLinear, [x, s], (.float16, [2])).values.first == [2_048, -3])
    #expect(
      try answers(.dequantizeLinear, [x, s], (.float, [2]), ["output_dtype": 1]).values.first
        == [2_049, -3])
    #expect(throws: Obstacle.self) { try answers(.dequantizeLinear, [x, s], (.float, [2])) }
    #expect(throws: Obstacle.self) {
      try answers(
        .dequantizeLinear, [x, s, tensor(.int8, [], [0])], (.float16, [2]))
    }
  }

  @Test func callsAgainstTheSpecificationAreRefused() {
    let a = tensor(.uint8, [2, 2], [1, 2, 3, 4])
    let calls: [(ONNXVectors.Operation, [Tensor?], (DataType, [Int]))] = [
      (.matMulInteger, [a, nil], (.int32, [2, 2])),
      (.matMulInteger, [a, a], (.int32, [2, 3])),
      (.matMulInteger, [a, a], (.uint8, [2, 2])),
      (.matMulInteger, [a, a, tensor(.int8, [], [0])], (.int32, [2, 2])),
      (.matMulInteger, [a, a, tensor(.uint8, [3], [0, 0, 0])], (.int32, [2, 2])),
      (.matMulInteger, [tensor(.int16, [1, 1], [1]), a], (.int32, [1, 1])),
      (
        .matMulInteger, [tensor(.uint8, [2, 0], []), tensor(.uint8, [0, 2], [])], (.int32, [2, 2])
      ),
      (.quantizeLinear, [a, tensor(.float, [], [1])], (.uint8, [2, 2])),
      (.quantizeLinear, [tensor(.float, [1], [.nan]), tensor(.float, [], [1])], (.uint8, [1])),
      (.quantizeLinear, [tensor(.float, [1], [1]), tensor(.int32, [], [1])], (.uint8, [1])),
      (
        .quantizeLinear,
        [tensor(.float, [2], [1, 2]), tensor(.float, [], [1]), tensor(.uint8, [2], [1, 2])],
        (.uint8, [2])
      ),
    ]
    for (operation, inputs, output) in calls {
      #expect(throws: Obstacle.self, "\(operation) \(inputs)") {
        try answers(operation, inputs, output)
      }
    }
  }

  /// A scale that no layer may have: the layer says why.
  @Test func negativeScalesAreUnsupported() throws {
    let error = #expect(throws: Obstacle.self) {
      try qLinear(
        a: tensor(.uint8, [1, 1], [2]), tensor(.float, [], [-1]), b: tensor(.uint8, [1, 1], [3]),
        tensor(.float, [], [1]), 1, 0, [1, 1])
    }
    guard case .unsupported(let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains("-1"))
  }
}
