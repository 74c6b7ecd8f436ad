import ArgumentParser
import CaseGeneration
import Dispatch
import Implementations
import JSONLines
import Oracles
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Synchronization
import TestCases
import Verification

struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate", abstract: "Makes cases and writes them to a file, one a line.",
    discussion: """
      The same arguments give the same bytes on every machine, whatever the number of jobs. Each \
      line holds one case in JSON; the last line has their count and the SHA-256 of what precedes.

      EXAMPLES
        qverify generate --seed 7 --count 10000 --cases all --output cases.jsonl
        qverify generate --count 500 --cases edge --profile tflm --input-type int8 --output -
        qverify generate --count 1000 --cover --profile tflm --output cover.jsonl
        qverify generate --count 100 --class knifeEdge --exact --output edges.jsonl
      """)

  @OptionGroup var options: CaseOptions

  @Option(
    name: .customLong("impl"),
    help: ArgumentHelp("Draw only what these implementations claim.", valueName: "list"))
  var implementations: String?

  @Option(help: ArgumentHelp("File that names implementations.", valueName: "file"))
  var config: String?

  @Option(help: ArgumentHelp("Cases 0 to N − 1.", valueName: "n"))
  var count = 1_000

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("File to write, or - for standard output.", valueName: "file"))
  var output: String

  @Option(help: ArgumentHelp("Format of the file: jsonl.", valueName: "format"))
  var format = "jsonl"

  @Flag(help: "Leaves out classes, faults and expected outputs.")
  var blind = false

  @Flag(help: "Adds the exact value of every output as a fraction.")
  var exact = false

  func validate() throws {
    guard (1...1_000_000_000_000).contains(count) else {
      throw ValidationError("--count must be 1 to 10^12, but is \(count)")
    }
    guard format == "jsonl" else {
      throw ValidationError("--format must be jsonl, but is '\(format)'")
    }
    if blind, exact { throw ValidationError("--blind and --exact exclude each other") }
  }

  func run() throws {
    let generator = try options.generator(
      claimed: try implementations.map {
        try ChosenImplementations($0, config: config).all.flatMap(\.claims)
      })
    do {
      let writer =
        output == "-"
        ? LineWriter(descriptor: 1, name: "standard output") : try LineWriter(path: output)
      try write(generator, to: writer)
      try writer.finish()
    } catch let error as LineError {
      throw Failure(.usage, error.description)
    }
  }

  private func write(_ generator: CaseGenerator, to writer: LineWriter) throws {
    let shard = try options.parsedShard()
    var file = VectorFileWriter()
    var selection = generator.selection.canonical
    if options.cover { selection += " --cover" }
    if shard.count > 1 { selection += " --shard \(shard.index + 1)/\(shard.count)" }
    try writer.write(
      file.hello(
        seed: generator.seed, selection: selection, generator: Selection.generatorVersion))
    let covers = options.cover ? generator.coverCount : 0
    let source = GeneratedCases(generator, count: count, cover: covers, shard: shard)
    // Chunks are made beside each other and written in order, a few of each thread at a time.
    let wave = options.threads * 4
    var progress = Progress(total: (count + covers) / shard.count, unit: "cases")
    while true {
      let lines = makeLines(source, wave)
      for line in lines { try writer.write(file.note(line.bytes, cases: line.cases)) }
      progress.advance(lines.reduce(0) { $0 + $1.cases })
      if lines.count < wave { break }
    }
    progress.finish()
    try writer.write(file.end())
  }

  private struct Lines: Sendable {
    let bytes: [UInt8]
    let cases: Int
  }

  /// The lines of up to `limit` chunks, in order.
  private func makeLines(_ source: GeneratedCases, _ limit: Int) -> [Lines] {
    let chunks = Mutex<[(start: Int, lines: Lines)]>([])
    let (isBlind, isExact) = (blind, exact)
    let perThread = limit / options.threads
    DispatchQueue.concurrentPerform(iterations: options.threads) { _ in
      var maker = CaseLineMaker(isBlind: isBlind, isExact: isExact)
      for _ in 0..<perThread {
        guard let chunk = source.next() else { return }
        var bytes: [UInt8] = []
        for read in chunk.cases { bytes += maker.line(read.testCase) }
        let lines = Lines(bytes: bytes, cases: chunk.cases.count)
        chunks.withLock { $0.append((chunk.range.lowerBound, lines)) }
      }
    }
    return chunks.withLock { $0.sorted { $0.start < $1.start }.map(\.lines) }
  }
}

/// Writes the lines of cases together with what is expected of them.
struct CaseLineMaker {
  let isBlind: Bool
  let isExact: Bool
  private var writer = CaseWriter()
  private var operands = Operands()
  private var outputs = ReferenceOutputs()
  private var values = ExactValues()

  init(isBlind: Bool, isExact: Bool) {
    self.isBlind = isBlind
    self.isExact = isExact
  }

  mutating func line(_ testCase: TestCase) -> [UInt8] {
    writer.write(testCase, expected: isBlind ? nil : expected(testCase), isBlind: isBlind)
  }

  /// The profile's output; `nil` for a case that must be refused or has no profile.
  private mutating func expected(_ testCase: TestCase) -> ExpectedAnswer? {
    guard let profile = testCase.profile.flatMap({ Profiles.named($0) }),
      let layer = try? testCase.layer.validated(),
      let reference = try? profile.reference(for: layer)
    else { return nil }
    (try? Operators.named(layer.raw.operation))?.lower(layer, into: &operands)
    reference.run(operands, into: &outputs)
    var answer = ExpectedAnswer(output: outputs.bytes(as: layer.output.type))
    if isExact {
      let oracle = ExactOracle(layer)
      oracle.run(operands, into: &values)
      answer.exact = values.sums.indices.map { index in
        let channel = index % layer.channels
        return oracle.value(
          sum: values.sums[index], bias: operands.bias[channel], channel: channel
        ).description
      }
    }
    return answer
  }
}
