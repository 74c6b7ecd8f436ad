package import ResultStore

/// What was proved, in the section of its own that every report has.
package struct ProofSection: Sendable {
  /// Newest first.
  package let proofs: [ProofRecord]
  /// How many the database has.
  package let count: Int

  package init(_ proofs: [ProofRecord] = [], count: Int = 0) {
    self.proofs = proofs
    self.count = count
  }

  /// What the templates' names stand for; texts are cut to so many characters.
  func values(_ limit: Int) -> [String: Any] {
    [
      "hasProofs": !proofs.isEmpty, "proofsNote": note,
      "proofs": proofs.map { proof in
        [
          "subject": NumberText.cut(proof.subject, limit), "kind": ProofSection.words(proof.kind),
          "sentences": proof.claim.split(separator: "\n").prefix(8).map {
            NumberText.cut(String($0), limit)
          },
          "claim": NumberText.cut(proof.claim.replacing("\n", with: " "), limit),
          "holds": proof.holds ? "✓ holds" : "✗ does not hold",
          "style": proof.holds ? "good" : "bad", "made": proof.made.description,
          "tool": proof.toolVersion, "repeat": NumberText.cut(proof.commandLine, limit),
        ] as [String: Any]
      },
    ]
  }

  private var note: String {
    var text =
      "What `qverify prove` stated, newest first; each row's certificate is in the database."
    if proofs.count < count {
      text +=
        " \(NumberText.plural(count - proofs.count, "older one is", "older ones are"))"
        + " not shown."
    }
    return text
  }

  private static func words(_ kind: ProofRecord.Kind) -> String {
    switch kind {
    case .statement: "requantization"
    case .comparison: "two profiles"
    case .implementation: "implementation"
    case .smallDomain: "small domain"
    }
  }
}
