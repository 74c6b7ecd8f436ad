/// How a target accumulator becomes a sum of products: inputs X, …, X, ±1 and weights chosen for them.
///
/// With a = X·Σw + r, the remainder r is one weight and Σw is spread evenly over the others. All values
/// are centred: their zero points are subtracted.
package struct ProductSplit: Hashable, Sendable {
  /// X.
  package let large: Int64
  /// ±1: the last input.
  package let unit: Int64
  /// How many inputs are X.
  package let terms: Int

  /// - Parameters:
  ///   - inputs: what an input can be.
  ///   - weights: what a weight of each channel can be, one range for those that are alike.
  ///   - farthest: the largest |target|.
  ///   - limit: of all terms.
  ///
  /// `nil` where the ranges leave no way to reach any target.
  package init?(
    inputs: ClosedRange<Int64>, weights: [ClosedRange<Int64>], farthest: Int64, limit: Int
  ) {
    let widest = weights.reduce(Int64.max) { min($0, $1.upperBound - $1.lowerBound) }
    let isHigh = inputs.upperBound >= 0 - inputs.lowerBound
    large = isHigh ? min(inputs.upperBound, widest) : max(inputs.lowerBound, 0 - widest)
    unit = inputs.upperBound >= 1 ? 1 : -1
    guard large.magnitude >= 2 else { return nil }
    let narrowest = weights.reduce(Int64.max) {
      min($0, max($1.upperBound, 0 - $1.lowerBound))
    }
    let step = Int64(large.magnitude) * max(narrowest, 1)
    terms = Int(min(farthest / step + 2, Int64(max(limit - 1, 1))))
  }

  /// The weights of one channel, for the inputs X, …, X, ±1; of a target beyond reach, those for the
  /// farthest that is reached.
  package func weights(for target: Int64, in range: ClosedRange<Int64>) -> [Int64] {
    // The remainder that has the target's residue modulo |X| and lies in the range.
    let modulus = Int64(large.magnitude)
    let wanted = (target &* unit) - range.lowerBound
    let residue = ((wanted % modulus) + modulus) % modulus
    let rest = min(range.lowerBound + residue, range.upperBound)
    let total = (target - unit * rest) / large
    let count = Int64(terms)
    let clamped = min(max(total, range.lowerBound * count), range.upperBound * count)
    let (base, extra) = floorDivided(clamped, by: count)
    return (0..<terms).map { Int64($0) < extra ? base + 1 : base } + [rest]
  }

  private func floorDivided(_ value: Int64, by divisor: Int64) -> (Int64, Int64) {
    let quotient = value >= 0 ? value / divisor : 0 - ((0 - value + divisor - 1) / divisor)
    return (quotient, value - quotient * divisor)
  }
}
