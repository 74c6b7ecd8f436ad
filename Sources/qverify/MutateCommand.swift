import ArgumentParser
import CaseGeneration
import JSONLines
import MutationScore
import Profiles
import QuantizedLayers
import TestCases
import Verification

struct MutateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "mutate",
    abstract: "Measures how strong cases are: which wrong kernels they show.",
    discussion: """
      Every known wrong kernel (a correct one with one choice changed) is run on the cases, for each \
      profile and type. It is killed by the first case in which an output differs; it is equivalent \
      where the profile's domain makes the change none, which is proved, never assumed; otherwise it \
      has survived. Without --vectors, cases are made in place.

      EXAMPLES
        qverify mutate --profile tflm --count 5000
        qverify mutate --cases random --count 2000 --profile ort --survivors-only
        qverify mutate --vectors Vectors/mutation/fullyConnected.jsonl \
      --known Vectors/mutation/fullyConnected.survivors.json
        qverify mutate --vectors cases.jsonl --threshold 95 --json
        qverify mutate --count 2000 --minimise smallest.jsonl

      EXIT STATUS
        0  every score is at least the threshold
        1  a score is below it, a known survivor was killed, or no case was in a profile's domain
      """)

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Files of cases; - is standard input. A case that names no profile is put to every profile that"
        + " defines it.", valueName: "file"))
  var vectors: [String] = []

  @OptionGroup var options: CaseOptions

  @Option(
    help: ArgumentHelp(
      "Cases 0 to N − 1 (10000); with --minimise of each profile and type triple (2000).",
      valueName: "n"))
  var count: Int?

  @Option(help: ArgumentHelp("Exit with 1 where a score is below this.", valueName: "percent"))
  var threshold = 100.0

  @Option(
    help: ArgumentHelp(
      "Survivors that are known, with reasons: they do not count, and exit with 1 once killed.",
      valueName: "file"))
  var known: String?

  @Flag(help: "Of each target only what survived.")
  var survivorsOnly = false

  @Option(
    help: ArgumentHelp(
      "Write few and small cases that kill whatever the cases made in place kill.",
      valueName: "file"))
  var minimise: String?

  @Flag(help: "As JSON.")
  var json = false

  func validate() throws {
    if let count, !(1...1_000_000_000_000).contains(count) {
      throw ValidationError("--count must be 1 to 10^12, but is \(count)")
    }
    guard (0...100).contains(threshold) else {
      throw ValidationError("--threshold must be 0 to 100, but is \(threshold)")
    }
    if !vectors.isEmpty, count != nil || minimise != nil || options.shard != nil {
      throw ValidationError("--vectors excludes --count, --shard and --minimise")
    }
    if let count, minimise != nil, count > 1_000_000 {
      throw ValidationError("--count must be at most 10^6 with --minimise, but is \(count)")
    }
    if minimise != nil, json || options.shard != nil {
      throw ValidationError("--minimise excludes --json and --shard")
    }
  }

  func run() throws {
    let profiles = try options.profiles() ?? Profiles.all
    if let minimise {
      try MinimisedVectors(options: options, profiles: profiles, count: count ?? 2_000)
        .write(to: minimise)
      return
    }
    let listed = try known.map { try KnownSurvivors(path: $0) } ?? KnownSurvivors()
    var scorer = MutationScorer(profiles, jobs: options.threads)
    let source = try source()
    var progress = Progress(total: source.count, unit: "cases")
    while let chunk = try source.next() {
      let cases = chunk.cases.filter { $0.unsupported == nil }.map(\.testCase)
      scorer.add(cases)
      progress.advance(cases.count)
    }
    progress.finish()
    let text = MutationText(scorer.scores, threshold: threshold, known: listed)
    guard !scorer.scores.isEmpty else {
      throw Failure(.deviates, "no case lies in the domain of a profile: nothing was judged")
    }
    print(json ? text.json : text.lines(survivorsOnly: survivorsOnly), terminator: "")
    if !text.isEnough { throw Failure(.deviates) }
  }

  private func source() throws -> any CaseSource {
    guard vectors.isEmpty else {
      for path in vectors { _ = try VectorCases.verified(path) }
      return VectorCases(vectors)
    }
    return GeneratedCases(
      try options.generator(), count: count ?? 10_000, shard: try options.parsedShard())
  }
}

/// Writes the few cases that are as strong as many.
struct MinimisedVectors {
  let options: CaseOptions
  let profiles: [Profile]
  /// Cases of each profile and type triple.
  let count: Int

  func write(to path: String) throws {
    let selection = try options.selection()
    let minimiser = VectorMinimiser(profiles, jobs: options.threads)
    var file = VectorFileWriter()
    var lines = CaseWriter()
    do throws(LineError) {
      let writer = try LineWriter(path: path)
      try writer.write(
        file.hello(
          seed: options.seed,
          selection: selection.canonical + " --count \(count) --minimise"
            + " (generator \(Selection.generatorVersion))",
          generator: nil))
      var total = 0
      for types in triples(selection) {
        let cases = minimiser.chosen(types, from: pool(types, selection))
        for (index, testCase) in cases.enumerated() {
          var named = testCase
          named.origin = .given(id: "\(types)-\(index)")
          try writer.write(file.note(lines.write(named), cases: 1))
        }
        total += cases.count
        print("\(types): \(grouped(cases.count)) cases")
      }
      try writer.write(file.end())
      try writer.finish()
      print("\(path): \(grouped(total)) cases")
    } catch {
      throw Failure(.usage, error.description)
    }
  }

  /// Those that a profile defines among those asked for.
  private func triples(_ selection: Selection) -> [TypeTriple] {
    var found: [TypeTriple] = []
    for types in profiles.flatMap(\.types) where !found.contains(types) {
      guard selection.inputTypes.contains(types.input),
        selection.weightTypes.contains(types.weights), selection.outputTypes.contains(types.output)
      else { continue }
      found.append(types)
    }
    return found
  }

  private func pool(_ types: TypeTriple, _ selection: Selection) -> [TestCase] {
    var narrowed = selection
    narrowed.inputTypes = [types.input]
    narrowed.weightTypes = [types.weights]
    narrowed.outputTypes = [types.output]
    // Profile by profile: classes step through their variants with the visits of a profile. Half as
    // many again of the classes of shapes, channels and multipliers, whose variants are many.
    return profiles.flatMap { profile -> [TestCase] in
      narrowed.profiles = [profile]
      var shapes = narrowed
      shapes.classes = ["shape", "channel", "multiplier"]
      return cases(narrowed, count) + (selection.classes.isEmpty ? cases(shapes, count / 2) : [])
    }
  }

  private func cases(_ selection: Selection, _ count: Int) -> [TestCase] {
    guard let generator = try? CaseGenerator(seed: options.seed, selection: selection) else {
      return []
    }
    return (0..<UInt64(count)).map { generator.testCase($0) }
  }
}
