/// Changes a text in ways that text gets changed: bits, bytes, pieces, tokens of its own language.
package struct TextMutator {
  package var random: SplitMix64
  private let tokens: [[UInt8]]

  package init(seed: UInt64, tokens: [String]) {
    random = SplitMix64(seed: seed)
    self.tokens = tokens.map { Array($0.utf8) }
  }

  package mutating func mutated(_ text: [UInt8]) -> [UInt8] {
    var text = text
    for _ in 0...random.below(3) where !text.isEmpty {
      let place = random.below(text.count)
      switch random.below(6) {
      case 0: text[place] = UInt8(truncatingIfNeeded: random.next())
      case 1: text[place] ^= UInt8(1 << random.below(8))
      case 2: text.insert(contentsOf: random.pick(tokens), at: place)
      case 3: text.removeSubrange(place..<min(place + 1 + random.below(12), text.count))
      case 4:
        let token = random.pick(tokens)
        text.replaceSubrange(place..<min(place + token.count, text.count), with: token)
      default:
        let piece = Array(text[place..<min(place + 1 + random.below(40), text.count)])
        text.insert(contentsOf: piece, at: random.below(text.count))
      }
    }
    return text
  }
}
