package import Verdicts

/// The checks of the judges against each other. A disagreement is a defect of qverify, never the
/// implementation's.
package enum JudgeCheck: Int, CaseIterable, Sendable {
  case rationalForms
  case oracleIntegers
  case floatForms
  case referenceBound
  case exactReference
  case refusals
  case recordedExpectation

  /// What is compared with what, as the store and the report have it.
  package var title: String {
    switch self {
    case .rationalForms: "forms F1 to F5 equal as rational numbers"
    case .oracleIntegers: "exact oracle's decision equal to rational arithmetic"
    case .floatForms: "float64 forms within their bound of the exact value"
    case .referenceBound: "integer reference within its bound of the exact value"
    case .exactReference: "reference of exact profiles equal to the exact oracle"
    case .refusals: "invalid cases refused for the fault they were made for"
    case .recordedExpectation: "recorded expectations equal to the reference"
    }
  }
}

/// What the checks of the judges have found so far.
package struct JudgeLog: Sendable {
  package private(set) var checked: [Int]
  package private(set) var disagreements: [Int]
  /// The first few disagreements in words.
  package private(set) var messages: [String] = []

  package static let messageLimit = 20

  package init() {
    checked = Array(repeating: 0, count: JudgeCheck.allCases.count)
    disagreements = checked
  }

  mutating func count(_ check: JudgeCheck, _ number: Int = 1) { checked[check.rawValue] &+= number }

  mutating func disagree(_ check: JudgeCheck, _ message: @autoclosure () -> String) {
    disagreements[check.rawValue] &+= 1
    if messages.count < JudgeLog.messageLimit { messages.append("\(check.title): \(message())") }
  }

  /// Adds what another log has and forgets it there.
  mutating func take(_ other: inout JudgeLog) {
    for index in checked.indices {
      checked[index] &+= other.checked[index]
      disagreements[index] &+= other.disagreements[index]
    }
    messages += other.messages.prefix(max(0, JudgeLog.messageLimit - messages.count))
    other = JudgeLog()
  }

  package var totalDisagreements: Int { disagreements.reduce(0, &+) }

  /// The checks that were made.
  package var judgements: [Judgement] {
    JudgeCheck.allCases.compactMap { check in
      let count = checked[check.rawValue]
      guard count > 0 || disagreements[check.rawValue] > 0 else { return nil }
      return Judgement(
        check: check.title, checked: count, disagreements: disagreements[check.rawValue])
    }
  }
}
