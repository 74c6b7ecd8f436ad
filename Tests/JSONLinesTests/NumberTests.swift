import Foundation
import JSONLines
import Testing

@Suite struct NumberTests {
  /// Every kind of bit pattern: written, read back, and compared with the standard library.
  @Test func randomDoublesSurviveARoundTrip() throws {
    var generator = Generator(seed: 1)
    var writer = JSONWriter()
    for index in 0..<100_000 {
      // A third of all patterns; a third of binary32 values, as scales are; a third of decimals.
      let value: Double
      switch index % 3 {
      case 0: value = Double(bitPattern: generator.next())
      case 1: value = Double(Float(bitPattern: UInt32(truncatingIfNeeded: generator.next())))
      default: value = Double(generator.below(1_000_000)) / 1_000_000
      }
      writer.removeAll()
      writer.number(value)
      let back = try JSONReader.read(writer.bytes) { reader throws(JSONError) in
        try reader.readDouble()
      }
      if value.isNaN {
        #expect(back.isNaN)
      } else if back.bitPattern != value.bitPattern {
        Issue.record("\(value) came back as \(back)")
      } else if value.isFinite {
        let text = String(decoding: writer.bytes, as: UTF8.self)
        #expect(Double(text)?.bitPattern == value.bitPattern)
        #expect(text == value.description || text + ".0" == value.description)
      }
    }
  }

  /// Decimals of all lengths and exponents, not only shortest ones, against the standard library.
  @Test func randomDecimalsAreRoundedCorrectly() throws {
    var generator = Generator(seed: 2)
    for _ in 0..<100_000 {
      var text = generator.below(2) == 0 ? "-" : ""
      text += String(generator.next() >> UInt64(generator.below(64)))
      let digits = generator.below(4) == 0 ? generator.below(40) : generator.below(12)
      if digits > 0 { text += "." }
      for _ in 0..<digits { text += String(generator.below(10)) }
      if generator.below(2) == 0 { text += "e\(generator.below(61) - 30)" }
      let value = try read(text) { reader throws(JSONError) in try reader.readDouble() }
      #expect(value.bitPattern == Double(text)?.bitPattern, "\(text)")
    }
  }

  /// Ties and near ties on the way that divides by powers of ten, where rounding twice would show.
  @Test func quotientsAtTiesAreRoundedToEven() throws {
    for (text, expected) in [
      // 2^53 + 1 and + 3 and their neighbours.
      ("9007199254740993.0", 9_007_199_254_740_992), ("9007199254740995.0", 9_007_199_254_740_996),
      ("9007199254740993.001", 9_007_199_254_740_994),
      ("9007199254740992.999", 9_007_199_254_740_992),
      // 1 + 2^-53 has 53 decimals: the tie itself, a little less and a little more.
      ("1.00000000000000011102230246251565404236316680908203125", 1),
      ("1.00000000000000011102230246251565404236316680908203124", 1),
      ("1.00000000000000011102230246251565404236316680908203126", 0x1.0000000000001p0),
      ("1.0000000000000001110", 1), ("1.000000000000000112", 0x1.0000000000001p0),
      // Known hard values: David Gay's and the smallest normal and subnormal numbers.
      ("2.2250738585072011e-308", (0x1p-1022 as Double).nextDown),
      ("2.2250738585072014e-308", 0x1p-1022),
      ("4.9406564584124654e-324", .leastNonzeroMagnitude), ("2.4703282292062327e-324", 0),
      ("2.4703282292062328e-324", .leastNonzeroMagnitude),
      ("1.7976931348623158e308", .greatestFiniteMagnitude),
      ("8.988465674311579e307", 0x1.fffffffffffffp1022),
      ("100000000000000016777215", 0x1.52d02c7e14af7p76),
      ("100000000000000016777216", 0x1.52d02c7e14af8p76),
      ("7.2057594037927933e16", 0x1p56),
      ("0.3e-1000000000000000000000", 0), ("0e99999999999999999999", 0),
    ] as [(String, Double)] {
      let value = try read(text) { reader throws(JSONError) in try reader.readDouble() }
      #expect(value.bitPattern == expected.bitPattern, "\(text) gave \(value)")
      #expect(value.bitPattern == strtod(text, nil).bitPattern, "\(text)")
    }
  }

  @Test func veryLongNumbersAreRead() throws {
    let zeros = String(repeating: "0", count: 5000)
    for (text, expected) in [
      ("0.\(zeros)1e5001", 1), ("1\(zeros)e-5000", 1), ("1.\(zeros)1", 0x1p0), ("0.\(zeros)", 0),
      ("9007199254740993.\(zeros)1", 9_007_199_254_740_994),
    ] as [(String, Double)] {
      #expect(try read(text) { r throws(JSONError) in try r.readDouble() } == expected)
    }
    #expect(failure("1\(zeros)") { r throws(JSONError) in try r.readDouble() } != nil)
    #expect(failure("1\(zeros)") { r throws(JSONError) in try r.readInt64() } != nil)
  }

  @Test func doublesHaveOneFixedForm() {
    for (value, text) in [
      (0, "0"), (-0.0, "-0.0"), (1, "1"), (-1, "-1"), (0.05, "0.05"), (0.1, "0.1"), (100, "100"),
      (1e-40, "1e-40"), (1e-5, "1e-05"), (0.0001, "0.0001"), (1e15, "1000000000000000"),
      (0x1p53, "9007199254740992"), (-0x1p53, "-9007199254740992"),
      (0x1p53 + 2, "9.007199254740994e+15"),
      (1e16, "1e+16"), (1e300, "1e+300"), (.leastNonzeroMagnitude, "5e-324"),
      (123456.75, "123456.75"),
      (Double(Float(0.05)), "0.05000000074505806"), (.infinity, "\"Infinity\""),
      (-.infinity, "\"-Infinity\""), (.nan, "\"NaN\""), (-.nan, "\"NaN\""),
      (.signalingNaN, "\"NaN\""), (.greatestFiniteMagnitude, "1.7976931348623157e+308"),
    ] as [(Double, String)] {
      #expect(written { $0.number(value) } == text)
    }
  }

  @Test func doublesAreWrittenAsJSONEncoderDoes() throws {
    var generator = Generator(seed: 3)
    let values = (0..<2000).map { index in
      index % 2 == 0
        ? Double.randomFinite(&generator) : Double(generator.below(1_000_000)) / 1000
    }
    let text = written { writer in
      writer.beginArray()
      for value in values { writer.number(value) }
      writer.endArray()
    }
    #expect(text == String(decoding: try JSONEncoder().encode(values), as: UTF8.self))
  }

  @Test func integersAreExact() throws {
    var generator = Generator(seed: 4)
    var values: [Int64] = [0, 1, -1, 9, 10, 99, 100, .min, .max, .min + 1, .max - 1]
    values += [1 << 53, -1 << 53, 1 << 53 + 1, (1 << 53) + 1, -(1 << 53) - 1]
    for shift in 0..<64 { values.append(Int64(bitPattern: generator.next()) >> Int64(shift)) }
    for value in values {
      let text = written { $0.integer(value) }
      #expect(text == String(value))
      #expect(try read(text) { r throws(JSONError) in try r.readInt64() } == value)
      let portable = written { $0.portableInteger(value) }
      #expect(portable == (value.magnitude > 1 << 53 ? "\"\(value)\"" : "\(value)"))
      #expect(try read(portable) { r throws(JSONError) in try r.readPortableInt64() } == value)
      let unsigned = UInt64(bitPattern: value)
      #expect(written { $0.integer(unsigned) } == String(unsigned))
      #expect(try read(String(unsigned)) { r throws(JSONError) in try r.readUInt64() } == unsigned)
      let quoted = written { $0.portableInteger(unsigned) }
      #expect(quoted == (unsigned > 1 << 53 ? "\"\(unsigned)\"" : "\(unsigned)"))
      #expect(try read(quoted) { r throws(JSONError) in try r.readPortableUInt64() } == unsigned)
    }
    for power in 0..<20 {
      let value = (0..<power).reduce(UInt64(1)) { product, _ in product * 10 }
      #expect(written { $0.integer(value) } == String(value))
      #expect(written { $0.integer(value - 1) } == String(value - 1))
    }
    #expect(try read("-0") { r throws(JSONError) in try r.readInt64() } == 0)
    #expect(try read("-0") { r throws(JSONError) in try r.readUInt64() } == 0)
  }

  @Test(arguments: [
    "1.0", "1.5", "1e3", "1E0", "0e0", "01", "-01", "-", "", "+1", "true", "\"1\"", "null", "[1]",
    " ",
    "9223372036854775808", "-9223372036854775809", "18446744073709551616", "99999999999999999999",
    "184467440737095516150", "100000000000000000000000000000000000000", "1x", "0x1", "1 1", "--1",
  ]) func whatIsNoInteger64IsRefused(text: String) {
    #expect(failure(text) { r throws(JSONError) in try r.readInt64() } != nil)
    #expect(
      failure(text == "9223372036854775808" ? "-1" : text) { r throws(JSONError) in
        try r.readUInt64()
      } != nil)
  }

  @Test(arguments: [
    "\"\"", "\"1", "\" 1\"", "\"1 \"", "\"1.0\"", "\"0x1\"", "\"\\u0031\"", "\"+1\"", "\"01\"",
  ])
  func whatIsNoPortableIntegerIsRefused(text: String) {
    #expect(failure(text) { r throws(JSONError) in try r.readPortableInt64() } != nil)
    #expect(failure(text) { r throws(JSONError) in try r.readPortableUInt64() } != nil)
  }

  @Test func onlyThreeStringsAreNumbers() throws {
    #expect(try read("\"NaN\"") { r throws(JSONError) in try r.readDouble() }.isNaN)
    #expect(try read("\"Infinity\"") { r throws(JSONError) in try r.readDouble() } == .infinity)
    #expect(try read(" \"-Infinity\" ") { r throws(JSONError) in try r.readDouble() } == -.infinity)
    for text in ["\"nan\"", "\"+Infinity\"", "\"inf\"", "\"1\"", "\"\"", "\"Infinity", "true"] {
      #expect(failure(text) { r throws(JSONError) in try r.readDouble() } != nil)
    }
  }
}
