import QuantizedLayers
package import TestCases

/// How much may be spent on making a case smaller.
package struct ShrinkLimits: Hashable, Sendable {
  /// Cases that are asked, at most.
  package var questions: Int
  /// Cases that are asked together.
  package var batch: Int
  /// Smaller cases that are found, at most: where each costs a time limit.
  package var steps: Int
  /// Whether accumulators and scales are looked for, beside those of the case, that fail as well. Of
  /// no use where the failure is no wrong number.
  package var seeksNumbers: Bool

  package init(
    questions: Int = 6_000, batch: Int = 64, steps: Int = .max, seeksNumbers: Bool = true
  ) {
    self.questions = max(1, questions)
    self.batch = max(1, batch)
    self.steps = max(0, steps)
    self.seeksNumbers = seeksNumbers
  }
}

/// Thrown by a predicate that cannot go on: the search ends with what it has.
package struct ShrinkStop: Error {
  package let reason: String

  package init(_ reason: String) { self.reason = reason }
}

/// What became of a case.
package struct Shrunk: Sendable {
  package let testCase: TestCase
  /// Cases that were asked.
  package let questions: Int
  /// Smaller cases that were found on the way, one after another.
  package let steps: Int
  /// What ended the search before every step was tried; `nil` where nothing did.
  package let stopped: String?
  /// What could not be made smaller, and what was tried: "N stays 9: …".
  package let remains: [String]
}

/// Makes a failing case smaller while it still fails.
///
/// Every step takes the case to one that is less by ``CaseSize``: fewer rows, channels and terms, fewer
/// parameters, operands at their zero points, simple scales, small numbers. The search ends where no
/// step of any pass leads to a case that fails; it is deterministic if the predicate is. Types,
/// operator and profile stay as they are. A legal layer stays legal and inside its profile's domain;
/// a layer that must be refused keeps its fault.
package struct Shrinker: Sendable {
  private let limits: ShrinkLimits
  private let admits: @Sendable (TestCase) -> Bool

  /// `admits` says which cases may be asked at all: those that the implementation claims.
  package init(
    limits: ShrinkLimits = ShrinkLimits(),
    admits: @escaping @Sendable (TestCase) -> Bool = { _ in true }
  ) {
    self.limits = limits
    self.admits = admits
  }

  /// Shrinks a case while `fails` says so, which is asked one case at a time.
  ///
  /// - Parameters:
  ///   - testCase: fails; that is not asked again.
  ///   - focus: an output that is wrong, `row · channels + channel`, to begin with.
  ///   - fails: whether a case fails in the same way.
  /// - Returns: the least case that was found.
  /// - Throws: what `fails` throws, but for ``ShrinkStop``.
  package func shrink(
    _ testCase: TestCase, focus: Int? = nil, while fails: @escaping (TestCase) throws -> Bool
  ) throws -> Shrunk {
    try shrinkTogether(testCase, focus: focus) { cases in try cases.map { try fails($0) } }
  }

  /// The same with a predicate over several cases at once, as many as ``ShrinkLimits/batch``.
  package func shrinkTogether(
    _ testCase: TestCase, focus: Int? = nil,
    whileEach fails: @escaping ([TestCase]) throws -> [Bool]
  ) throws -> Shrunk {
    let search = ShrinkSearch(testCase, focus: focus, limits, admits, fails)
    var stopped: String?
    do {
      try search.run()
    } catch let stop as ShrinkStop {
      stopped = stop.reason
    }
    return Shrunk(
      testCase: search.current, questions: search.questions, steps: search.steps,
      stopped: stopped, remains: stopped == nil ? search.remains : [])
  }
}
