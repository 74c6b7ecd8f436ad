/// What the counts of a ``Tally`` are about.
package struct TallyKey: Hashable, Sendable {
  package var implementation: String
  package var operatorName: String
  /// Input, weights, output: `int8,int8,int8`.
  package var types: String
  package var profile: String
  /// The class that the case was made for.
  ///
  /// A case that belongs to several is counted once, under its first: else sums over classes would
  /// count it twice.
  package var caseClass: String

  package init(
    implementation: String, operatorName: String, types: String, profile: String,
    caseClass: String
  ) {
    (self.implementation, self.operatorName) = (implementation, operatorName)
    (self.types, self.profile, self.caseClass) = (types, profile, caseClass)
  }
}

/// Counts over cases and over their outputs; all are sums, except the errors, which are extremes.
package struct TallyCounts: Hashable, Sendable {
  /// Cases judged or given up; answers without a case (`extra`, `duplicate`) are not cases.
  package var cases = 0
  package var outcomes = OutcomeCounts()
  /// Of `acceptedInvalid`, those that the claimed profile accepts: shown, not failing.
  package var tolerated = 0

  /// Of `cases`, those whose expected output no change of a single element of their data changes.
  package var vacuous = 0

  /// Output elements compared with what was expected.
  package var outputs = 0
  /// Of `outputs`, those that differ from what was expected.
  package var mismatchedOutputs = 0
  /// Of `outputs`, those where the profile leaves the mathematics (a wrap, a saturated pair …).
  ///
  /// The counts that follow are over the others.
  package var departedOutputs = 0
  /// Not the exact value rounded to nearest, ties to even.
  package var notEven = 0
  /// Not the exact value rounded to nearest, ties away from zero.
  package var notAway = 0
  /// Not the exact value rounded to nearest, ties toward +∞.
  package var notUp = 0
  /// Not a nearest integer under any tie rule.
  package var notNearest = 0
  /// Neither of the two integers that enclose the exact value.
  package var notFaithful = 0

  /// The most negative of 0 and got − nearest, in output steps.
  package var lowestError = 0
  /// The most positive of 0 and got − nearest, in output steps.
  package var highestError = 0
  /// The largest |got − expected|, in output steps.
  package var largestDifference = 0

  package init() {}

  /// Cases that count against the implementation.
  package var failed: Int {
    var sum = 0
    for outcome in Outcome.allCases where outcome.isFailure {
      sum = addingWithSaturation(sum, outcomes[outcome])
    }
    return addingWithSaturation(sum, -tolerated)
  }

  /// Cases that a verdict was reached on: all that passed, failed or were tolerated.
  package var judged: Int {
    addingWithSaturation(addingWithSaturation(outcomes[.pass], tolerated), failed)
  }

  /// Outputs that the accuracy counts are over.
  package var graded: Int { addingWithSaturation(outputs, -departedOutputs) }

  /// The largest |got − nearest|, in output steps.
  package var largestError: Int {
    max(highestError, lowestError == .min ? .max : -lowestError)
  }

  /// The error of largest magnitude with its sign; the positive one of two equal ones.
  package var largestSignedError: Int {
    largestError == highestError ? highestError : lowestError
  }

  /// Adds the sums and keeps the extremes.
  package static func += (left: inout TallyCounts, right: TallyCounts) {
    left.outcomes += right.outcomes
    left.cases = addingWithSaturation(left.cases, right.cases)
    func add(_ sum: inout Int, _ count: Int) { sum = addingWithSaturation(sum, count) }
    add(&left.tolerated, right.tolerated)
    add(&left.outputs, right.outputs)
    add(&left.mismatchedOutputs, right.mismatchedOutputs)
    add(&left.departedOutputs, right.departedOutputs)
    add(&left.notEven, right.notEven)
    add(&left.notAway, right.notAway)
    add(&left.notUp, right.notUp)
    add(&left.notNearest, right.notNearest)
    add(&left.notFaithful, right.notFaithful)
    add(&left.vacuous, right.vacuous)
    left.lowestError = min(left.lowestError, right.lowestError)
    left.highestError = max(left.highestError, right.highestError)
    left.largestDifference = max(left.largestDifference, right.largestDifference)
  }
}

extension TallyCounts {
  /// The sums other than `cases` and the outcomes, in the order of the table's columns.
  ///
  /// - Precondition: ten of them, when set.
  package var sumsAfterOutcomes: [Int] {
    get {
      [
        tolerated, outputs, mismatchedOutputs, departedOutputs, notEven, notAway, notUp, notNearest,
        notFaithful, vacuous,
      ]
    }
    set {
      (tolerated, outputs, mismatchedOutputs) = (newValue[0], newValue[1], newValue[2])
      (departedOutputs, notEven, notAway) = (newValue[3], newValue[4], newValue[5])
      (notUp, notNearest, notFaithful) = (newValue[6], newValue[7], newValue[8])
      vacuous = newValue[9]
    }
  }
}

/// Counts, and what they are about.
package struct Tally: Hashable, Sendable {
  package var key: TallyKey
  package var counts: TallyCounts

  package init(_ key: TallyKey, _ counts: TallyCounts) {
    (self.key, self.counts) = (key, counts)
  }
}
