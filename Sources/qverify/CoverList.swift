import Coverage
import Foundation
import Profiles

/// `list cover`: every group of bins, and why some bins are excluded.
struct CoverList {
  private let model = CoverModel(Profiles.all.map { ($0, $0.rules) })

  struct Bin: Codable {
    let name: String
    /// Why no case can meet it; absent where one can.
    let excluded: String?
  }

  struct Group: Codable {
    let group: String
    let summaries: [String: String]
    let bins: [Bin]
  }

  private var groups: [Group] {
    model.groups.enumerated().map { number, group in
      Group(
        group: group.name,
        summaries: Dictionary(
          uniqueKeysWithValues: group.points.map { ($0.name, $0.summary) }),
        bins: (0..<group.size).map {
          Bin(name: group.binName($0), excluded: model.exclusion(group: number, $0))
        })
    }
  }

  var json: String {
    PrettyJSON.text(groups)
  }

  /// A group, its bins (of a cross only how many), and for every reason how many are excluded.
  var text: String {
    groups.flatMap { group -> [String] in
      let possible = group.bins.filter { $0.excluded == nil }
      var lines = [group.group]
      if group.summaries.count == 1, let summary = group.summaries.values.first {
        lines.append("  summary: \(summary)")
        lines.append("  bins: \(possible.map(\.name).joined(separator: " | "))")
      } else {
        lines.append("  bins: \(possible.count) combinations")
      }
      var reasons: [(reason: String, count: Int)] = []
      for bin in group.bins {
        guard let reason = bin.excluded else { continue }
        if let place = reasons.firstIndex(where: { $0.reason == reason }) {
          reasons[place].count += 1
        } else {
          reasons.append((reason, 1))
        }
      }
      return lines + reasons.map { "  excluded: \($0.count), since \($0.reason)" }
    }.joined(separator: "\n")
  }
}
