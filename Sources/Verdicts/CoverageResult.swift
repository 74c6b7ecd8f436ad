/// What the cases of a run have met of one group of bins.
package struct CoverageResult: Hashable, Sendable {
  /// The points that are crossed, as in `qverify list cover`.
  package let group: String
  /// Names of the bins that can be met, in order.
  package let bins: [String]
  /// One a bin.
  package private(set) var isMet: [Bool]

  /// - Precondition: as many as `bins`.
  package init(group: String, bins: [String], isMet: [Bool]) {
    precondition(bins.count == isMet.count)
    (self.group, self.bins, self.isMet) = (group, bins, isMet)
  }

  /// Of a stored run: `met` has a character a bin, 1 where it was met. Of another number of bins than
  /// these, nothing is taken.
  package init(group: String, bins: [String], met: String) {
    let isMet =
      met.utf8.count == bins.count
      ? met.utf8.map { $0 == UInt8(ascii: "1") } : bins.map { _ in false }
    self.init(group: group, bins: bins, isMet: isMet)
  }

  /// A character a bin: 1 where it was met, else 0.
  package var met: String { String(isMet.map { $0 ? "1" : "0" as Character }) }

  package var covered: Int { isMet.count { $0 } }

  /// The bins that no case has met.
  package var holes: [String] { zip(bins, isMet).filter { !$1 }.map { $0.0 } }

  /// Adds what other cases have met of the same bins; of other bins nothing is added.
  package mutating func formUnion(_ other: CoverageResult) {
    guard other.bins.count == bins.count else { return }
    for (index, isMet) in other.isMet.enumerated() where isMet { self.isMet[index] = true }
  }
}

/// Covered bins among those that can be met.
package struct CoverageShare: Hashable, Sendable {
  package let covered: Int
  package let bins: Int

  package init(covered: Int, bins: Int) { (self.covered, self.bins) = (covered, bins) }

  package init(_ results: some Sequence<CoverageResult>) {
    var (covered, bins) = (0, 0)
    for result in results {
      covered += result.covered
      bins += result.bins.count
    }
    self.init(covered: covered, bins: bins)
  }

  /// 0 … 1; 1 where there is nothing to meet.
  package var share: Double { bins == 0 ? 1 : Double(covered) / Double(bins) }

  /// `97.3 %`: rounded down, so that 100 % means all of them.
  package var percent: String {
    guard bins > 0 else { return "100 %" }
    let tenths = covered * 1_000 / bins
    return tenths == 1_000 ? "100 %" : "\(tenths / 10).\(tenths % 10) %"
  }
}
