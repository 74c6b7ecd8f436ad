import Verdicts

extension Certificate.Statement {
  /// The statement in a sentence.
  package var claim: String {
    let count = domain.count == 2 ? domain[1] - domain[0] + 1 : 0
    let rules = TieRule.allCases.map { rule in
      let set = differences[rule.rawValue]
      return
        "\(set?.accumulators ?? 0) (ties \(rule.rawValue)\(set?.rest(", in \(set?.intervals ?? 0) intervals; ") ?? ""))"
    }
    return
      "\(profile), \(configuration.text): of all \(count) accumulators so many are not the true"
      + " value rounded to nearest: \(rules.joined(separator: ", ")); by at most"
      + " \(largestDifference); accuracy class \(accuracyClass)"
      + (departed > 0 ? " over all but the \(departed) on which it leaves the mathematics" : "")
  }
}

extension Certificate.Comparison {
  /// The comparison in a sentence.
  package var claim: String {
    let count = domain.count == 2 ? domain[1] - domain[0] + 1 : 0
    let what =
      differences.accumulators == 0
      ? "give the same output for all \(count) accumulators"
      : "differ on \(differences.accumulators) of \(count) accumulators, in"
        + " \(differences.intervals) intervals\(differences.rest("; ")), by at most \(differences.largestDifference)"
    return "\(profile) and \(against), \(configuration.text): \(what)"
  }
}

extension Certificate.IntervalSet {
  /// What is said where not all intervals are listed; nothing elsewhere.
  fileprivate func rest(_ before: String) -> String {
    listed.map { "\(before)all counted, the first \($0) listed" } ?? ""
  }
}
