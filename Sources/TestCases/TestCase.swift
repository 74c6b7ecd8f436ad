package import QuantizedLayers

/// One question to an implementation: a layer, the arithmetic that is asked for, and why it was made.
package struct TestCase: Hashable, Sendable {
  /// Where a case comes from.
  package enum Origin: Hashable, Sendable {
    /// Element `index` of the sequence that a seed and a selection define.
    case generated(seed: UInt64, index: UInt64)
    /// Read from a file under this id.
    case given(id: String)
  }

  package var origin: Origin
  /// What it was made for; names as in `qverify list classes`.
  package var classes: [String]
  /// The rule that this configuration breaks, and for which it must be refused.
  package var refuse: Fault?
  /// The arithmetic that is asked for; `nil` in a file that names none.
  package var profile: String?
  package var layer: RawLayer

  package init(
    origin: Origin, classes: [String], refuse: Fault? = nil, profile: String?, layer: RawLayer
  ) {
    self.origin = origin
    self.classes = classes
    self.refuse = refuse
    self.profile = profile
    self.layer = layer
  }

  /// The class that results are counted under: the first.
  package var mainClass: String { classes.first ?? "given" }
}
