#if !DEBUG
import Testing

extension CommandLineSuite {
  @Suite("memory") struct MemoryTests {
    @Test("does not grow with the number of cases") func isBounded() async throws {
      let folder = try TemporaryFolder()
      var peaks: [Int] = []
      for count in [4_000, 40_000] {
        let ended = try await Program.run(
          "check --impl kernels-portable --cases random --count \(count)", in: folder)
        try #require(ended.status == 0, "\(ended.error)")
        peaks.append(ended.peakMemory)
      }
      #expect(peaks[0] > 1_000, "KiB are expected")
      #expect(peaks[1] * 2 < peaks[0] * 3, "\(peaks) KiB")
    }
  }
}
#endif
