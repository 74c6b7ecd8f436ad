import ONNXVectors
import TestSupport
import Testing

@Suite struct WireReaderTests {
  private func fields(_ bytes: [UInt8]) throws -> [WireField] {
    var (reader, fields) = (WireReader(bytes), [WireField]())
    while let field = try reader.next() { fields.append(field) }
    return fields
  }

  /// The examples of protobuf.dev, "Encoding".
  @Test func readsTheExamplesOfTheDocumentation() throws {
    #expect(
      try fields([0x08, 0x96, 0x01]) == [WireField(number: 1, value: .varint(150), offset: 0)])
    #expect(
      try fields([0x12, 0x07] + Array("testing".utf8))
        == [WireField(number: 2, value: .bytes(2..<9), offset: 0)])
    // −2 as an int64: ten bytes.
    let minusTwo = [0x08, 0xFE] + [UInt8](repeating: 0xFF, count: 8) + [0x01]
    #expect(try fields(minusTwo).map(\.value) == [.varint(UInt64(bitPattern: -2))])
  }

  @Test func readsFixedWidthNumbersLittleEndian() throws {
    let found = try fields([0x0D, 1, 2, 3, 4, 0x11, 1, 2, 3, 4, 5, 6, 7, 8])
    #expect(found.map(\.value) == [.fixed32(0x0403_0201), .fixed64(0x0807_0605_0403_0201)])
    #expect(found.map(\.offset) == [0, 5])
  }

  @Test func anEmptyMessageHasNoFields() throws { #expect(try fields([]).isEmpty) }

  /// Bytes, the offset of the error, and a word of its reason.
  private static let malformed: [([UInt8], Int, String)] = [
    ([0x80], 0, "beyond the end"),
    ([0x08], 1, "beyond the end"),
    ([0x08, 0x80, 0x80], 1, "beyond the end"),
    ([0x08] + [UInt8](repeating: 0xFF, count: 10), 1, "64 bits"),
    ([0x08] + [UInt8](repeating: 0x80, count: 9) + [0x02], 1, "64 bits"),
    ([0x00, 0x00], 0, "number of a field"),
    // Field 2^29.
    ([0x80, 0x80, 0x80, 0x80, 0x10, 0x00], 0, "number of a field"),
    ([0x0B], 0, "wire type"),
    ([0x0C], 0, "wire type"),
    ([0x0E], 0, "wire type"),
    ([0x0F], 0, "wire type"),
    ([0x0D, 1, 2, 3], 1, "4 bytes"),
    ([0x11, 1, 2, 3, 4, 5, 6, 7], 1, "8 bytes"),
    ([0x12, 0x01], 0, "1 bytes"),
    ([0x12], 1, "beyond the end"),
    // Lengths of 2^63 − 1, 2^63 and 2^64 − 1.
    ([0x12] + [UInt8](repeating: 0xFF, count: 8) + [0x7F], 0, "9223372036854775807"),
    ([0x12] + [UInt8](repeating: 0x80, count: 9) + [0x01], 0, "9223372036854775808"),
    ([0x12] + [UInt8](repeating: 0xFF, count: 9) + [0x01], 0, "18446744073709551615"),
    ([0x08, 0x01, 0x12, 0x05, 0x00], 2, "5 bytes"),
  ]

  @Test(arguments: malformed.indices)
  func malformedBytesAreNamedByTheirOffset(place: Int) throws {
    let (bytes, offset, word) = Self.malformed[place]
    let error = #expect(throws: WireError.self) { try fields(bytes) }
    #expect(error?.offset == offset)
    #expect(error?.reason.contains(word) == true, "\(String(describing: error))")
  }

  @Test func aMessageInsideAnotherEndsWhereItsLengthSays() throws {
    // The inner varint would go on in the outer message.
    let bytes: [UInt8] = [0x3A, 0x02, 0x0A, 0x05, 0x08, 0x01, 0x08, 0x01, 0x08]
    let error = #expect(throws: WireError.self) { try ModelMessage(bytes) }
    #expect(error?.offset == 2)
  }
}

/// What no bytes may do: trap. Each run that ends is the proof.
@Suite struct MalformedFileTests {
  private static let model = Wire.model(
    "DequantizeLinear", inputs: ["x", "s"], attributes: [("axis", 0), ("block_size", -1)],
    initializers: [Wire.floats([2], [1, 2])], graphInputs: ["x"])
  private static let tensor =
    Wire.packed(1, [1, 2, 2]) + Wire.number(2, 22) + Wire.packed(5, [0x21, 0x43])
    + Wire.text(8, "x")

  @Test func everyTruncationOfAModelIsRefusedButTheOneBetweenFields() throws {
    let whole = try ModelMessage(Self.model)
    #expect(whole.onlyNode?.operation == "DequantizeLinear")
    #expect(whole.onlyNode?.attributes == ["axis": 0, "block_size": -1])
    // The graph is one field: it is there whole or not at all.
    let lastOfGraph = Self.model.count - Wire.bytes(8, Wire.text(1, "") + Wire.number(2, 28)).count
    for count in 0..<Self.model.count {
      let model = try? ModelMessage(Array(Self.model.prefix(count)))
      #expect((model != nil) == (count == lastOfGraph), "\(count) bytes")
    }
  }

  @Test func everyTruncationOfATensorIsRefusedButTheOneThatLosesItsName() throws {
    let whole = try #require(try TensorMessage(Self.tensor).decoded())
    #expect(whole.values == [1, 2, 3, 4])
    let end = Self.tensor.count - Wire.text(8, "x").count
    for count in 0..<Self.tensor.count {
      let tensor = try? TensorMessage(Array(Self.tensor.prefix(count))).decoded()
      #expect((tensor == whole) == (count == end), "\(count) bytes")
    }
  }

  @Test func noChangeOfOneByteTraps() {
    var accepted = 0
    for (bytes, isModel) in [(Self.model, true), (Self.tensor, false)] {
      for place in bytes.indices {
        for value in UInt8.min...UInt8.max {
          var changed = bytes
          changed[place] = value
          if isModel {
            if (try? ModelMessage(changed)) != nil { accepted += 1 }
          } else if (try? TensorMessage(changed).decoded()) != nil {
            accepted += 1
          }
        }
      }
    }
    // Texts and values may be anything; tags and lengths may not.
    #expect(accepted > 256 && accepted < (Self.model.count + Self.tensor.count) * 256)
  }

  @Test func randomBytesDoNotTrap() {
    var random = SplitMix64(seed: 7)
    var refused = 0
    for _ in 0..<5_000 {
      let bytes = (0..<random.below(40)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      if (try? ModelMessage(bytes)) == nil { refused += 1 }
      _ = try? TensorMessage(bytes).decoded()
    }
    #expect(refused > 4_900)
  }
}
