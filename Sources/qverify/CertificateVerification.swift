import Foundation
import Profiles
import Proofs

/// `prove --verify FILE`.
struct CertificateVerification {
  private let path: String
  private let command: ProveCommand

  init(_ path: String, _ command: ProveCommand) {
    self.path = path
    self.command = command
  }

  func run() throws -> ExitStatus {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure(.usage, "\(path) cannot be read")
    }
    let certificate: Certificate
    do throws(ProofError) {
      certificate = try Certificate(text: String(decoding: data, as: UTF8.self))
    } catch {
      throw Failure(.usage, "\(path): \(error)")
    }
    let body = certificate.body
    print("\(path): made \(body.made) by qverify \(body.tool)")
    for sentence in body.claim { print("  \(sentence)") }
    var lines = ProofLine.during { line in
      certificate.contradictions(
        sweeps: command.exhaustive, jobs: command.threads, progress: line.advance)
    }
    for probing in body.probings { lines += try contradictions(probing) }
    for line in lines { print("  does not hold: \(line)") }
    guard lines.isEmpty else { return .deviates }
    let count = body.statements.count + body.comparisons.count + body.smallDomains.count
    if count > 0 {
      print("holds: \(grouped(count)) statement\(count == 1 ? "" : "s") computed again")
    }
    for probing in body.probings {
      print(
        "holds: \(probing.subject.name) was asked again, \(grouped(probing.outputs)) outputs of"
          + " \(grouped(probing.layers)) layers")
    }
    return .conforms
  }

  /// Asks the implementation again; one that cannot be asked verifies nothing.
  private func contradictions(_ probing: Probing) throws -> [String] {
    guard let profile = Profiles.named(probing.profile) else {
      return ["no profile is named \(probing.profile)"]
    }
    let config =
      command.kernel.config ?? (probing.subject.config.isEmpty ? nil : probing.subject.config)
    let kernel: KernelSubject
    do {
      kernel = try KernelSubject(probing.subject.name, config: config)
    } catch let failure as Failure {
      throw Failure(
        .notStarted, "\(path): not verified, since it could not be asked again: \(failure.message)")
    }
    var lines: [String] = []
    let (then, now) = (probing.subject, kernel.subject)
    if (then.version, then.kind) != (now.version, now.kind) {
      lines.append(
        "\(then.name) was \(then.kind) \(then.version), and is \(now.kind) \(now.version)")
    } else if then.sha256 != now.sha256 {
      lines.append("\(then.path) is not the file that was asked: its SHA-256 is \(now.sha256)")
    }
    var (again, _) = try KernelProber(
      jobs: command.threads, exhaustive: probing.isExhaustive, only: nil
    ).probe(kernel, profile, probing.configuration)
    again.subject = then
    if again != probing {
      lines.append(
        again.holds ? "\(then.name) answered other questions than then" : again.claim)
    } else if !again.holds {
      lines.append(again.claim)
    }
    return lines
  }
}
