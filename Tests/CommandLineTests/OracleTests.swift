import Foundation
import Testing

extension CommandLineSuite {
  /// What the program says is right, against a program that shares nothing with it.
  @Suite(
    "an independent oracle",
    .enabled(if: Tool.python != nil, "python3 is not on PATH: install it to run these"))
  struct OracleTests {
    private let folder: TemporaryFolder
    private let python: String

    init() throws {
      folder = try TemporaryFolder()
      python = try #require(Tool.python)
    }

    private func names(_ subject: String) async throws -> Set<String> {
      let listed = try await Program.run("list \(subject) --json", in: folder)
      let value = try JSONSerialization.jsonObject(with: Data(listed.output))
      let entries = try #require(value as? [[String: Any]])
      return Set(entries.compactMap { $0["name"] as? String })
    }

    @Test("agrees with every id, output and exact value that is generated")
    func agrees() async throws {
      #if DEBUG
      let count = 1_000
      #else
      let count = 20_000
      #endif
      let made = try await Program.run(
        "generate --cases all --seed 20 --count \(count) --exact --output cases.jsonl", in: folder)
      try #require(made.status == 0, "\(made.error)")
      let ended = try await Running(
        [
          python, Program.repository + "/Tests/Oracle/oracle.py", "cases.jsonl", "--jobs", "2",
          "--json",
        ], in: folder.path
      ).wait()
      #expect(ended.status == 0, "\(ended.error)")
      let found = try ended.object()
      #expect(found["mismatches"] as? Int == 0)
      #expect(found["cases"] as? Int == count)
      #expect(found["idsChecked"] as? Int == count)
      #expect(found["outputs"] as? Int == found["exactValues"] as? Int)
      #expect((found["skipped"] as? [String: Any])?.isEmpty == true)
      let profiles = try #require(found["profiles"] as? [String: [String: Int]])
      #expect(Set(profiles.keys) == (try await names("profiles")))
      for (name, counts) in profiles {
        #expect(counts["mismatches"] == 0, "\(name)")
        #expect((counts["outputs"] ?? 0) >= count / 2, "\(name): hardly compared")
      }
      #if !DEBUG
      #expect(try classes() == (try await names("classes").subtracting(["cover"])))
      #endif
    }

    /// The names of all classes in the generated file.
    private func classes() throws -> Set<String> {
      var names: Set<String> = []
      for line in try folder.contents("cases.jsonl").split(separator: UInt8(ascii: "\n")) {
        guard let object = try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any],
          let classes = object["classes"] as? [String]
        else { continue }
        names.formUnion(classes)
      }
      return names
    }

    @Test("passes its own tests") func itsOwnTests() async throws {
      let ended = try await Running(
        [python, "-B", "-m", "unittest", "discover", "-s", Program.repository + "/Tests/Oracle"],
        in: folder.path
      ).wait()
      #expect(ended.status == 0)
      #expect(ended.error.hasSuffix("\nOK\n"), "\(ended.error)")
      #expect(!ended.error.contains("Ran 0 tests"))
    }
  }
}
