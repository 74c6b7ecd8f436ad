import ArgumentParser
import Explanation
import Profiles
import QuantizedLayers

struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain", abstract: "Carries one output through F0 … F6, every number shown.",
    discussion: """
      Shows parameters, every term, the four sums of expanded offsets, the forms of the derivation \
      as exact rational numbers, the misprinted line, the rounding, and the steps of a profile with \
      every intermediate integer. Without a configuration a worked example is explained: a tie, \
      which the runtime rounds to another integer than ties to even do.

      Of a stored failure it first shows what came and what was expected, where the wrong outputs \
      lie among all that are stored of this run and implementation, the cause that check found, and \
      then the steps of the first wrong output.

      With --derivation the lines of the derivation are checked over many random configurations, \
      and a counter-example to the misprinted line is shown that can be followed by hand.

      EXAMPLES
        qverify explain
        qverify explain cases.jsonl --case 7-0000012-5f0c91ab --output-index 3
        qverify explain 3:7-0000012-5f0c91ab
        qverify explain newest:7-0000012-5f0c91ab --impl mine --output-index 3
        qverify explain 3:7-0000012-5f0c91ab --json
        qverify explain --input 1,-2,3 --weights 4,5,6 --bias 7 --input-scale 0.5 \\
          --weight-scale 0.25 --output-scale 0.1 --binary32 --profile tflm
        qverify explain --derivation --count 10000 --seed 7

      EXIT STATUS
        0  explained, an invalid configuration too; the derivation holds
        2  bad usage, or a file that cannot be read
        4  the database could not be read
        5  a line of the derivation does not hold as it should
      """)

  @Argument(
    help: ArgumentHelp("A file of cases, or RUN:CASE of a stored failure.", valueName: "source"))
  var source: String?

  @Option(
    name: .customLong("case"),
    help: ArgumentHelp("The id of a case in the file (the first if left out).", valueName: "id"))
  var caseID: String?

  @Option(help: ArgumentHelp("Database of results, for RUN:CASE.", valueName: "file"))
  var database = defaultDatabase

  @Option(
    name: .customLong("impl"),
    help: ArgumentHelp(
      "Whose failure, where several implementations failed in RUN:CASE.", valueName: "name"))
  var implementation: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Output to explain: row · channels + channel (the first, or first wrong one).",
      valueName: "n"))
  var outputIndex: Int?

  @Option(
    help: ArgumentHelp(
      "Profile of F6, as in 'qverify list profiles' (the case's, or exact-even).",
      valueName: "name"))
  var profile: String?

  @Flag(help: "Write large integers with every digit, however long the lines become.")
  var full = false

  @OptionGroup(title: "A single output") var flags: LayerFlags

  @Flag(help: "Print JSON: the failure, where and why, the output, and the text.")
  var json = false

  @Flag(help: "Check the lines of the derivation over random configurations.")
  var derivation = false

  @Option(help: ArgumentHelp("Configurations of --derivation (2000).", valueName: "n"))
  var count: Int?

  @Option(help: ArgumentHelp("Seed of --derivation (1).", valueName: "n"))
  var seed: UInt64?

  func validate() throws {
    if let profile, Profiles.named(profile) == nil {
      let known = Profiles.all.map(\.name).joined(separator: ", ")
      throw ValidationError("--profile must be one of \(known), but is '\(profile)'")
    }
    if let count, !(1...10_000_000).contains(count) {
      throw ValidationError("--count must be 1 to 10^7, but is \(count)")
    }
    if !derivation, count != nil || seed != nil {
      throw ValidationError("--count and --seed belong to --derivation")
    }
    if derivation, source != nil || flags.isGiven || profile != nil {
      throw ValidationError("--derivation excludes a configuration and --profile")
    }
    if derivation, json { throw ValidationError("--derivation prints no JSON") }
    if source != nil, flags.isGiven {
      throw ValidationError("a file or a stored case excludes the options of a single output")
    }
    if implementation != nil, !(source.map { FailingCase.isStored($0) } ?? false) {
      throw ValidationError("--impl needs a stored failure, RUN:CASE")
    }
    if caseID != nil, source == nil { throw ValidationError("--case needs a file of cases") }
  }

  func run() throws {
    if derivation {
      let check = DerivationCheck(count: count ?? 2_000, seed: seed ?? 1)
      print(check.lines.joined(separator: "\n"))
      if !check.holds { throw Failure(.judgesDisagree) }
      return
    }
    let subject = try ExplainedSubject(self)
    let chosen = try chosenProfile(subject)
    var explained = try subject.failing.map { try ExplainedFailure($0, database) }
    if profile != nil, chosen.name != subject.profile { explained?.forgetExpectations() }
    let index = outputIndex ?? explained?.element ?? 0
    do throws(Explanation.Failure) {
      let explanation = try Explanation(
        subject.layer, profile: chosen, title: subject.title, outputIndex: index, isFull: full,
        compared: explained?.compared(index))
      guard json else {
        print(((explained?.lines ?? []) + explanation.lines).joined(separator: "\n"))
        return
      }
      let compared = explained?.compared(index)
      let got: Int64? = if case .output(let value)? = compared?.got { value } else { nil }
      let document = ExplainDocument(
        title: subject.title, profile: chosen.name, failure: explained?.item, outputIndex: index,
        expected: explanation.result, got: got, text: explanation.lines)
      print(PrettyJSON.text(document))
    } catch {
      throw Failure(.usage, "\(subject.title): \(error)")
    }
  }

  private func chosenProfile(_ subject: ExplainedSubject) throws -> Profile {
    let name = profile ?? subject.profile ?? "exact-even"
    guard let chosen = Profiles.named(name) else {
      throw Failure(
        .usage, "\(subject.title) asks for the unknown profile '\(name)'; name one with --profile")
    }
    return chosen
  }
}
