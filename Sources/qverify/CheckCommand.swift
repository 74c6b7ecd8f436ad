import ArgumentParser
import CaseGeneration
import Implementations
import Profiles
import QuantizedLayers
import ResultStore
import TestCases
import Verdicts
import Verification

struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check", abstract: "Judges implementations on cases, and stores the results.",
    discussion: """
      Cases come from files (--vectors) or are made in place. Every output is compared with the \
      integer reference of the profile that its case asks for, bit for bit, and with the exact \
      value. The judges are checked against each other on the same cases.

      EXAMPLES
        qverify check --impl kernels --count 10000
        qverify check --impl kernels-portable,kernels-avx2 --cases edge --count 50000
        qverify check --impl kernels --count 10000 --cover
        qverify check --impl kernels --vectors cases.jsonl --json -
        qverify check --impl kernels --only 1-0000123-5f0c91ab
        qverify check --impl kernels --duration 10m --label branch=main
        qverify check --impl mine,tflm,kernels --count 5000
        qverify check --vectors cases.jsonl --answers board.jsonl
        qverify check --vectors onnx:site-packages/onnx/backend/test/data/node
      """)

  @Option(
    name: .customLong("impl"),
    help: ArgumentHelp(
      "Implementations, as in 'qverify list implementations'; kernels if left out. Several are also"
        + " compared with each other.", valueName: "list"))
  var implementations: String?

  @Option(
    help: ArgumentHelp(
      "File that names implementations; qverify.yaml if left out.", valueName: "file"))
  var config: String?

  @Option(
    help: ArgumentHelp("Answers to --vectors that were computed elsewhere.", valueName: "file"))
  var answers: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Files of cases; - is standard input. Or onnx:FOLDER: the references against the ONNX"
        + " project's node tests.", valueName: "file"))
  var vectors: [String] = []

  @OptionGroup var options: CaseOptions

  @Option(
    help: ArgumentHelp("Cases 0 to N − 1 (10000, or endless with --duration).", valueName: "n"))
  var count: Int?

  @Option(help: ArgumentHelp("Stop after this time, e.g. 90s, 10m, 2h.", valueName: "time"))
  var duration: String?

  @Option(
    help: ArgumentHelp(
      "What is asked for: profile, correctlyRounded(even|away|up), nearest, faithful, within(N).",
      valueName: "class"))
  var conformance: String?

  @Option(help: ArgumentHelp("One case: its id, or RUN:CASE of a stored failure.", valueName: "id"))
  var only: String?

  @Option(
    help: ArgumentHelp(
      "Stop after this many failing cases, with the 256 cases at hand.", valueName: "n"))
  var maxFailures: Int?

  @Option(help: ArgumentHelp("Save failing cases to this file.", valueName: "file"))
  var failures: String?

  @Option(help: ArgumentHelp("Database of results.", valueName: "file"))
  var database = defaultDatabase

  @Flag(help: "Store nothing.")
  var noStore = false

  @Option(
    help: ArgumentHelp("Go on with a run that was interrupted: its number or id.", valueName: "run")
  )
  var resume: String?

  @Option(help: ArgumentHelp("A label of the run, KEY=VALUE; may be repeated.", valueName: "label"))
  var label: [String] = []

  @Option(help: ArgumentHelp("Write the result as JSON; - is standard output.", valueName: "file"))
  var json: String?

  @Flag(help: "Print the JSON schema of --json and end.")
  var schema = false

  func validate() throws {
    if let count, !(1...1_000_000_000_000).contains(count) {
      throw ValidationError("--count must be 1 to 10^12, but is \(count)")
    }
    if let maxFailures, maxFailures < 1 {
      throw ValidationError("--max-failures must be at least 1, but is \(maxFailures)")
    }
    if let conformance, Conformance(conformance) == nil {
      throw ValidationError(
        "--conformance must be profile, correctlyRounded(even|away|up), nearest, faithful or"
          + " within(N), but is '\(conformance)'")
    }
    if let duration, seconds(duration) == nil {
      throw ValidationError(
        "--duration must be a number of s, m or h, e.g. 10m, but is '\(duration)'")
    }
    for label in label where !label.contains("=") || label.hasPrefix("=") {
      throw ValidationError("--label must be KEY=VALUE, but is '\(label)'")
    }
    if !vectors.isEmpty, count != nil || only != nil || duration != nil {
      throw ValidationError("--vectors excludes --count, --duration and --only")
    }
    if resume != nil, !vectors.isEmpty || only != nil || noStore {
      throw ValidationError("--resume excludes --vectors, --only and --no-store")
    }
    if options.cover, !vectors.isEmpty || only != nil || (duration != nil && count == nil) {
      throw ValidationError("--cover needs generated cases and their --count")
    }
    if answers != nil, vectors.isEmpty {
      throw ValidationError("--answers needs the file of cases that they answer: --vectors FILE")
    }
    if only != nil, count != nil { throw ValidationError("--only and --count exclude each other") }
  }

  func run() throws {
    if schema {
      print(CheckSchema.text)
      return
    }
    if let official = try OfficialVectors(self) {
      let status = try official.run()
      if status != .conforms { throw Failure(status) }
      return
    }
    let chosen = try chosenImplementations()
    var plan = try CheckPlan(self, chosen)
    let store = noStore ? nil : try CheckStorage(database, self, plan, chosen)
    if let store { try plan.adopt(store) }
    let session = CheckSession(self, chosen, plan, store)
    let status = try session.run()
    if status != .conforms { throw Failure(status) }
  }

  private func chosenImplementations() throws -> [any Implementation] {
    var chosen: [any Implementation] = []
    if answers == nil || implementations != nil {
      chosen = try ChosenImplementations(
        implementations ?? "kernels", config: config, vectors: vectors
      ).all
    }
    if let answers {
      guard !chosen.contains(where: { $0.name == "answers" }) else {
        throw Failure(.usage, "--answers: there is an implementation of the name answers already")
      }
      chosen.append(try NamedImplementations.recorded("answers", answers, vectors))
    }
    return chosen
  }

  /// The seconds of `90s`, `10m`, `2h`.
  func seconds(_ text: String) -> Double? {
    let units: [Character: Double] = ["s": 1, "m": 60, "h": 3_600]
    guard let unit = text.last.flatMap({ units[$0] }), let number = Double(text.dropLast()),
      number > 0, number.isFinite
    else { return nil }
    return number * unit
  }
}

/// Where results go unless another place is named.
let defaultDatabase = "Reports/qverify.sqlite"
