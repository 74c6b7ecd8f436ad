import Hypotheses

extension Diagnosis {
  /// The diagnosis in lines, the conclusion first.
  package var lines: [String] { lines(indent: 7) }

  /// The same with the text beginning at a column of its own.
  package func lines(indent: Int) -> [String] {
    let space = String(repeating: " ", count: indent)
    let title = "CAUSE" + String(repeating: " ", count: max(1, indent - 5))
    let seen = "\(Self.cases(failingCases, "failing")) and \(Self.cases(passingCases, "passing"))"
    var lines: [String] = []
    switch conclusion {
    case .nothingWrong: return ["no wrong output was seen"]
    case .explained(let causes):
      guard let first = causes.first else { return [] }
      lines.append("\(title)\(first.words)")
      lines.append("\(space)\(Self.sentence(first.score)), in \(seen)")
      if first.score.undecided > 0 {
        lines.append(
          "\(space)\(Self.grouped(first.score.undecided)) wrong outputs lie in cases of which it says"
            + " nothing: it does not define them")
      }
      if confirmedBy > 0 {
        lines.append("\(space)predicted every output of \(Self.grouped(confirmedBy)) further cases")
      }
      lines += Self.reservations(first.words).map { space + $0 }
      if passingCases == 0 {
        lines.append("\(space)no passing case was looked at, and one may refute it")
      }
      var words = [first.words]
      for other in causes where !words.contains(other.words) { words.append(other.words) }
      if words.count > 1, !triedCombinations {
        lines.append("\(space)too little was seen to tell \(words.count) causes apart")
      }
      lines += Self.others(Array(words.dropFirst())).map { space + $0 }
    case .unexplained(let nearest):
      let what =
        triedCombinations
        ? "no known cause, and no two of them together, predict" : "no known cause predicts"
      lines.append("\(title)unexplained: \(what) every output of \(seen)")
      lines += confinement.lines.map { space + $0 }
      for cause in nearest {
        lines.append("\(space)nearest: \(cause.words)")
        lines.append("\(space)  \(Self.sentence(cause.score))")
      }
    }
    if let base { lines.append("\(space)beside the arithmetic of \(base)") }
    return lines
  }

  /// What is to be said beside a cause of some words.
  package static func reservations(_ words: String) -> [String] {
    words.contains(Hypothesis.conjunction)
      ? ["two causes at once: neither explains it alone"] : []
  }

  /// The words of further causes that explain as much as the first.
  package static func others(_ words: [String]) -> [String] {
    words.prefix(4).map { "explains as much: \($0)" }
      + (words.count > 4 ? ["and \(words.count - 4) more explain as much"] : [])
  }

  /// `explains 1,342 of 1,342 wrong outputs and contradicts none of 48,210 right ones`
  package static func sentence(_ score: Score) -> String {
    "explains \(grouped(score.explained)) of \(grouped(score.wrong)) wrong outputs and contradicts"
      + " \(score.contradicted == 0 ? "none" : grouped(score.contradicted)) of"
      + " \(grouped(score.right)) right ones"
  }

  private static func cases(_ count: Int, _ word: String) -> String {
    "\(grouped(count)) \(word) case\(count == 1 ? "" : "s")"
  }

  private static func grouped(_ number: Int) -> String {
    var digits = String(number.magnitude)
    var place = digits.count - 3
    while place > 0 {
      digits.insert(",", at: digits.index(digits.startIndex, offsetBy: place))
      place -= 3
    }
    return digits
  }
}
