import Dispatch
import Foundation
import JSONLines
import Proofs
import ResultStore

/// A finished proof on its way out: printed, written as a certificate, stored.
struct ProofRecording {
  let kind: ProofRecord.Kind
  /// The profile or the implementation.
  let subject: String
  let body: Certificate.Body

  /// Writes and stores.
  ///
  /// - Throws: a ``Failure`` where the file or the database cannot be written.
  func file(_ filing: ProofFiling) throws {
    let text = Certificate(body).text
    if let path = filing.certificate {
      do throws(LineError) {
        let writer =
          path == "-"
          ? LineWriter(descriptor: 1, name: "standard output")
          : try LineWriter(path: path)
        try writer.write(Array(text.utf8))
        try writer.finish()
      } catch {
        throw Failure(.usage, error.description)
      }
    }
    guard !filing.noStore else { return }
    do {
      try Folder.create(containing: filing.database)
      let store = try ResultStore(path: filing.database)
      try store.add(
        ProofRecord(
          made: UTCTime(body.made) ?? .now(), commandLine: body.command, toolVersion: body.tool,
          kind: kind, subject: subject, claim: body.claim.joined(separator: "\n"),
          holds: body.holds, certificate: text))
    } catch let error as StoreError {
      throw Failure(error)
    }
  }
}

extension Certificate.Body {
  /// A body of this program, now.
  static func made(claim: [String], holds: Bool = true) -> Certificate.Body {
    Certificate.Body(
      tool: toolVersion, command: CommandText.repeated, made: UTCTime.now().description,
      claim: claim, holds: holds)
  }
}

/// Time that some work takes.
enum Elapsed {
  static func milliseconds<Result>(_ work: () throws -> Result) rethrows -> (Result, Double) {
    let begun = DispatchTime.now().uptimeNanoseconds
    let result = try work()
    return (result, Double(DispatchTime.now().uptimeNanoseconds - begun) / 1e6)
  }
}
