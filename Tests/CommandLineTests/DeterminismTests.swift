import Testing

extension CommandLineSuite {
  @Suite("generated cases") struct DeterminismTests {
    private let folder: TemporaryFolder
    #if DEBUG
    private let count = 600
    #else
    private let count = 10_000
    #endif

    init() throws { folder = try TemporaryFolder() }

    private func generate(_ options: String, _ name: String) async throws -> [UInt8] {
      let ended = try await Program.run(
        "generate --seed 7 --cases all --count \(count) --output \(name) \(options)", in: folder)
      try #require(ended.status == 0, "\(ended.error)")
      return try folder.contents(name)
    }

    @Test("are the same bytes each time, whatever the number of jobs")
    func sameBytes() async throws {
      let first = try await generate("--jobs 1", "1.jsonl")
      #expect(first == (try await generate("--jobs 1", "again.jsonl")))
      #expect(first == (try await generate("--jobs 2", "2.jsonl")))
      #expect(first == (try await generate("--jobs 5", "5.jsonl")))
      let toOutput = try await Program.run(
        "generate --seed 7 --cases all --count \(count) --output -", in: folder)
      #expect(toOutput.output == first)
      let other = try await Program.run(
        "generate --seed 8 --cases all --count \(count) --output -", in: folder)
      #expect(other.output != first)
    }

    @Test("a longer file begins with the cases of a shorter one") func prefix() async throws {
      let whole = cases(try await generate("", "whole.jsonl"))
      let short = try await Program.run(
        "generate --seed 7 --cases all --count 100 --output -", in: folder)
      #expect(Array(whole.prefix(100)) == cases(short.output))
    }

    @Test("the shards together are the whole, and none has another's case")
    func shards() async throws {
      let whole = cases(try await generate("", "whole.jsonl"))
      #expect(whole.count == count)
      for shards in [2, 3] {
        var parts: [[UInt8]] = []
        for shard in 1...shards {
          let part = cases(try await generate("--shard \(shard)/\(shards)", "\(shard).jsonl"))
          #expect(!part.isEmpty || count < shards * 256)
          parts += part
        }
        #expect(parts.count == count)
        #expect(Set(parts) == Set(whole))
      }
    }

    /// The lines between the first and the last.
    private func cases(_ file: [UInt8]) -> [[UInt8]] {
      file.split(separator: UInt8(ascii: "\n")).dropFirst().dropLast().map(Array.init)
    }
  }
}
