/// Which of two nearest integers a value halfway between them becomes.
package enum TieRule: String, CaseIterable, Sendable {
  case even, away, up
}

/// How close the outputs are to the exact values, in the terms of the floating-point literature.
///
/// Over outputs without a departure from the mathematics, strongest first.
package enum AccuracyClass: Hashable, Sendable {
  /// Always the nearest integer, ties by these rules, of which the first is the claim. Several
  /// stand here when no tie among the outputs tells them apart.
  case correctlyRounded([TieRule])
  /// Always a nearest integer, under no single tie rule.
  case nearest
  /// Always one of the two integers that enclose the exact value.
  case faithful
  /// Never farther than this many output steps from a nearest integer.
  case within(Int)
  /// The largest error spans the output type, so no bound says anything. Its text is `none`.
  case unbounded

  /// The strongest class that the counts allow; nil when no output was graded.
  ///
  /// - Parameters:
  ///   - counts: the sums over all outputs in question.
  ///   - outputType: its name; an error that spans its range bounds nothing.
  package init?(_ counts: TallyCounts, outputType: String) {
    guard counts.graded > 0 else { return nil }
    let misses = [(TieRule.even, counts.notEven), (.away, counts.notAway), (.up, counts.notUp)]
    let rules = misses.filter { $0.1 == 0 }.map(\.0)
    if !rules.isEmpty {
      self = .correctlyRounded(rules)
    } else if counts.notNearest == 0 {
      self = .nearest
    } else if counts.notFaithful == 0 {
      self = .faithful
    } else if let span = Self.span(outputType), counts.largestError >= span {
      self = .unbounded
    } else {
      self = .within(counts.largestError)
    }
  }

  /// The class of all the tallies together; nil when no output of theirs was graded.
  package init?(_ tallies: some Sequence<Tally>) {
    var sum = TallyCounts()
    var unbounded = false
    for tally in tallies {
      sum += tally.counts
      let output = tally.key.types.split(separator: ",").last.map(String.init) ?? ""
      if AccuracyClass(tally.counts, outputType: output) == .unbounded { unbounded = true }
    }
    guard let all = AccuracyClass(sum, outputType: "") else { return nil }
    self = unbounded ? .unbounded : all
  }

  /// `correctlyRounded(even)`, `nearest`, `faithful`, `within(2)`, `none`.
  package var text: String {
    switch self {
    case .correctlyRounded(let rules): "correctlyRounded(\(rules.first?.rawValue ?? ""))"
    case .nearest: "nearest"
    case .faithful: "faithful"
    case .within(let steps): "within(\(steps))"
    case .unbounded: "none"
    }
  }

  /// What the text leaves out: the tie rules that fit as well; empty for nothing.
  package var note: String {
    guard case .correctlyRounded(let rules) = self, rules.count > 1 else { return "" }
    let others = rules.dropFirst().map(\.rawValue).joined(separator: " and ")
    return "ties \(others) fit as well: no output tells them apart"
  }

  // Largest minus smallest integer of the type; nil for a type that is not known here.
  private static func span(_ type: String) -> Int? {
    switch type {
    case "int4", "uint4": 15
    case "int8", "uint8": 255
    case "int16", "uint16": 65_535
    case "int32", "uint32": 4_294_967_295
    default: nil
    }
  }
}
