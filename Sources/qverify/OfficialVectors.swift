import Foundation
import JSONLines
import ONNXVectors

/// `check --vectors onnx:FOLDER`: the references held against the ONNX project's node test data.
struct OfficialVectors {
  private static let prefix = "onnx:"
  private let vectors: [String]
  private let folders: [String]
  private let json: String?

  /// - Returns: `nil` where no vector is named so.
  /// - Throws: ``Failure`` where one is, together with what judges an implementation.
  init?(_ command: CheckCommand) throws(Failure) {
    vectors = command.vectors
    json = command.json
    guard vectors.contains(where: { $0.hasPrefix(Self.prefix) }) else { return nil }
    guard vectors.allSatisfy({ $0.hasPrefix(Self.prefix) }) else {
      throw Failure(.usage, "--vectors: onnx:FOLDER and files of cases exclude each other")
    }
    let others: [(String, Bool)] = [
      ("--impl", command.implementations != nil), ("--answers", command.answers != nil),
      ("--conformance", command.conformance != nil), ("--failures", command.failures != nil),
      ("--max-failures", command.maxFailures != nil), ("--label", !command.label.isEmpty),
      ("--config", command.config != nil), ("--resume", command.resume != nil),
    ]
    if let other = others.first(where: { $0.1 }) {
      throw Failure(
        .usage,
        "\(other.0) and --vectors onnx:FOLDER exclude each other: official vectors judge qverify's"
          + " references, not an implementation")
    }
    folders = vectors.map { String($0.dropFirst(Self.prefix.count)) }
    if folders.contains("") {
      throw Failure(.usage, "--vectors: onnx: needs a folder, onnx:FOLDER")
    }
  }

  /// Judges and prints; nothing is stored.
  func run() throws -> ExitStatus {
    let tests: NodeTests
    do throws(VectorError) {
      tests = try NodeTests(folders)
    } catch {
      throw Failure(.usage, printable(error.description))
    }
    let status: ExitStatus =
      tests.differing > 0 ? .judgesDisagree : tests.elements == 0 ? .deviates : .conforms
    if let json { try write(document(tests, status) + "\n", to: json) }
    if json != "-" { print(text(tests, status)) }
    if tests.differing > 0 {
      printError("qverify: A REFERENCE DISAGREES WITH AN OFFICIAL VECTOR: a defect of qverify")
    }
    return status
  }

  private func text(_ tests: NodeTests, _ status: ExitStatus) -> String {
    var lines = [
      "ONNX node tests: \(grouped(tests.tests.count)) folders of the judged operators,"
        + " \(grouped(tests.otherFolders)) of others; \(grouped(tests.elements)) elements judged"
    ]
    var rows = [["operator", "reference", "folders", "tensors", "elements", "differ"]]
    for row in tests.rows {
      rows.append([
        row.operation.rawValue, row.reference, grouped(row.folders), grouped(row.tensors),
        grouped(row.elements), grouped(row.differing),
      ])
    }
    lines += Columns.aligned(rows, leading: [0, 1]).map { "  " + $0 }
    for test in tests.tests {
      for comparison in test.comparisons {
        guard let first = comparison.first else { continue }
        lines.append("  DIFFERS \(test.name): \(first); \(grouped(comparison.differing)) in all")
      }
    }
    if !tests.unsupported.isEmpty {
      lines.append("unsupported: \(grouped(tests.unsupported.count)) folders")
      lines += tests.unsupported.map { "  \($0.test.name): \($0.reason)" }
    }
    let conclusion =
      switch status {
      case .conforms: "THE REFERENCES AGREE WITH THE VECTORS"
      case .judgesDisagree: "A REFERENCE DISAGREES WITH AN OFFICIAL VECTOR"
      default: "NOTHING WAS JUDGED"
      }
    lines.append(conclusion)
    return lines.map { printable($0) }.joined(separator: "\n")
  }

  private func document(_ tests: NodeTests, _ status: ExitStatus) -> String {
    let document = Document(
      status: "\(status)", exitStatus: Int(status.rawValue), vectors: vectors,
      otherFolders: tests.otherFolders, elements: tests.elements,
      rows: tests.rows.map {
        Document.Row(
          operation: $0.operation.rawValue, reference: $0.reference, folders: $0.folders,
          tensors: $0.tensors, elements: $0.elements, differing: $0.differing)
      },
      differences: tests.tests.flatMap { test in
        test.comparisons.compactMap { comparison in
          comparison.first.map { Document.Note(test: test.name, text: $0) }
        }
      },
      unsupported: tests.unsupported.map { Document.Note(test: $0.test.name, text: $0.reason) })
    return PrettyJSON.text(document)
  }

  /// Names come from folders and models: none may break a line or move the cursor.
  private func printable(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { $0.properties.generalCategory == .control ? "?" : $0 }
    return String(String.UnicodeScalarView(scalars))
  }

  private func write(_ text: String, to path: String) throws {
    do throws(LineError) {
      let writer =
        path == "-"
        ? LineWriter(descriptor: 1, name: "standard output") : try LineWriter(path: path)
      try writer.write(Array(text.utf8))
      try writer.finish()
    } catch {
      throw Failure(.usage, error.description)
    }
  }

  /// The result as JSON.
  private struct Document: Encodable {
    struct Row: Encodable {
      let operation: String
      let reference: String
      let folders: Int
      let tensors: Int
      let elements: Int
      let differing: Int

      private enum CodingKeys: String, CodingKey {
        case operation = "operator"
        case reference, folders, tensors, elements, differing
      }
    }

    /// A folder and what is to be said of it.
    struct Note: Encodable {
      let test: String
      let text: String
    }

    let schemaVersion = 1
    let tool = "qverify \(toolVersion)"
    let status: String
    let exitStatus: Int
    let vectors: [String]
    let otherFolders: Int
    let elements: Int
    let rows: [Row]
    let differences: [Note]
    let unsupported: [Note]
  }
}
