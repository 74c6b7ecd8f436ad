import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestSupport
import Testing

private let uint8 = TypeTriple(.uint8)
private let mixed = TypeTriple(input: .uint8, weights: .int8, output: .uint8)

/// Answers of onnxruntime 1.32.0, and how they differ from the ONNX specification.
@Suite struct OrtKnownAnswerTests {
  @Test func theMultiplierIsARoundedFloat32() throws {
    let low = LayerMaker(1, 0.5, Double(Float(0.1)), Double(Float(0.02)), types: uint8)
    #expect(try outputs("ort", low).values == [2])
    #expect(try outputs("exact-even", low).values == [3])
    let high = LayerMaker(1, 0.5, Double(Float(0.7)), Double(Float(0.1)), types: uint8)
    #expect(try outputs("ort", high).values == [4])
    #expect(try outputs("exact-even", high).values == [3])
  }

  @Test func theZeroPointIsAddedAfterRounding() throws {
    // 0.5 rounds to 0, then 1 is added; rounding 1.5 would give 2.
    #expect(try outputs("ort", LayerMaker(1, 0.5, 1, 1, zeroPoint: 1, types: uint8)).values == [1])
  }

  @Test func theAccumulatorWraps() throws {
    var maker = LayerMaker(Int64(Int32.max), 1, 1, 1, types: uint8)
    (maker.input, maker.weights) = ([1], [1])
    let found = try outputs("ort", maker)
    #expect(found.accumulators == [Int64(Int32.min)])
    #expect(found.values == [0] && found.departures == [.accumulator])
    #expect(try outputs("exact-even", maker).values == [255])
  }

  @Test func theAccumulatorIsRoundedToFloat32() throws {
    // 2^24 + 1 has 25 bits; as float32 it is 2^24, and 2^24 · 2^−17 · 0.99609375 is 127.5 exactly.
    let scale = 255 * 0x1p-8
    let maker = LayerMaker((1 << 24) + 1, scale, 0x1p-17, 1, types: uint8)
    #expect(try outputs("ort", maker).values == [128])
    let above = LayerMaker((1 << 24) + 1, 0x1p-1, 0x1p-24, 1, types: uint8)
    // 0.5 + 2^−25: nearest is 1, after the conversion the tie goes to the even 0.
    #expect(try outputs("ort", above).values == [0])
    #expect(try outputs("exact-even", above).values == [1])
  }

  @Test func hugeMultipliersSaturateToTheRightEnd() throws {
    for (accumulator, expected) in [(Int64(1), Int32(255)), (-1, 0), (0, 7)] {
      let maker = LayerMaker(accumulator, 0x1p60, 0x1p60, 0x1p-5, zeroPoint: 7, types: uint8)
      #expect(try outputs("ort", maker).values == [expected])
    }
  }

  @Test func productsThatUnderflowAreZero() throws {
    // Si·Sw = 2^−150 is 0 in float32, though D = 1/2 would be representable.
    let maker = LayerMaker(100, 0x1p-75, 0x1p-75, 0x1p-149, zeroPoint: 3, types: uint8)
    #expect(try outputs("ort", maker).values == [3])
    #expect(try outputs("exact-even", maker).values == [53])
  }

  @Test func pairsOfProductsSaturateWithoutVNNI() throws {
    var maker = LayerMaker(mixed)
    maker.depth = 2
    (maker.input, maker.weights) = ([255, 255], [127, 127])
    let narrow = try outputs("ort-avx2", maker)
    #expect(narrow.accumulators == [32_767] && narrow.departures == [.pairSaturation])
    let wide = try outputs("ort", maker)
    #expect(wide.accumulators == [64_770] && wide.departures == [[]])
  }

  @Test func pairsAreAdjacentFromTheStartAndRaw() throws {
    // Zero points do not enter the pairs; the third element stands alone and does not saturate.
    var maker = LayerMaker(mixed)
    maker.depth = 3
    (maker.input, maker.weights) = ([255, 255, 255], [127, 127, 127])
    (maker.inputZeroPoint, maker.weightZeroPoints) = (200, [100])
    let exact: Int64 = 3 * 55 * 27
    let found = try outputs("ort-avx2", maker).accumulators
    #expect(found == [exact - (2 * 255 * 127 - 32_767)])
    maker.weights = [127, -127, 127]
    #expect(try outputs("ort-avx2", maker).departures == [[]])
    // Weights of 7 bits never saturate.
    maker.weights = [64, 64, 64]
    #expect(try outputs("ort-avx2", maker).departures == [[]])
  }
}
