package import Hypotheses

extension Hypothesis {
  /// The hypotheses that are said in these words: as they were stored, or printed.
  ///
  /// Different changes may have the same words; none, where the words are those of another version.
  package static func named(_ words: String) -> [Hypothesis] {
    let whole = (Diagnostician.single + Bank.ofParts).filter { $0.words == words }
    guard whole.isEmpty else { return whole }
    let parts = words.split(separator: conjunction).map { changes(String($0)) }
    return parts.reduce([Hypothesis([])]) { found, part in
      found.flatMap { hypothesis in part.map { hypothesis + Hypothesis([$0]) } }
    }
  }

  /// The single changes of some words, with or without a place.
  private static func changes(_ words: String) -> [Change] {
    let plain = changesByWords[words] ?? []
    guard plain.isEmpty else { return plain }
    return Guard.all.flatMap { place -> [Change] in
      let ending = Change.placeWords(place)
      guard words.hasSuffix(ending) else { return [] }
      return (changesByWords[String(words.dropLast(ending.count))] ?? []).map { .only(place, $0) }
    }
  }

  private static let changesByWords = Dictionary(
    grouping: (Bank.all + Bank.further + Bank.ofParts).flatMap(\.changes), by: \.words)
}
