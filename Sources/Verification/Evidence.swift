import QuantizedLayers
package import TestCases

/// A case, and the output that an implementation gave for it: what a diagnosis is made from.
package struct Evidence: Sendable {
  /// Its place in the run.
  package let index: Int
  package let testCase: TestCase
  /// The arithmetic that the output was compared with.
  package let profile: String
  /// Elements, little-endian, row by row; as many as the layer has.
  package let output: [UInt8]

  package init(index: Int, testCase: TestCase, profile: String, output: [UInt8]) {
    self.index = index
    self.testCase = testCase
    self.profile = profile
    self.output = output
  }

  /// Elements of all tensors.
  var size: Int { testCase.layer.input.data.count + testCase.layer.weights.data.count + output.count }
}

/// The failing and some of the passing cases of one implementation.
///
/// What is kept is a function of the cases alone, not of the order in which they are judged: of every
/// class the first few in the order of their places, as long as they are not large.
package struct EvidenceSample: Sendable {
  package private(set) var failing: [Evidence] = []
  package private(set) var passing: [Evidence] = []
  private var counts: [Key: [Int]] = [:]

  private struct Key: Hashable {
    let caseClass: String
    let profile: String
    let passes: Bool
  }

  /// Of one class and profile.
  private static let mostFailing = 6
  private static let mostPassing = 3
  /// Elements of all tensors of a case.
  private static let largest = 1 << 15
  private static let largestFailing = 1 << 18

  package init() {}

  /// A sample of what was seen, whole.
  package init(failing: [Evidence], passing: [Evidence] = []) {
    self.failing = failing
    self.passing = passing
  }

  /// Whether a case of this class would be kept.
  func wants(_ caseClass: String, _ profile: String, passes: Bool, _ index: Int) -> Bool {
    let kept = counts[Key(caseClass: caseClass, profile: profile, passes: passes)] ?? []
    let most = passes ? EvidenceSample.mostPassing : EvidenceSample.mostFailing
    return kept.count < most || index < kept[most - 1]
  }

  mutating func add(_ evidence: Evidence, passes: Bool) {
    // Whether a large case is kept depends on it alone, so that the order does not matter.
    guard evidence.size <= (passes ? EvidenceSample.largest : EvidenceSample.largestFailing) else {
      return
    }
    let caseClass = evidence.testCase.mainClass
    let key = Key(caseClass: caseClass, profile: evidence.profile, passes: passes)
    let most = passes ? EvidenceSample.mostPassing : EvidenceSample.mostFailing
    var kept = counts[key] ?? []
    guard kept.count < most || evidence.index < kept[most - 1] else { return }
    kept.append(evidence.index)
    kept.sort()
    let dropped = kept.count > most ? kept.removeLast() : nil
    counts[key] = kept
    if passes {
      passing.append(evidence)
      if let dropped { passing.removeAll { $0.index == dropped } }
    } else {
      failing.append(evidence)
      if let dropped { failing.removeAll { $0.index == dropped } }
    }
  }

  /// Adds what another sample has.
  mutating func add(_ other: EvidenceSample) {
    for evidence in other.failing { add(evidence, passes: false) }
    for evidence in other.passing { add(evidence, passes: true) }
  }

  /// The sample in the order of the cases.
  package var sorted: EvidenceSample {
    var sample = self
    sample.failing.sort { $0.index < $1.index }
    sample.passing.sort { $0.index < $1.index }
    return sample
  }
}
