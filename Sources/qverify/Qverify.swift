import ArgumentParser
import Glibc
import Implementations
import LibraryImplementations

/// The version of the program, which `--version` prints and every run stores.
let toolVersion = "0.1.0"

@main
struct Qverify: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "qverify",
    abstract: "Verifies quantized neural-network layers, bit for bit.",
    discussion: """
      An implementation is judged by an exact rational oracle, a float64 oracle in every form of \
      the derivation, and an integer reference of the arithmetic that it claims. Results are \
      stored in an SQLite database and shown in a report.

      EXAMPLES
        qverify check --impl kernels --count 10000
        qverify generate --seed 7 --count 1000 --cases all --output cases.jsonl
        qverify report
        qverify explain --derivation
        qverify shrink 3:7-0000012-5f0c91ab

      EXIT STATUS
        0  everything asked for conforms
        1  something does not, or nothing was judged
        2  bad usage, configuration or input file
        3  an implementation could not be started
        4  the database could not be read or written
        5  the judges disagree: a defect of qverify itself
        130, 143  interrupted; what was finished is stored
      """,
    version: toolVersion,
    subcommands: [
      GenerateCommand.self, CheckCommand.self, ExplainCommand.self, ReportCommand.self,
      ListCommand.self, ProveCommand.self, IdentifyCommand.self, ShrinkCommand.self,
      MutateCommand.self, SmokeCommand.self, InitAdapterCommand.self,
    ])

  /// Parses, runs, and turns every error into one line on standard error and an exit status.
  static func main() {
    LibraryHost.enterIfAsked()
    do {
      var command = try parseAsRoot()
      try command.run()
    } catch let failure as Failure {
      if !failure.message.isEmpty { printError("qverify: \(failure.message)") }
      Glibc.exit(failure.status.rawValue)
    } catch {
      let code = exitCode(for: error)
      if code == .success {
        print(fullMessage(for: error))
        Glibc.exit(0)
      }
      let command = CommandLine.arguments.dropFirst().first { !$0.hasPrefix("-") }
      let help = (["qverify"] + [command].compactMap { $0 }.filter { isCommand($0) })
      printError("qverify: \(message(for: error)); see \(help.joined(separator: " ")) --help")
      Glibc.exit(ExitStatus.usage.rawValue)
    }
  }

  private static func isCommand(_ name: String) -> Bool {
    configuration.subcommands.contains { $0._commandName == name }
  }
}

/// What a command ends with.
enum ExitStatus: Int32 {
  case conforms = 0
  case deviates = 1
  case usage = 2
  case notStarted = 3
  case database = 4
  case judgesDisagree = 5
  case interrupted = 130
  case terminated = 143
}

/// The end of a command that did not succeed.
struct Failure: Error {
  let status: ExitStatus
  /// One line for standard error; empty where everything has been said.
  let message: String

  init(_ status: ExitStatus, _ message: String = "") {
    self.status = status
    self.message = message
  }
}

/// Writes a line to standard error.
func printError(_ text: String) {
  let bytes = Array((text + "\n").utf8)
  bytes.withUnsafeBytes { raw in
    var sent = 0
    while sent < raw.count {
      let count = write(2, raw.baseAddress.map { $0 + sent }, raw.count - sent)
      if count <= 0 { return }
      sent += count
    }
  }
}
