package import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// The bins that can be met when certain profiles are asked for certain types: what 100 % is.
package struct CoverModel: Sendable {
  package let groups: [CoverGroup]
  /// Where the bins of each group begin, and after the last where they all end.
  package let offsets: [Int]
  /// Of every combination of every group: whether it can be met.
  private let isPossible: [Bool]
  /// Of each group the combinations that can be met, and their names.
  package let possible: [[Int]]
  package let names: [[String]]
  /// Of those that cannot: why, as a place in ``reasons``; −1 of the others.
  private let reason: [Int]
  package let reasons: [String]
  /// The rules that combinations were tried with.
  package let rules: [(profile: Profile, rule: ProfileRule)]

  /// - Parameter rules: the profiles in question, each with the rules in question.
  package init(_ rules: [(profile: Profile, rules: [ProfileRule])]) {
    let groups = CoverGroup.all
    self.groups = groups
    offsets = groups.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.size) }
    let candidates = rules.flatMap { profile, rules in rules.map { (profile, $0) } }
    self.rules = candidates
    let tried = candidates.map { profile, rule in
      CoverRule(profile, rule, Exclusion.all.filter { $0.applies(profile, rule) })
    }
    var reasons: [String] = []
    var isPossible: [Bool] = []
    var reason: [Int] = []
    for group in groups {
      for index in 0..<group.size {
        let values = group.combination(index)
        let found = CoverModel.exclusion(group, values, tried)
        isPossible.append(found == nil)
        guard let found else {
          reason.append(-1)
          continue
        }
        if let known = reasons.firstIndex(of: found) {
          reason.append(known)
        } else {
          reason.append(reasons.count)
          reasons.append(found)
        }
      }
    }
    (self.isPossible, self.reason, self.reasons) = (isPossible, reason, reasons)
    let offsets = offsets
    possible = groups.indices.map { group in
      (0..<groups[group].size).filter { isPossible[offsets[group] + $0] }
    }
    names = zip(groups, possible).map { group, bins in bins.map { group.binName($0) } }
  }

  /// `nil` where some rule leaves the combination possible; else the reason of the last rule that
  /// has the profile and the types in question.
  private static func exclusion(
    _ group: CoverGroup, _ values: [Int], _ rules: [CoverRule]
  ) -> String? {
    var reason: String?
    for rule in rules {
      switch rule.exclusion(group, values) {
      case .possible: return nil
      case .excluded(let why): reason = why
      case .other: break
      }
    }
    return reason ?? "no profile that is asked for has these types"
  }

  /// Every combination that can be met, in order: group, and index in the group.
  package var targets: [(group: Int, index: Int)] {
    possible.enumerated().flatMap { group, bins in bins.map { (group, $0) } }
  }

  /// Why combination `index` of a group cannot be met; `nil` where it can.
  package func exclusion(group: Int, _ index: Int) -> String? {
    let place = reason[offsets[group] + index]
    return place < 0 ? nil : reasons[place]
  }

  /// The rules under which a combination is possible.
  package func rules(group: Int, _ index: Int) -> [(profile: Profile, rule: ProfileRule)] {
    let values = groups[group].combination(index)
    return rules.filter { profile, rule in
      let tried = CoverRule(profile, rule, Exclusion.all.filter { $0.applies(profile, rule) })
      if case .possible = tried.exclusion(groups[group], values) { return true }
      return false
    }
  }
}

/// A rule with what it excludes.
private struct CoverRule {
  private let profile: Int
  private let types: Int
  private let exclusions: [Exclusion]

  enum Finding {
    case possible
    case excluded(String)
    /// Of another profile or of other types.
    case other
  }

  init(_ profile: Profile, _ rule: ProfileRule, _ exclusions: [Exclusion]) {
    self.profile = Profiles.all.firstIndex { $0.name == profile.name } ?? -1
    types = CoverPoint.triples.firstIndex(of: rule.types) ?? -1
    self.exclusions = exclusions
  }

  func exclusion(_ group: CoverGroup, _ values: [Int]) -> Finding {
    for (point, value) in zip(group.points, values) {
      if point == .profile, value != profile { return .other }
      if point == .types, value != types { return .other }
    }
    for exclusion in exclusions where exclusion.excludes(group, values) {
      return .excluded(exclusion.reason)
    }
    return .possible
  }
}
