import Foundation
import Testing

extension CommandLineSuite {
  @Suite("mutate: how strong cases are") struct MutateTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private static let selection =
      "--profile tflm --input-type int8 --weight-type int8 --output-type int8"

    @Test("weak cases exit with 1 and name the survivors") func weak() async throws {
      let ended = try await Program.run(
        "mutate \(Self.selection) --cases random --count 20", in: folder)
      #expect(ended.status == 1 && ended.error.isEmpty)
      #expect(ended.text.hasPrefix("tflm, int8,int8,int8, bias none, int32\n"))
      #expect(ended.text.contains("  survived\n") && ended.text.contains("  slowest kills\n"))
      #expect(ended.text.contains("SCORE  "))
      let survivors = try await Program.run(
        "mutate \(Self.selection) --cases random --count 20 --survivors-only --threshold 10",
        in: folder)
      #expect(survivors.status == 0 && !survivors.text.contains("slowest"))
      #expect(survivors.text.contains("  the last rounding is to nearest, ties up\n"))
    }

    @Test("JSON says the fate of every kernel, whatever the number of jobs") func json()
      async throws
    {
      let line = "mutate \(Self.selection) --count 40 --threshold 0 --json"
      let ended = try await Program.run(line + " --jobs 1", in: folder)
      #expect(ended.status == 0)
      let targets = try #require(try ended.object()["targets"] as? [[String: Any]])
      #expect(targets.count == 1)
      let target = try #require(targets.first)
      let mutants = try #require(target["mutants"] as? [[String: Any]])
      for fate in ["killed", "survived", "equivalent"] {
        let count = mutants.count { $0["fate"] as? String == fate }
        #expect(target[fate] as? Int == count && count > 0)
      }
      for mutant in mutants {
        let fate = mutant["fate"] as? String
        #expect((mutant["case"] != nil) == (fate == "killed"))
        #expect((mutant["reason"] != nil) == (fate == "equivalent"))
      }
      #expect(try await Program.run(line + " --jobs 3", in: folder).output == ended.output)
    }

    @Test("minimised vectors are a sound file that is as strong as its pool") func minimise()
      async throws
    {
      let ended = try await Program.run(
        "mutate \(Self.selection) --count 60 --minimise few.jsonl", in: folder)
      #expect(ended.status == 0 && ended.error.isEmpty, "\(ended.error)")
      let hello = try folder.text("few.jsonl").prefix { $0 != "\n" }
      #expect(hello.contains("--count 60 --minimise") && !hello.contains("\"generator\":"))
      let pool = try await Program.run(
        "mutate \(Self.selection) --count 60 --threshold 0 --json", in: folder)
      let few = try await Program.run(
        "mutate --profile tflm --vectors few.jsonl --threshold 0 --json", in: folder)
      func killed(_ ended: Ended) throws -> (Int, Int) {
        let targets = try #require(try ended.object()["targets"] as? [[String: Any]])
        let target = try #require(targets.first)
        return (try #require(target["killed"] as? Int), try #require(target["cases"] as? Int))
      }
      #expect(try killed(few).0 >= killed(pool).0 && killed(few).1 < killed(pool).1)
      let check = try await Program.run(
        "check --impl kernels --vectors few.jsonl --no-store", in: folder)
      #expect(check.status == 0, "\(check.text)")
    }

    private static let committed = Program.repository + "/Vectors/mutation/fullyConnected"

    @Test("the committed vectors reach 100 % beside the known survivors, and less without")
    func committed() async throws {
      let vectors = "mutate --vectors \(Self.committed).jsonl --survivors-only"
      let known = try await Program.run(
        vectors + " --known \(Self.committed).survivors.json", in: folder)
      #expect(known.status == 0 && known.text.contains("SCORE  100.00 %"), "\(known.text)")
      #expect(try await Program.run(vectors, in: folder).status == 1)
    }

    @Test("every reference conforms on the committed vectors") func references() async throws {
      let list = try await Program.run("list profiles --json", in: folder)
      let entries = try JSONSerialization.jsonObject(with: Data(list.output)) as? [[String: Any]]
      let names = try #require(entries).compactMap { $0["name"] as? String }
      let ended = try await Program.run(
        "check --impl \(names.joined(separator: ",")) --vectors \(Self.committed).jsonl --no-store",
        in: folder)
      #expect(ended.status == 0 && ended.text.hasSuffix("CONFORMS\n"), "\(ended.error)")
    }

    @Test("a known survivor that is killed exits with 1, a list that is none with 2")
    func stale() async throws {
      let entry = """
        [{"words": "the bias is missing", "reason": "none", \
        "targets": ["tflm, int8,int8,int8, bias none, int32"]}]
        """
      try folder.write(Array(entry.utf8), to: "known.json")
      let line = "mutate \(Self.selection) --count 60 --threshold 0 --known "
      let stale = try await Program.run(line + "known.json", in: folder)
      #expect(stale.status == 1)
      #expect(stale.text.contains("listed as a survivor, but it is not: the bias is missing"))
      try folder.write(Array("{}".utf8), to: "none.json")
      for name in ["none.json", "missing.json"] {
        let ended = try await Program.run(line + name, in: folder)
        #expect(ended.status == 2 && ended.isOneLine, "\(ended.error)")
      }
    }

    @Test(
      "bad usage exits with 2 and one line",
      arguments: [
        "mutate --threshold 101", "mutate --count 0", "mutate --vectors x.jsonl --count 3",
        "mutate --minimise x.jsonl --json", "mutate --vectors none.jsonl",
        "mutate --count 2000000 --minimise x.jsonl", "mutate --profile nobody",
      ])
    func usage(_ line: String) async throws {
      let ended = try await Program.run(line, in: folder)
      #expect(ended.status == 2 && ended.isOneLine, "\(ended.error)")
    }

    @Test("cases outside every domain exit with 1 and say so") func outside() async throws {
      let ended = try await Program.run("mutate --cases invalid --count 20", in: folder)
      #expect(ended.status == 1 && ended.isOneLine)
      #expect(ended.error.contains("nothing was judged"))
    }
  }
}
