import FailurePatterns

/// What `explain` says, for programs.
struct ExplainDocument: Encodable {
  /// A stored failure: what came, where the wrong outputs lie, and why.
  struct FailureItem: Encodable {
    let run: Int64?
    let caseID: String
    let implementation: String
    let outcome: String
    let message: String
    /// Over all stored failures of the implementation in the run.
    let pattern: FailurePattern
    /// As check found them in the run; empty where it found none, or was interrupted.
    let causes: [CheckDocument.Cause]
  }

  let title: String
  let profile: String
  /// `null` where nothing failed: a file of cases, or options.
  let failure: FailureItem?
  /// row · channels + channel
  let outputIndex: Int
  /// What the profile computes; `null` of a configuration that is no layer, or outside its domain.
  let expected: Int64?
  /// What came; `null` where nothing was compared.
  let got: Int64?
  /// The forms and steps, as text.
  let text: [String]

  private enum CodingKeys: CodingKey {
    case title, profile, failure, outputIndex, expected, got, text
  }

  /// Every key is there, with `null` where there is nothing.
  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(title, forKey: .title)
    try container.encode(profile, forKey: .profile)
    try container.encode(failure, forKey: .failure)
    try container.encode(outputIndex, forKey: .outputIndex)
    try container.encode(expected, forKey: .expected)
    try container.encode(got, forKey: .got)
    try container.encode(text, forKey: .text)
  }
}
