import Hypotheses

/// A wrong kernel as a reader of the score sees it: the hypotheses that print the same words.
///
/// They differ in what no one would choose (what the last channel gets, which bound of a contradictory
/// clamp wins), so that only all of them together are one defect.
package struct Mutant: Hashable, Sendable {
  package let words: String
  /// Their places in ``Bank/all``.
  package let variants: [Int]

  /// All of the bank, in its order.
  package static let all: [Mutant] = {
    var places: [String: Int] = [:]
    var mutants: [(words: String, variants: [Int])] = []
    for (index, hypothesis) in Bank.all.enumerated() {
      let words = hypothesis.words
      if let place = places[words] {
        mutants[place].variants.append(index)
      } else {
        places[words] = mutants.count
        mutants.append((words, [index]))
      }
    }
    return mutants.map { Mutant(words: $0.words, variants: $0.variants) }
  }()
}
