import Diagnosis
import Hypotheses
import ResultStore
import Verification

/// What `check` concluded of one implementation, as the database keeps it.
///
/// It was held against failing and passing cases, and confirmed by further ones; `explain` and `shrink`
/// see less, and repeat it.
struct StoredConclusion {
  private let run: RunID
  private let causes: [CauseRecord]

  /// - Returns: `nil` where the run has none: it was interrupted, or found no wrong output.
  /// - Throws: a ``Failure`` where the database cannot be read.
  init?(_ run: StoredRun, _ implementation: String, _ database: String) throws {
    do throws(StoreError) {
      let store = try ResultStore(path: database, create: false)
      causes = try store.causes(run.id).filter { $0.implementation == implementation }
    } catch {
      throw Failure(error)
    }
    self.run = run.id
    guard !causes.isEmpty else { return nil }
  }

  /// The causes for programs.
  var items: [CheckDocument.Cause] { causes.map { CheckDocument.Cause($0) } }

  /// Whether causes were found that predict every output.
  var isExplained: Bool { causes.first?.conclusion == .explains }

  /// Whether its causes are in words of another version, from which nothing can be computed.
  var isOutdated: Bool {
    isExplained && causes.allSatisfy { Hypothesis.named($0.cause).isEmpty }
  }

  /// The cause that predicts every output of a case, the most plausible first.
  func cause(of evidence: Evidence) -> Hypothesis? {
    guard isExplained else { return nil }
    return causes.lazy.flatMap { Hypothesis.named($0.cause) }.first { $0.explains(evidence) }
  }

  /// The conclusion in lines, with what it says of one case; `nil` where its outputs were not stored
  /// whole. The text begins at a column of its own.
  func lines(of own: Evidence?, indent: Int) -> [String] {
    let space = String(repeating: " ", count: indent)
    let title = "CAUSE".padding(indent)
    guard isExplained, let first = causes.first else {
      var lines = [title + "unexplained: check found no known cause in run \(run)"]
      for cause in causes where cause.conclusion == .nearest {
        lines.append("\(space)nearest: \(cause.cause)")
        lines.append("\(space)  \(Diagnosis.sentence(Score(cause)))")
      }
      return lines
    }
    var lines = [title + first.cause]
    lines.append("\(space)as check found it in run \(run), from failing and passing cases:")
    lines.append("\(space)\(Diagnosis.sentence(Score(first)))")
    lines += Diagnosis.reservations(first.cause).map { space + $0 }
    lines += Diagnosis.others(causes.dropFirst().map(\.cause)).map { space + $0 }
    if let own { lines += self.own(own, first).map { space + $0 } }
    return lines
  }

  /// How many wrong outputs of a case the first cause predicts.
  private func own(_ evidence: Evidence, _ first: CauseRecord) -> [String] {
    let scores = Hypothesis.named(first.cause).compactMap { $0.score(evidence) }
    guard let score = scores.max(by: { $0.explained < $1.explained }), score.wrong > 0 else {
      return []
    }
    let text = "of this case: \(grouped(score.explained)) of \(grouped(score.wrong)) wrong outputs"
    return [
      score.explained == score.wrong || score.undecided > 0
        ? text : text + "; the others have another cause"
    ]
  }
}

extension Score {
  /// The counts that were stored.
  init(_ record: CauseRecord) {
    self.init(
      explained: record.explained, wrong: record.wrong, contradicted: record.contradicted,
      right: record.right)
  }
}

extension String {
  /// The text with spaces up to a column.
  fileprivate func padding(_ width: Int) -> String {
    self + String(repeating: " ", count: max(1, width - count))
  }
}
