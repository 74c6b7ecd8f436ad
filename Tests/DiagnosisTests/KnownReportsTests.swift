import Diagnosis
import Hypotheses
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

@testable import PlantedKernels

/// A public report that two runtimes differ, played again: one of the two as a kernel, held to the other.
struct KnownReport: CustomTestStringConvertible {
  let url: String
  let kernel: Defect
  /// What the cause that is named first has to be made of.
  let cause: Set<Change>

  init(
    _ url: String, held profile: String, to cause: Set<Change>,
    _ requantize: any PlantedKernels.Requantizer
  ) {
    self.url = "https://github.com/" + url
    kernel = Defect(url, profile) { $0.requantize = requantize }
    self.cause = cause
  }

  var testDescription: String { "\(url) against \(kernel.profile.name)" }

  /// One product of 64 bits, rounded once.
  private static func once(_ rounding: Rounding) -> FixedPoint {
    FixedPoint(leftShift: .folded, first: nil, second: rounding)
  }

  private static func twice(_ rounding: Rounding) -> FixedPoint {
    FixedPoint(first: rounding, second: rounding)
  }

  static let all = [
    // "CONV result mismatch between INT8 reference and optimized kernels": 80 of 51,200 elements, by 1.
    KnownReport(
      "tensorflow/tensorflow/issues/99072", held: "tflm", to: [.part(.rounding, "toNearestOrUp")],
      twice(.up)),
    // "Standardize TFLM Reference Kernels to Single Rounding Requantization".
    KnownReport(
      "tensorflow/tflite-micro/issues/3252", held: "tflm",
      to: [.roundings(first: nil, last: .toNearestOrUp)], once(.up)),
    // "Tensorflow / TFLite matching": no build of CMSIS-NN matches what LiteRT's reference kernel, a float64,
    // gives for FULLY_CONNECTED.
    KnownReport(
      "ARM-software/CMSIS-NN/issues/214", held: "litert-reference", to: [.profile("tflm")],
      FixedPoint()),
    KnownReport(
      "ARM-software/CMSIS-NN/issues/214", held: "litert-reference",
      to: [.computed(.fixedPoint, .asClaimed)], FixedPoint.single),
    // "Understanding the math behind TFLite quantization": the user's integers are right, TFLite is a float32.
    KnownReport(
      "tensorflow/tensorflow/issues/102943", held: "single-rounding",
      to: [.computed(.float32, .tiesToEvenClamped)], InFloat()),
    // "FULLY_CONNECTED reference kernel should perform requantization using integer kernels".
    KnownReport(
      "google-ai-edge/LiteRT/issues/8567", held: "tflm", to: [.computed(.float64, .asClaimed)],
      InDouble()),
    // "Possible undefined behavior for arm_nn_requantize": shift ≥ 31, with CMSIS_NN_USE_SINGLE_ROUNDING.
    KnownReport(
      "ARM-software/CMSIS-NN/issues/114", held: "single-rounding",
      to: [.part(.result, "wrapsBeforeHalving"), .part(.multiplier, "bits31")], HalvedInt32()),
    // "ARM CMSIS-NN / TFLite Rounding Mode": RISC-V's vxrm = rnu, rne, rdn and rod.
    KnownReport(
      "tum-ei-eda/muriscv-nn/issues/3", held: "cmsis-nn", to: [.part(.rounding, "toNearestOrUp")],
      twice(.up)),
    KnownReport(
      "tum-ei-eda/muriscv-nn/issues/3", held: "cmsis-nn",
      to: [.roundings(first: .toNearestOrEven, last: .toNearestOrEven)], twice(.even)),
    KnownReport(
      "tum-ei-eda/muriscv-nn/issues/3", held: "cmsis-nn",
      to: [.roundings(first: .down, last: .down)], twice(.floor)),
    KnownReport(
      "tum-ei-eda/muriscv-nn/issues/3", held: "cmsis-nn",
      to: [.roundings(first: .toOdd, last: .toOdd)], twice(.odd)),
    // "Fix rounding mode in requantize operation": TFL's two roundings where the NPU was to round once.
    KnownReport(
      "apache/tvm/pull/15929", held: "tosa-single",
      to: [.roundings(first: .toNearestOrUp, last: .toNearestOrAway)], FixedPoint()),
    KnownReport(
      "apache/tvm/pull/15929", held: "tosa-single", to: [.part(.rounding, "towardZero")],
      once(.truncation)),
  ]
}

struct KnownReportsTests {
  #if DEBUG
  static let reports = Array(KnownReport.all.prefix(1))
  #else
  static let reports = KnownReport.all
  #endif

  @Test(arguments: reports)
  func theCauseIsFound(_ report: KnownReport) throws {
    let found = try diagnosis(report.kernel, inputs: [.int8])
    let cause = try #require(found.cause, "\(found.lines)")
    #expect(Set(cause.hypothesis.changes) == report.cause, "\(found.lines)")
  }

  /// tensorflow#102943: accumulator 585, the scales and the zero point −126 as they are given there. TFLite
  /// gave −120, the user's integers −119.
  @Test func accumulator585() throws {
    var maker = LayerMaker(accumulators: [585])
    maker.inputScale = 0.05296124517917633
    maker.weightScales = [0.024093778803944588]
    maker.outputScale = 0.11484327912330627
    maker.outputZeroPoint = -126
    let layer = try maker.layer()
    var operands = Operands()
    try Operators.named(maker.raw.operation).lower(layer, into: &operands)
    func output(_ name: String) throws -> Int32? {
      var outputs = ReferenceOutputs()
      let reference = try #require(Profiles.named(name)).reference(for: layer)
      reference.run(operands, into: &outputs)
      return outputs.values.first
    }
    // The true value is 6.50000047: above the tie, and so are all integers and float64.
    for name in [
      "exact-even", "tflm", "cmsis-nn", "single-rounding", "tosa-single", "tosa-double",
      "litert-reference", "litert-builtin",
    ] {
      #expect(try output(name) == -119, "\(name)")
    }
    // 585 · f32 D is nearer to 6.5 than to the next binary32 number: a tie, and 6 is even.
    for name in ["litert-xnnpack", "litert-xnnpack-avx2", "ort"] {
      #expect(try output(name) == -120, "\(name)")
    }
  }
}
