/// One check of the judges against each other, such as "forms equal as rationals".
package struct Judgement: Hashable, Sendable {
  package var check: String
  package var checked: Int
  /// Of `checked`; each one is a defect of qverify.
  package var disagreements: Int

  package init(check: String, checked: Int, disagreements: Int) {
    (self.check, self.checked, self.disagreements) = (check, checked, disagreements)
  }
}
