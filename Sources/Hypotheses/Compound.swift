import Profiles

/// One slip that shows in two parts of the arithmetic: a single cause, with words of its own.
package enum Compound {
  /// With the words for both changes together.
  private static let list: [(changes: [Change], words: String)] = [
    (
      // Nothing wraps between the late bias and the clamp, whatever the claimed arithmetic does.
      [.bias(.afterRequantization), .part(.zeroPointAddition, "saturating32")],
      "the bias is added after requantization, unscaled, in a sum of 64 bits"
    )
  ]

  package static let all = list.map { Hypothesis($0.changes) }

  static func words(of changes: [Change]) -> String? {
    changes.count < 2 ? nil : list.first { $0.changes == changes }?.words
  }
}
