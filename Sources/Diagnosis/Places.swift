import Hypotheses
import QuantizedLayers

/// Where a change has to apply so that it predicts everything that was seen.
struct Places {
  private let seen: [Observation]
  private let isConsistent: (Hypothesis) -> Bool

  init(_ diagnostician: Diagnostician) {
    seen = diagnostician.failing + diagnostician.passing
    isConsistent = diagnostician.isConsistent
  }

  /// The places that explain everything, the most plausible first.
  ///
  /// Of two, the one that lies within the other among the outputs that were seen says nothing more, and
  /// is left out: where `D < 1` and `D < 2^30` explain as much, nothing speaks for the narrower bound.
  func widest(_ change: Change) -> [Guard] {
    let found = Guard.all.filter { isConsistent(Hypothesis([.only($0, change)])) }
      .map { (place: $0, region: Region($0, seen)) }
    return found.enumerated().filter { number, one in
      !found.enumerated().contains { other, wider in
        other != number && one.region.lies(in: wider.region)
          && (other < number || !wider.region.lies(in: one.region))
      }
    }.map(\.element.place)
  }
}

/// The outputs at a place among all that were seen, a bit each.
private struct Region {
  private var bits: [UInt64] = []

  init(_ place: Guard, _ seen: [Observation]) {
    var number = 0
    for observation in seen {
      let layer = observation.subject.layer
      for index in observation.got.indices {
        if number % 64 == 0 { bits.append(0) }
        let (row, channel) = index.quotientAndRemainder(dividingBy: layer.channels)
        if place.holds(layer, row, channel) { bits[number / 64] |= 1 << UInt64(number % 64) }
        number += 1
      }
    }
  }

  func lies(in other: Region) -> Bool {
    zip(bits, other.bits).allSatisfy { $0 & ~$1 == 0 }
  }
}
