import Foundation
import Profiles
import Proofs
import ResultStore
import Verdicts

/// `prove --profile P`: one requantization, or many that are drawn.
struct StatementRun {
  private let profile: Profile
  private let command: ProveCommand

  init(_ profile: Profile, _ command: ProveCommand) {
    self.profile = profile
    self.command = command
  }

  func run() throws -> ExitStatus {
    let configurations = try command.parameters.configurations(for: [profile])
    var statements: [Certificate.Statement] = []
    var texts: [ProofText] = []
    var worst = StatementSummary(asked: command.parameters.scales ?? 1)
    for (kind, configuration) in configurations {
      let function = try Self.function(profile, configuration)
      let (proof, milliseconds) = try Elapsed.milliseconds {
        try ProofLine.during { line in
          try RequantizationProof(
            function, sweeps: command.exhaustive, jobs: command.threads, progress: line.advance)
        }
      }
      let statement = Certificate.Statement(proof, profile.name, configuration)
      statements.append(statement)
      let text = ProofText(proof, function, configuration, kind: kind)
      worst.add(statement, milliseconds)
      if command.parameters.scales == nil {
        print(command.json ? text.json : text.lines(milliseconds: milliseconds))
      } else if command.json {
        texts.append(text)
      } else {
        print(text.line(statements.count))
      }
    }
    if command.parameters.scales != nil {
      print(command.json ? ProofText.json(texts) : worst.lines(profile.name))
    }
    var body = Certificate.Body.made(claim: statements.prefix(8).map(\.claim) + worst.more)
    body.statements = statements
    try ProofRecording(kind: .statement, subject: profile.name, body: body).file(command.filing)
    return .conforms
  }

  static func function(
    _ profile: Profile, _ configuration: ProofConfiguration
  ) throws -> RequantizationFunction {
    do {
      return try configuration.function(profile)
    } catch {
      throw Failure(.usage, error.description)
    }
  }
}

/// The worst of many statements.
struct StatementSummary {
  let asked: Int
  private var count = 0
  private var exact = 0
  private var classes: [String: Int] = [:]
  private var largest: (difference: Int64, number: Int) = (0, 0)
  private var most: (accumulators: Int64, number: Int) = (0, 0)
  private var milliseconds = 0.0

  init(asked: Int) { self.asked = asked }

  mutating func add(_ statement: Certificate.Statement, _ milliseconds: Double) {
    count += 1
    self.milliseconds += milliseconds
    classes[statement.accuracyClass, default: 0] += 1
    let fewest = statement.differences.values.map(\.accumulators).min() ?? 0
    if fewest == 0 { exact += 1 }
    if fewest > most.accumulators { most = (fewest, count) }
    if statement.largestDifference > largest.difference {
      largest = (statement.largestDifference, count)
    }
  }

  /// What a stored claim says of those that it does not list.
  var more: [String] { count > 8 ? ["and \(count - 8) more, in the certificate"] : [] }

  func lines(_ profile: String) -> String {
    var lines = ["\(profile): \(grouped(count)) sets of scales"]
    if count < asked { lines[0] += "; \(grouped(asked - count)) more lie outside of its domain" }
    lines.append("  equal to the true value under some tie rule, everywhere: \(grouped(exact))")
    if most.number > 0 {
      lines.append(
        "  most accumulators that differ whatever the tie rule: \(grouped(Int(most.accumulators)))"
          + " (set \(most.number))")
    }
    lines.append(
      "  largest difference from a nearest integer: \(largest.difference)"
        + (largest.number > 0 ? " (set \(largest.number))" : ""))
    let sorted = classes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    lines.append(
      "  accuracy classes: "
        + sorted.map { "\($0.key) \(grouped($0.value))" }.joined(separator: ", "))
    lines.append("how      \(String(format: "%.1f", milliseconds)) ms in all")
    return lines.joined(separator: "\n")
  }
}

/// `prove --profile P --against Q`.
struct ComparisonRun {
  private let first: Profile
  private let second: Profile
  private let command: ProveCommand

  init(_ first: Profile, _ second: Profile, _ command: ProveCommand) {
    self.first = first
    self.second = second
    self.command = command
  }

  func run() throws -> ExitStatus {
    let configurations = try command.parameters.configurations(for: [first, second])
    var comparisons: [Certificate.Comparison] = []
    var documents: [ComparisonText.Document] = []
    var equal = 0
    for (kind, configuration) in configurations {
      let one = try StatementRun.function(first, configuration)
      let other = try StatementRun.function(second, configuration)
      let (comparison, milliseconds) = try Elapsed.milliseconds {
        try ProofLine.during { line in
          try ProfileComparison(
            one, other, sweeps: command.exhaustive, jobs: command.threads, progress: line.advance)
        }
      }
      comparisons.append(
        Certificate.Comparison(comparison, first.name, against: second.name, configuration))
      if comparison.differences.intervals == 0 { equal += 1 }
      let text = ComparisonText(comparison, first.name, second.name, configuration, kind: kind)
      if command.json {
        documents.append(text.document)
      } else if command.parameters.scales != nil {
        print(text.line(comparisons.count))
      } else {
        print(text.lines(milliseconds: milliseconds))
      }
    }
    if command.json {
      print(ComparisonText.json(documents, isList: command.parameters.scales != nil))
    } else if let asked = command.parameters.scales {
      print(
        "\(first.name) and \(second.name) are equal everywhere for \(grouped(equal)) of"
          + " \(grouped(comparisons.count)) sets of scales"
          + (comparisons.count < asked
            ? "; \(grouped(asked - comparisons.count)) more are not defined by both" : ""))
    }
    var claim = comparisons.prefix(8).map(\.claim)
    if comparisons.count > 8 {
      claim.append("and \(comparisons.count - 8) more, in the certificate")
    }
    var body = Certificate.Body.made(claim: claim)
    body.comparisons = comparisons
    try ProofRecording(kind: .comparison, subject: "\(first.name), \(second.name)", body: body)
      .file(command.filing)
    return .conforms
  }
}
