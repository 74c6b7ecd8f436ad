import Foundation
import Testing

extension CommandLineSuite {
  @Suite("help") struct HelpTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test("every subcommand says what it does, with examples") func subcommands() async throws {
      let whole = try await Program.run("--help", in: folder)
      #expect(whole.status == 0 && whole.error.isEmpty)
      #expect(whole.text.contains("EXAMPLES") && whole.text.contains("EXIT STATUS"))
      let list = try #require(whole.text.split(separator: "SUBCOMMANDS:\n").last)
      let names = list.split(separator: "\n").compactMap { line in
        line.hasPrefix("  ") && !line.hasPrefix("   ") ? line.split(separator: " ").first : nil
      }
      #expect(names.contains("check") && names.contains("generate"), "\(names)")
      for name in names where name != "See" && name != "explain" {
        let ended = try await Program.run("\(name) --help", in: folder)
        #expect(ended.status == 0 && ended.error.isEmpty, "\(name)")
        #expect(ended.text.contains("EXAMPLES\n") && ended.text.contains("qverify \(name)"))
        #expect((try await Program.run("help \(name)", in: folder)).text == ended.text)
      }
    }

    @Test("no arguments show the help; --version is a number") func version() async throws {
      let none = try await Program.run("", in: folder)
      let help = try await Program.run("--help", in: folder)
      #expect(none.status == 0 && none.text == help.text)
      let version = try await Program.run("--version", in: folder)
      #expect(version.status == 0)
      #expect(version.text.wholeMatch(of: /[0-9]+\.[0-9]+\.[0-9]+\n/) != nil)
    }

    @Test(
      "list names the same things as text and as JSON",
      arguments: ["operators", "profiles", "implementations", "classes"])
    func lists(_ subject: String) async throws {
      let text = try await Program.run("list \(subject)", in: folder)
      let json = try await Program.run("list \(subject) --json", in: folder)
      #expect(text.status == 0 && json.status == 0)
      let value = try JSONSerialization.jsonObject(with: Data(json.output))
      let entries = try #require(value as? [[String: String]])
      let names = entries.compactMap { $0["name"] }
      #expect(names.count == entries.count && Set(names).count == names.count && !names.isEmpty)
      let headings = text.text.split(separator: "\n").filter { !$0.hasPrefix(" ") }.map(String.init)
      #expect(headings == names)
    }
  }
}
