import Verdicts

/// Who agrees with whom, for a run of several implementations.
enum AgreementText {
  /// A matrix of the cases on which two implementations differ, of those that both answered, and the
  /// groups within which nobody ever differs.
  static func lines(_ agreement: Agreement, _ names: [String]) -> [String] {
    guard names.count > 1 else { return [] }
    var rows = [["differ / compared"] + names]
    for (one, name) in names.enumerated() {
      rows.append(
        [name]
          + names.indices.map { other in
            guard one != other else { return "." }
            let counts = agreement.pairs[Agreement.Pair(one, other)] ?? Agreement.Counts()
            return counts.compared == 0
              ? "-" : "\(grouped(counts.differing)) / \(grouped(counts.compared))"
          })
    }
    let clusters = agreement.clusters(of: names.count).filter { $0.count > 1 }.map { group in
      "{" + group.map { names[$0] }.joined(separator: ", ") + "}"
    }
    return [
      "", "agreement of the outputs, in cases",
    ] + Columns.aligned(rows, leading: [0]).map { "  " + $0 } + [
      clusters.isEmpty
        ? "  no two of them always agree" : "  always agree: \(clusters.joined(separator: " "))"
    ]
  }
}
