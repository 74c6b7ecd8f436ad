import Foundation
import Testing

extension CommandLineSuite {
  @Suite("files of cases that are not right") struct BadFileTests {
    private let folder: TemporaryFolder
    /// A sound file, as its lines.
    private let lines: [[UInt8]]

    init() async throws {
      folder = try TemporaryFolder()
      let made = try await Program.run(
        "generate --seed 3 --count 40 --class random --input-type int8 --output -", in: folder)
      try #require(made.status == 0, "\(made.error)")
      lines = made.output.split(separator: UInt8(ascii: "\n")).map { Array($0) + [10] }
      try #require(lines.count == 42)
    }

    private var whole: [UInt8] { lines.flatMap { $0 } }

    private func check(_ name: String) async throws -> Ended {
      try await Program.run(["check", "--no-store", "--vectors", name], in: folder)
    }

    private func expectRefused(
      _ bytes: [UInt8], _ name: String, _ words: String...,
      at place: SourceLocation = #_sourceLocation
    ) async throws {
      try folder.write(bytes, to: name)
      let ended = try await check(name)
      #expect(ended.status == 2, "\(ended)", sourceLocation: place)
      #expect(ended.isOneLine, "\(ended.error)", sourceLocation: place)
      for word in [name] + words {
        #expect(ended.error.contains(word), "\(ended.error)", sourceLocation: place)
      }
      #expect(ended.output.isEmpty, "something was judged", sourceLocation: place)
    }

    @Test("the sound file conforms") func sound() async throws {
      try folder.write(whole, to: "sound.jsonl")
      let ended = try await check("sound.jsonl")
      #expect(ended.status == 0, "\(ended.error)")
      #expect(ended.text.contains("40 cases"))
    }

    @Test("no file, and a folder") func absent() async throws {
      let none = try await check("none.jsonl")
      #expect(none.status == 2 && none.isOneLine && none.error.contains("none.jsonl"))
      #expect(none.error.contains("No such file"))
      let directory = try await check(".")
      #expect(directory.status == 2 && directory.isOneLine)
      #expect(directory.error.contains("directory"))
    }

    @Test("files of another kind") func otherKinds() async throws {
      try await expectRefused([], "empty.jsonl", "no cases")
      try await expectRefused([10], "blank.jsonl", "line 1")
      try await expectRefused([0x89] + Array("PNG\r\n\u{1A}\n\0\0\0\rIHDR".utf8), "a.png", "line 1")
      let program = try #require(FileHandle(forReadingAtPath: Program.path)).readData(
        ofLength: 9_999)
      try #require(program.starts(with: Array("\u{7F}ELF".utf8)))
      try await expectRefused(Array(program), "program", "line 1")
      try await expectRefused(Array("{\"a\": 1}\n".utf8), "object.json", "line 1", "hello")
      try await expectRefused(Array("[1, 2]\n".utf8), "list.json", "line 1")
      try await expectRefused(Array("{\"hello\":{\"format\":2}}\n".utf8), "new.jsonl", "line 1")
      try await expectRefused(Array("\u{FEFF}".utf8) + whole, "mark.jsonl", "line 1")
    }

    @Test("a file cut off anywhere") func truncated() async throws {
      try await expectRefused(lines.dropLast().flatMap { $0 }, "noEnd.jsonl", "truncated")
      for cut in [1, 30, lines[0].count, lines[0].count + 99, whole.count - 9, whole.count / 2] {
        try await expectRefused(Array(whole.prefix(cut)), "cut\(cut).jsonl")
      }
    }

    @Test("a byte changed anywhere") func changed() async throws {
      // Some in each line, spread over it: a constant step would fall on the same keys.
      var start = 0
      for line in lines {
        let place = start + (start * 7) % (line.count - 1)
        var bytes = whole
        bytes[place] ^= 1
        try await expectRefused(bytes, "changed\(place).jsonl")
        start += line.count
      }
    }

    @Test("a case that is there twice, or too many") func repeated() async throws {
      let hello = Array("{\"hello\":{\"format\":1}}\n".utf8)
      try await expectRefused(hello + lines[1] + lines[1], "twice.jsonl", "line 3", "twice")
      try await expectRefused(whole + lines[1], "after.jsonl")
      try await expectRefused(lines[0] + lines[0] + lines[1], "hello.jsonl", "line 2")
    }

    @Test("a scale that is not a number is a refusal to be made, which kernels make")
    func notANumber() async throws {
      var text = String(decoding: lines[1], as: UTF8.self)
      let input = try #require(text.range(of: "\"scale\":"))
      let end = try #require(text[input.upperBound...].firstIndex(of: ","))
      text.replaceSubrange(input.upperBound..<end, with: "\"NaN\"")
      let id = try #require(text.range(of: "3-0000000-"))
      text.replaceSubrange(id, with: "by-hand-")
      if let expected = text.range(of: ",\"expected\":") {
        text = String(text[..<expected.lowerBound]) + "}\n"
      }
      try folder.write(("{\"hello\":{\"format\":1}}\n" + text).utf8, to: "nan.jsonl")
      let ended = try await check("nan.jsonl")
      #expect(ended.status == 0, "\(ended.error) \(ended.text)")
      #expect(ended.text.contains("1 pass"), "\(ended.text)")
    }

    @Test("one of several files is not right: nothing is judged") func oneOfSeveral() async throws {
      try folder.write(whole, to: "sound.jsonl")
      try folder.write(whole.dropLast(40), to: "cut.jsonl")
      let ended = try await Program.run(
        "check --no-store --vectors sound.jsonl cut.jsonl", in: folder)
      #expect(ended.status == 2)
      #expect(ended.isOneLine && ended.error.contains("cut.jsonl"))
      #expect(ended.output.isEmpty)
    }
  }
}
