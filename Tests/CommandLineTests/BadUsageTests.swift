import Foundation
import Testing

extension CommandLineSuite {
  @Suite("bad usage") struct BadUsageTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Arguments, and what the one line must name.
    private static let usage: [([String], String)] = [
      (["check", "--count", "0"], "--count"),
      (["check", "--count", "-1"], "--count"),
      (["check", "--count", "1e3"], "--count"),
      (["check", "--count", "99999999999999999999"], "--count"),
      (["check", "--count"], "--count"),
      (["generate", "--count", "0", "--output", "x"], "--count"),
      (["check", "--jobs", "0"], "--jobs"),
      (["check", "--jobs", "1000000"], "--jobs"),
      (["check", "--seed", "18446744073709551616"], "--seed"),
      (["check", "--seed=-1"], "--seed"),
      (["check", "--shard", "0/0"], "--shard"),
      (["check", "--shard", "3/2"], "--shard"),
      (["check", "--shard", "1"], "--shard"),
      (["check", "--shard", "1/2/3"], "--shard"),
      (["check", "--cases", "foo"], "edge, random, invalid, all"),
      (["check", "--class", "foo"], "--class"),
      (["check", "--profile", "foo"], "exact-even"),
      (["check", "--profile", ""], "--profile"),
      (["check", "--operator", "foo"], "fullyConnected"),
      (["check", "--input-type", "int32"], "int8, uint8, int16"),
      (["check", "--weight-type", ","], "--weight-type"),
      (["check", "--impl", ""], "--impl"),
      (["check", "--impl", "foo"], "kernels"),
      (["check", "--impl", "kernels,kernels"], "twice"),
      (["check", "--conformance", "foo"], "within(N)"),
      (["check", "--conformance", "within(-1)"], "--conformance"),
      (["check", "--duration", "5x"], "--duration"),
      (["check", "--duration", "-5s"], "--duration"),
      (["check", "--duration", "nans"], "--duration"),
      (["check", "--max-failures", "0"], "--max-failures"),
      (["check", "--label", "=x"], "--label"),
      (["check", "--label", "x"], "--label"),
      (["check", "--label", "a=1", "--label", "a=2"], "--label"),
      (["check", "--only", "garbage"], "--only"),
      (["check", "--only", "1-0-00000000"], "1-0-00000000"),
      (["check", "--only", "1-99999999999999999999-00000000"], "--only"),
      (["check", "--only", "1-0-00000000", "--count", "2"], "--count"),
      (["check", "--vectors", "x", "--count", "2"], "--vectors"),
      (["check", "--resume", "1", "--no-store"], "--resume"),
      (["check", "--foo"], "--foo"),
      (["check", "extra"], "extra"),
      (["foo"], "foo"),
      (["--foo"], "--foo"),
      (["list"], "<subject>"),
      (["list", "foo"], "profiles"),
      (["report", "--format", "foo"], "html"),
      (["report", "--output", "x"], "--format"),
      (["generate"], "--output"),
      (["generate", "--output", "x", "--format", "csv"], "--format"),
      (["generate", "--output", "x", "--blind", "--exact"], "--exact"),
      (["generate", "--output", "none/x"], "none/x"),
      (["generate", "--output", "."], "directory"),
      (["check", "--no-store", "--count", "1", "--failures", "none/x"], "none/x"),
      (["check", "--no-store", "--count", "1", "--json", "."], "directory"),
    ]

    @Test("exits with 2 and one line that names it", arguments: usage.indices)
    func isRefused(_ place: Int) async throws {
      let (arguments, word) = Self.usage[place]
      let ended = try await Program.run(arguments, in: folder)
      #expect(ended.status == 2)
      #expect(ended.isOneLine, "\(ended.error)")
      #expect(ended.error.lowercased().contains(word.lowercased()), "\(ended.error)")
      #expect(ended.error.hasPrefix("qverify: "))
      #expect(!ended.error.contains("Error("), "an error's debug description: \(ended.error)")
      #expect(ended.output.isEmpty)
    }

    @Test("makes no database and no file") func nothingIsLeft() async throws {
      for place in 0..<7 { _ = try await Program.run(Self.usage[place].0, in: folder) }
      #expect(try folder.names.isEmpty)
    }

    @Test("a wrong hash is answered with the case's own id") func wrongHash() async throws {
      let ended = try await Program.run("check --no-store --only 1-0000000-00000000", in: folder)
      #expect(ended.status == 2)
      #expect(ended.isOneLine)
      #expect(ended.error.contains("is 1-0000000-"), "\(ended.error)")
    }

    @Test("an implementation that this machine cannot run exits with 3")
    func cannotStart() async throws {
      let facts = try String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)
      let ended = try await Program.run(
        "check --impl kernels-avx512vnni --count 10 --no-store", in: folder)
      if facts.contains("avx512_vnni") {
        #expect(ended.status == 0, "\(ended.error)")
      } else {
        #expect(ended.status == 3)
        #expect(ended.isOneLine)
        #expect(ended.error.contains("kernels-avx512vnni"))
      }
    }
  }
}
