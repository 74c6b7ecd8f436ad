package import QuantizedLayers
package import TestCases
package import Verdicts

/// What an implementation is asked. Of the case, an implementation is told only what a blind line
/// holds: nothing that says what is expected.
package struct Request: Sendable {
  /// The case, with the arithmetic that this implementation is asked for.
  package let testCase: TestCase

  package var layer: RawLayer { testCase.layer }
  /// The arithmetic that is asked for.
  package var profile: String? { testCase.profile }

  package init(_ testCase: TestCase) { self.testCase = testCase }
}

/// What came back for one request.
package enum Answer: Hashable, Sendable {
  /// Output elements, little-endian, row by row.
  case output([UInt8])
  /// The configuration must not be computed, it says.
  case refused(String)
  /// It cannot compute this, it says.
  case unsupported(String)
  /// Something else: an error of its own, a crash, a time-out, a malformed answer, …
  case failed(Outcome, String)
}

/// Something that came back and belongs to no open request: an answer to a case that was never
/// sent, or a second answer to one.
package struct Stray: Hashable, Sendable {
  /// The id that it names.
  package let id: String
  /// ``Outcome/extra`` or ``Outcome/duplicate``.
  package let outcome: Outcome
  package let message: String

  package init(id: String, outcome: Outcome, message: String) {
    self.id = id
    self.outcome = outcome
    self.message = message
  }
}

/// A kernel library, a runtime, a program or a recording that is judged.
package protocol Implementation: Sendable {
  /// What `--impl` takes and the store keeps.
  var name: String { get }
  var version: String { get }
  /// `builtIn`, `library`, `command` or `answers`.
  var kind: String { get }
  /// One line for `list implementations`.
  var summary: String { get }
  var claims: [Claim] { get }
  /// Why it cannot be started here; `nil` where it can.
  var unavailable: String? { get }
  /// Finds out what is known only of a running implementation: its version and its claims. Called
  /// once, before anything else is asked of it but its name and kind.
  ///
  /// - Throws: ``StartError``
  func prepare() throws(StartError)
  /// A session for one thread; sessions of one implementation run beside each other.
  ///
  /// - Throws: ``StartError``
  func start() throws(StartError) -> any Session
}

extension Implementation {
  package func prepare() throws(StartError) {
    if let unavailable { throw StartError(name: name, reason: unavailable) }
  }
}

/// One thread's connection to an implementation.
package protocol Session: AnyObject {
  /// Answers each request, in order: as many answers as requests, whatever the implementation does.
  ///
  /// The requests of one call are at most ``RequestWindow/cases`` and ``RequestWindow/bytes`` large,
  /// one larger request alone.
  func answer(_ requests: [Request]) -> [Answer]
  /// What came back besides since this was asked last.
  func takeStrays() -> [Stray]
  /// The accumulators that came beside the outputs of the last call of ``answer(_:)``, by the place of
  /// their request; for diagnosis, and never judged.
  func takeTaps() -> [Int: [Int64]]
  /// Ends the connection, and whatever was started for it. Called once.
  func close()
}

extension Session {
  package func takeStrays() -> [Stray] { [] }
  package func takeTaps() -> [Int: [Int64]] { [:] }
  package func close() {}
}

/// How much may be sent to an implementation before its answers are awaited.
package enum RequestWindow {
  package static let cases = 64
  /// Of the cases' lines, which are estimated.
  package static let bytes = 1 << 20
}

/// An implementation that could not be started.
package struct StartError: Error, Hashable, Sendable, CustomStringConvertible {
  package let name: String
  package let reason: String

  package init(name: String, reason: String) {
    self.name = name
    self.reason = reason
  }

  package var description: String { "implementation \(name) cannot be started: \(reason)" }
}

/// The implementations that are part of the program; nothing else enumerates them.
package enum BuiltInImplementations {
  package static let all: [any Implementation] =
    KernelImplementation.all + ReferenceImplementation.all

  package static func named(_ name: String) -> (any Implementation)? {
    all.first { $0.name == name }
  }
}
