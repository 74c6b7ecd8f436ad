package import Implementations

/// `qverify.yaml`: implementations by name.
package struct ConfigurationFile: Sendable {
  /// What one implementation may take; `nil`: what is usual for its kind.
  package struct Limits: Hashable, Sendable {
    /// One case.
    package var seconds: Double?
    /// The whole process.
    package var memoryMiB: Int?
    /// After so many restarts no more cases are sent.
    package var restarts: Int?
  }

  /// How an implementation is reached.
  package enum Kind: Hashable, Sendable {
    /// A shared library's path.
    case library(path: String)
    /// A program with its arguments, and what is added to its environment.
    case command(run: [String], environment: [String: String])
    /// A file of answers.
    case answers(file: String)

    package var name: String {
      switch self {
      case .library: "library"
      case .command: "command"
      case .answers: "answers"
      }
    }
  }

  package struct Entry: Sendable {
    package var name: String
    package var kind: Kind
    /// In place of what the implementation says of itself.
    package var claims: [Claim]?
    package var limits = Limits()
  }

  package let path: String
  /// The folder of the file: paths are relative to it, programs run in it.
  package let folder: String
  /// In the order of the file.
  package let entries: [Entry]

  package func entry(_ name: String) -> Entry? { entries.first { $0.name == name } }

  /// A path of the file as seen from this process's working folder.
  package func resolved(_ path: String) -> String {
    path.hasPrefix("/") || folder == "." ? path : "\(folder)/\(path)"
  }
}

/// A configuration file that cannot be used: one line saying where, what, and what was expected.
package struct ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String

  init(_ path: String, line: Int?, _ reason: String) {
    description = path + (line.map { ", line \($0)" } ?? "") + ": \(reason)"
  }
}
