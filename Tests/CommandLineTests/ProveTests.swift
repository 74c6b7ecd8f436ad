import Foundation
import GRDB
import Testing

extension CommandLineSuite {
  @Suite("prove") struct ProveTests {
    private let folder: TemporaryFolder
    private static let scales = "--input-scale 0.25 --weight-scale 0.25 --output-scale 0.5"

    init() throws { folder = try TemporaryFolder() }

    private func prove(_ line: String) async throws -> Ended {
      try await Program.run("prove \(line)", in: folder)
    }

    /// The only proof of d.sqlite.
    private func stored() throws -> Row {
      let queue = try DatabaseQueue(path: folder.file("d.sqlite"))
      return try #require(try queue.read { try Row.fetchOne($0, sql: "SELECT * FROM proofs") })
    }

    @Test("a statement is printed, stored, written, and holds when it is computed again")
    func statement() async throws {
      let ended = try await prove(
        "--profile tflm \(Self.scales) --certificate c.json --database d.sqlite")
      #expect(ended.status == 0 && ended.error.isEmpty)
      #expect(ended.text.contains("for all 4,294,967,296 accumulators"))
      #expect(ended.text.contains("ties between two outputs: 255"))
      let verified = try await prove("--verify c.json")
      #expect(verified.status == 0 && verified.text.contains("holds: 1 statement"))
      let row = try stored()
      #expect(row["subject"] as String? == "tflm" && row["holds"] as Bool? == true)
      let text = try folder.text("c.json")
      #expect(row["certificate"] as String? == text)
      for format in ["html", "markdown"] {
        let report = try await Program.run(
          "report --database d.sqlite --format \(format) --output -", in: folder)
        #expect(report.status == 0 && report.text.contains("Proofs"))
        #expect(report.text.contains("tflm, int8,int8,int8"))
      }
    }

    @Test("a certificate that was edited is refused, one that is none too")
    func edited() async throws {
      _ = try await prove("--profile tflm \(Self.scales) --certificate c.json --no-store")
      let text = try folder.text("c.json")
      try folder.write(
        text.replacingOccurrences(of: "faithful", with: "nearest").utf8, to: "e.json")
      try folder.write(text.utf8.prefix(300), to: "t.json")
      try folder.write("{}".utf8, to: "n.json")
      for name in ["e.json", "t.json", "n.json", "missing.json"] {
        let ended = try await prove("--verify \(name)")
        #expect(ended.status == 2 && ended.isOneLine && ended.error.contains(name))
      }
    }

    @Test("drawn scales are the same from the same seed, and others from another")
    func drawn() async throws {
      let line = "--profile ort --scales 12 --json --no-store"
      let first = try await prove(line)
      let (again, other) = (try await prove(line), try await prove(line + " --seed 2"))
      #expect(first.status == 0 && first.output == again.output)
      #expect(first.output != other.output)
      let list = try JSONSerialization.jsonObject(with: Data(first.output)) as? [[String: Any]]
      #expect(
        list?.count == 12 && Set(list?.compactMap { $0["drawnFor"] as? String } ?? []).count == 10)
    }

    @Test("an output that changes everywhere is counted whole, and says what is not listed")
    func everywhere() async throws {
      let line = "--profile litert-builtin --multiplier 1073741824 --shift 30 --no-store"
      let ended = try await prove(line)
      #expect(ended.status == 0 && ended.text.contains("all counted, of which the first"))
      #expect(ended.text.contains("it repeats every 4 accumulators"))
      let object = try await prove(line + " --json").object()
      let rule = try #require((object["rules"] as? [[String: Any]])?.first)
      let listed = try #require(rule["intervals"] as? [Any])
      #expect(try #require(rule["intervalCount"] as? Int) > listed.count)
      #expect(rule["ties"] as? String == "even" && rule["lastInterval"] != nil)
    }

    @Test("two profiles: equal, or where they differ; one that does not define the layer is named")
    func against() async throws {
      let equal = try await prove("--profile tflm --against cmsis-nn \(Self.scales) --no-store")
      #expect(equal.status == 0 && equal.text.contains("equal everywhere"))
      let other = try await prove(
        "--profile tflm --against exact-even \(Self.scales) --no-store --json")
      #expect(try other.object()["accumulators"] as? Int != 0)
      let outside = try await prove("--profile tflm --against gemmlowp \(Self.scales) --no-store")
      #expect(outside.status == 2 && outside.isOneLine && outside.error.contains("gemmlowp"))
    }

    @Test("a built-in kernel is certified, and its certificate asks it again")
    func kernel() async throws {
      let ended = try await prove(
        "--impl kernels-portable --profile single-rounding \(Self.scales) --certificate k.json"
          + " --database d.sqlite")
      #expect(ended.status == 0 && ended.text.hasPrefix("certified  kernels-portable"))
      #expect(ended.text.contains("given that in each of them it is monotone"))
      let verified = try await prove("--verify k.json")
      #expect(verified.status == 0 && verified.text.contains("was asked again"))
      let one = try await prove(
        "--impl kernels-portable --profile single-rounding \(Self.scales) --probe 3 --no-store")
      #expect(one.status == 0 && one.text.hasPrefix("as expected"))
    }

    @Test("an implementation of another arithmetic is not: where, what, and how to ask again")
    func notCertified() async throws {
      // The reference of tflm answers unsupported for another profile; a wrong kernel is a program.
      let other = try await prove(
        "--impl kernels-portable --profile gemmlowp \(Self.scales)"
          + " --types uint8,uint8,uint8 --no-store")
      #expect(other.status == 1 && other.text.hasPrefix("not bit-exact"))
      #expect(other.text.contains("unsupported") && other.text.contains("--probe 0"))
    }

    @Test("an implementation that is gone verifies nothing")
    func gone() async throws {
      _ = try await prove(
        "--impl exact-up \(Self.scales) --certificate k.json --no-store")
      let text = try folder.text("k.json")
      #expect(text.contains("\"name\" : \"exact-up\""))
      try folder.write("implementations: {}\n".utf8, to: "qverify.yaml")
      let ended = try await prove("--verify k.json --config nowhere.yaml")
      #expect(ended.status == 3 && ended.error.contains("not verified"))
    }

    @Test("small domains") func small() async throws {
      let lossless = try await prove("--lossless --type uint8 --scale 0.1,1e-42 --no-store")
      #expect(lossless.status == 0 && lossless.text.contains("float32 by 1/S  "))
      #expect(lossless.text.contains("255 differ") || lossless.text.contains("256 differ"))
      let sum = try await prove("--add --scale 0.1,0.2,0.3 --certificate a.json --no-store")
      #expect(sum.status == 0 && sum.text.contains("65,536 inputs"))
      let verified = try await prove("--verify a.json")
      #expect(verified.status == 0)
    }

    @Test(
      "bad usage is one line",
      arguments: [
        ("", "--profile"), ("--profile tflm", "--input-scale"),
        ("--profile foo --scales 3", "--profile"), ("--profile tflm --scales 0", "--scales"),
        ("--profile tflm --multiplier 5 --shift 0", "--multiplier"),
        ("--profile tflm --multiplier 1073741824", "--shift"),
        ("--profile tflm --scales 3 --input-scale 1", "--scales"),
        ("--profile tflm --against foo --scales 3", "--against"),
        ("--profile tflm --input-scale 0 --weight-scale 1 --output-scale 1", "scale"),
        ("--profile tflm --scales 3 --bias int8", "--bias"),
        ("--profile tflm --scales 3 --activation tanh", "--activation"),
        ("--profile tflm --scales 3 --types int8", "--types"),
        ("--impl nobody --scales 3", "nobody"), ("--impl kernels --scales 1", "--profile"),
        ("--impl tflm,ort --profile tflm --scales 1", "one implementation"),
        ("--profile tflm --scales 1 --probe 1", "--probe"),
        ("--verify x --lossless", "--lossless"), ("--verify x --profile tflm", "--profile"),
        ("--lossless", "--scale"), ("--lossless --scale x", "--scale"),
        ("--lossless --scale 1 --type int32", "--type"), ("--add --scale 1", "3 scales"),
        ("--rescale --scale 1,2 --zero-point 1", "2 scales"),
        ("--lossless --scale 1 --zero-point 400", "zero point"),
        (
          "--profile tflm-int16 --types int16,int8,int16 --multiplier 1073741824 --shift -20"
            + " --exhaustive", "too many"
        ),
      ])
    func usage(line: String, named: String) async throws {
      let ended = try await prove(line + " --no-store")
      #expect(ended.status == 2 && ended.isOneLine && ended.output.isEmpty, "\(ended.error)")
      #expect(ended.error.contains(named), "\(ended.error)")
    }
  }
}
