package import ResultStore

/// The runs of one implementation in the order of time.
package struct Trend: Sendable {
  package let implementation: String
  package let points: [Point]
  /// Runs on the time axis, which all trends share.
  package let runs: Int
  /// The first and the last run's days.
  package let days: (first: String, last: String)

  package struct Point: Sendable {
    /// The run's place among all runs of the trend, from 0.
    package let place: Int
    package let summary: RunSummary
    /// The run that is reported on.
    package let isCurrent: Bool
    /// Against the implementation's run before; nil for no change, or for the first.
    package let change: Change?
  }

  package enum Change: String, Sendable { case better, worse, other }

  /// One trend for each implementation: those named first, in their order, then others by name.
  static func all(_ summaries: [RunSummary], first names: [String], current: RunID) -> [Trend] {
    var places: [RunID: Int] = [:]
    for summary in summaries where places[summary.run] == nil {
      places[summary.run] = places.count
    }
    let groups = Dictionary(grouping: summaries, by: \.implementation)
    let others = Set(groups.keys).subtracting(names).sorted()
    let days = (summaries.first?.started.day ?? "", summaries.last?.started.day ?? "")
    return (names + others).compactMap { name in
      guard let group = groups[name] else { return nil }
      var previous: RunSummary.Verdict?
      let points = group.map { summary in
        defer { previous = summary.verdict }
        return Point(
          place: places[summary.run] ?? 0, summary: summary, isCurrent: summary.run == current,
          change: change(from: previous, to: summary.verdict))
      }
      return Trend(implementation: name, points: points, runs: places.count, days: days)
    }
  }

  private static func change(
    from previous: RunSummary.Verdict?, to verdict: RunSummary.Verdict
  ) -> Change? {
    guard let previous, previous != verdict else { return nil }
    switch verdict {
    case .conforms: return .better
    case .fails, .judgesDisagree: return .worse
    case .nothingJudged, .unfinished: return .other
    }
  }
}
