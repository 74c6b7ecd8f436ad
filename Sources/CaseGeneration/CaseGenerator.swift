package import Coverage
import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Sensitivity
package import TestCases

/// Makes the cases of a seed and a selection: each a function of its index alone.
///
/// Classes take turns; among edge, random and invalid cases of `all`, ten, four and two of every
/// sixteen. The cases of a class step through the profiles that it applies to and, for each, through
/// the profile's rules, so that everything is met evenly however few cases are drawn.
///
/// From index ``firstCoverIndex`` on, each case is built for one bin of coverage instead, in the
/// order of ``CoverModel/targets``.
package struct CaseGenerator: Sendable {
  package let seed: UInt64
  package let selection: Selection
  private let groups: [CaseClass.Kind: [Entry]]
  /// Which kinds take turns, for each turn how many of its kind come before it, and how many there
  /// are in a cycle.
  private let turns: [(kind: CaseClass.Kind, before: UInt64, perCycle: UInt64)]

  private let cover: CoverTargets

  private struct Entry: Sendable {
    let caseClass: CaseClass
    /// Per profile, its rules that the class applies to.
    let signatures: [[Signature]]
  }

  /// - Throws: ``SelectionError`` where nothing can be drawn.
  package init(seed: UInt64, selection: Selection) throws(SelectionError) {
    self.seed = seed
    self.selection = selection
    let signatures = selection.profilesWithRules.map { profile, rules in
      rules.map { Signature(profile: profile, rule: $0) }
    }
    guard !signatures.isEmpty else { throw .nothingDefined(selection.canonical) }
    var groups: [CaseClass.Kind: [Entry]] = [:]
    for caseClass in CaseClass.all where selection.includes(caseClass) {
      let applicable = signatures.compactMap { rules in
        let fitting = rules.filter { caseClass.applies($0) }
        return fitting.isEmpty ? nil : fitting
      }
      guard !applicable.isEmpty else { continue }
      groups[caseClass.kind, default: []].append(
        Entry(caseClass: caseClass, signatures: applicable))
    }
    guard !groups.isEmpty else { throw .noClass(selection.classes) }
    self.groups = groups
    cover = CoverTargets(selection)
    let pattern = CaseGenerator.pattern.filter { groups[$0] != nil }
    turns = pattern.enumerated().map { place, kind in
      let before = pattern[..<place].count { $0 == kind }
      return (kind, UInt64(before), UInt64(pattern.count { $0 == kind }))
    }
  }

  /// Case `index`.
  package func testCase(_ index: UInt64) -> TestCase {
    if index >= CaseGenerator.firstCoverIndex, let testCase = coverCase(index) { return testCase }
    let (kind, position) = turn(index)
    let entries = groups[kind] ?? []
    let place = Int(truncatingIfNeeded: position % UInt64(entries.count))
    let round = Int(truncatingIfNeeded: (position / UInt64(entries.count)) & 0x7FFF_FFFF)
    let entry = entries[place]
    let rules = entry.signatures[(round + place) % entry.signatures.count]
    // Visits of a profile step through the variants and, beside them, through its rules. Every round
    // of the rules starts at another one, else a variant would always meet the same rule wherever the
    // number of rules divides that of the variants.
    let visit = round / entry.signatures.count
    let (cycle, turn) = visit.quotientAndRemainder(dividingBy: rules.count)
    let signature = rules[(turn + place + rotation(of: cycle, rules.count)) % rules.count]
    return make(entry.caseClass, signature, variant: visit, index: index)
  }

  /// From `0 ..< count`, without a pattern in `cycle`.
  private func rotation(of cycle: Int, _ count: Int) -> Int {
    var random = CaseRandom(seed: 0, index: UInt64(cycle), attempt: 0)
    return Int(random.below(UInt32(count)))
  }

  /// Which kind case `index` is, and how many of the kind came before it.
  private func turn(_ index: UInt64) -> (CaseClass.Kind, UInt64) {
    let (cycle, slot) = index.quotientAndRemainder(dividingBy: UInt64(turns.count))
    let turn = turns[Int(slot)]
    return (turn.kind, cycle &* turn.perCycle &+ turn.before)
  }

  private static let pattern: [CaseClass.Kind] = [
    .edge, .random, .edge, .edge, .invalid, .edge, .random, .edge, .edge, .random, .edge, .edge,
    .invalid, .edge, .random, .edge,
  ]

  /// Draws until the class and the profile's domain are content, and an edge case's output depends on
  /// its data; the attempt is part of the stream.
  private func make(
    _ caseClass: CaseClass, _ signature: Signature, variant: Int, index: UInt64
  ) -> TestCase {
    for attempt in 0..<UInt32(24) {
      var builder = CaseBuilder(
        signature: signature, variant: variant,
        random: CaseRandom(seed: seed, index: index, attempt: attempt))
      guard caseClass.build(&builder) else { continue }
      builder.setRequiredBias()
      builder.setRequiredActivation()
      guard builder.setRequiredGranularity() || builder.refuse != nil else { continue }
      var raw = builder.draft.raw
      builder.fault?(&raw)
      if let fault = builder.refuse {
        if isRefused(raw, fault) { return finished(raw, caseClass, signature, index, fault) }
      } else if let reference = reference(raw, signature),
        caseClass.kind != .edge || isSensitive(reference, signature.profile)
      {
        return finished(raw, caseClass, signature, index, nil)
      }
    }
    return plain(caseClass, signature, index)
  }

  /// What can be covered with the profiles and types of the selection.
  package var coverModel: CoverModel { cover.model }

  /// How many cases it takes to aim at every bin once.
  package var coverCount: Int { cover.model.targets.count }

  /// The last resort, which is in every domain: one product of 0 and 1.
  private func plain(_ caseClass: CaseClass, _ signature: Signature, _ index: UInt64) -> TestCase {
    var draft = LayerDraft(types: signature.rule.types)
    draft.biasType = signature.rule.biasTypes.contains(nil) ? nil : signature.biasType
    draft.setInput(centred: [0])
    draft.channels = signature.needsPerChannel ? 2 : 1
    if signature.needsPerChannel { draft.weightScales = [1, 1] }
    for channel in 0..<draft.channels { draft.appendWeights(centred: [1], channel: channel) }
    if draft.biasType != nil { draft.setBias((0..<draft.channels).map { _ in 0 }) }
    return finished(draft.raw, caseClass, signature, index, nil)
  }

  private func isRefused(_ raw: RawLayer, _ fault: Fault) -> Bool {
    do {
      _ = try raw.validated()
      return false
    } catch {
      return error.fault == fault
    }
  }

  /// `nil` where the profile does not define the layer.
  func reference(_ raw: RawLayer, _ signature: Signature) -> Reference? {
    guard let layer = try? raw.validated() else { return nil }
    return try? signature.profile.reference(for: layer)
  }

  /// Whether some change of one element changes an output.
  private func isSensitive(_ reference: Reference, _ profile: Profile) -> Bool {
    var operands = Operands()
    (try? Operators.named(reference.layer.raw.operation))?
      .lower(reference.layer, into: &operands)
    var search = WitnessSearch(reference, profile, operands)
    return search.witness(isQuick: true) != nil
  }

  func finished(
    _ raw: RawLayer, _ caseClass: CaseClass, _ signature: Signature, _ index: UInt64,
    _ fault: Fault?
  ) -> TestCase {
    TestCase(
      origin: .generated(seed: seed, index: index), classes: [caseClass.name], refuse: fault,
      profile: signature.profile.name, layer: raw)
  }
}

extension Selection {
  /// Whether `--cases` and `--class` ask for this class.
  func includes(_ caseClass: CaseClass) -> Bool {
    let kindFits =
      switch kind {
      case .all: true
      case .edge: caseClass.kind == .edge
      case .random: caseClass.kind == .random
      case .invalid: caseClass.kind == .invalid
      }
    guard kindFits else { return false }
    return classes.isEmpty
      || classes.contains { caseClass.name == $0 || caseClass.name.hasPrefix($0 + ".") }
  }
}
