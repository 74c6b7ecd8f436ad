import FastKernels
import Testing

/// One output of a layer with K = 1 and a product of 0, so that the accumulator is the bias; the
/// answers were measured on LiteRT 2.3.0 and TensorFlow Lite Micro, x86 with AVX-512.
struct MeasuredRow: CustomTestStringConvertible, Sendable {
  let name: String
  let accumulator: Int64
  let scales: (Double, Double, Double)
  let zeroPoint: Int64
  /// litert-reference, litert-builtin, litert-xnnpack, tflm; nil where it refuses.
  let answers: [Int64?]
  var activation = KernelActivation.none
  var isPerChannel = false

  var testDescription: String { name }

  static let profiles: [KernelProfile] = [.litertReference, .litertBuiltin, .litertXNNPACK, .tflm]

  private static let drift = (0.005545392166823149, 0.11393209546804428, 39.86662292480469)
  private static let low = (0.6469934582710266, 0.1571136713027954, 0.09973258525133133)
  private static let lowest: Int64 = -2_147_483_648
  private static let highest: Int64 = 2_147_483_647

  static let all = [
    MeasuredRow("carry of the double rounding", 3, (0.5, 0.25, 1), 0, [0, 1, 0, 1]),
    MeasuredRow("tie +0.5", 4, (0.5, 0.25, 1), 0, [1, 1, 0, 1]),
    MeasuredRow("tie -0.5", -4, (0.5, 0.25, 1), 0, [-1, 0, 0, -1]),
    MeasuredRow("tie +1.5", 12, (0.5, 0.25, 1), 0, [2, 2, 2, 2]),
    MeasuredRow("tie -1.5", -12, (0.5, 0.25, 1), 0, [-2, -1, -2, -2]),
    MeasuredRow("tie +2.5", 20, (0.5, 0.25, 1), 0, [3, 3, 2, 3]),
    MeasuredRow("tie -2.5", -20, (0.5, 0.25, 1), 0, [-3, -2, -2, -3]),
    MeasuredRow("-0.625", -5, (0.5, 0.25, 1), 0, [-1, 0, -1, -1]),
    MeasuredRow("D = 0.5: +0.5", 1, (0.5, 1, 1), 0, [1, 1, 0, 1]),
    MeasuredRow("D = 0.5: -0.5", -1, (0.5, 1, 1), 0, [-1, 0, 0, 0]),
    MeasuredRow("D = 0.5: +1.5", 3, (0.5, 1, 1), 0, [2, 2, 2, 2]),
    MeasuredRow("D = 0.5: -1.5", -3, (0.5, 1, 1), 0, [-2, -1, -2, -1]),
    MeasuredRow("float32 product per tensor", 2_240_058, drift, 0, [35, 36, 35, 35]),
    MeasuredRow(
      "float32 product per channel", 2_240_058, drift, 0, [35, 35, 35, 35], isPerChannel: true),
    MeasuredRow(
      "half in float32", 16_908_289, (0.001953125, 0.001953125, 1), 0, [65, 65, 64, 65]),
    MeasuredRow("positive overflow", highest, (1.5, 1, 0.5), 0, [-128, -3, 127, -3]),
    MeasuredRow("2^30 times 3", 1 << 30, (1.5, 1, 0.5), 0, [-128, 0, 127, 0]),
    MeasuredRow("negative overflow", -2_112_535_998, low, -69, [127, 127, 127, 127]),
    MeasuredRow("-2^31 and zero point -1", lowest, (1, 1, 1), -1, [127, -1, 127, -1]),
    MeasuredRow("-2^31 times 1.5", lowest, (1.5, 1, 1), -1, [127, -1, 127, -1]),
    MeasuredRow(
      "6 / 4", 100, (1, 1, 4), 0, [2, 2, 2, 2], activation: .relu6),
    MeasuredRow(
      "6 / 4 and zero point 1", 100, (1, 1, 4), 1, [3, 3, 2, 3], activation: .relu6),
    MeasuredRow(
      "6 / 12", 100, (1, 1, 12), 0, [1, 1, 0, 1], activation: .relu6),
    MeasuredRow("D = 2^31", 1, (65_536, 32_768, 1), 0, [-128, 0, nil, 1]),
    MeasuredRow("D = 2^32", 1, (65_536, 65_536, 1), 0, [-128, 0, nil, 1]),
    MeasuredRow("D = 256", 0, (16, 16, 1), 0, [0, 0, nil, 0]),
    MeasuredRow("D just below 256", 0, (16, Double(Float(16).nextDown), 1), 0, [0, 0, 0, 0]),
    MeasuredRow("D = 2^-32, lowest", lowest, (0x1p-16, 0x1p-16, 1), 0, [-1, 0, 0, -1]),
    MeasuredRow("D = 2^-32, highest", highest, (0x1p-16, 0x1p-16, 1), 0, [0, 1, 0, 1]),
    MeasuredRow("D = 1.5 * 2^-34", highest, (0x1.8p-16, 0x1p-17, 1), 0, [0, 0, 0, 0]),
  ]

  private init(
    _ name: String, _ accumulator: Int64, _ scales: (Double, Double, Double), _ zeroPoint: Int64,
    _ answers: [Int64?], activation: KernelActivation = .none, isPerChannel: Bool = false
  ) {
    (self.name, self.accumulator, self.scales) = (name, accumulator, scales)
    (self.zeroPoint, self.answers) = (zeroPoint, answers)
    (self.activation, self.isPerChannel) = (activation, isPerChannel)
  }

  func layer(_ profile: KernelProfile) -> TestLayer {
    let channels = isPerChannel ? 2 : 1
    return TestLayer(
      description: FullyConnectedDescription(
        profile: profile, activation: activation,
        inputShape: [1, 1], inputType: .int8, inputScale: scales.0, inputZeroPoint: 0,
        weightsShape: [channels, 1], weightsType: .int8,
        weightsScales: Array(repeating: scales.1, count: channels), weightsZeroPoints: [0],
        bias: .init(type: .int32, shape: [channels]),
        outputShape: [1, channels], outputType: .int8, outputScale: scales.2,
        outputZeroPoint: zeroPoint),
      input: [0], weights: Array(repeating: 1, count: channels),
      bias: Array(repeating: accumulator, count: channels))
  }
}

struct KnownAnswerTests {
  @Test(arguments: MeasuredRow.all)
  func litertAndTFLMAnswerAsMeasured(_ row: MeasuredRow) throws {
    var workspace = KernelWorkspace()
    for path in KernelPath.allCases where path.isAvailable {
      for (profile, answer) in zip(MeasuredRow.profiles, row.answers) {
        let layer = row.layer(profile)
        if let answer {
          let got = try layer.run(path, &workspace)
          #expect(got == Array(repeating: answer, count: layer.columns), "\(path) \(profile)")
        } else {
          #expect(throws: KernelRefusal.self, "\(path) \(profile)") {
            try FullyConnectedKernel(layer.description, path: path)
          }
        }
      }
    }
  }

  /// Per channel the zero point is ignored, per tensor it is used: (1 - 0)(1 - 5) + 10 = 6.
  @Test(arguments: [(true, Int64(11)), (false, 6)])
  func weightsZeroPointIsIgnoredPerChannel(isPerChannel: Bool, answer: Int64) throws {
    var workspace = KernelWorkspace()
    for profile in [KernelProfile.litertReference, .litertBuiltin, .tflm] {
      var layer = MeasuredRow.all[0].layer(profile)
      layer.description.inputScale = 1
      layer.description.weightsScales = isPerChannel ? [1, 1] : [1]
      layer.description.weightsShape = [2, 1]
      layer.description.outputShape = [1, 2]
      layer.description.weightsZeroPoints = isPerChannel ? [5, 5] : [5]
      layer.description.bias?.shape = [2]
      (layer.input, layer.weights, layer.bias) = ([1], [1, 1], [10, 10])
      for path in KernelPath.allCases where path.isAvailable {
        #expect(try layer.run(path, &workspace) == [answer, answer], "\(profile)")
      }
    }
  }

  /// The binary32 multiplier of ONNX Runtime 1.32.0 makes halves of what is none.
  ///
  /// 2.50000009 becomes 2.5 and so 2, 3.49999989 becomes 3.5 and so 4; both true values round to 3.
  @Test(arguments: [(0.1, 0.02, Int64(2)), (0.7, 0.1, 4)])
  func onnxRuntimeRoundsItsMultiplier(weights: Double, output: Double, answer: Int64) throws {
    var workspace = KernelWorkspace()
    for (profile, expected) in [(KernelProfile.ort, answer), (.exactEven, 3), (.exactUp, 3)] {
      let layer = TestLayer(
        description: FullyConnectedDescription(
          profile: profile, inputShape: [1, 1], inputType: .uint8, inputScale: 0.5,
          inputZeroPoint: 0, weightsShape: [1, 1], weightsType: .int8,
          weightsScales: [Double(Float(weights))], weightsZeroPoints: [0], outputShape: [1, 1],
          outputType: .uint8, outputScale: Double(Float(output)), outputZeroPoint: 0),
        input: [1], weights: [1], bias: nil)
      for path in KernelPath.allCases where path.isAvailable {
        #expect(try layer.run(path, &workspace) == [expected], "\(path) \(profile)")
      }
    }
  }

  /// ONNX Runtime adds the bias modulo 2^32: 2^31 - 1 and a sum of 1 give the lowest output.
  @Test func onnxRuntimeWrapsTheBias() throws {
    var workspace = KernelWorkspace()
    var layer = MeasuredRow.all[0].layer(.ort)
    (layer.input, layer.weights, layer.bias) = ([1], [1], [2_147_483_647])
    for path in KernelPath.allCases where path.isAvailable {
      #expect(try layer.run(path, &workspace) == [-128])
    }
  }
}
