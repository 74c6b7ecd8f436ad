import ArgumentParser
import CaseGeneration
import Foundation
import Implementations
import Profiles
import QuantizedArithmetic
import QuantizedLayers

struct ListCommand: ParsableCommand {
  enum Subject: String, CaseIterable, ExpressibleByArgument {
    case operators
    case profiles
    case implementations
    case classes
  }

  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "Lists operators, profiles, implementations or classes of cases.",
    discussion: """
      EXAMPLES
        qverify list profiles
        qverify list classes --json
      """)

  @Argument(help: "operators, profiles, implementations or classes.")
  var subject: Subject

  @Flag(help: "As JSON.")
  var json = false

  func run() throws {
    switch subject {
    case .operators: output(operators)
    case .profiles: output(profiles)
    case .implementations: output(implementations)
    case .classes: output(classes)
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

  private var implementations: [Entry] {
    BuiltInImplementations.all.map { implementation in
      Entry(
        name: implementation.name,
        facts: [
          ("summary", implementation.summary), ("kind", implementation.kind),
          ("version", implementation.version),
          (
            "profiles", implementation.claims.compactMap(\.profile).joined(separator: ", ")
          ),
          ("available", implementation.unavailable.map { "no: \($0)" } ?? "yes"),
        ])
    }
  }

  private var classes: [Entry] {
    CaseClass.all.map {
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
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    if let data = try? encoder.encode(objects) { print(String(decoding: data, as: UTF8.self)) }
  }
}
