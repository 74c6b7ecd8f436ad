import ResultStore
package import Verdicts

/// What a run has met of the bins of coverage, for a reader.
package struct CoverageReport: Sendable {
  package struct Group: Sendable {
    package let name: String
    package let share: CoverageShare
    /// The first of them.
    package let holes: [String]
    /// Holes that are not named.
    package let holesOmitted: Int
  }

  package let total: CoverageShare
  /// Those with holes first, the most open one first of all.
  package let groups: [Group]

  package var isEmpty: Bool { groups.isEmpty }

  init(_ stored: [StoredCoverage], holes limit: Int) {
    let groups = stored.filter { $0.bins > 0 }.map { group in
      Group(
        name: group.group, share: CoverageShare(covered: group.covered, bins: group.bins),
        holes: Array(group.holes.prefix(limit)),
        holesOmitted: max(0, group.holes.count - limit))
    }
    let open = groups.filter { $0.share.covered < $0.share.bins }.sorted {
      $0.share.bins - $0.share.covered > $1.share.bins - $1.share.covered
    }
    self.groups = open + groups.filter { $0.share.covered == $0.share.bins }
    total = CoverageShare(
      covered: stored.reduce(0) { $0 + $1.covered }, bins: stored.reduce(0) { $0 + $1.bins })
  }

  /// `1,834 of 1,902 bins met, 96.4 %`
  var sentence: String {
    "\(NumberText.count(total.covered)) of \(NumberText.count(total.bins)) bins met,"
      + " \(total.percent)"
  }
}

/// Vacuous cases of an implementation, for a reader.
struct VacuityText {
  let text: String

  init(_ report: ImplementationReport) {
    let (vacuous, cases) = (report.totals.vacuous, report.totals.cases)
    guard vacuous > 0, cases > 0 else {
      text = "no case is vacuous"
      return
    }
    var classes: [String: Int] = [:]
    for group in report.groups {
      for row in group.rows where row.counts.vacuous > 0 {
        classes[row.caseClass, default: 0] += row.counts.vacuous
      }
    }
    let parts = classes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.key) \(NumberText.count($0.value))" }
    let tenths = vacuous * 1_000 / cases
    text =
      "\(NumberText.count(vacuous)) of \(NumberText.count(cases)) cases are vacuous"
      + " (\(tenths / 10).\(tenths % 10) %)"
      + (parts.isEmpty ? "" : ": \(parts.joined(separator: ", "))")
  }
}
