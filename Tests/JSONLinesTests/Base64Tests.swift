import Foundation
import JSONLines
import Testing

@Suite struct Base64Tests {
  private func decoded(_ text: String) throws(JSONError) -> [UInt8] {
    var output: [UInt8] = [9, 9, 9, 9, 9, 9, 9, 9, 9, 9]
    try read(text) { reader throws(JSONError) in try reader.readBase64(into: &output) }
    return output
  }

  /// RFC 4648, section 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
  ]) func theVectorsOfTheStandardHold(plain: String, encoded: String) throws {
    #expect(written { $0.base64(Array(plain.utf8)) } == "\"\(encoded)\"")
    #expect(try decoded("\"\(encoded)\"") == Array(plain.utf8))
  }

  @Test func allLengthsAgreeWithFoundation() throws {
    var generator = Generator(seed: 7)
    var reused: [UInt8] = []
    for count in Array(0...70) + [255, 256, 257, 4096, 100_001] {
      for _ in 0..<(count > 70 ? 2 : 20) {
        let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        let text = written { $0.base64(bytes) }
        #expect(text == "\"\(Data(bytes).base64EncodedString())\"")
        try read(text) { reader throws(JSONError) in try reader.readBase64(into: &reused) }
        #expect(reused == bytes)
      }
    }
  }

  /// Each of the 256 bytes at each of 24 places.
  @Test func onlyTheAlphabetIsAccepted() {
    let text = Array("\"AAAAAAAAAAAAAAAAAAAAAAAA\"".utf8)
    let alphabet = Set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var output: [UInt8] = []
    for place in 1...24 {
      for byte in UInt8.min...UInt8.max {
        var changed = text
        changed[place] = byte
        // The last character may be padding.
        let isRight = alphabet.contains(byte) || (byte == 0x3D && place == 24)
        do {
          try JSONReader.read(changed) { reader throws(JSONError) in
            try reader.readBase64(into: &output)
            try reader.finish()
          }
          #expect(isRight, "\(byte) at \(place)")
        } catch {
          #expect(!isRight && output.isEmpty || byte == 0x22, "\(byte) at \(place)")
        }
      }
    }
  }

  @Test(arguments: [
    "Z", "Zg", "Zg=", "Zg===", "=", "==", "====", "Z===", "Zm8", "Zm8==", "Zh==", "Zn8=8",
    "Zg==Zg==", "Zg=a",
    "Zh==", "Zi==", "Zv==", "Zm9=", "Zm+=", "Zm8 ", "Zm 8=", "Zm8=\\n", "Zm9v\\n", "Zm9-", "Zm9_",
    "\\u005a",
    "AAAAAAAAZm9=", "AAAAAAAAZh==", "A=AA", "A===", "AA=A", "AAAAAAA", "é===", "AAA\\\"",
  ]) func otherFormsAreRefused(text: String) {
    #expect(throws: JSONError.self) { try decoded("\"\(text)\"") }
  }

  @Test func escapedSlashesAreUnderstood() throws {
    #expect(try decoded(#""\/\/\/\/""#) == [255, 255, 255])
    #expect(try decoded(#""\u005ag==""#) == Array("f".utf8))
    let bytes = [UInt8](repeating: 255, count: 300)
    let text = String(decoding: try JSONEncoder().encode([Data(bytes)]), as: UTF8.self)
    #expect(text.contains(#"\/"#))
    #expect(try decoded(String(text.dropFirst().dropLast())) == bytes)
  }

  @Test func errorsPointAtTheFirstWrongCharacter() {
    func offset(_ text: String) -> Int? {
      do {
        _ = try decoded(text)
        return nil
      } catch { return error.offset }
    }
    #expect(offset("\"AAAA!AAA\"") == 5)
    #expect(offset("\"AAAAAAAAAAAAAAAAAA*A\"") == 19)
    #expect(offset("\"Zh==\"") == 2)
    #expect(offset("\"Zm9=\"") == 3)
    #expect(offset("\"AAAAAA\"") == 7)
    #expect(offset("\"AAAA") == 5)
    #expect(offset("17") == 0)
    #expect(offset("") == 0)
  }
}
