import Coverage
import Oracles
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Synchronization
import TestCases

/// The bins that the cases of a selection can meet; found when they are first asked for.
final class CoverTargets: Sendable {
  private let selection: Selection
  private let found = Mutex<CoverModel?>(nil)

  init(_ selection: Selection) { self.selection = selection }

  var model: CoverModel {
    found.withLock { found in
      if let found { return found }
      let model = CoverModel(selection.profilesWithRules)
      found = model
      return model
    }
  }
}

extension CaseGenerator {
  /// Cases from this index on aim at coverage. No count of other cases comes so far.
  package static let firstCoverIndex: UInt64 = 1 << 40

  /// Builds the case until it meets its bin, under each of the rules that leave it possible; the
  /// last that is defined where none does.
  func coverCase(_ index: UInt64) -> TestCase? {
    let model = coverModel
    let targets = model.targets
    guard !targets.isEmpty else { return nil }
    let (round, place) = (index - CaseGenerator.firstCoverIndex).quotientAndRemainder(
      dividingBy: UInt64(targets.count))
    let target = targets[Int(place)]
    let rules = model.rules(group: target.group, target.index)
    guard !rules.isEmpty else { return nil }
    let wanted = CoverWish(model.groups[target.group], target.index)
    let start = Int(truncatingIfNeeded: (round &+ place) & 0xFFFF)
    var last: TestCase?
    for attempt in 0..<UInt32(64) {
      let rule = rules[(start + Int(attempt)) % rules.count]
      let signature = Signature(profile: rule.profile, rule: rule.rule)
      var builder = CaseBuilder(
        signature: signature, variant: Int(attempt),
        random: CaseRandom(seed: seed, index: index, attempt: attempt))
      guard builder.build(wanted) else { continue }
      builder.setRequiredBias()
      builder.setRequiredActivation()
      guard builder.setRequiredGranularity() else { continue }
      guard let reference = reference(builder.draft.raw, signature) else { continue }
      let testCase = finished(builder.draft.raw, CaseClass.cover, signature, index, nil)
      last = testCase
      let place = model.offsets[target.group] + target.index
      if meets(place, reference, signature.profile.name) { return testCase }
    }
    return last
  }

  private func meets(_ place: Int, _ reference: Reference, _ profile: String) -> Bool {
    let layer = reference.layer
    var operands = Operands()
    (try? Operators.named(layer.raw.operation))?.lower(layer, into: &operands)
    var outputs = ReferenceOutputs()
    var exact = ExactValues()
    reference.run(operands, into: &outputs)
    ExactOracle(layer).run(operands, into: &exact)
    var counter = CoverCounter()
    counter.add(profile: profile, reference, exact, outputs)
    return counter.table[place]
  }
}

/// The bins that a case is built for: one for some of the points.
struct CoverWish {
  private let bins: [CoverPoint: Int]

  init(_ group: CoverGroup, _ index: Int) {
    bins = Dictionary(
      uniqueKeysWithValues: zip(group.points, group.combination(index)).map { ($0, $1) })
  }

  func bin(_ point: CoverPoint) -> Int? { bins[point] }

  func contains(_ point: CoverPoint) -> Bool { bins[point] != nil }

  /// The name of the bin of a point; empty where any will do.
  func name(_ point: CoverPoint) -> String { bins[point].map { point.bins[$0] } ?? "" }

  var points: [CoverPoint] { CoverPoint.allCases.filter { contains($0) } }

  /// Whether some accumulators are wanted.
  var wantsOutputs: Bool { points.contains { $0.scope != .layer } }
}
