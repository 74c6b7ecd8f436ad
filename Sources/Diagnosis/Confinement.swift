package import Hypotheses
import QuantizedLayers

/// Kinds of layers that every failing case is of, and many passing ones are not: where a defect shows
/// that no hypothesis explains.
package struct Confinement: Hashable, Sendable {
  package private(set) var places: [Guard] = []
  /// Passing cases that lie elsewhere.
  package private(set) var passingElsewhere = 0
  private var passing = 0

  package init() {}

  /// At most so many places, each of which excludes passing cases that the ones before leave.
  private static let most = 3
  private static let leastElsewhere = 8
  private static let leastFailing = 8
  /// How probable it may be that failing cases drawn as the passing ones are all lie there by chance.
  private static let chance = 0.001

  init(failing: [Observation], passing: [Observation]) {
    self.passing = passing.count
    let layers = Guard.all.filter { !$0.isAboutOutputs }
    var candidates = layers.filter { place in failing.allSatisfy { place.holds($0) } }
    var left = passing
    while places.count < Confinement.most, !left.isEmpty, failing.count >= Confinement.leastFailing
    {
      let elsewhere = candidates.map { place in left.count { !place.holds($0) } }
      guard let most = elsewhere.max(), let number = elsewhere.firstIndex(of: most),
        most >= Confinement.leastElsewhere
      else { break }
      // Laplace's rule: a share of 0 among a few is not one of 0.
      let share = Double(left.count - most + 1) / Double(left.count + 2)
      var probability = 1.0
      for _ in failing where probability > Confinement.chance { probability *= share }
      guard probability <= Confinement.chance else { break }
      let place = candidates.remove(at: number)
      places.append(place)
      passingElsewhere += most
      left = left.filter { place.holds($0) }
    }
  }

  var lines: [String] {
    guard !places.isEmpty else { return [] }
    let words = places.map(\.words).joined(separator: ", ")
    return ["fails \(words) only; \(passingElsewhere) of \(passing) passing cases lie elsewhere"]
  }
}

extension Guard {
  /// Whether it holds for every channel of a case.
  fileprivate func holds(_ observation: Observation) -> Bool {
    let layer = observation.subject.layer
    guard layer.isPerChannel else { return holds(layer, 0, 0) }
    return (0..<layer.channels).allSatisfy { holds(layer, 0, $0) }
  }
}
