/// Points that are counted together: one alone, or a cross of several, whose bins are all
/// combinations of theirs.
package struct CoverGroup: Hashable, Sendable {
  package let points: [CoverPoint]

  init(_ points: CoverPoint...) { self.points = points }

  /// The points' names, joined by `×`.
  package var name: String { points.map(\.name).joined(separator: " × ") }

  /// How many combinations there are.
  package var size: Int { points.reduce(1) { $0 * $1.bins.count } }

  /// What the bins are taken of: the narrowest of the points' scopes.
  package var scope: CoverPoint.Scope {
    if points.contains(where: { $0.scope == .output }) { return .output }
    return points.contains { $0.scope == .channel } ? .channel : .layer
  }

  /// The bins of the points of combination `index`; the first point varies slowest.
  package func combination(_ index: Int) -> [Int] {
    var rest = index
    var bins: [Int] = []
    for point in points.reversed() {
      let (quotient, bin) = rest.quotientAndRemainder(dividingBy: point.bins.count)
      bins.append(bin)
      rest = quotient
    }
    return bins.reversed()
  }

  /// The name of combination `index`.
  package func binName(_ index: Int) -> String {
    zip(points, combination(index)).map { point, bin in
      points.count == 1 || point == .profile || point == .types
        ? point.bins[bin] : "\(point.name) \(point.bins[bin])"
    }.joined(separator: ", ")
  }

  /// Every group, in the order in which they are shown.
  package static let all: [CoverGroup] = singles + crosses

  private static let singles = CoverPoint.allCases.map { CoverGroup($0) }

  private static let crosses: [CoverGroup] = [
    // Rounding: on which side, how far it matters, under which multiplier.
    CoverGroup(.sign, .place, .saturation),
    CoverGroup(.shift, .place, .sign),
    CoverGroup(.significand, .place, .sign),
    CoverGroup(.shift, .significand),
    CoverGroup(.accumulator, .shift),
    // The same in the shapes that kernels tell apart.
    CoverGroup(.granularity, .place, .sign),
    CoverGroup(.granularity, .significand),
    CoverGroup(.granularity, .departure),
    CoverGroup(.rows, .place),
    CoverGroup(.channels4, .place),
    CoverGroup(.profile, .granularity, .place),
    // Bounds and zero points.
    CoverGroup(.sign, .saturation, .outputZeroPoint),
    CoverGroup(.activation, .saturation, .sign),
    CoverGroup(.inputZeroPoint, .weightsZeroPoint, .outputZeroPoint),
    // What each arithmetic and each type has met.
    CoverGroup(.profile, .types),
    CoverGroup(.profile, .place, .sign),
    CoverGroup(.profile, .saturation),
    CoverGroup(.profile, .shift),
    CoverGroup(.profile, .granularity, .bias),
    CoverGroup(.profile, .activation),
    CoverGroup(.profile, .departure),
    CoverGroup(.types, .saturation),
    CoverGroup(.types, .place),
    // Shapes: tails both ways.
    CoverGroup(.depth8, .channels4),
    CoverGroup(.depth16, .channels8),
    CoverGroup(.depth64, .channels16),
    CoverGroup(.depth32, .rows),
    CoverGroup(.granularity, .channels8, .rows),
    CoverGroup(.bias, .granularity, .activation),
  ]
}
