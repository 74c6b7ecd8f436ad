import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

/// One accumulator and what six runtimes gave.
///
/// They are ai-edge-litert 2.3.0 with the reference kernels, the
/// optimised kernels on AVX and on SSE4.2, XNNPACK on AVX-512 and on AVX2, and TensorFlow Lite Micro
/// 0.dev20261023182759. `nil`: refused, or outside the profile's domain.
struct MeasuredRow: Sendable, CustomTestStringConvertible {
  let testDescription: String
  let maker: LayerMaker
  let measured: [Int32?]

  static let profiles = [
    "litert-reference", "litert-builtin", "litert-builtin-sse", "litert-xnnpack",
    "litert-xnnpack-avx2", "tflm",
  ]

  init(
    _ name: String, _ accumulator: Int64, _ scales: (Double, Double, Double),
    _ zeroPoint: Int64 = 0,
    _ activation: Activation = .none, isPerChannel: Bool = false, gave measured: [Int32?]
  ) {
    var maker = LayerMaker(accumulator, scales.0, scales.1, scales.2, zeroPoint: zeroPoint)
    maker.activation = activation
    if isPerChannel {
      maker.channels = 2
      maker.weightScales = [scales.1, scales.1]
      maker.bias = [accumulator, accumulator]
    }
    testDescription = name
    self.maker = maker
    self.measured = measured
  }

  private static let odd = (0.005545392166823149, 0.11393209546804428, 39.86662292480469)
  private static let overflow = (0.6469934582710266, 0.1571136713027954, 0.09973258525133133)

  static let rounding: [MeasuredRow] = [
    MeasuredRow("carry of the double rounding", 3, (0.5, 0.25, 1), gave: [0, 1, 0, 0, 0, 1]),
    MeasuredRow("tie +0.5", 4, (0.5, 0.25, 1), gave: [1, 1, 1, 0, 0, 1]),
    MeasuredRow("tie -0.5", -4, (0.5, 0.25, 1), gave: [-1, 0, 0, 0, 0, -1]),
    MeasuredRow("tie +1.5", 12, (0.5, 0.25, 1), gave: [2, 2, 2, 2, 2, 2]),
    MeasuredRow("tie -1.5", -12, (0.5, 0.25, 1), gave: [-2, -1, -1, -2, -2, -2]),
    MeasuredRow("tie +2.5", 20, (0.5, 0.25, 1), gave: [3, 3, 3, 2, 2, 3]),
    MeasuredRow("tie -2.5", -20, (0.5, 0.25, 1), gave: [-3, -2, -2, -2, -2, -3]),
    MeasuredRow("-0.625", -5, (0.5, 0.25, 1), gave: [-1, 0, -1, -1, -1, -1]),
    MeasuredRow("shift 0, +0.5", 1, (0.5, 1, 1), gave: [1, 1, 1, 0, 0, 1]),
    MeasuredRow("shift 0, -0.5", -1, (0.5, 1, 1), gave: [-1, 0, 0, 0, 0, 0]),
    MeasuredRow("shift 0, +1.5", 3, (0.5, 1, 1), gave: [2, 2, 2, 2, 2, 2]),
    MeasuredRow("shift 0, -1.5", -3, (0.5, 1, 1), gave: [-2, -1, -1, -2, -2, -1]),
    MeasuredRow("float32 product, per tensor", 2_240_058, odd, gave: [35, 36, 35, 35, 35, 35]),
    MeasuredRow(
      "float32 product, per channel", 2_240_058, odd, isPerChannel: true,
      gave: [35, 35, 35, 35, 35, 35]),
    MeasuredRow(
      "half a unit in float32", 16_908_289, (0.001953125, 0.001953125, 1),
      gave: [65, 65, 65, 64, 64, 65]),
  ]

  static let overflows: [MeasuredRow] = [
    MeasuredRow(
      "positive overflow, D = 3", 2_147_483_647, (1.5, 1, 0.5), gave: [-128, -3, 127, 127, 127, -3]),
    MeasuredRow("2^30, D = 3", 1 << 30, (1.5, 1, 0.5), gave: [-128, 0, -128, 127, 127, 0]),
    MeasuredRow(
      "negative overflow", -2_112_535_998, overflow, -69, gave: [127, 127, 127, 127, -128, 127]),
    MeasuredRow("-2^31, D = 1", -(1 << 31), (1, 1, 1), -1, gave: [127, -1, 127, 127, -128, -1]),
    MeasuredRow(
      "-2^31, D = 1.5", -(1 << 31), (1.5, 1, 1), -1, gave: [127, -1, 127, 127, -128, -1]),
    MeasuredRow("D = 2^31", 1, (65_536, 32_768, 1), gave: [-128, 0, nil, nil, nil, nil]),
    MeasuredRow("D = 2^32", 1, (65_536, 65_536, 1), gave: [-128, 0, nil, nil, nil, nil]),
    MeasuredRow("D = 256", 0, (16, 16, 1), gave: [0, 0, 0, nil, nil, 0]),
    MeasuredRow("D just below 256", 0, (16, 15.999999046325684, 1), gave: [0, 0, 0, 0, 0, 0]),
    MeasuredRow("2^-32, low end", -(1 << 31), (0x1p-16, 0x1p-16, 1), gave: [-1, 0, 0, 0, 0, -1]),
    MeasuredRow("2^-32, high end", 2_147_483_647, (0x1p-16, 0x1p-16, 1), gave: [0, 1, 0, 0, 0, 1]),
    MeasuredRow("1.5 · 2^-33", 2_147_483_647, (0x1.8p-16, 0x1p-17, 1), gave: [0, 0, 0, 0, 0, 0]),
  ]

  static let activations: [MeasuredRow] = [
    MeasuredRow("relu6, 6/4 = 1.5", 100, (1, 1, 4), 0, .relu6, gave: [2, 2, 2, 2, 2, 2]),
    MeasuredRow(
      "relu6, 6/4 = 1.5, zero point 1", 100, (1, 1, 4), 1, .relu6, gave: [3, 3, 3, 2, 2, 3]),
    MeasuredRow("relu6, 6/12 = 0.5", 100, (1, 1, 12), 0, .relu6, gave: [1, 1, 1, 0, 0, 1]),
  ]
}

@Suite struct LiteRTKnownAnswerTests {
  @Test(arguments: MeasuredRow.rounding + MeasuredRow.overflows + MeasuredRow.activations)
  func profilesGiveWhatTheRuntimesGave(row: MeasuredRow) throws {
    for (name, measured) in zip(MeasuredRow.profiles, row.measured) {
      guard let measured else {
        #expect(throws: OutsideDomain.self, "\(name)") { try outputs(name, row.maker) }
        continue
      }
      let values = try outputs(name, row.maker).values
      #expect(values.allSatisfy { $0 == measured }, "\(name) gives \(values), not \(measured)")
    }
  }

  /// Measured, though outside the domain: the shift count is taken modulo 32.
  @Test(arguments: [32_768.0, 65_536.0])
  func microTakesShiftCountsModulo32OnX86(weights: Double) throws {
    let arithmetic = try profile("tflm").rules[0].arithmetic
    let found = try outputs(arithmetic, LayerMaker(1, 65_536, weights, 1))
    // Shifted by 32, which is 0, or by 33, which is 1; then (1 or 2)·2^30 is halved, half up.
    #expect(found.values == [1])
    #expect(found.departures == [.leftShift])
  }

  @Test func theWeightsZeroPointIsUsedPerTensorAndIgnoredPerChannel() throws {
    // x = 1, w = 1, Zw = 5, bias 10: 6 per tensor, 11 where the zero point is ignored.
    var maker = LayerMaker(10, 1, 1, 1)
    (maker.input, maker.weights, maker.weightZeroPoints) = ([1], [1], [5])
    for name in ["litert-reference", "litert-builtin", "litert-builtin-sse", "tflm"] {
      #expect(try outputs(name, maker).values == [6])
      var perChannel = maker
      perChannel.channels = 2
      (perChannel.weights, perChannel.bias) = ([1, 1], [10, 10])
      (perChannel.weightScales, perChannel.weightZeroPoints) = ([1, 1], [5, 0])
      #expect(throws: OutsideDomain.self) { try outputs(name, perChannel) }
      let arithmetic = try profile(name).rules[0].arithmetic
      let found = try outputs(arithmetic, perChannel)
      #expect(found.values == [11, 11])
      #expect(found.departures == [.zeroPointIgnored, []])
    }
    // XNNPACK leaves signed weights with a zero point to other kernels.
    #expect(throws: OutsideDomain.self) { try outputs("litert-xnnpack", maker) }
  }
}
