import CaseGeneration
import Verdicts

/// Coverage and vacuous cases in words, for the end of a check.
enum CoverageText {
  /// Groups with holes that are shown.
  private static let groups = 12
  /// Holes of each that are named.
  private static let holes = 3

  /// The total, the groups that lack something with their first holes, and how many are complete.
  static func lines(_ coverage: [CoverageResult]) -> [String] {
    guard !coverage.isEmpty else { return [] }
    let total = CoverageShare(coverage)
    var lines = [
      "coverage \(grouped(total.covered)) of \(grouped(total.bins)) bins met, \(total.percent)"
    ]
    let open = coverage.filter { $0.covered < $0.bins.count }
      .sorted { $0.bins.count - $0.covered > $1.bins.count - $1.covered }
    let rows = open.prefix(groups).map { group in
      let holes = group.holes
      let named = holes.prefix(Self.holes).joined(separator: "; ")
      let more = holes.count > Self.holes ? "; and \(grouped(holes.count - Self.holes)) more" : ""
      return [
        "           \(group.group)",
        "\(grouped(group.covered)) of \(grouped(group.bins.count))",
        CoverageShare([group]).percent, "not met: \(named)\(more)",
      ]
    }
    lines += Columns.aligned(rows, leading: [0, 3])
    if open.count > groups {
      lines.append("           and \(open.count - groups) more groups with holes: --json has all")
    }
    let complete = coverage.count { $0.covered == $0.bins.count && !$0.bins.isEmpty }
    if complete > 0 { lines.append("           100 % of \(complete) groups") }
    return lines
  }

  /// `31 of 8,750 cases are vacuous (0.3 %): random 28, cover 3`
  static func vacuous(_ results: CheckResults, _ name: String) -> [String] {
    let counts = results.total { $0.implementation == name }
    guard counts.outputs > 0 else { return [] }
    guard counts.vacuous > 0 else {
      return ["no case is vacuous: of each, some change of one element changes an output"]
    }
    var classes: [String: Int] = [:]
    for (key, counts) in results.tallies where key.implementation == name && counts.vacuous > 0 {
      classes[key.caseClass, default: 0] += counts.vacuous
    }
    let parts = classes.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { "\($0.key) \(grouped($0.value))" }
    let tenths = counts.vacuous * 1_000 / max(counts.cases, 1)
    return [
      "\(grouped(counts.vacuous)) of \(grouped(counts.cases)) cases are vacuous"
        + " (\(tenths / 10).\(tenths % 10) %): \(parts.joined(separator: ", "))"
    ]
  }
}
