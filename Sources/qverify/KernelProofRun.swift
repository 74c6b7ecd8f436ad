import ArgumentParser
import CommandImplementations
import Foundation
import Implementations
import LibraryImplementations
import Profiles
import Proofs
import ResultStore
import Synchronization
import TestCases

/// The options of `prove` that certify a kernel.
struct KernelProofOptions: ParsableArguments {
  @Option(
    name: .customLong("impl"),
    help: ArgumentHelp(
      "Certify this implementation, as in 'qverify list implementations'.", valueName: "name"))
  var implementation: String?

  @Option(
    help: ArgumentHelp(
      "File that names implementations; qverify.yaml if left out.", valueName: "file"))
  var config: String?

  @Option(help: ArgumentHelp("With --impl: only this layer of the probing.", valueName: "n"))
  var probe: Int?
}

/// An implementation that is certified, as it is here.
struct KernelSubject {
  let implementation: any Implementation
  let subject: Probing.Subject

  /// - Throws: a ``Failure`` where it is not known or cannot be started.
  init(_ name: String, config: String?) throws {
    let all = try ChosenImplementations(name, config: config).all
    guard all.count == 1, let first = all.first else {
      throw Failure(.usage, "--impl: one implementation is certified at a time")
    }
    implementation = first
    let path = KernelSubject.path(first)
    let bytes = path.isEmpty ? nil : FileManager.default.contents(atPath: path)
    subject = Probing.Subject(
      name: first.name, version: first.version, kind: first.kind, path: path,
      sha256: bytes.map { Digest.sha256(Array($0)) } ?? "", config: config ?? "",
      machine: Machine.description)
  }

  private static func path(_ implementation: any Implementation) -> String {
    switch implementation {
    case let library as LibraryImplementation: library.path
    case let command as CommandImplementation: command.configuration.run.first ?? ""
    default: ""
    }
  }
}

/// `prove --impl X`.
struct KernelProofRun {
  private let name: String
  private let command: ProveCommand

  init(_ name: String, _ command: ProveCommand) {
    self.name = name
    self.command = command
  }

  func run() throws -> ExitStatus {
    let kernel = try KernelSubject(name, config: command.kernel.config)
    let profile = try profile(kernel.implementation)
    if command.exhaustive, kernel.implementation.kind != "builtIn",
      kernel.implementation.kind != "library"
    {
      throw Failure(.usage, "--exhaustive with --impl runs a library or a built-in kernel only")
    }
    var probings: [Probing] = []
    var failed: [(Probing, KernelProbing.Failure?)] = []
    for (_, configuration) in try command.parameters.configurations(
      for: [profile], centresUnsigned: true)
    {
      let (probing, failure) = try KernelProber(
        jobs: command.threads, exhaustive: command.exhaustive, only: command.kernel.probe
      ).probe(kernel, profile, configuration)
      probings.append(probing)
      if !probing.holds { failed.append((probing, failure)) }
      if !command.json { print(text(probing, failure)) }
    }
    if command.json { print(ProofText.encoded(probings)) }
    let holds = failed.isEmpty && !probings.isEmpty
    // One layer alone is no certificate.
    guard command.kernel.probe == nil else { return holds ? .conforms : .deviates }
    var claim = failed.prefix(8).map(\.0.claim)
    claim += probings.filter(\.holds).prefix(max(0, 8 - claim.count)).map(\.claim)
    if probings.count > claim.count {
      claim.append("and \(probings.count - claim.count) more, in the certificate")
    }
    var body = Certificate.Body.made(claim: claim, holds: holds)
    body.probings = probings
    try ProofRecording(kind: .implementation, subject: kernel.subject.name, body: body)
      .file(command.filing)
    return holds ? .conforms : .deviates
  }

  /// The one that is asked for, or the only one that it claims.
  private func profile(_ implementation: any Implementation) throws -> Profile {
    if let name = command.profile, let profile = Profiles.named(name) { return profile }
    let claimed = Set(implementation.claims.compactMap(\.profile))
    guard claimed.count == 1, let profile = claimed.first.flatMap({ Profiles.named($0) }) else {
      throw Failure(
        .usage, "\(implementation.name) claims \(claimed.count) profiles: name a --profile")
    }
    return profile
  }

  private func text(_ probing: Probing, _ failure: KernelProbing.Failure?) -> String {
    let counts =
      "\(grouped(probing.outputs)) outputs of \(grouped(probing.layers)) layers"
      + (command.kernel.probe == nil ? "" : " (layer \(command.kernel.probe ?? 0) alone)")
    guard !probing.holds else {
      return command.kernel.probe == nil
        ? "certified  \(probing.claim)\n           \(counts), none wrong"
        : "as expected: \(counts)"
    }
    var lines = ["not bit-exact: \(probing.subject.name), \(probing.profile)"]
    lines.append("  \(probing.failure)")
    lines.append("  \(grouped(probing.wrong)) of \(counts) are wrong")
    if probing.unanswered > 0 {
      lines.append("  \(grouped(probing.unanswered)) layers were not computed")
    }
    if !probing.isExhaustive, let failure {
      lines.append("repeat     \(repeating(probing, failure.layer))")
    }
    return lines.joined(separator: "\n")
  }

  private func repeating(_ probing: Probing, _ layer: Int) -> String {
    let config = command.kernel.config.map { " --config \(CommandText.quoted($0))" } ?? ""
    return "qverify prove --impl \(CommandText.quoted(probing.subject.name))\(config) --profile"
      + " \(probing.profile) \(probing.configuration.options) --probe \(layer)"
  }
}

/// One configuration of an implementation, probed with a progress line.
struct KernelProber {
  let jobs: Int
  let exhaustive: Bool
  let only: Int?

  /// - Throws: a ``Failure`` where nothing can be asked.
  func probe(
    _ kernel: KernelSubject, _ profile: Profile, _ configuration: ProofConfiguration
  ) throws -> (Probing, KernelProbing.Failure?) {
    do {
      if exhaustive {
        let all = try KernelExhaustion(profile, configuration)
        let progress = Mutex(Progress(total: all.layers << 16, unit: "accumulators"))
        let result = try all.run(kernel.implementation, jobs: jobs) { layers in
          progress.withLock { $0.advance(layers << 16) }
        }
        progress.withLock { $0.finish() }
        return (
          Probing(kernel.subject, all, profile.name, configuration, result), result.failure
        )
      }
      let probing = try KernelProbing(profile, configuration, jobs: jobs)
      if let only, !(0..<probing.layers.count).contains(only) {
        throw Failure(
          .usage, "--probe must be 0 to \(probing.layers.count - 1) here, but is \(only)")
      }
      let progress = Mutex(Progress(total: probing.layers.count, unit: "layers"))
      let result = try probing.run(kernel.implementation, only: only, jobs: jobs) { layers in
        progress.withLock { $0.advance(layers) }
      }
      progress.withLock { $0.finish() }
      return (Probing(kernel.subject, probing, configuration, result), result.failure)
    } catch let error as ProofError {
      throw Failure(.usage, error.description)
    } catch let error as StartError {
      throw Failure(.notStarted, error.description)
    }
  }
}
