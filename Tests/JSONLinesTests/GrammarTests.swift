import Foundation
import JSONLines
import Testing

/// One case for each rule of RFC 8259, in the manner of the public collections of such cases.
enum Grammar {
  static let valid: [String] = [
    // Arrays.
    "[]", "[ ]", "[[]]", "[[],[[]]]", "[\"\"]", "[1]", "[1,2,3]", "[null]", "[false,true,null]",
    "[1\n]", " [1]", "[1] ", "[ 1 , 2 ]", "\t[\r\n1\t]\n", "[1,null,null,2]", "[{}]",
    // Objects.
    "{}", "{ }", "{\"\":0}", "{\"a\":1}", "{\"a\":[]}", "{\"a\":{\"a\":{}}}", "{\"a\" : 1}",
    "{\"a\":1,\"b\":2}", "{\n\"a\":\n1\n,\n\"b\":2\n}", "{\"a\\u0000b\":1}",
    "{\"title\":\"\\u041f\"}",
    "{\"x\":[{\"id\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"}],\"id\":\"b\"}",
    // Numbers.
    "0", "-0", "1", "-1", "10", "123", "0.5", "-0.0", "1.25", "0e1", "0e+1", "0E-1", "1e1", "1E22",
    "1e-2", "1E+2", "20e1", "123e65", "123.456e78", "1.7976931348623157e308", "5e-324", "1e-400",
    "123456789012345678901234567890", "-123.000000000000000000000000000001", "9007199254740993",
    // Strings.
    "\"\"", "\"a\"", "\"asd \"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u0060\\u012a\\u12AB\"",
    "\"\\uD834\\uDD1E\"", "\"\\ud83d\\ude39\\uD83D\\uDC8D\"", "\"\\\\u0000\"", "\"\\\"\"",
    "\"a/*b*/c\"", "\"\\\\a\"", "\"\\uDBFF\\uDFFF\"", "\"\\u0000\"", "\"\\uFFFF\"", "\"\u{7F}\"",
    "\"é€𝄞\"", "\"\u{2028}\u{2029}\"", "\"\\u0022\"", "\"new\\u000Aline\"", "\"[{,:}]\"",
    // Words.
    "true", "false", "null", " null ",
  ]

  static let invalid: [String] = [
    // Nothing, or too much.
    "", " ", "\n", "[] []", "1 2", "{}}", "[]]", "null,", "\"a\"x", "[1]x", "truefalse", "{}#",
    "\u{FEFF}{}",
    // Arrays.
    "[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1,,2]", "[1 2]", "[1:2]", "[1}", "[\"a\"", "[,",
    "[\"\",]", "[\"a\",\n4\n,1,", "[1,\n1\n,1", "[{}", "[*]", "[-]", "[a", "[\"\": 1]", "[3[4]]",
    "[1;2]",
    // Objects.
    "{", "}", "{]", "{\"a\"", "{\"a\"}", "{\"a\":", "{\"a\":}", "{\"a\":1", "{\"a\":1,",
    "{\"a\":1,}",
    "{\"a\":1,,\"b\":2}", "{\"a\" 1}", "{\"a\",1}", "{\"a\"::1}", "{a:1}", "{'a':1}", "{1:1}",
    "{null:1}", "{[]:1}", "{:1}", "{,}", "{\"a\":1 \"b\":2}", "{\"a\":1/*x*/}", "{\"a\":1]",
    "{\"a\":1;}",
    "{\"a\":\"a\" 123}", "{key: 'value'}", "{\"a\":1}}", "{\"x\", null}", "{\"a\":\"b\"}#", "{{}}",
    // Numbers.
    "-", "+1", "--1", "01", "-01", "00", "1.", "1.e1", ".5", "-.5", "1e", "1e+", "1E-", "1eE2",
    "1.2.3",
    "0x1", "0x", "1_000", "1 000", "NaN", "Infinity", "-Infinity", "inf", "1e1.5", "0.e1", "2.e+3",
    "-1.0.", "1+2", "1a", "-a", "0.1.2", "1e++1", "1f", "１", "1e400", "-1e400", "0e", "0.3e",
    "9.e+", "++1",
    // Strings.
    "\"", "\"a", "\"\\", "\"\\\"", "\"\\x00\"", "\"\\a\"", "\"\\u\"", "\"\\u1\"", "\"\\u12\"",
    "\"\\u123\"",
    "\"\\u123g\"", "\"\\U0041\"", "\"\\ \"", "\"\\'\"", "'a'", "\"\n\"", "\"\t\"", "\"\u{0}\"",
    "\"a\u{1F}b\"",
    "\"\\uD800\"", "\"\\uDC00\"", "\"\\uD800x\"", "\"\\uD800\\n\"", "\"\\uD800\\u0041\"",
    "\"\\uD800\\uD800\"", "\"\\uDC00\\uD800\"", "\"\\uD834\\uDd\"", "\"\\uD834\\", "\"\\{1F600}\"",
    "a\"\"",
    // Words.
    "nul", "nulll", "tru", "True", "TRUE", "fals", "FALSE", "nil", "undefined", "n", "t", "f",
    "[nul]",
  ]

  /// Strings in malformed UTF-8, without their quotes.
  static let malformed: [[UInt8]] = [
    [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x41], [0xC3, 0xC3],
    [0xE0, 0x80, 0x80],
    [0xE0, 0x9F, 0xBF], [0xE1, 0x80], [0xE1, 0x80, 0x41], [0xED, 0xA0, 0x80], [0xED, 0xBF, 0xBF],
    [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x90, 0x80],
    [0xF4, 0x90, 0x80, 0x80],
    [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF], [0x61, 0xE9],
  ]

  /// The first and last of each length of UTF-8, and those around the surrogates.
  static let wellFormed: [[UInt8]] = [
    [0x20], [0x7F], [0xC2, 0x80], [0xDF, 0xBF], [0xE0, 0xA0, 0x80], [0xED, 0x9F, 0xBF],
    [0xEE, 0x80, 0x80], [0xEF, 0xBF, 0xBF], [0xF0, 0x90, 0x80, 0x80], [0xF4, 0x8F, 0xBF, 0xBF],
  ]
}

@Suite struct GrammarTests {
  @Test(arguments: Grammar.valid) func validTextIsReadAsFoundationReadsIt(text: String) throws {
    let value = try parse(Array(text.utf8))
    try skip(Array(text.utf8))
    let other = try JSONSerialization.jsonObject(
      with: Data(text.utf8), options: .fragmentsAllowed)
    #expect(agrees(value, other), "\(value) \(other)")
  }

  @Test(arguments: Grammar.invalid) func invalidTextIsRefused(text: String) {
    #expect(throws: JSONError.self) { try parse(Array(text.utf8)) }
    // Stepping over a number does not ask for its range.
    if !text.hasSuffix("1e400") {
      #expect(throws: JSONError.self) { try skip(Array(text.utf8)) }
    }
  }

  @Test func thereAreEnoughCases() {
    #expect(Set(Grammar.valid).count == Grammar.valid.count)
    #expect(Grammar.valid.count >= 75 && Grammar.invalid.count >= 120)
  }

  /// With plain characters before it, so that every place within the scanner's words is met.
  @Test(arguments: 0..<17) func onlyWellFormedUTF8IsAccepted(before: Int) throws {
    let start = [0x22] + [UInt8](repeating: 0x61, count: before)
    for bytes in Grammar.wellFormed {
      let text = start + bytes + [0x62, 0x22]
      #expect(
        try parse(text) == .string(String(decoding: text.dropFirst().dropLast(), as: UTF8.self)))
    }
    for bytes in Grammar.malformed {
      #expect(throws: JSONError.self, "\(bytes)") { try parse(start + bytes + [0x22]) }
      #expect(throws: JSONError.self, "\(bytes)") { try skip(start + bytes + [0x62, 0x22]) }
    }
    for control in UInt8(0)..<0x20 {
      #expect(throws: JSONError.self) { try parse(start + [control, 0x22]) }
    }
  }

  @Test func depthIsLimited() throws {
    func nested(_ count: Int) -> [UInt8] {
      Array(
        (String(repeating: "[{\"a\":", count: count / 2) + "1"
          + String(repeating: "}]", count: count / 2)).utf8)
    }
    _ = try parse(nested(64))
    try skip(nested(64))
    let deeper = [0x5B] + nested(64) + [0x5D]
    #expect(throws: JSONError.self) { try parse(deeper) }
    #expect(throws: JSONError.self) { try skip(deeper) }
    #expect(throws: JSONError.self) { try skip([UInt8](repeating: 0x5B, count: 1_000_000)) }
  }

  /// A text cut off anywhere is an error, except where what is left is whole in itself.
  @Test func everyPrefixIsRefused() throws {
    let text = Array(#"{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00",true,null],"b":{"c":"é"}}"#.utf8)
    try skip(text)
    for count in 0..<text.count {
      #expect(throws: JSONError.self) { try parse(Array(text.prefix(count))) }
      #expect(throws: JSONError.self) { try skip(Array(text.prefix(count))) }
    }
  }

  @Test func errorsSayWhereAndWhat() {
    #expect(failure("[1,]", Value.init)?.description == "byte 3: expected a value, found ']'")
    #expect(
      failure("{\"a\":1", Value.init)?.description
        == "byte 6: expected ',' or '}', found end of line")
    #expect(failure("{} x", Value.init)?.description == "byte 3: expected end of line, found 'x'")
    #expect(
      failure("\"a\u{1}\"", Value.init)?.description
        == "byte 2: expected control characters escaped, found byte 0x01")
    #expect(
      failure("\"\\ud800\"", Value.init)?.description
        == "byte 1: expected a valid escape, found '\\ud800'")
    #expect(
      failure("[007]", Value.init)?.description
        == "byte 1: expected no zero before other digits, found '0'")
    #expect(
      failure("{\"a\":1,\"\\u0061\":2}", Value.init)?.description
        == "byte 7: expected every key once, found \"a\" again")
    #expect(
      failure("5") { r throws(JSONError) in try r.beginArray() }?.description
        == "byte 0: expected an array, found '5'")
  }
}

/// Whether Foundation's value is the same.
func agrees(_ value: Value, _ other: Any) -> Bool {
  switch value {
  case .object(let members):
    guard let other = other as? [String: Any], other.count == members.count else { return false }
    return members.allSatisfy { key, value in other[key].map { agrees(value, $0) } ?? false }
  case .array(let elements):
    guard let other = other as? [Any], other.count == elements.count else { return false }
    return zip(elements, other).allSatisfy { agrees($0, $1) }
  case .string(let text):
    return (other as? String).map { Array($0.utf8) == Array(text.utf8) } ?? false
  case .number(let number):
    guard let other = other as? NSNumber else { return false }
    // "c" is how Foundation marks a truth value.
    guard other.objCType.pointee != 0x63 else { return false }
    // Foundation reads by way of Decimal, which is not always the nearest binary64.
    return abs(other.doubleValue - number) <= abs(number) * 0x1p-48
  case .bool(let bool): return other as? Bool == bool
  case .null: return other is NSNull
  }
}
