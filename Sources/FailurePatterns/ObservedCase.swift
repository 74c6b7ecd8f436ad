package import QuantizedArithmetic
package import QuantizedLayers

/// One output as it came, beside what was expected, with what may have to do with it.
package struct ObservedOutput: Hashable, Sendable {
  package let row: Int
  package let channel: Int
  package let expected: Int64
  package let got: Int64
  /// Whether it does not conform; more than `expected` may.
  package let isWrong: Bool
  /// With a bias in accumulator units, before anything wraps; `nil` beyond 64 bits.
  package let accumulator: Int64?
  /// Where the exact value lies, without activation and zero point; `nil` where that is not known.
  package let position: ExactPosition?
  /// Whether the exact value, with the zero point, lies beyond the bounds of the output.
  package let isSaturated: Bool

  /// The lower of two integers that the exact value lies halfway between.
  package var tieFloor: Int64? { position?.fraction == .half ? position?.floor : nil }

  package init(
    row: Int, channel: Int, expected: Int64, got: Int64, isWrong: Bool? = nil,
    accumulator: Int64? = nil, position: ExactPosition? = nil, isSaturated: Bool = false
  ) {
    (self.row, self.channel, self.expected, self.got) = (row, channel, expected, got)
    self.isWrong = isWrong ?? (expected != got)
    (self.accumulator, self.position, self.isSaturated) = (accumulator, position, isSaturated)
  }
}

/// The outputs of one case that were compared.
package struct ObservedCase: Sendable {
  package let layer: Layer
  package let outputs: [ObservedOutput]

  package init(layer: Layer, outputs: [ObservedOutput]) {
    self.layer = layer
    self.outputs = outputs
  }
}
