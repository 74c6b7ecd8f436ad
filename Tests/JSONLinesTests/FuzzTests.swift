import JSONLines
import Testing

/// Lines with random damage: nothing may trap, and all ways of reading must agree.
@Suite struct FuzzTests {
  static let lines = [
    #"{"id":"7-0000012-5f0c91ab","operator":"fullyConnected","classes":["a","b"],"seed":"7"}"#,
    #"{"type":"int8","shape":[2,3],"scale":[0.05,1e-7],"zeroPoint":-128,"data":"gH8AAQIDBA=="}"#,
    #"{"a":[true,false,null,"\u00e9\ud83d\ude00\\\/é→😀"],"b":{"c":{"d":[[],{}]}},"e":-1.5E+10}"#,
    #"[[1,2.25,-0,"NaN",18446744073709551615],{"x":"\n\t"},9007199254740993,0.1e-300] "#,
  ]

  /// Characters that mean something, so that damage often keeps the text nearly valid.
  static let tokens: [[UInt8]] =
    [
      "{", "}", "[", "]", ",", ":", "\"", "\\", "\\u", "\\ud800", "0", "1", "-", ".", "e", "E", "+",
      "=",
      "true", "null", " ", "\n", "\t", "9999999999", "\"\"", "\"a\":", "{}", "[]", "NaN", "1e400",
    ]
    .map { Array($0.utf8) } + [
      [0], [0x1F], [0x7F], [0x80], [0xC3], [0xE2, 0x82], [0xFF], [0xF0, 0x9F],
    ]

  static func damaged(_ generator: inout Generator) -> [UInt8] {
    var line = Array(lines[generator.below(lines.count)].utf8)
    for _ in 0...generator.below(3) {
      guard !line.isEmpty else { break }
      let place = generator.below(line.count)
      switch generator.below(7) {
      case 0: line[place] = UInt8(truncatingIfNeeded: generator.next())
      case 1: line[place] ^= 1 << UInt8(generator.below(8))
      case 2: line.remove(at: place)
      case 3: line.insert(contentsOf: tokens[generator.below(tokens.count)], at: place)
      case 4: line.removeLast(line.count - place)
      case 5:
        let end = min(line.count, place + generator.below(12))
        line.insert(contentsOf: line[place..<end], at: generator.below(line.count))
      default:
        let token = tokens[generator.below(tokens.count)]
        line.replaceSubrange(place..<min(line.count, place + token.count), with: token)
      }
    }
    return line
  }

  @Test func damagedLinesGiveAnErrorOrAValue() throws {
    #if DEBUG
    let count = 20_000
    #else
    let count = 200_000
    #endif
    var generator = Generator(seed: 8)
    var (values, errors) = (0, 0)
    for _ in 0..<count {
      let line = Self.damaged(&generator)
      let skipped = outcome { () throws(JSONError) in try skip(line) }
      do {
        let value = try parse(line)
        values += 1
        #expect(skipped == nil)
        #expect(String(validating: line, as: UTF8.self) != nil)
        var writer = JSONWriter()
        value.write(to: &writer)
        #expect(try parse(writer.bytes) == value)
      } catch {
        errors += 1
        #expect(0...line.count ~= error.offset && !error.description.contains("\n"))
        // Only a duplicate key and a number out of range are no matter when skipping.
        if skipped == nil {
          #expect(error.expected == "every key once" || error.expected == "a number of binary64")
        } else {
          #expect(skipped == error || skipped.map { $0.offset >= error.offset } ?? false)
        }
      }
      readAsTyped(line, &generator)
    }
    #expect(values > count / 20 && errors > count / 2, "\(values) values, \(errors) errors")
  }

  /// Calls that do not fit what is there, in random order.
  private func readAsTyped(_ line: [UInt8], _ generator: inout Generator) {
    var bytes: [UInt8] = []
    _ = outcome { () throws(JSONError) in
      try JSONReader.read(line) { reader throws(JSONError) in
        while true {
          switch generator.below(12) {
          case 0: _ = try reader.readInt64()
          case 1: _ = try reader.readPortableUInt64()
          case 2: _ = try reader.readDouble()
          case 3: try reader.readBase64(into: &bytes)
          case 4: try reader.readString(into: &bytes)
          case 5, 6: try reader.beginObject()
          case 7: try reader.beginArray()
          case 8: _ = try reader.nextElement()
          case 9, 10: _ = try reader.nextKey()
          default: try reader.skipValue()
          }
        }
      }
    }
  }

  private func outcome(_ body: () throws(JSONError) -> Void) -> JSONError? {
    do {
      try body()
      return nil
    } catch { return error }
  }
}
