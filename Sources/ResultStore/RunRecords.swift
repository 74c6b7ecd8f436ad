package import Verdicts

/// The number of a run in its database; it means nothing in another one.
package struct RunID: Hashable, Comparable, Sendable, CustomStringConvertible {
  package let rawValue: Int64

  package init(rawValue: Int64) { self.rawValue = rawValue }

  package var description: String { String(rawValue) }

  package static func < (left: RunID, right: RunID) -> Bool { left.rawValue < right.rawValue }
}

/// How far a run has come.
///
/// A process that is killed leaves its run `running`.
package enum RunStatus: String, CaseIterable, Sendable {
  case running, finished, interrupted, failed
}

/// A file of vectors that a run was judged from.
package struct VectorsFile: Hashable, Sendable {
  /// As it was named on the command line.
  package var name: String
  /// Of all its bytes, 64 lower-case hexadecimal digits.
  package var sha256: String

  package init(name: String, sha256: String) {
    (self.name, self.sha256) = (name, sha256)
  }
}

/// What is known of a run when it begins: everything that is needed to repeat it.
package struct RunRecord: Hashable, Sendable {
  /// Names the run across databases: 36 lower-case characters, as ``randomUUID()`` makes them.
  package var uuid: String
  package var started: UTCTime
  /// The whole command, quoted so that a shell can run it again.
  package var commandLine: String
  package var toolVersion: String
  /// A change of what is generated raises this number.
  package var generatorVersion: Int
  /// Text, because seeds of 64 bits do not survive most readers' numbers.
  package var seed: String
  /// The options that choose cases, in their one canonical form.
  package var selection: String
  /// Cases to be sent to each implementation; nil when a duration was asked for.
  package var plannedCases: Int?
  /// The conformance asked for; nil when the profile claimed decides.
  package var conformance: String?
  /// Empty when the cases were generated in place.
  package var vectors: [VectorsFile]
  /// The caller's own `--label key=value`.
  package var labels: [String: String]
  /// The machine: `os`, `cpu`, `cpuFeatures`, `cores`, `swift` and what else is known.
  package var environment: [String: String]

  package init(
    uuid: String = Self.randomUUID(), started: UTCTime, commandLine: String, toolVersion: String,
    generatorVersion: Int, seed: String, selection: String, plannedCases: Int? = nil,
    conformance: String? = nil, vectors: [VectorsFile] = [], labels: [String: String] = [:],
    environment: [String: String] = [:]
  ) {
    (self.uuid, self.started, self.commandLine) = (uuid, started, commandLine)
    (self.toolVersion, self.generatorVersion) = (toolVersion, generatorVersion)
    (self.seed, self.selection, self.plannedCases) = (seed, selection, plannedCases)
    (self.conformance, self.vectors) = (conformance, vectors)
    (self.labels, self.environment) = (labels, environment)
  }

  /// A random (version 4) UUID, RFC 9562, in lower case.
  package static func randomUUID() -> String {
    var generator = SystemRandomNumberGenerator()
    let high = generator.next() & 0xFFFF_FFFF_FFFF_0FFF | 0x4000
    let low = generator.next() & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000
    var text = ""
    for (index, half) in [high, low].enumerated() {
      for nibble in 0..<16 {
        let place = index * 16 + nibble
        if place == 8 || place == 12 || place == 16 || place == 20 { text += "-" }
        text += String(half >> UInt64(60 - nibble * 4) & 15, radix: 16)
      }
    }
    return text
  }
}

/// One implementation under test, as a run met it.
package struct ImplementationRecord: Hashable, Sendable {
  /// Unique within the run.
  package var name: String
  package var version: String
  /// `builtIn`, `library`, `command`, `answers`, or a kind that is added later.
  package var kind: String
  /// Of its library, program or file; empty for what is built in.
  package var path: String
  /// Its claims as JSON, as in its hello line; empty for none.
  package var claims: String

  package init(
    name: String, version: String = "", kind: String, path: String = "", claims: String = ""
  ) {
    (self.name, self.version, self.kind) = (name, version, kind)
    (self.path, self.claims) = (path, claims)
  }
}

/// Whether every output was bit-exact with the profile claimed.
package enum ProfileResult: String, CaseIterable, Sendable {
  case bitExact, notBitExact
  /// No profile was claimed, or nothing could be compared with it.
  case notClaimed
}

/// How a run ended.
package struct RunEnd: Sendable {
  /// `finished`, `interrupted` or `failed`.
  package var status: RunStatus
  package var finished: UTCTime
  /// The exit status of the command, 0 … 255.
  package var exitStatus: Int
  /// By the implementations' names; those left out keep no result.
  package var profileResults: [String: ProfileResult]
  /// Counts and failures that belong to no range of cases: answers without a case, cases that were
  /// not reached.
  ///
  /// Its `ranges` are left empty.
  package var remainder: BatchResult

  package init(
    status: RunStatus, finished: UTCTime, exitStatus: Int,
    profileResults: [String: ProfileResult] = [:], remainder: BatchResult = BatchResult()
  ) {
    (self.status, self.finished, self.exitStatus) = (status, finished, exitStatus)
    (self.profileResults, self.remainder) = (profileResults, remainder)
  }
}

/// A run as the database has it.
package struct StoredRun: Hashable, Sendable {
  package let id: RunID
  package let record: RunRecord
  package let status: RunStatus
  /// Nil while it runs, or when its process was killed.
  package let finished: UTCTime?
  package let exitStatus: Int?
  /// Of all the judges' checks of each other; above 0, qverify itself is at fault.
  package let judgesDisagree: Int

  package init(
    id: RunID, record: RunRecord, status: RunStatus, finished: UTCTime?, exitStatus: Int?,
    judgesDisagree: Int
  ) {
    (self.id, self.record, self.status) = (id, record, status)
    (self.finished, self.exitStatus) = (finished, exitStatus)
    self.judgesDisagree = judgesDisagree
  }
}

/// An implementation of a stored run, with the results that ending the run gave it.
package struct StoredImplementation: Hashable, Sendable {
  package let record: ImplementationRecord
  package let profileResult: ProfileResult?
  /// The text of its ``AccuracyClass``; nil until the run has ended, or when no output was graded.
  package let accuracyClass: String?

  package init(
    record: ImplementationRecord, profileResult: ProfileResult?, accuracyClass: String?
  ) {
    (self.record, self.profileResult) = (record, profileResult)
    self.accuracyClass = accuracyClass
  }
}
