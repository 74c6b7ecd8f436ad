import Hypotheses
import Profiles
import QuantizedLayers
import TestCases

/// The wrong kernels of all targets of one type triple, numbered: target by target, each in the bank's
/// order.
struct WrongKernels: Sendable {
  let targets: [MutationTarget]
  /// Those that are not equivalent.
  let all: KillSet

  var count: Int { targets.count * Bank.all.count }

  init(_ targets: [MutationTarget]) {
    self.targets = targets
    var all = KillSet(targets.count * Bank.all.count)
    for (index, target) in targets.enumerated() {
      for (place, fate) in Equivalence(target).fates.enumerated() where fate == .survived {
        all[index * Bank.all.count + place] = true
      }
    }
    self.all = all
  }

  /// Those of `asked` that a case without a profile kills: it is put to every profile that defines it.
  /// With `profiles`, to these alone.
  func killed(by raw: RawLayer, among asked: KillSet, of profiles: Set<String>? = nil) -> KillSet {
    var killed = KillSet(count)
    guard let layer = try? raw.validated() else { return killed }
    for (index, target) in targets.enumerated()
    where target.covers(layer) && profiles?.contains(target.profile.name) ?? true {
      let first = index * Bank.all.count
      let places = Bank.all.indices.filter { asked[first + $0] }
      guard !places.isEmpty, let subject = try? Subject(layer, target.profile) else { continue }
      for place in places where subject.differs(from: place) { killed[first + place] = true }
    }
    return killed
  }
}
