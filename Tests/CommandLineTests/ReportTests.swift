import Foundation
import Testing

extension CommandLineSuite {
  @Suite("report") struct ReportTests {
    private let folder: TemporaryFolder

    init() async throws {
      folder = try TemporaryFolder()
      let ended = try await Program.run(
        "check --impl kernels-portable --count 100 --database results/a.sqlite", in: folder)
      try #require(ended.status == 0, "\(ended.error)")
    }

    private func report(_ options: String = "") async throws -> Ended {
      try await Program.run("report --database results/a.sqlite \(options)", in: folder)
    }

    @Test("stands beside the database, in every format") func beside() async throws {
      let ended = try await report()
      #expect(ended.status == 0 && ended.error.isEmpty, "\(ended.error)")
      for name in ["results/report.html", "results/report.md"] {
        #expect(ended.text.contains(name))
        #expect(try folder.text(name).contains("kernels-portable"))
      }
    }

    @Test("--output names the file, and its extension the format") func output() async throws {
      #expect((try await report("--output b.html")).status == 0)
      #expect(try folder.text("b.html").lowercased().hasPrefix("<!doctype html>"))
      let text = try await report("--format markdown --output -")
      #expect(text.status == 0 && text.text.hasPrefix("# "))
      #expect(!FileManager.default.fileExists(atPath: folder.file("results/report.md")))
      let none = try await report("--format html --output none/b.html")
      #expect(none.status == 2 && none.isOneLine && none.error.contains("none/b.html"))
    }

    @Test("a run that is not there exits with 2, a database that is not there with 4")
    func unknown() async throws {
      for run in ["99", "zzz", "0", "-", "99999999999999999999"] {
        let ended = try await report("--run=\(run)")
        #expect(ended.status == 2 && ended.isOneLine, "\(run): \(ended.error)")
      }
      let ended = try await Program.run("report --database none.sqlite", in: folder)
      #expect(ended.status == 4 && ended.isOneLine)
      #expect(ended.error.contains("none.sqlite"))
      #expect(try folder.names == ["results"])
    }

    @Test("loads nothing from elsewhere") func selfContained() async throws {
      #expect((try await report("--output b.html")).status == 0)
      let text = try folder.text("b.html")
      // Addresses that may stand there: names of XML namespaces.
      let rest = ["http://www.w3.org/2000/svg", "http://www.w3.org/1999/xhtml"]
        .reduce(text) { $0.replacing($1, with: "") }
      for word in ["http:", "https:", "src=", "<link", "@import", "url(", "<iframe"] {
        #expect(!rest.contains(word), "\(word)")
      }
    }

    @Test(
      "a browser shows its headline",
      .enabled(if: Tool.chromium != nil, "chromium is not on PATH: install it to run this"))
    func browser() async throws {
      #expect((try await report("--output b.html")).status == 0)
      let chromium = try #require(Tool.chromium)
      let ended = try await Running(
        [
          chromium, "--headless", "--no-sandbox", "--disable-gpu",
          "--user-data-dir=" + folder.file("browser"), "--dump-dom",
          "file://" + folder.file("b.html"),
        ], in: folder.path
      ).wait()
      #expect(ended.status == 0, "\(ended.error)")
      let headline = try #require(
        ended.text.firstMatch(of: /<h1[^>]*>(.*?)<\/h1>/.dotMatchesNewlines()))
      #expect(!headline.1.isEmpty)
      #expect(ended.text.contains("kernels-portable"))
    }
  }
}
