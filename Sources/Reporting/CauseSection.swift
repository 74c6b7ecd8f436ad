package import ResultStore

/// Why outputs are wrong, in a section of its own.
package struct CauseSection: Sendable {
  package let causes: [CauseRecord]

  package init(_ causes: [CauseRecord]) { self.causes = causes }

  /// What the templates' names stand for; texts are cut to so many characters.
  func values(_ limit: Int) -> [String: Any] {
    [
      "hasCauses": !causes.isEmpty,
      "causes": causes.prefix(60).map { cause in
        [
          "name": NumberText.cut(cause.implementation, limit),
          "conclusion": CauseSection.words(cause.conclusion),
          "style": cause.conclusion == .explains ? "good" : "bad",
          "cause": cause.cause.isEmpty
            ? "no known cause predicts every output" : NumberText.cut(cause.cause, limit),
          "explained": "\(NumberText.count(cause.explained)) of \(NumberText.count(cause.wrong))",
          "contradicted":
            "\(NumberText.count(cause.contradicted)) of \(NumberText.count(cause.right))",
        ] as [String: Any]
      },
    ]
  }

  private static func words(_ conclusion: CauseRecord.Conclusion) -> String {
    switch conclusion {
    case .explains: "explains it"
    case .nearest: "nearest"
    case .unexplained: "unexplained"
    }
  }
}
