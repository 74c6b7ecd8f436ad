import QuantizedArithmetic
import QuantizedLayers
import TestCases
import TestSupport
import Testing

/// Changes a line in ways that text gets changed.
private struct Mutator {
  var random: SplitMix64
  private let tokens = [
    "\"", "{", "}", "[", "]", ":", ",", "null", "true", "-1", "0", "1e999", "-0.0", "NaN",
    "\"NaN\"",
    "\"Infinity\"", "9223372036854775808", "-9223372036854775808", "4611686018427387904", "\\u0000",
    "\\ud800", "\"int64\"", "\"int8\"", "\"scale\"", "\"zeroPoint\":[1,2,3]", "[[[[[[[[",
    "\"clamp\":[5,1]",
    "\u{FF}", "==", "AAAA",
  ].map { Array($0.utf8) }

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  mutating func mutate(_ line: [UInt8]) -> [UInt8] {
    var line = line
    for _ in 0...random.below(3) {
      guard !line.isEmpty else { break }
      let place = random.below(line.count)
      switch random.below(7) {
      case 0: line[place] = UInt8(truncatingIfNeeded: random.next())
      case 1: line[place] ^= UInt8(1 << random.below(8))
      case 2: line.insert(contentsOf: random.pick(tokens), at: place)
      case 3: line.removeSubrange(place..<min(place + 1 + random.below(12), line.count))
      case 4:
        let token = random.pick(tokens)
        line.replaceSubrange(place..<min(place + token.count, line.count), with: token)
      case 5:
        // A piece of the line once more, elsewhere.
        let piece = Array(line[place..<min(place + 1 + random.below(40), line.count)])
        line.insert(contentsOf: piece, at: random.below(line.count))
      default: replaceNumber(&line, after: place)
      }
    }
    return line
  }

  /// The next number becomes another, so that the line stays well-formed.
  private mutating func replaceNumber(_ line: inout [UInt8], after place: Int) {
    func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    guard let start = line[place...].firstIndex(where: isDigit) else { return }
    let end = line[start...].firstIndex { !isDigit($0) } ?? line.count
    let number = random.pick([
      "0", "1", "2", "255", "128", "65536", "2147483648", "4294967296", "9223372036854775807",
      "1e3",
      "0.5", "1e-320",
    ])
    line.replaceSubrange(start..<end, with: Array(number.utf8))
  }
}

@Suite struct MutationTests {
  @Test func aMutatedLineIsAnErrorOrAValueAndNeverATrap() throws {
    var writer = CaseWriter()
    var lines = try generated(
      60, classes: ["shape.one", "channel", "bias", "activation", "invalid"]
    )
    .filter { $0.layer.weights.data.count < 2_000 }
    .map {
      Array(writer.write($0, expected: ExpectedAnswer(output: [1], exact: ["1/2"])).dropLast())
    }
    lines.append(Array(("{\"id\":\"a\"," + handWritten).utf8))
    lines.append(Array("{\"hello\":{\"format\":1,\"generator\":1,\"seed\":\"7\"}}".utf8))
    lines.append(Array("{\"end\":{\"cases\":1000,\"sha256\":\"00\"}}".utf8))
    var mutator = Mutator(seed: 3)
    var (errors, values, legal) = (0, 0, 0)
    for _ in 0..<draws(50_000) {
      let line = mutator.mutate(mutator.random.pick(lines))
      do throws(LineFormatError) {
        guard case .testCase(let read) = try readLine(line) else { continue }
        values += 1
        guard let layer = try? read.testCase.layer.validated() else { continue }
        legal += 1
        #expect(layer.operands.bias.count == layer.channels)
        // What was read can be written and read again.
        let again = writer.write(read.testCase)
        #expect(throws: Never.self) { try readLine(Array(again.dropLast())) }
      } catch {
        errors += 1
        #expect(!error.description.isEmpty)
      }
    }
    #expect(errors > 0 && values > 0 && legal > 0)
  }
}
