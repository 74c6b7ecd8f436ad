/// What became of one case.
package enum Outcome: String, CaseIterable, Sendable {
  case pass, mismatch
  /// It computed something for a configuration that must be refused.
  case acceptedInvalid
  case refusedValid
  /// The implementation reported a failure of its own on a legal case.
  case error
  case unsupported, crash, timeout
  /// A malformed or wrong-sized answer.
  case protocolError
  /// It wrote outside its output, changed its input or read outside its buffers.
  case memoryError
  /// The same case was answered differently.
  case nondeterministic
  /// A recorded case without an answer.
  case missing
  /// An answer without a case.
  case extra
  /// A second answer to one case.
  case duplicate
  /// The run was broken off before this case.
  case notReached
  /// A known failure that the user has accepted.
  case waived

  /// Whether a case with this outcome counts against the implementation.
  ///
  /// An `acceptedInvalid` that the implementation's profile allows does not: see
  /// ``TallyCounts/tolerated``.
  package var isFailure: Bool {
    switch self {
    case .pass, .unsupported, .notReached, .waived: false
    case .mismatch, .acceptedInvalid, .refusedValid, .error, .crash, .timeout, .protocolError,
      .memoryError, .nondeterministic, .missing, .extra, .duplicate:
      true
    }
  }
}

/// A count for each ``Outcome``.
package struct OutcomeCounts: Hashable, Sendable {
  /// In place, since one is made for every case.
  private var counts: InlineArray<16, Int>

  package init() { counts = InlineArray(repeating: 0) }

  package subscript(outcome: Outcome) -> Int {
    get { counts[outcome.place] }
    set { counts[outcome.place] = newValue }
  }

  /// In the order of ``Outcome/allCases``.
  package var all: [Int] { counts.indices.map { counts[$0] } }

  package static func == (left: OutcomeCounts, right: OutcomeCounts) -> Bool {
    left.counts.indices.allSatisfy { left.counts[$0] == right.counts[$0] }
  }

  package func hash(into hasher: inout Hasher) {
    for place in counts.indices { hasher.combine(counts[place]) }
  }

  /// Adds count by count; a sum beyond `Int.max` stays there.
  package static func += (left: inout OutcomeCounts, right: OutcomeCounts) {
    for place in left.counts.indices {
      left.counts[place] = addingWithSaturation(left.counts[place], right.counts[place])
    }
  }
}

extension Outcome {
  fileprivate var place: Int {
    switch self {
    case .pass: 0
    case .mismatch: 1
    case .acceptedInvalid: 2
    case .refusedValid: 3
    case .error: 4
    case .unsupported: 5
    case .crash: 6
    case .timeout: 7
    case .protocolError: 8
    case .memoryError: 9
    case .nondeterministic: 10
    case .missing: 11
    case .extra: 12
    case .duplicate: 13
    case .notReached: 14
    case .waived: 15
    }
  }
}

/// The sum, or the end of `Int`'s range that it has passed.
package func addingWithSaturation(_ left: Int, _ right: Int) -> Int {
  let (sum, overflow) = left.addingReportingOverflow(right)
  guard overflow else { return sum }
  return right < 0 ? Int.min : Int.max
}
