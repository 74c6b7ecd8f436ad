import ArgumentParser
import Configuration
import Implementations
import TestCases
import Verdicts
import Verification

struct ShrinkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shrink",
    abstract: "Makes a failing case as small as it gets, and writes programs that show it.",
    discussion: """
      Asks the implementation ever smaller cases while they fail with the same outcome: fewer rows, \
      channels and terms, operands at their zero points, simple scales, small numbers; usually down \
      to a single accumulator, which is then shown step by step. Crashes and hangs shrink too; each \
      hang costs the time limit. Beside it stand programs in C and Python that show the failure \
      without qverify, and the case as a file.

      EXAMPLES
        qverify shrink 3:7-0000012-5f0c91ab
        qverify shrink newest:7-0000012-5f0c91ab --impl mine --output reproducers
        qverify shrink cases.jsonl --case 7-0000012-5f0c91ab --impl mine --json

      EXIT STATUS
        0  shrunk, and the smaller case fails
        1  the case does not fail, or the implementation cannot be asked
        2  bad usage, or a file that cannot be read or written
        3  the implementation could not be started
        4  the database could not be read
      """)

  @Argument(
    help: ArgumentHelp("RUN:CASE of a stored failure, or a file of cases.", valueName: "source"))
  var source: String

  @Option(
    name: .customLong("case"),
    help: ArgumentHelp("The id of a case in the file (the first if left out).", valueName: "id"))
  var caseID: String?

  @Option(
    name: .customLong("impl"),
    help: ArgumentHelp("Implementation to ask (that of the stored failure).", valueName: "name"))
  var implementation: String?

  @Option(
    help: ArgumentHelp(
      "File that names implementations; qverify.yaml if left out.", valueName: "file"))
  var config: String?

  @Option(help: ArgumentHelp("Database of results, for RUN:CASE.", valueName: "file"))
  var database = defaultDatabase

  @Option(
    help: ArgumentHelp(
      "Folder of the reproducers (Reports/reproducers/CASE).", valueName: "folder"))
  var output: String?

  @Option(
    help: ArgumentHelp(
      "Cases that are asked, at most (6000; 1000 for crashes, 400 for hangs).", valueName: "n"))
  var budget: Int?

  @Flag(help: "Print the result as JSON.")
  var json = false

  func validate() throws {
    if let budget, !(1...10_000_000).contains(budget) {
      throw ValidationError("--budget must be 1 to 10^7, but is \(budget)")
    }
    let isStored = FailingCase.isStored(source)
    if isStored, caseID != nil {
      throw ValidationError("--case needs a file of cases, but \(source) names a case")
    }
    if !isStored, implementation == nil {
      throw ValidationError("a case of a file needs the implementation to ask: --impl NAME")
    }
    if let implementation, implementation.contains(",") {
      throw ValidationError("--impl must name one implementation, but is '\(implementation)'")
    }
  }

  func run() throws {
    let failing =
      FailingCase.isStored(source)
      ? try FailingCase(stored: source, implementation: implementation, database: database)
      : try FailingCase(file: source, id: caseID)
    let name = implementation ?? failing.record?.implementation ?? ""
    let chosen: any Implementation
    do {
      chosen = try found(name, failing)
    } catch let failure as Failure where failing.record != nil {
      throw unshrunk(failing, failure)
    }
    // What was asked of another implementation says nothing of this one.
    let conclusion = try failing.record.flatMap { record in
      try failing.run.flatMap { try StoredConclusion($0, record.implementation, database) }
    }
    let session = ShrinkSession(
      chosen, failing, conclusion.flatMap { $0.isOutdated ? nil : $0 }, budget: budget)
    let result: ShrinkSession.Result
    do throws(StartError) {
      result = try session.run()
    } catch {
      throw Failure(.notStarted, error.description)
    }
    switch result {
    case .sound(let answer):
      throw Failure(
        .deviates,
        "case \(failing.id) does not fail: \(answer.verdict.outcome.rawValue)"
          + (answer.verdict.message.isEmpty ? "" : ", \(answer.verdict.message)"))
    case .notClaimed:
      throw Failure(.usage, "what \(name) claims does not cover case \(failing.id)")
    case .shrunk(let shrunk) where !shrunk.isConfirmed:
      print(json ? ShrinkReport(shrunk).json : ShrinkReport(shrunk).text)
      throw Failure(
        .deviates,
        "the smallest case failed once and did not fail when it was asked again: no reproducers are"
          + " written")
    case .shrunk(let shrunk):
      let folder = output ?? "Reports/reproducers/\(ReproducerFolder.name(failing.id))"
      let files = try ReproducerFolder(folder).write(shrunk.reproduction)
      let report = ShrinkReport(shrunk, folder: folder, files: files)
      print(json ? report.json : report.text)
    }
  }

  private func found(_ name: String, _ failing: FailingCase) throws -> any Implementation {
    if let entry = try NamedImplementations.file(config)?.entry(name),
      case .answers(let path) = entry.kind
    {
      throw Failure(
        .deviates, "\(name) is a file of answers, \(path): it cannot be asked anything else")
    }
    guard let found = try ChosenImplementations(name, config: config).all.first else {
      throw Failure(.usage, "--impl names no implementation")
    }
    return found
  }

  /// Shows the failure as it was stored.
  private func unshrunk(_ failing: FailingCase, _ reason: Failure) -> Failure {
    guard let record = failing.record else { return reason }
    if !json {
      print("\(record.caseID) of \(record.implementation), as it was stored: it cannot be shrunk")
      for line in FailureText(failing, record).lines { print("  \(line)") }
      print("  \(record.caseLine)")
    }
    return Failure(
      reason.status == .notStarted ? .notStarted : .deviates,
      "\(record.implementation) cannot be asked: \(reason.message)")
  }
}
