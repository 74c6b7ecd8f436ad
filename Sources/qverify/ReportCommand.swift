import ArgumentParser
import JSONLines
import Reporting
import ResultStore

struct ReportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "report", abstract: "Writes reports of a stored run.",
    discussion: """
      Every report is one self-contained file: the run in numbers, its failures, and the trend \
      over all runs of the database.

      EXAMPLES
        qverify report
        qverify report --run 12 --format markdown --output -
        qverify report --database nightly.sqlite --output nightly.html
      """)

  @Option(
    name: .customLong("run"),
    help: ArgumentHelp(
      "Run to show: its number or id; the newest if left out.", valueName: "run"))
  var selected: String?

  @Option(help: ArgumentHelp("Formats: html, markdown; all if left out.", valueName: "list"))
  var format: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "File to write, with one format, or - for standard output; beside the database if left out.",
      valueName: "file"))
  var output: String?

  @Option(help: ArgumentHelp("Database of results.", valueName: "file"))
  var database = defaultDatabase

  func validate() throws {
    let known = ReportFormats.all.map(\.name)
    for name in chosenNames where !known.contains(name) {
      throw ValidationError(
        "--format must be among \(known.joined(separator: ", ")), but is '\(name)'")
    }
    if output != nil, formats.count != 1 {
      throw ValidationError("--output takes one report: name one --format")
    }
  }

  private var chosenNames: [String] {
    if let format { return format.split(separator: ",").map(String.init) }
    // A file's extension says which report is meant.
    if let output,
      let match = ReportFormats.all.first(where: { output.hasSuffix("." + $0.fileExtension) })
    {
      return [match.name]
    }
    return ReportFormats.all.map(\.name)
  }

  private var formats: [any ReportFormat] {
    ReportFormats.all.filter { chosenNames.contains($0.name) }
  }

  func run() throws {
    do {
      let store = try ResultStore(path: database, create: false)
      for format in formats {
        let limits = format.defaultLimits
        let snapshot = try store.snapshot(
          selected.map { RunSelector($0) } ?? .newest, failureLimit: limits.failures)
        let proofs =
          snapshot == nil
          ? ProofSection(try store.proofs(limit: 20), count: try store.proofCount())
          : ProofSection()
        let text = try format.render(ReportModel(snapshot, limits: limits, proofs: proofs))
        let path = output ?? beside(format)
        try write(text, to: path)
        if path != "-" { print("report   \(path)") }
      }
    } catch let error as StoreError {
      throw Failure(error)
    } catch let error as LineError {
      throw Failure(.usage, error.description)
    }
  }

  private func beside(_ format: any ReportFormat) -> String {
    let folder = database.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    return (folder + ["report.\(format.fileExtension)"]).joined(separator: "/")
  }

  private func write(_ text: String, to path: String) throws(LineError) {
    let writer =
      path == "-"
      ? LineWriter(descriptor: 1, name: "standard output") : try LineWriter(path: path)
    try writer.write(Array(text.utf8))
    try writer.finish()
  }
}
