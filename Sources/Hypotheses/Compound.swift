import Profiles
import QuantizedArithmetic

/// One slip that shows in two parts of the arithmetic: a single cause, with words of its own.
package enum Compound {
  private struct Entry: Sendable {
    let changes: [Change]
    /// For both changes together.
    let words: String
  }

  private static let list: [Entry] = [
    Entry(
      // Nothing wraps between the late bias and the clamp, whatever the claimed arithmetic does.
      changes: [.bias(.afterRequantization), .part(.zeroPointAddition, "saturating32")],
      words: "the bias is added after requantization, unscaled, in a sum of 64 bits")
  ]

  /// One rounding in place of two, the left shift before it being as it was.
  private static let roundedOnce: [Entry] = {
    let modes: [RoundingMode] = [.toNearestOrUp, .toNearestOrAway, .toNearestOrEven, .down]
    return modes.flatMap { mode in
      Overflow.allCases.map { overflow in
        Entry(
          changes: [
            .roundings(first: nil, last: mode), .multiplier(.leftShiftFirst(overflow)),
          ],
          words:
            "\(RoundingWords.words(nil, mode)), behind a left shift that \(overflow.words(32))")
      }
    }
  }()

  /// A routine that rounds the outputs and the bounds of activations.
  private static let roundedAlike: [Entry] = RoundingMode.ofAllNumbers.map { mode in
    Entry(
      changes: [
        .part(.rounding, mode.rawValue), .part(.activationBounds, "exact(\(mode.rawValue))"),
      ],
      words:
        "the last rounding is \(PartWords.rounding(mode.rawValue)), and that of an activation's bounds"
        + " too")
  }

  package static let all = list.map { Hypothesis($0.changes) }
  /// Of ``Bank/further``.
  static let further = (roundedOnce + roundedAlike).map { Hypothesis($0.changes) }

  static func words(of changes: [Change]) -> String? {
    changes.count < 2
      ? nil : (list + roundedOnce + roundedAlike).first { $0.changes == changes }?.words
  }
}
