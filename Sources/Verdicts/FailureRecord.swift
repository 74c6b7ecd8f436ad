/// One failing case, whole: enough to repeat it without the generator.
package struct FailureRecord: Hashable, Sendable {
  package var implementation: String
  package var caseID: String
  /// The case's place in its run, from 0; nil for an answer without a case.
  package var caseIndex: Int?
  package var operatorName: String
  package var types: String
  package var profile: String
  package var classes: [String]
  package var outcome: Outcome
  /// The first differing output element, row by row; nil where no outputs were compared.
  package var elementIndex: Int?
  package var expected: Int?
  package var got: Int?
  /// The exact value at that element before the zero point is added, as a fraction.
  package var exact: String?
  package var differingElements: Int
  package var comparedElements: Int
  package var message: String
  /// The whole case as a JSON line.
  package var caseLine: String
  /// What came back, as text; empty for nothing.
  package var answer: String
  /// The shell command that repeats this case alone.
  package var repeatCommand: String

  package init(
    implementation: String, caseID: String, caseIndex: Int? = nil, operatorName: String,
    types: String, profile: String, classes: [String], outcome: Outcome,
    elementIndex: Int? = nil, expected: Int? = nil, got: Int? = nil, exact: String? = nil,
    differingElements: Int = 0, comparedElements: Int = 0, message: String = "",
    caseLine: String = "", answer: String = "", repeatCommand: String = ""
  ) {
    (self.implementation, self.caseID, self.caseIndex) = (implementation, caseID, caseIndex)
    (self.operatorName, self.types, self.profile) = (operatorName, types, profile)
    (self.classes, self.outcome, self.elementIndex) = (classes, outcome, elementIndex)
    (self.expected, self.got, self.exact) = (expected, got, exact)
    self.differingElements = differingElements
    self.comparedElements = comparedElements
    (self.message, self.caseLine) = (message, caseLine)
    (self.answer, self.repeatCommand) = (answer, repeatCommand)
  }
}
