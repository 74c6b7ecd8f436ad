import Foundation
import Testing

extension CommandLineSuite {
  @Suite("init-adapter c") struct InitAdapterTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test(
      "the library compiles as written, is wired rightly, and conforms",
      .enabled(
        if: Tool.succeeds(["sh", "-c", "command -v make && command -v cc"]),
        "make and a C compiler are not on PATH: install them to run this"))
    func compiles() async throws {
      #expect(try await Program.run("init-adapter c adapter", in: folder).status == 0)
      let adapter = folder.file("adapter")
      let made = try await Running(["make", "CFLAGS=-O2 -Wall -Wextra -Werror"], in: adapter).wait()
      #expect(made.status == 0, "\(made.error)")
      let smoke = try await Running([try Program.path, "smoke", "--impl", "mine"], in: adapter)
        .wait()
      #expect(smoke.status == 0, "\(smoke.text)\(smoke.error)")
      let check = try await Running(
        [try Program.path, "check", "--impl", "mine", "--count", "3000", "--no-store"], in: adapter
      ).wait()
      #expect(check.status == 0, "\(check.text)\(check.error)")
    }

    @Test("the kernel is the one that the documentation shows") func sameAsPage() throws {
      let page = try String(
        contentsOfFile: Program.repository + "/Documentation/libraries.md", encoding: .utf8)
      let begun = try #require(page.range(of: "```c\n"))
      let rest = page[begun.upperBound...]
      let shown = rest[..<(try #require(rest.range(of: "```"))).lowerBound]
      let written = try String(
        contentsOfFile: Program.repository + "/Sources/AdapterTemplates/Files/mine.c",
        encoding: .utf8)
      #expect(
        written.hasSuffix(shown.replacingOccurrences(of: "\"example\"", with: "\"mine\"")))
    }

    @Test("what is there already is not overwritten") func keeps() async throws {
      #expect(try await Program.run("init-adapter c .", in: folder).status == 0)
      let again = try await Program.run("init-adapter c .", in: folder)
      #expect(again.status == 2 && again.isOneLine)
    }
  }
}
