import QuantizedArithmetic
import TestSupport
import Testing

@Suite struct ElementTypeTests {
  @Test func rangesAreThoseOfTheStandardLibrary() {
    #expect(ElementType.int8.range == Int64(Int8.min)...Int64(Int8.max))
    #expect(ElementType.uint8.range == Int64(UInt8.min)...Int64(UInt8.max))
    #expect(ElementType.int16.range == Int64(Int16.min)...Int64(Int16.max))
    #expect(ElementType.int32.range == Int64(Int32.min)...Int64(Int32.max))
    #expect(ElementType.int64.range == Int64.min...Int64.max)
  }

  @Test(arguments: ElementType.allCases)
  func integersSurviveTheirBytes(type: ElementType) {
    var random = SplitMix64(seed: 24)
    var values = [type.range.lowerBound, type.range.upperBound, type.range.lowerBound + 1, 0, 1]
    values += (0..<200).map { _ in random.integer(in: type.range) }
    let bytes = ElementBytes.bytes(values, as: type)
    #expect(bytes.count == values.count * type.byteCount)
    #expect(ElementBytes.integers(bytes, as: type) == values)
  }

  @Test(arguments: [ElementType.int8, .uint8, .int16, .int32])
  func wideningGivesTheSameIntegers(type: ElementType) {
    var random = SplitMix64(seed: 25)
    let values = (0..<200).map { _ in random.integer(in: type.range) }
    let bytes = ElementBytes.bytes(values, as: type)
    var wide = [Int32](repeating: 7, count: values.count)
    wide.withUnsafeMutableBufferPointer { target in
      bytes.withUnsafeBytes { ElementBytes.widen($0, as: type, into: target) }
    }
    #expect(wide.map { Int64($0) } == values)
  }

  @Test func elementsAreLittleEndian() {
    #expect(ElementBytes.bytes([-2], as: .int16) == [0xFE, 0xFF])
    #expect(ElementBytes.bytes([0x0102_0304], as: .int32) == [4, 3, 2, 1])
    #expect(ElementBytes.bytes([1], as: .int64) == [1, 0, 0, 0, 0, 0, 0, 0])
    #expect(ElementBytes.integers([0x80, 0x7F], as: .int8) == [-128, 127])
    #expect(ElementBytes.integers([0x80, 0x7F], as: .uint8) == [128, 127])
  }
}
