import ArgumentParser
import Foundation
import Identification
import Implementations
import JSONLines
import ProfileFiles
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import TestCases

struct IdentifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "identify",
    abstract: "Finds out which arithmetic an implementation performs.",
    discussion: """
      For each combination of types that the implementation claims, the named profiles and every \
      combination of the choices that arithmetics are made of are candidates: how Si·Sw/So is \
      formed, the multiplier's width, one or two roundings and their tie rules, float32 or float64, \
      where the zero point is added, order of clamping, the accumulator's width, the weights' zero \
      point, an activation's bounds. Questions are drawn at the knife edges of one against another; \
      each answer rules candidates out. What is left is held against generated cases of every class.

      The result is one profile by name; or a description by choices, which --output writes as a \
      profile file that --profile accepts; or 'none of these', with the nearest and where it fails. \
      What the implementation claims of its arithmetic is not looked at.

      EXAMPLES
        qverify identify --impl mine
        qverify identify --impl onnxruntime --types uint8,int8,uint8
        qverify identify --impl mine --output mine.json && qverify check --impl mine --profile mine.json
        qverify identify --impl kernels --claim tflm

      EXIT STATUS
        0  every combination of types is identified
        1  one of them is none of the known arithmetics, or was not answered
      """)

  @Option(name: .customLong("impl"), help: ArgumentHelp("The implementation.", valueName: "name"))
  var implementation: String

  @Option(
    help: ArgumentHelp(
      "File that names implementations; qverify.yaml if left out.", valueName: "file"))
  var config: String?

  @Option(help: ArgumentHelp("Only these types: input,weights,output.", valueName: "list"))
  var types: String?

  @Option(
    help: ArgumentHelp(
      "Of an implementation with several arithmetics, the one that is asked for.",
      valueName: "profile"))
  var claim: String?

  @Option(help: ArgumentHelp("Cases asked, at most.", valueName: "n"))
  var budget = 1_000

  @Option(help: ArgumentHelp("Write what was identified as a profile file.", valueName: "file"))
  var output: String?

  @Flag(help: "Leave out the log of questions.")
  var quiet = false

  @Flag(help: "As JSON.")
  var json = false

  func validate() throws {
    if let types, TypeTriple(types) == nil {
      throw ValidationError("--types must be input,weights,output, but is '\(types)'")
    }
    guard (16...1_000_000).contains(budget) else {
      throw ValidationError("--budget must be 16 to 1000000, but is \(budget)")
    }
  }

  func run() throws {
    let chosen = try ChosenImplementations(implementation, config: config).all
    guard chosen.count == 1, let implementation = chosen.first else {
      throw Failure(.usage, "--impl must name one implementation, but is '\(self.implementation)'")
    }
    let claims = try claims(implementation)
    let subjects = try subjects(claims)
    let session: any Session
    do throws(StartError) {
      session = try implementation.start()
    } catch {
      throw Failure(.notStarted, error.description)
    }
    defer { session.close() }
    let asking = Asking(session, profile: claims.compactMap(\.profile).first)
    let share = max(16, budget / subjects.count)
    var found: [Identification] = []
    for subject in subjects {
      found.append(
        Identifier(subject, claims: claims, budget: share) { asking.answers($0) }.identification())
    }
    let text = IdentificationText(implementation.name, found)
    print(json ? text.json : text.lines(log: !quiet).joined(separator: "\n"))
    if let output { try write(found, implementation.name, output) }
    // What an implementation does not offer is no failure, as long as it offers something.
    let failed = found.contains { item in
      if case .none = item.conclusion { true } else { false }
    }
    if failed || !found.contains(where: \.isIdentified) { throw Failure(.deviates) }
  }

  /// The claims of one arithmetic.
  private func claims(_ implementation: any Implementation) throws -> [Claim] {
    let names = Set(implementation.claims.map { $0.profile ?? "" })
    guard let claim else {
      guard names.count == 1 else {
        throw Failure(
          .usage,
          "\(implementation.name) has several arithmetics; --claim must be one of"
            + " \(names.sorted().joined(separator: ", "))")
      }
      return implementation.claims
    }
    let claims = implementation.claims.filter { $0.profile == claim }
    guard !claims.isEmpty else {
      throw Failure(
        .usage,
        "--claim must be one of \(names.sorted().joined(separator: ", ")), but is '\(claim)'")
    }
    return claims
  }

  private func subjects(_ claims: [Claim]) throws -> [Subject] {
    let all = Subject.all(claims)
    guard let types = types.flatMap({ TypeTriple($0) }) else { return all }
    let subjects = all.filter { $0.types == types }
    guard !subjects.isEmpty else {
      throw Failure(.usage, "--types: \(types) is not claimed")
    }
    return subjects
  }

  private func write(_ found: [Identification], _ name: String, _ path: String) throws {
    let rules = found.compactMap(\.rule)
    guard !rules.isEmpty else {
      throw Failure(.deviates, "nothing was identified: \(path) is not written")
    }
    let profile = Profile(
      name: "identified-\(name)", summary: "identified from \(name)",
      source: "qverify identify --impl \(name)", rules: rules)
    do throws(LineError) {
      let writer = try LineWriter(path: path)
      try writer.write(Array(ProfileFile.text(profile).utf8))
      try writer.finish()
    } catch {
      throw Failure(.usage, error.description)
    }
  }
}

/// Sends layers to a session under ids of their own.
private final class Asking {
  private let session: any Session
  private let profile: String?
  private var writer = CaseWriter()

  init(_ session: any Session, profile: String?) {
    self.session = session
    self.profile = profile
  }

  /// The answers, in order.
  func answers(_ layers: [RawLayer]) -> [Answer] {
    session.answer(
      layers.map { layer in
        var testCase = TestCase(
          origin: .given(id: ""), classes: [], profile: profile, layer: layer)
        testCase.origin = .given(id: writer.identifier(of: testCase))
        return Request(testCase)
      })
  }
}

extension Identification {
  var isIdentified: Bool {
    switch conclusion {
    case .named, .described: true
    case .none, .unanswered: false
    }
  }

  /// The arithmetic as a rule of a profile.
  var rule: ProfileRule? {
    switch conclusion {
    case .named(let names, _):
      names.first.flatMap { Profiles.named($0) }?.rules.first {
        $0.types == subject.types && $0.biasTypes.contains(subject.biasType)
      }
    case .described(let arithmetic, _, _):
      ProfileRule(
        subject.types, bias: subject.biasType == .int64 ? [.int64] : [nil, .int32], arithmetic,
        where: conditions)
    case .none, .unanswered: nil
    }
  }

  /// The layers for which a description holds.
  private var conditions: [DomainCondition] {
    [.binary32Scales, limits.upperBound.isFinite ? .shiftBelow8 : .shiftBelow32]
      + (needsNormalScales ? [.normalScales, .normalProducts] : [])
  }
}
