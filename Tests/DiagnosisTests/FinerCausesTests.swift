#if !DEBUG
import Diagnosis
import Hypotheses
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Testing

@testable import PlantedKernels

/// A kernel spoilt by hand and the change that says the same.
struct FinerDefect: CustomTestStringConvertible, Sendable {
  let defect: Defect
  let change: Change

  init(_ name: String, _ profile: String, _ change: Change, _ spoil: (inout PlainKernel) -> Void) {
    defect = Defect(name, profile, spoil)
    self.change = change
  }

  var testDescription: String { defect.label }

  /// Terms of the depth beyond a multiple of `lanes`, behind at least one whole vector.
  private static func tail(
    _ layer: PlainLayer, _ lanes: Int, _ body: (_ term: Int) -> Void
  ) {
    guard layer.depth >= lanes else { return }
    for term in (layer.depth / lanes * lanes)..<layer.depth { body(term) }
  }

  static let ofRoundings: [FinerDefect] = [
    FinerDefect(
      "second rounding: ties toward zero", "tflm", .part(.rounding, "toNearestOrTowardZero")
    ) { $0.requantize = FixedPoint(second: .tiesTowardZero) },
    FinerDefect("ties down", "single-rounding", .part(.rounding, "toNearestOrDown")) {
      $0.requantize = FixedPoint(
        leftShift: .folded, first: nil, second: .tiesDown, saturates: true)
    },
    FinerDefect("ties to odd", "exact-even", .part(.rounding, "toNearestOrOdd")) {
      $0.requantize = Exactly(rounding: .tiesToOdd)
    },
    FinerDefect(
      "±0.5f and a cast", "ort", .part(.rounding, "signedHalfAddedTowardZero")
    ) { $0.requantize = HalfInFloat(isSigned: true) },
    FinerDefect("floorf of x + 0.5f", "ort", .part(.rounding, "halfAddedDown")) {
      $0.requantize = HalfInFloat(isSigned: false)
    },
    FinerDefect(
      "reciprocal of So in float32", "litert-reference",
      .part(.effectiveScale, "binary64SingleReciprocal")
    ) {
      $0.requantize = InDouble(product: { accumulator, channel, layer in
        Double(accumulator)
          * (layer.inputScale * layer.weightScales[channel]
            * Double(1 / Float(layer.outputScale)))
      })
    },
    FinerDefect("30 bits at once", "single-rounding", .multiplier(.madeOf(bits: 30))) {
      $0.requantize = Bits30()
    },
    FinerDefect("right shift of at most 9", "tflm", .multiplier(.shiftLimited(9))) {
      $0.requantize = FixedPoint(adjust: { _, exponent in exponent = max(exponent, -9) })
    },
  ]

  static let ofParameters: [FinerDefect] = [
    FinerDefect("−Zi in int8", "tflm", .zeroPoint(.input, .negatedInItsType)) {
      $0.prepare = { layer in
        if layer.inputZeroPoint == layer.types.input.range.lowerBound {
          layer.inputZeroPoint = -layer.inputZeroPoint
        }
      }
    },
    FinerDefect(
      "Zi and Zo swapped", "cmsis-nn", .zeroPointSwappedWithOutput(.input, inBounds: true)
    ) {
      $0.prepare = { layer in
        (layer.inputZeroPoint, layer.outputZeroPoint) = (
          layer.outputZeroPoint, layer.inputZeroPoint
        )
      }
    },
    FinerDefect("Zo added as int8", "gemmlowp", .addedZeroPoint(.signed)) {
      $0.finish = { value, _, limits, layer in
        clamped(value + wrapped(layer.outputZeroPoint, bits: 8), limits)
      }
    },
    FinerDefect(
      "scale of the first of four channels", "tflm", .channel(.scale, .firstOfBlock(4))
    ) {
      $0.prepare = { layer in
        let scales = layer.weightScales
        layer.weightScales = scales.indices.map { scales[$0 / 4 * 4] }
      }
    },
    FinerDefect("the largest scale for all", "tflm", .channel(.scale, .largest)) {
      $0.prepare = { layer in
        let most = layer.weightScales.max() ?? 1
        layer.weightScales = layer.weightScales.map { _ in most }
      }
    },
    FinerDefect("relu6 ends six steps above Zo", "tflm", .bounds(.relu6InSteps, .lowerLast)) {
      $0.bound = { real, layer in layer.outputZeroPoint + Int64(real) }
    },
    FinerDefect(
      "all bounds before Zo is added", "tflm", .bounds(.allBeforeZeroPoint, .lowerLast)
    ) {
      $0.finish = { value, _, limits, layer in
        clamped(clamped(value, limits) + layer.outputZeroPoint, layer.outputRange)
      }
    },
    FinerDefect("no saturation above", "litert-reference", .bounds(.noTypeUpper, .lowerLast)) {
      $0.finish = { value, _, limits, layer in
        let sum = max(wrapped(value + layer.outputZeroPoint, bits: 32), limits.lowerBound)
        let type = layer.outputRange
        let kept = limits.upperBound < type.upperBound ? min(sum, limits.upperBound) : sum
        let width = type.upperBound - type.lowerBound + 1
        return kept > type.upperBound
          ? (kept - type.lowerBound) % width + type.lowerBound : kept
      }
    },
  ]

  static let ofTerms: [FinerDefect] = [
    FinerDefect(
      "Zi missing in the tail of 32", "tflm",
      .inSum(.tailBehindWhole(32), .zeroPoint(.input, .missing))
    ) {
      $0.prepare = { layer in
        var input = layer.input
        for row in 0..<layer.rows {
          tail(layer, 32) { input[row * layer.depth + $0] += layer.inputZeroPoint }
        }
        layer.input = input
      }
    },
    FinerDefect(
      "Zw added in the tail of 8", "gemmlowp",
      .inSum(.tailBehindWhole(8), .zeroPoint(.weights, .negated))
    ) {
      $0.prepare = { layer in
        var weights = layer.weights
        for channel in 0..<layer.channels {
          tail(layer, 8) {
            weights[channel * layer.depth + $0] += 2 * layer.weightZeroPoints[channel]
          }
        }
        layer.weights = weights
      }
    },
  ]
}

/// One half is added in float32.
private struct HalfInFloat: PlantedKernels.Requantizer {
  let isSigned: Bool

  func callAsFunction(_ accumulator: Int64, _ channel: Int, _ layer: PlainLayer) -> Int64 {
    let value = min(max(InFloat().product(accumulator, channel, layer), -0x1p20), 0x1p20)
    guard isSigned else { return Int64((value + 0.5).rounded(.down)) }
    return Int64(value + (value < 0 ? -0.5 : 0.5))
  }
}

/// A multiplier of 30 bits, one rounding.
private struct Bits30: PlantedKernels.Requantizer {
  func callAsFunction(_ accumulator: Int64, _ channel: Int, _ layer: PlainLayer) -> Int64 {
    let real = layer.multiplier(channel)
    let exponent = Int(real.exponent) + 1
    let significand = Int64((real.significand * 0x1p29).rounded(.toNearestOrAwayFromZero))
    if exponent < -31 { return 0 }
    if exponent > 29 {
      return FixedPoint.single(accumulator, channel, layer)
    }
    let value = Rounding.up.shift(accumulator * significand, by: min(30 - exponent, 61))
    return clamped(value, ElementType.int32.range)
  }
}

@Suite("finer causes: variants, and parts of the sum") struct FinerCausesTests {
  @Test(arguments: FinerDefect.ofRoundings + FinerDefect.ofParameters + FinerDefect.ofTerms)
  func thePlantedCauseIsNamedFirst(_ planted: FinerDefect) throws {
    let found = try diagnosis(planted.defect)
    let cause = try #require(found.cause, "\(found.lines)")
    #expect(cause.words == Hypothesis([planted.change]).words)
    #expect(cause.score.isConsistent && cause.score.wrong > 0)
  }

  @Test func theLastOfAnOddNumberOfTermsIsATail() throws {
    let planted = try #require(
      Defect.named("last element without its zero point when K is odd", "tflm"))
    let cause = try #require(try diagnosis(planted).cause)
    #expect(cause.hypothesis.changes == [.inSum(.tail(2), .zeroPoint(.input, .missing))])
  }

  @Test("what is said is found again by its words")
  func words() {
    for planted in FinerDefect.ofRoundings + FinerDefect.ofParameters + FinerDefect.ofTerms {
      let hypothesis = Hypothesis([planted.change])
      #expect(Hypothesis.named(hypothesis.words).contains(hypothesis), "\(hypothesis.words)")
    }
  }

  /// What nothing explains is confined to where it shows.
  @Test func whatIsUnexplainedIsConfined() throws {
    let odd = Defect("a row's sum in channel 0's", "tflm") {
      $0.adjustSums = { rows, columns in
        if rows.count > 1, columns.count > 1 { columns[0] += rows[1] }
      }
    }
    let found = try diagnosis(odd)
    guard case .unexplained = found.conclusion else {
      Issue.record("\(found.lines)")
      return
    }
    #expect(found.confinement.places.contains(.rowsAtLeast(2)), "\(found.lines)")
    // The sum is a factor of Zi.
    #expect(found.confinement.places.contains(.inputZeroPointIsNotZero), "\(found.lines)")
    #expect(found.lines.contains { $0.contains("where M > 1") && $0.contains("lie elsewhere") })
  }

  /// A restatement of the claimed arithmetic does not come before the choice in which it differs.
  @Test func aClampAfterTheRoundingIsNamedAsOne() throws {
    let late = Defect("float to int32 before the clamp", "ort") {
      $0.requantize = ConvertedFirst()
    }
    let cause = try #require(try diagnosis(late).cause)
    #expect(cause.hypothesis.changes == [.part(.floatClamp, "afterRounding")])
  }
}

/// `cvtps2dq` without a clamp before it.
private struct ConvertedFirst: PlantedKernels.Requantizer {
  func callAsFunction(_ accumulator: Int64, _ channel: Int, _ layer: PlainLayer) -> Int64 {
    let rounded = Double(InFloat().product(accumulator, channel, layer)).rounded(.toNearestOrEven)
    return rounded >= -0x1p31 && rounded < 0x1p31 ? Int64(rounded) : Int64(Int32.min)
  }
}
#endif
