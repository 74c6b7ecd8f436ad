/// What became of a wrong kernel.
package enum Fate: Hashable, Sendable {
  /// No case shows it. That it is right is not said.
  case survived
  case killed(Kill)
  /// It computes what is claimed for every layer of the domain, for this reason.
  case equivalent(String)

  /// Of a defect whose variants had these fates: it survives if one of them does.
  static func joined(_ fates: some Sequence<Fate>) -> Fate {
    var last: Kill?
    var reason = ""
    for fate in fates {
      switch fate {
      case .survived: return .survived
      case .killed(let kill): if kill.after > last?.after ?? 0 { last = kill }
      case .equivalent(let text): if reason.isEmpty { reason = text }
      }
    }
    return last.map { .killed($0) } ?? .equivalent(reason)
  }
}

/// The first case in which a wrong kernel gives another output.
package struct Kill: Hashable, Sendable {
  package let caseClass: String
  package let id: String
  /// Which of the cases of the target it was, from 1.
  package let after: Int
}

/// What became of the wrong kernels of one target.
package struct TargetScore: Sendable {
  package struct Judged: Hashable, Sendable {
    package let mutant: Mutant
    package let fate: Fate
  }

  package let target: MutationTarget
  /// Cases in the target's domain.
  package let cases: Int
  /// By place in the bank.
  package let fates: [Fate]
  package let mutants: [Judged]

  init(_ target: MutationTarget, cases: Int, fates: [Fate]) {
    self.target = target
    self.cases = cases
    self.fates = fates
    mutants = Mutant.all.map { mutant in
      Judged(mutant: mutant, fate: Fate.joined(mutant.variants.lazy.map { fates[$0] }))
    }
  }

  package var killed: [(mutant: Mutant, kill: Kill)] {
    mutants.compactMap { if case .killed(let kill) = $0.fate { ($0.mutant, kill) } else { nil } }
  }

  package var equivalent: [(mutant: Mutant, reason: String)] {
    mutants.compactMap {
      if case .equivalent(let reason) = $0.fate { ($0.mutant, reason) } else { nil }
    }
  }

  package var survivors: [Mutant] {
    mutants.compactMap { $0.fate == .survived ? $0.mutant : nil }
  }

  /// Killed among those that are not equivalent, in percent; 100 where there are none.
  package var percent: Double {
    let (killed, survived) = (killed.count, survivors.count)
    return killed + survived == 0 ? 100 : 100 * Double(killed) / Double(killed + survived)
  }

  /// First kills by class of case, the most first.
  package var classes: [(name: String, kills: Int)] {
    var counts: [String: Int] = [:]
    for (_, kill) in killed { counts[kill.caseClass, default: 0] += 1 }
    return counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { (name: $0.key, kills: $0.value) }
  }
}
