import CommandImplementations
import Foundation
import Implementations
import QuantizedArithmetic
import QuantizedLayers
import Synchronization
import TestCases
import Testing
import Verdicts
import Verification

/// The Python that test adapters are written in.
enum Python {
  /// The system's own first: what stands in its place on PATH may be slow to start.
  static let path: String? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return (["/usr/bin/python3"] + folders.map { "\($0)/python3" }).first {
      FileManager.default.isExecutableFile(atPath: $0)
    }
  }()

  /// What every adapter begins with. A case's right answer is the data of its input.
  static let preamble = """
    import json, os, signal, subprocess, sys, time
    claims = [{"operator": "fullyConnected", "profile": "exact-even"}]

    def write(text, to=1):
        rest = text if isinstance(text, bytes) else text.encode()
        while rest:
            rest = rest[os.write(to, rest):]

    def hello(**changes):
        members = {"format": 1, "name": "test", "version": "1", "claims": claims}
        write(json.dumps({"hello": {**members, **changes}}) + "\\n")

    def cases():
        for line in sys.stdin.buffer:
            case = json.loads(line)
            if "id" in case:
                case["number"] = int(case["id"].split("-")[1])
                yield case

    def answer(case, **members):
        members = members or {"output": case["inputs"]["input"]["data"]}
        write(json.dumps({"id": case["id"], **members}) + "\\n")

    """
}

/// An adapter that answers rightly but for what is written in its case number 4.
///
/// - Parameter fault: statements in place of the answer to `case`.
/// - Returns: what follows ``Python/preamble``.
func faulty(_ fault: String) -> String {
  """
  hello()
  for case in cases():
      if case["number"] == 4:
  \(fault.split(separator: "\n").map { "        \($0)" }.joined(separator: "\n"))
      else:
          answer(case)
  """
}

/// What became of the cases `case-0`, `case-1`, … of 1 row, 1 term and 1 channel.
struct Trial {
  private(set) var counts = TallyCounts()
  private(set) var failures: [String: FailureRecord] = [:]
  private(set) var strays: [FailureRecord] = []
  let seconds: Double

  // The body follows `Python.preamble`; limits are in seconds.
  init(
    _ body: String, cases: Int = 10, limit: Double = 5, restarts: Int = 50, helloLimit: Double = 10,
    arguments: [String] = []
  ) throws {
    let python = try #require(Python.path)
    var configuration = CommandConfiguration(
      name: "test", run: [python, "-c", Python.preamble + body] + arguments, secondsPerCase: limit,
      restarts: restarts)
    configuration.helloSeconds = helloLimit
    let implementation = CommandImplementation(configuration)
    let begin = DispatchTime.now().uptimeNanoseconds
    try implementation.prepare()
    let run = CheckRun(
      [implementation], source: GivenCases((0..<cases).map { Trial.echo($0) }),
      options: CheckOptions(keptFailures: 10_000))
    let batches = Mutex<[BatchResult]>([])
    try run.run { batch in batches.withLock { $0.append(batch) } }
    seconds = Double(DispatchTime.now().uptimeNanoseconds - begin) / 1e9
    for batch in batches.withLock({ $0 }) {
      for tally in batch.tallies { counts += tally.counts }
      for failure in batch.failures {
        if failure.caseIndex == nil {
          strays.append(failure)
        } else {
          failures[failure.caseID] = failure
        }
      }
    }
  }

  /// A layer whose one output is its one input.
  static func echo(_ number: Int) -> ReadCase {
    func tensor(_ value: Int64?) -> RawTensor {
      RawTensor(
        type: .int8, shape: [1, 1], scales: [1], zeroPoints: [0],
        data: value.map { ElementBytes.bytes([$0], as: .int8) } ?? [])
    }
    return ReadCase(
      testCase: TestCase(
        origin: .given(id: "case-\(number)"), classes: ["given"], profile: "exact-even",
        layer: RawLayer(
          operation: FullyConnected.name, activation: .none, input: tensor(Int64(number % 100 + 1)),
          weights: tensor(1), bias: nil, output: tensor(nil))))
  }

  subscript(outcome: Outcome) -> Int { counts.outcomes[outcome] }

  /// Outcomes that occurred, with their numbers.
  var outcomes: [Outcome: Int] {
    Dictionary(
      uniqueKeysWithValues: Outcome.allCases.filter { self[$0] > 0 }.map { ($0, self[$0]) })
  }

  /// Everything that is said, for a failing test.
  var text: String {
    "\(outcomes), \(seconds) s\n"
      + (Array(failures.values) + strays).map { "\($0.caseID) \($0.outcome): \($0.message)" }
      .joined(separator: "\n")
  }
}
