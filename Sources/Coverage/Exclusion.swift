import Profiles

/// Why some bins cannot be met together: under which rules of which profiles, and for what reason.
///
/// A combination of bins is asked for if a rule of a profile that is in question leaves it possible.
package struct Exclusion: Sendable {
  package let reason: String
  /// A combination is excluded that has one of these bins of each of these points.
  package let bins: [(point: CoverPoint, bins: Set<Int>)]
  let applies: @Sendable (Profile, ProfileRule) -> Bool

  init(
    _ reason: String, _ bins: [(CoverPoint, [String])],
    where applies: @escaping @Sendable (Profile, ProfileRule) -> Bool = { _, _ in true }
  ) {
    self.reason = reason
    self.bins = bins.map { point, names in
      (point, Set(point.bins.indices.filter { names.contains(point.bins[$0]) }))
    }
    self.applies = applies
  }

  /// Whether it excludes a combination: `values` has a bin for each point of the group, in order.
  func excludes(_ group: CoverGroup, _ values: [Int]) -> Bool {
    bins.allSatisfy { point, bins in
      guard let place = group.points.firstIndex(of: point) else { return false }
      return bins.contains(values[place])
    }
  }
}
