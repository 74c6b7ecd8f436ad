package import Implementations

/// How a program that speaks the line format is started, and what it is allowed.
package struct CommandConfiguration: Sendable {
  package var name: String
  /// The program and its arguments; a program without a slash is looked up in PATH.
  package var run: [String]
  /// Added to this process's environment.
  package var environment: [String: String]
  /// `nil`: the working folder of this process.
  package var folder: String?
  /// In place of the claims in the program's hello line.
  package var claims: [Claim]?
  /// What one case may take.
  package var secondsPerCase: Double
  /// Of address space, for the whole process; `nil`: not limited.
  package var memoryMiB: Int?
  /// After so many restarts, counted over all threads, no more cases are sent.
  package var restarts: Int
  /// What the hello line may take, after every start.
  package var helloSeconds = 10.0

  package static let defaultSeconds = 5.0
  package static let defaultRestarts = 100
  /// After so many restarts in a row that cost a time limit and brought no answer, no more are made.
  package static let vainRestarts = 20

  package init(
    name: String, run: [String], environment: [String: String] = [:], folder: String? = nil,
    claims: [Claim]? = nil, secondsPerCase: Double = defaultSeconds, memoryMiB: Int? = nil,
    restarts: Int = defaultRestarts
  ) {
    self.name = name
    self.run = run
    self.environment = environment
    self.folder = folder
    self.claims = claims
    self.secondsPerCase = secondsPerCase
    self.memoryMiB = memoryMiB
    self.restarts = restarts
  }
}
