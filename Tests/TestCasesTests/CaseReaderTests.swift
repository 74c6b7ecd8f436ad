import QuantizedArithmetic
import QuantizedLayers
import TestCases
import Testing

@Suite struct CaseReaderTests {
  @Test func theHandWrittenLineIsTheHandMadeLayer() throws {
    let read = try readCase("{\"id\":\"a\"," + handWritten)
    #expect(read.testCase.layer == handMade())
    #expect(read.testCase.origin == .given(id: "a") && read.testCase.profile == "tflm")
    #expect(read.testCase.classes.isEmpty && read.unsupported == nil)
    #expect(throws: Never.self) { try read.testCase.layer.validated() }
  }

  @Test func unknownKeysAtTheTopAreIgnored() throws {
    let text = "{\"id\":\"a\",\"constants\":{\"shift\":[1,[2,{}]]},\"note\":null," + handWritten
    let read = try readCase(text)
    #expect(read.testCase.layer == handMade() && read.unsupported == nil)
  }

  @Test(arguments: [
    ("\"activation\":", "\"alpha\":2,\"activation\":", "attributes"),
    ("\"inputs\":{", "\"inputs\":{\"mask\":{},", "inputs"),
    ("\"shape\":[1,1]", "\"shape\":[1,1],\"block\":[32]", "output"),
    ("\"shape\":[1],", "\"shape\":[1],\"block\":32,", "bias"),
    ("\"scale\":0.25", "\"layout\":\"x\",\"scale\":0.25", "weights"),
  ])
  func unknownKeysWhereKeysHaveAMeaningMakeACaseUnsupported(old: String, new: String, place: String)
    throws
  {
    let read = try readCase(replacing: old, with: new)
    #expect(read.unsupported?.contains(place) == true)
  }

  @Test(arguments: [
    ("\"profile\":\"tflm\"", "\"profile\":\"tflm\",\"profile\":\"ort\""),
    ("\"profile\":\"tflm\"", "\"profile\":\"tflm\",\"id\":\"b\""),
    ("\"scale\":0.25", "\"scale\":0.25,\"scale\":0.5"),
    ("\"activation\":\"relu6\"", "\"activation\":\"relu6\",\"activation\":\"relu6\""),
    ("\"bias\":{", "\"input\":{\"type\":\"int8\",\"shape\":[1]},\"bias\":{"),
    ("\"profile\":\"tflm\"", "\"note\":1,\"note\":2,\"profile\":\"tflm\""),
  ])
  func duplicateKeysAreRefused(old: String, new: String) {
    #expect(throws: LineFormatError.self) { try readCase(replacing: old, with: new) }
  }

  @Test func dataMayBeAList() throws {
    let read = try readCase(replacing: "\"f4A=\"", with: "[127, -128]")
    #expect(read.testCase.layer == handMade())
    let bias = try readCase(replacing: "\"6AMAAA==\"", with: "[\"1000\"]")
    #expect(bias.testCase.layer == handMade())
    #expect(throws: LineFormatError.self) {
      try readCase(replacing: "\"f4A=\"", with: "[127, 128]")
    }
    #expect(throws: LineFormatError.self) {
      try readCase(replacing: "\"f4A=\"", with: "[127, 1.0]")
    }
  }

  @Test func integersMayBeStrings() throws {
    let read = try readCase(replacing: "\"zeroPoint\":-128", with: "\"zeroPoint\":\"-128\"")
    #expect(read.testCase.layer == handMade())
    let far = try readCase(
      replacing: "\"zeroPoint\":-128", with: "\"zeroPoint\":\"-9223372036854775808\"")
    #expect(far.testCase.layer.input.zeroPoints == [.min])
    let shape = try readCase(replacing: "\"shape\":[1,1]", with: "\"shape\":[\"1\",\"1\"]")
    #expect(shape.testCase.layer == handMade())
  }

  @Test func numbersThatAreNoneHaveNames() throws {
    for (text, value) in [
      ("\"Infinity\"", Double.infinity), ("\"-Infinity\"", -.infinity), ("-0.0", 0),
    ] {
      let read = try readCase(replacing: "\"scale\":0.25", with: "\"scale\":\(text)")
      #expect(read.testCase.layer.weights.scales == [value])
    }
    let read = try readCase(replacing: "\"scale\":0.25", with: "\"scale\":\"NaN\"")
    #expect(read.testCase.layer.weights.scales[0].isNaN)
    #expect(throws: LineFormatError.self) {
      try readCase(replacing: "\"scale\":0.25", with: "\"scale\":\"0.25\"")
    }
  }

  @Test func whatIsLeftOutHasADefault() throws {
    let plain = try readCase(replacing: "\"attributes\":{\"activation\":\"relu6\"},", with: "")
    #expect(plain.testCase.layer.activation == .none)
    let zero = try readCase(replacing: "\"scale\":0.25,\"zeroPoint\":0", with: "\"scale\":0.25")
    #expect(zero.testCase.layer == handMade())
    let clamp = try readCase(replacing: "\"activation\":\"relu6\"", with: "\"clamp\":[-5,\"9\"]")
    #expect(clamp.testCase.layer.activation == .clamp(-5, 9))
    let lists = try readCase(
      replacing: "\"scale\":0.25,\"zeroPoint\":0",
      with: "\"scale\":[0.25],\"axis\":0,\"zeroPoint\":[0]")
    #expect(lists.testCase.layer == handMade())
  }

  @Test func expectedOutputsMayBeAList() throws {
    let text = "\"profile\":\"tflm\""
    let list = try readCase(replacing: text, with: text + ",\"expected\":{\"output\":[-3]}")
    #expect(list.expected == ExpectedAnswer(output: [0xFD]))
    let base64 = try readCase(replacing: text, with: text + ",\"expected\":{\"output\":\"/Q==\"}")
    #expect(base64.expected == list.expected)
  }

  @Test(arguments: [
    ("\"operator\":\"fullyConnected\",", ""),
    ("\"type\":\"int8\",\"shape\":[1,1]", "\"shape\":[1,1]"),
    ("\"shape\":[1,1],", ""), ("\"relu6\"", "\"elu\""), ("\"relu6\"", "\"relu6\",\"clamp\":[0,1]"),
    ("\"activation\":\"relu6\"", "\"clamp\":[0]"),
    ("\"activation\":\"relu6\"", "\"clamp\":[0,1,2]"),
    ("\"f4A=\"", "\"f4A\""), ("\"f4A=\"", "\"f4A=\"\""), ("\"int32\"", "\"float32\""),
    ("\"profile\":\"tflm\"", "\"refuse\":\"scale.odd\""),
    ("\"profile\":\"tflm\"", "\"classes\":\"a\""),
    ("\"scale\":0.25", "\"axis\":1,\"scale\":0.25"), ("\"shape\":[1,1]", "\"shape\":1"),
    ("\"shape\":[1,1]", "\"shape\":[1,1,1,1,1,1,1,1,1]"), ("\"id\":\"a\"", "\"id\":1"),
    ("\"id\":\"a\"", "\"name\":\"a\""), ("\"id\":\"a\"", "\"id\":\"a\",\"end\":{}"),
    ("\"zeroPoint\":7}}", "\"zeroPoint\":7}"), ("\"zeroPoint\":7}}", "\"zeroPoint\":7}}}"),
    ("\"zeroPoint\":7}}", "\"zeroPoint\":7}} x"), ("\"zeroPoint\":7", "\"zeroPoint\":7.5"),
    ("\"scale\":0.5", "\"scale\":1e999"), ("\"inputs\":{", "\"inputs\":[{"),
  ])
  func whatTheFormatDoesNotAllowIsRefused(old: String, new: String) {
    #expect(throws: LineFormatError.self) { try readCase(replacing: old, with: new) }
  }

  @Test func helloAndEndLinesAreRead() throws {
    guard
      case .hello(let hello) = try readLine(
        "{\"hello\":{\"format\":1,\"generator\":1,\"seed\":\"7\",\"selection\":\"x\",\"new\":[]},\"z\":1}"
      )
    else { throw LineFormatError("no hello line") }
    #expect(hello == VectorHello(generator: 1, seed: "7", selection: "x"))
    guard case .end(let end) = try readLine("{\"end\":{\"cases\":3,\"sha256\":\"ab\"}}") else {
      throw LineFormatError("no end line")
    }
    #expect(end.cases == 3 && end.sha256 == "ab")
    for text in [
      "{\"hello\":{\"format\":2}}", "{\"hello\":{}}", "{\"hello\":1}", "{}", "[]", "", "null",
      "{\"hello\":{\"format\":1},\"end\":{}}", "{\"end\":{\"cases\":\"3\"}}", "{\"name\":\"x\"}",
    ] {
      #expect(throws: LineFormatError.self, "\(text)") { try readLine(text) }
    }
  }
}
