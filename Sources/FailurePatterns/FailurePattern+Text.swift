extension FailurePattern {
  /// The pattern as lines of text.
  package var lines: [String] {
    guard wrong > 0 else { return ["no output was compared and found wrong"] }
    var lines = [
      "\(grouped(wrong)) wrong and \(grouped(right)) right outputs in \(grouped(cases)) failing"
        + " case\(cases == 1 ? "" : "s")"
    ]
    lines += findings.map { sentence($0) }
    if findings.isEmpty {
      lines.append(
        right == 0
          ? "no output is right: nothing tells wrong ones from right ones"
          : "no pattern: right outputs lie wherever wrong ones do")
    }
    lines.append("got − expected: \(histogram)")
    for extent in extents { lines.append(text(extent)) }
    return lines
  }

  private func sentence(_ finding: Finding) -> String {
    let subject =
      wrong == 1 ? "the one wrong output lies" : "all \(grouped(wrong)) wrong outputs lie"
    let there =
      finding.right == 0
      ? "0 outputs there are right"
      : "\(grouped(finding.right)) output\(finding.right == 1 ? "" : "s") there"
        + " \(finding.right == 1 ? "is" : "are") right"
    let others =
      finding.others.isEmpty ? "" : " (of \(finding.others.joined(separator: ", ")) as well)"
    return
      "\(subject) \(finding.words)\(others); \(there), \(grouped(finding.rightElsewhere)) elsewhere"
  }

  /// The most frequent differences.
  private var histogram: String {
    let shown = differences.prefix(8).map { difference in
      let sign = difference.steps > 0 ? "+" : difference.steps < 0 ? "−" : ""
      return "\(sign)\(grouped(difference.steps.magnitude)) × \(grouped(difference.outputs))"
    }
    let rest = differences.count - shown.count
    return shown.joined(separator: ", ") + (rest > 0 ? ", and \(grouped(rest)) other values" : "")
  }

  private func text(_ extent: Extent) -> String {
    let right =
      extent.right.isEmpty ? "" : "; of right ones \(range(extent.right))"
    return "\(extent.quantity) of wrong outputs: \(range(extent.wrong))\(right)"
  }

  private func range(_ ends: [Double]) -> String {
    guard let low = ends.first, let high = ends.last else { return "none" }
    return low == high ? number(low) : "\(number(low)) … \(number(high))"
  }

  private func number(_ value: Double) -> String {
    if let whole = Int64(exactly: value) {
      return (whole < 0 ? "−" : "") + grouped(whole.magnitude)
    }
    let narrow = Float(value)
    let text = narrow.isNormal ? narrow.description : value.description
    return text.hasPrefix("-") ? "−" + text.dropFirst() : text
  }
}

/// Digits in groups of three.
private func grouped(_ value: some BinaryInteger) -> String {
  let digits = Array(String(value))
  var text = ""
  for (place, digit) in digits.enumerated() {
    if place > 0, (digits.count - place) % 3 == 0 { text += "," }
    text.append(digit)
  }
  return text
}
