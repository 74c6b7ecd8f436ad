/// A kind of case: what it is made for, and how.
package struct CaseClass: Sendable {
  package enum Kind: String, Sendable {
    case edge
    case random
    case invalid
    case cover
  }

  /// e.g. `zeroPoint.extremes`
  package let name: String
  package let kind: Kind
  /// What the case looks like, in a line.
  package let reason: String
  /// The defect that it catches.
  package let catches: String
  /// Whether there are such cases for a profile's rule.
  let applies: @Sendable (Signature) -> Bool
  /// Makes the case; `nil` where the draw led nowhere and has to be repeated.
  let build: @Sendable (inout CaseBuilder) -> Bool

  init(
    _ name: String, _ kind: Kind = .edge, reason: String, catches: String,
    applies: @escaping @Sendable (Signature) -> Bool = { _ in true },
    build: @escaping @Sendable (inout CaseBuilder) -> Bool
  ) {
    self.name = name
    self.kind = kind
    self.reason = reason
    self.catches = catches
    self.applies = applies
    self.build = build
  }

  /// Every class, in the order in which they take turns.
  package static let all: [CaseClass] = edge + random + invalid

  /// What `--cover` adds; it takes no turns with the others.
  package static let cover = CaseClass(
    "cover", .cover, reason: "built for one bin of 'qverify list cover', each in turn",
    catches: "what only a combination of circumstances shows", build: { _ in false })

  static let edge: [CaseClass] =
    zeroPointClasses + saturationClasses + accumulatorClasses + registerClasses + dataClasses
    + shapeClasses + multiplierClasses + biasClasses + activationClasses + channelClasses
    + knifeEdgeClasses + hardScaleClasses + tieClasses
}
