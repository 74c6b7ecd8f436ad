import Foundation
import JSONLines
import Testing

@Suite struct TextTests {
  @Test func separatorsComeByThemselves() {
    let text = written { writer in
      for _ in 0..<2 {
        writer.beginObject()
        writer.key("a")
        writer.beginArray()
        writer.integer(1)
        writer.beginArray()
        writer.endArray()
        writer.bool(true)
        writer.null()
        writer.string("x")
        writer.string(plain: "y")
        writer.base64([1])
        writer.number(0.5)
        writer.portableInteger(Int64.max)
        writer.raw(Array("2,3".utf8))
        writer.beginObject()
        writer.endObject()
        writer.bool(false)
        writer.endArray()
        writer.key(escaping: "\"")
        writer.beginObject()
        writer.key("c")
        writer.integer(2)
        writer.endObject()
        writer.key("d")
        writer.string(plain: "")
        writer.endObject()
        writer.newline()
      }
    }
    let line =
      #"{"a":[1,[],true,null,"x","y","AQ==",0.5,"9223372036854775807",2,3,{},false],"#
      + #""\"":{"c":2},"d":""}"# + "\n"
    #expect(text == line + line)
  }

  @Test func aWriterCanBeUsedAgain() {
    var writer = JSONWriter(capacity: 100)
    writer.beginArray()
    writer.integer(1)
    let kept = writer.bytes
    writer.removeAll()
    writer.integer(2)
    #expect(writer.bytes == Array("2".utf8))
    #expect(kept == Array("[1".utf8))
  }

  @Test func escapesAreThoseOfTheGrammar() {
    let text = written { $0.string("\"\\/\u{8}\u{C}\n\r\t\u{0}\u{1F}\u{7F}é😀") }
    #expect(text == #""\"\\/\b\f\n\r\t\u0000\u001f"# + "\u{7F}é😀\"")
  }

  @Test func writtenTextReadsBackAndAgreesWithFoundation() throws {
    var generator = Generator(seed: 5)
    for _ in 0..<3000 {
      let value = Value.array([Value.random(&generator)])
      var writer = JSONWriter()
      value.write(to: &writer)
      #expect(try parse(writer.bytes) == value)
      try skip(writer.bytes)
      #expect(agrees(value, try JSONSerialization.jsonObject(with: Data(writer.bytes))))
    }
  }

  /// The other way round: what Foundation writes, with its own escapes and white space.
  @Test func whatFoundationWritesIsRead() throws {
    var generator = Generator(seed: 6)
    for index in 0..<2000 {
      var writer = JSONWriter()
      Value.array([Value.random(&generator)]).write(to: &writer)
      let object = try JSONSerialization.jsonObject(with: Data(writer.bytes))
      let text = try JSONSerialization.data(
        withJSONObject: object, options: index % 2 == 0 ? .prettyPrinted : [])
      #expect(agrees(try parse(Array(text)), object))
    }
  }

  @Test func keysAreComparedWithoutTheirEscapes() throws {
    let text = #"{"shape":1,"sc\u0061le":2,"":3,"é":4,"shapes":5}"#
    try read(text) { reader throws(JSONError) in
      var names: [Int] = []
      try reader.beginObject()
      while let key = try reader.nextKey() {
        switch key {
        case "scale": names.append(2)
        case "shape": names.append(1)
        case "shapd", "thape": names.append(-1)
        case "": names.append(3)
        case "é": names.append(4)
        default:
          #expect(key.matches("shapes") && !key.matches("shape"))
          names.append(5)
        }
        #expect(try reader.readInt64() == Int64(names.count))
      }
      #expect(names == [1, 2, 3, 4, 5])
    }
  }

  @Test func stringsAreReadIntoReusedMemory() throws {
    var output = Array("old".utf8)
    try read(#"["a\ud83d\ude00\/\n","é"]"#) { reader throws(JSONError) in
      try reader.beginArray()
      #expect(try reader.nextElement())
      try reader.readString(into: &output)
      #expect(output == Array("a😀/\n".utf8))
      #expect(try reader.nextElement())
      try reader.readString(into: &output)
      #expect(output == Array("é".utf8))
      #expect(try !reader.nextElement())
    }
  }

  @Test func duplicateKeysAreFound() throws {
    for count in [1, 2, 15, 16, 17, 18, 40, 1000] {
      let keys = (0..<count).map { "\"key\($0)\":0" }
      _ = try parse(Array("{\(keys.joined(separator: ","))}".utf8))
      for again in [0, count / 2, count - 1] {
        let text = "{\((keys + ["\"\\u006bey\(again)\":1"]).joined(separator: ","))}"
        #expect(throws: JSONError.self) { try parse(Array(text.utf8)) }
      }
    }
    var set = JSONKeySet()
    try read("{\"a\":{\"a\":1}}") { reader throws(JSONError) in
      try reader.beginObject()
      let outer = try reader.nextKey()
      try reader.beginObject()
      let inner = try reader.nextKey()
      guard let outer, let inner else { return }
      try set.insert(outer)
      #expect(throws: JSONError(offset: 6, found: "\"a\" again", expected: "every key once")) {
        try set.insert(inner)
      }
      set.removeAll()
      try set.insert(inner)
      try reader.skipValue()
      _ = try reader.nextKey()
      _ = try reader.nextKey()
    }
  }

  @Test func skippingTellsWhereTheValueLies() throws {
    let range = try read(" [1,{\"a\":\"]\"}] ") { reader throws(JSONError) in
      try reader.skipValue()
    }
    #expect(range == 1..<14)
  }

  @Test func aMemberLeftUnreadIsAnError() {
    let error = failure("{\"a\":1,\"b\":2}") { reader throws(JSONError) in
      try reader.beginObject()
      _ = try reader.nextKey()
      _ = try reader.nextKey()
    }
    #expect(error?.offset == 5)
    #expect(failure("[[1]") { reader throws(JSONError) in try reader.beginArray() } != nil)
    #expect(failure("]") { reader throws(JSONError) in try reader.nextElement() } != nil)
  }

  @Test func messagesCutLongText() throws {
    let text = "\"" + String(repeating: "x\\n", count: 40) + "\""
    let description = try read(text) { r throws(JSONError) in try r.readText().description }
    #expect(description == "\"" + String(repeating: "x\\n", count: 20) + "\"…")
  }
}
