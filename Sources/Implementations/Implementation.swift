package import QuantizedLayers
package import TestCases
package import Verdicts

/// What an implementation is asked: there is nothing here that tells it what is expected.
package struct Request: Sendable {
  package let layer: RawLayer
  /// The arithmetic that is asked for.
  package let profile: String?

  package init(_ testCase: TestCase) {
    layer = testCase.layer
    profile = testCase.profile
  }
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
  /// A session for one thread; sessions of one implementation run beside each other.
  ///
  /// - Throws: ``StartError``
  func start() throws(StartError) -> any Session
}

/// One thread's connection to an implementation.
package protocol Session: AnyObject {
  /// Answers each request, in order.
  func answer(_ requests: [Request]) -> [Answer]
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
