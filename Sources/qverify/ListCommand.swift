import ArgumentParser
import CaseGeneration
import Configuration
import Foundation
import Implementations
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Verdicts

struct ListCommand: ParsableCommand {
  enum Subject: String, CaseIterable, ExpressibleByArgument {
    case operators
    case profiles
    case implementations
    case classes
    case cover
  }

  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists operators, profiles, implementations, classes of cases or bins of coverage.",
    discussion: """
      EXAMPLES
        qverify list profiles
        qverify list classes --json
        qverify list cover
      """)

  @Argument(help: "operators, profiles, implementations, classes or cover.")
  var subject: Subject

  @Option(
    help: ArgumentHelp(
      "File that names implementations; qverify.yaml if left out.", valueName: "file"))
  var config: String?

  @Flag(help: "As JSON.")
  var json = false

  func run() throws {
    switch subject {
    case .operators: output(operators)
    case .profiles: output(profiles)
    case .implementations: output(try implementations())
    case .classes: output(classes)
    case .cover:
      let list = CoverList()
      print(json ? list.json : list.text)
    }
  }

  /// One thing: its name and what is said of it, in order.
  private struct Entry {
    let name: String
    let facts: [(key: String, value: String)]
  }

  private var operators: [Entry] {
    Operators.all.map { Entry(name: $0.name, facts: [("summary", $0.summary)]) }
  }

  private var profiles: [Entry] {
    Profiles.all.map { profile in
      let isAll = profile.types.count == 27
      return Entry(
        name: profile.name,
        facts: [
          ("summary", profile.summary),
          (
            "types",
            isAll
              ? "all of int8, uint8, int16 for input, weights and output"
              : profile.types.map(\.description).joined(separator: "  ")
          ),
          ("bias", biases(profile)), ("activations", profile.activations.joined(separator: ", ")),
          ("domain", domain(profile)), ("source", profile.source),
        ])
    }
  }

  private func biases(_ profile: Profile) -> String {
    var types: [String] = []
    for rule in profile.rules {
      for type in rule.biasTypes {
        let name = type?.rawValue ?? "none"
        if !types.contains(name) { types.append(name) }
      }
    }
    return types.joined(separator: ", ")
      + (profile.generalBias ? "; with a scale of its own too" : "")
  }

  private func domain(_ profile: Profile) -> String {
    let shared = profile.rules.dropFirst().reduce(profile.rules.first?.conditions ?? []) {
      common, rule in common.filter { rule.conditions.contains($0) }
    }
    var parts = shared.map(\.summary)
    for rule in profile.rules {
      let own = rule.conditions.filter { !shared.contains($0) }
      if !own.isEmpty {
        let text = "\(rule.types): \(own.map(\.summary).joined(separator: ", "))"
        if !parts.contains(text) { parts.append(text) }
      }
    }
    return parts.isEmpty ? "every legal layer" : parts.joined(separator: "; ")
  }

  /// Built-in ones, then those of the configuration file, each of which is started.
  private func implementations() throws -> [Entry] {
    var entries = BuiltInImplementations.all.map { entry($0, $0.unavailable) }
    guard let file = try NamedImplementations.file(config) else { return entries }
    for named in file.entries {
      if case .answers(let path) = named.kind {
        entries.append(
          Entry(
            name: named.name,
            facts: [
              ("summary", "answers recorded in \(file.resolved(path))"), ("kind", "answers"),
              (
                "available",
                FileManager.default.isReadableFile(atPath: file.resolved(path))
                  ? "yes, with the file of its cases: --vectors FILE" : "no: it cannot be read"
              ),
            ]))
        continue
      }
      let implementation = try NamedImplementations.implementation(named, file, [])
      do throws(StartError) {
        try implementation.prepare()
        entries.append(entry(implementation, nil))
      } catch {
        entries.append(entry(implementation, error.reason))
      }
    }
    return entries
  }

  private func entry(_ implementation: any Implementation, _ unavailable: String?) -> Entry {
    var profiles: [String] = []
    for claim in implementation.claims {
      let name = claim.profile ?? "held to \((claim.conformance ?? .nearest).text)"
      if !profiles.contains(name) { profiles.append(name) }
    }
    return Entry(
      name: implementation.name,
      facts: [
        ("summary", implementation.summary), ("kind", implementation.kind),
        ("version", implementation.version), ("profiles", profiles.joined(separator: ", ")),
        ("available", unavailable.map { "no: \($0)" } ?? "yes"),
      ])
  }

  private var classes: [Entry] {
    (CaseClass.all + [CaseClass.cover]).map {
      Entry(
        name: $0.name,
        facts: [("kind", $0.kind.rawValue), ("reason", $0.reason), ("catches", $0.catches)])
    }
  }

  private func output(_ entries: [Entry]) {
    guard json else {
      for entry in entries {
        print(entry.name)
        for fact in entry.facts { print("  \(fact.key): \(fact.value)") }
      }
      return
    }
    let objects = entries.map { entry in
      var object = ["name": entry.name]
      for fact in entry.facts { object[fact.key] = fact.value }
      return object
    }
    print(PrettyJSON.text(objects))
  }
}
