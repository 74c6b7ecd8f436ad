import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

/// A condition, a change that breaks it, and whether it then holds.
struct DomainRow: Sendable, CustomTestStringConvertible {
  let condition: DomainCondition
  let holds: Bool
  let changes: @Sendable (inout LayerMaker) -> Void

  init(
    _ condition: DomainCondition, _ holds: Bool,
    _ changes: @escaping @Sendable (inout LayerMaker) -> Void
  ) {
    (self.condition, self.holds, self.changes) = (condition, holds, changes)
  }

  var testDescription: String { "\(condition.rawValue) \(holds ? "holds" : "fails")" }

  static let scales: [DomainRow] = [
    DomainRow(.binary32Scales, false) { $0.inputScale = 0.1 },
    DomainRow(.binary32Scales, false) { $0.outputScale = 0x1p-150 },
    DomainRow(.binary32Scales, false) { $0.weightScales = [1, 0x1p200] },
    DomainRow(.binary32Scales, true) { $0.weightScales = [0x1p-149, 0x1.fffffep127] },
    DomainRow(.normalScales, false) { $0.weightScales = [1, 0x1p-127] },
    DomainRow(.normalScales, true) { $0.inputScale = 0x1p-126 },
    DomainRow(.normalProducts, false) {
      $0.inputScale = 0x1p-100
      $0.weightScales = [1, 0x1p-27]
    },
    DomainRow(.normalProducts, true) {
      $0.inputScale = 0x1p-100
      $0.weightScales = [1, 0x1p-26]
    },
    DomainRow(.finiteMultiplier, false) { ($0.inputScale, $0.outputScale) = (0x1p127, 0x1p-149) },
    DomainRow(.finiteMultiplier, true) { ($0.inputScale, $0.outputScale) = (0x1p100, 0x1p-20) },
    DomainRow(.shiftBelow32, false) { $0.inputScale = 0x1p31 },
    DomainRow(.shiftBelow32, true) { $0.inputScale = 0x1p30 },
    DomainRow(.shiftBelow8, false) { $0.inputScale = 128 },
    DomainRow(.shiftBelow8, true) { $0.inputScale = Double(Float(128).nextDown) },
    DomainRow(.shiftBelow8, true) { $0.inputScale = 127.9 },
    DomainRow(.normalMultiplier, false) {
      ($0.inputScale, $0.weightScales) = (0x1p-100, [0x1p-27])
    },
    DomainRow(.normalMultiplier, false) { $0.inputScale = 0x1p-150 },
    DomainRow(.normalMultiplier, true) { ($0.inputScale, $0.weightScales) = (0x1p-100, [0x1p-26]) },
    // One product of at most 2^14: less than 2^31 up to 2^17.
    DomainRow(.predictableRescale, false) { $0.inputScale = 0x1p17 },
    DomainRow(.predictableRescale, true) { $0.inputScale = 0x1p16 },
    DomainRow(.predictableRescale, false) { ($0.depth, $0.inputScale) = (2, 0x1p16) },
    DomainRow(.predictableRescale, false) {
      ($0.inputZeroPoint, $0.weightZeroPoints, $0.inputScale) = (127, [1], 0x1p16)
    },
    DomainRow(.predictableRescale, false) {
      ($0.biasType, $0.bias, $0.inputScale) = (.int32, [0, -(1 << 14)], 0x1p16)
    },
    DomainRow(.multiplierBelow256, false) { $0.weightScales = [1, 256] },
    DomainRow(.multiplierBelow256, true) { $0.weightScales = [1, 255.9] },
  ]

  static let zeroPoints: [DomainRow] = [
    DomainRow(.zeroWeightsZeroPointPerChannel, true) { $0.weightZeroPoints = [5] },
    DomainRow(.zeroWeightsZeroPointPerChannel, false) {
      ($0.weightScales, $0.weightZeroPoints) = ([1, 2], [0, 5])
    },
    DomainRow(.zeroWeightsZeroPointPerChannel, false) { $0.weightZeroPoints = [0, 5] },
    DomainRow(.perTensor, false) { $0.weightScales = [1, 1] },
    DomainRow(.perTensor, false) { $0.weightZeroPoints = [1, 2] },
    DomainRow(.perTensor, true) { $0.weightZeroPoints = [1] },
    DomainRow(.zeroSignedWeightsZeroPoint, false) { $0.weightZeroPoints = [1] },
    DomainRow(.zeroSignedWeightsZeroPoint, true) {
      $0.types = TypeTriple(.uint8)
      $0.weightZeroPoints = [1]
    },
    DomainRow(.zeroActivationZeroPoints, false) { $0.inputZeroPoint = 1 },
    DomainRow(.zeroActivationZeroPoints, false) { $0.outputZeroPoint = -1 },
    DomainRow(.zeroActivationZeroPoints, true) { $0.weightZeroPoints = [3] },
    DomainRow(.zeroWeightsZeroPoint, false) { $0.weightZeroPoints = [0, 1] },
    DomainRow(.zeroWeightsZeroPoint, true) { $0.inputZeroPoint = 1 },
    DomainRow(.oneWeightsZeroPoint, false) { $0.weightZeroPoints = [0, 0] },
    DomainRow(.oneWeightsZeroPoint, true) { $0.weightScales = [1, 2] },
    DomainRow(.zeroWeightsZeroPoint, false) { $0.weightZeroPoints = [0, 1] },
    DomainRow(.zeroWeightsZeroPoint, true) { $0.weightScales = [1, 2] },
  ]
}

@Suite struct DomainTests {
  /// float32 for the multiplier, so that it overflows where float64 would not.
  private let arithmetic = Arithmetic(
    accumulator: .int32Wrapping, effectiveScale: .binary32,
    requantization: .float32(.bothBeforeRounding), activationBounds: .roundedSum)

  @Test(arguments: DomainRow.scales + DomainRow.zeroPoints)
  func conditionsHoldExactlyWhereTheySay(row: DomainRow) throws {
    var maker = LayerMaker(TypeTriple(.int8))
    maker.channels = 2
    #expect(row.condition.holds(for: try maker.layer(), arithmetic: arithmetic))
    row.changes(&maker)
    #expect(row.condition.holds(for: try maker.layer(), arithmetic: arithmetic) == row.holds)
  }

  @Test func everyConditionIsBrokenByARow() {
    let broken = (DomainRow.scales + DomainRow.zeroPoints).filter { !$0.holds }.map(\.condition)
    #expect(Set(broken) == Set(DomainCondition.allCases).subtracting([.perChannel]))
  }

  /// The one condition that a layer with one of everything does not meet.
  @Test func scalesForEachChannel() throws {
    var maker = LayerMaker(TypeTriple(.int8))
    maker.channels = 2
    for (scales, zeroPoints, holds) in [
      ([1], [0], false), ([1], [0, 1], false), ([1, 1], [0], true), ([1, 2], [0, 1], true),
    ] as [([Double], [Int64], Bool)] {
      (maker.weightScales, maker.weightZeroPoints) = (scales, zeroPoints)
      let layer = try maker.layer()
      #expect(DomainCondition.perChannel.holds(for: layer, arithmetic: arithmetic) == holds)
    }
  }

  @Test func whatIsMissingIsSaid() throws {
    func reason(_ name: String, _ maker: LayerMaker) throws -> String {
      do {
        _ = try outputs(name, maker)
        return ""
      } catch let error as OutsideDomain {
        #expect(error.description.contains(name))
        return error.reason
      }
    }
    var maker = LayerMaker(TypeTriple(.uint8))
    #expect(try reason("tflm", maker).contains("types"))
    maker.types = TypeTriple(.int8)
    maker.activation = .relu
    #expect(try reason("ort", maker).contains("activation"))
    maker.activation = .none
    maker.inputScale = 0.1
    #expect(try reason("tflm", maker).contains("binary32"))
    maker.inputScale = 1
    (maker.biasType, maker.biasScales, maker.biasZeroPoints) = (.int32, [1], [0])
    #expect(try reason("tflm", maker).contains("bias"))
    #expect(try reason("exact-even", maker) == "")
    maker = LayerMaker(TypeTriple(input: .int16, weights: .int8, output: .int16))
    #expect(try reason("tflm", maker).contains("bias"))
    maker = LayerMaker(TypeTriple(.int8))
    maker.activation = .relu6
    (maker.inputScale, maker.outputScale) = (0x1p-20, 0x1p-32)
    #expect(try reason("tflm", maker).contains("activation"))
  }
}
