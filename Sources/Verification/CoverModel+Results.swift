package import Coverage
package import Verdicts

extension CoverModel {
  /// What a table has met of the bins that can be met, group by group.
  package func results(_ table: CoverTable) -> [CoverageResult] {
    groups.indices.map { group in
      CoverageResult(
        group: groups[group].name, bins: names[group],
        isMet: possible[group].map { table[offsets[group] + $0] })
    }
  }
}
