import ONNXVectors
import TestSupport
import Testing

@Suite struct TensorMessageTests {
  private func decoded(_ bytes: [UInt8]) throws -> Tensor? { try TensorMessage(bytes).decoded() }

  private func integers(_ type: Int64, _ shape: [Int64], _ values: [Int64]) -> [UInt8] {
    Wire.packed(1, shape) + Wire.number(2, type) + Wire.packed(5, values)
  }

  /// Type, count, raw bytes and the elements they hold; packing as onnx.proto describes it.
  private static let raw: [(Int64, Int64, [UInt8], [Double])] = [
    (2, 3, [0, 127, 255], [0, 127, 255]),
    (3, 3, [0, 127, 255], [0, 127, -1]),
    (4, 2, [0x01, 0x02, 0xFF, 0xFF], [513, 65_535]),
    (5, 2, [0x01, 0x02, 0x00, 0x80], [513, -32_768]),
    (6, 1, [0, 0, 0, 0x80], [-2_147_483_648]),
    (1, 1, [0, 0, 0x20, 0xC1], [-10]),
    (10, 4, [0x00, 0x3C, 0xFF, 0x7B, 0x01, 0x00, 0x00, 0xC0], [1, 65_504, 0x1p-24, -2]),
    (16, 2, [0x80, 0x3F, 0x20, 0xC1], [1, -10]),
    (21, 3, [0x21, 0x0F], [1, 2, 15]),
    (22, 3, [0x87, 0x0F], [7, -8, -1]),
    (25, 5, [0b11_10_01_00, 0b10], [0, 1, 2, 3, 2]),
    (26, 5, [0b11_10_01_00, 0b10], [0, 1, -2, -1, -2]),
  ]

  @Test(arguments: raw.indices) func rawBytesAreDecoded(place: Int) throws {
    let (type, count, bytes, values) = Self.raw[place]
    let tensor = try #require(try decoded(Wire.tensor(type, [count], raw: bytes)))
    #expect(tensor.values == values)
    #expect(tensor.shape == [Int(count)])
    #expect(tensor.type.rawValue == Int(type))
  }

  @Test(arguments: raw.indices) func oneByteMoreOrLessIsRefused(place: Int) throws {
    let (type, count, bytes, _) = Self.raw[place]
    for wrong in [Array(bytes.dropLast()), bytes + [0]] {
      #expect(throws: WireError.self) { try decoded(Wire.tensor(type, [count], raw: wrong)) }
    }
  }

  @Test func integersMayComeOneAValueOrPackedInBytes() throws {
    #expect(try decoded(integers(3, [2], [-128, 127]))?.values == [-128, 127])
    #expect(try decoded(integers(22, [3], [0x87, 0x0F]))?.values == [7, -8, -1])
    #expect(try decoded(integers(25, [5], [0b11_10_01_00, 2]))?.values == [0, 1, 2, 3, 2])
    #expect(try decoded(integers(10, [1], [0x3C00]))?.values == [1])
    #expect(try decoded(integers(6, [1], [-5]))?.values == [-5])
    // Not packed: each value a field of its own.
    let single = Wire.number(1, 2) + Wire.number(2, 2) + Wire.number(5, 7) + Wire.number(5, 8)
    #expect(try decoded(single)?.values == [7, 8])
  }

  @Test func floatDataMayBePackedOrNot() throws {
    let head = Wire.number(1, 1) + Wire.number(2, 1)
    #expect(try decoded(head + Wire.bytes(4, Wire.little(0x3FC0_0000)))?.values == [1.5])
    #expect(try decoded(head + [4 << 3 | 5] + Wire.little(0x3FC0_0000))?.values == [1.5])
    #expect(throws: WireError.self) { try decoded(head + Wire.bytes(4, [0, 0, 0])) }
  }

  @Test func valuesOutsideTheirTypeAreRefused() {
    for (type, value): (Int64, Int64) in [
      (2, 256), (2, -1), (3, 128), (4, 65_536), (5, 32_768), (6, 1 << 31), (10, 65_536), (10, -1),
      (21, 256), (22, -1), (26, 256),
    ] {
      #expect(throws: WireError.self, "\(type): \(value)") {
        try decoded(integers(type, [1], [value]))
      }
    }
  }

  @Test func everyHalfPrecisionPatternIsWhatTheMachineSays() throws {
    let bytes = (0...65_535).flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }
    let tensor = try #require(try decoded(Wire.tensor(10, [65_536], raw: bytes)))
    for (pattern, value) in tensor.values.enumerated() {
      let machine = Double(Float16(bitPattern: UInt16(pattern)))
      if value != machine || value.sign != machine.sign {
        #expect(value.isNaN && machine.isNaN, "\(pattern): \(value), \(machine)")
      }
    }
  }

  @Test func shapesThatCannotBeAreRefused() {
    for shape: [Int64] in [
      [-1], [1 << 62], [1 << 32, 1 << 32], [0, 1 << 40, 1 << 40], [1 << 40, 0, 1 << 40],
      [.max], [.min], [Int64](repeating: 1, count: 65),
    ] {
      #expect(throws: WireError.self, "\(shape)") {
        try decoded(Wire.tensor(2, shape, raw: []))
      }
    }
  }

  @Test func aTensorMayBeEmptyOrAScalar() throws {
    #expect(try decoded(Wire.tensor(2, [0], raw: []))?.values == [])
    #expect(try decoded(Wire.number(1, 0) + Wire.number(2, 2))?.shape == [0])
    #expect(
      try decoded(Wire.tensor(2, [], raw: [5])) == Tensor(type: .uint8, shape: [], values: [5]))
    #expect(throws: WireError.self) { try decoded(Wire.number(2, 2)) }
  }

  @Test func typesThatAreNotCoveredHaveNoElements() throws {
    for type: Int64 in [0, 7, 8, 9, 11, 14, 17, 20, 23, 24, 27, 99, .max, .min] {
      #expect(try decoded(Wire.tensor(type, [1], raw: [0])) == nil, "\(type)")
    }
    #expect(try TensorMessage(Wire.tensor(17, [1], raw: [0])).typeName == "float8e4m3fn")
    #expect(try TensorMessage(Wire.tensor(99, [1], raw: [0])).typeName == "data type 99")
  }

  @Test func elementsInTwoPlacesOrInTheWrongOneAreRefused() {
    let both = Wire.tensor(2, [1], raw: [1]) + Wire.packed(5, [1])
    #expect(throws: WireError.self) { try decoded(both) }
    #expect(throws: WireError.self) {
      try decoded(Wire.tensor(2, [1], raw: [1]) + Wire.bytes(9, [1]))
    }
    #expect(throws: WireError.self) { try decoded(integers(1, [1], [1])) }
    let external = Wire.number(1, 1) + Wire.number(2, 2) + Wire.bytes(13, [])
    let error = #expect(throws: WireError.self) { try decoded(external) }
    #expect(error?.reason.contains("another file") == true)
  }
}
