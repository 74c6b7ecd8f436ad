package import QuantizedLayers

/// Where a runtime leaves a layer, or some of its outputs, to another kernel.
package enum KernelRegion: String, CaseIterable, Hashable, Sendable {
  /// Layers of one row, at least 8 deep and with at least 4 channels (LiteRT's matrix-vector kernel).
  case oneRow
  /// Outputs outside the whole 4 × 4 blocks both ways: `m ≥ 4⌊M/4⌋` and `n ≥ 4⌊N/4⌋` (gemmlowp's
  /// output pipeline).
  case cornerOfBlocks

  /// Whether the region is all of a layer, whatever the output.
  package func isAll(of layer: Layer) -> Bool {
    switch self {
    case .oneRow: layer.rows == 1 && layer.depth >= 8 && layer.channels >= 4
    case .cornerOfBlocks: layer.rows < 4 && layer.channels < 4
    }
  }

  /// Whether output (row, channel) of `layer` lies in it.
  @inline(__always)
  package func contains(row: Int, channel: Int, of layer: Layer) -> Bool {
    switch self {
    case .oneRow: isAll(of: layer)
    case .cornerOfBlocks: row >= layer.rows & ~3 && channel >= layer.channels & ~3
    }
  }

  /// What the region is, in words.
  package var summary: String {
    switch self {
    case .oneRow: "kernel for one row"
    case .cornerOfBlocks: "outside the blocks of 4 × 4"
    }
  }
}

/// What another kernel does differently.
package struct KernelVariant: Hashable, Sendable {
  package var region: KernelRegion
  package var requantization: Requantization
  /// `nil`: as elsewhere. Only of a whole layer.
  package var accumulator: AccumulatorRule?

  package init(
    _ region: KernelRegion, _ requantization: Requantization, accumulator: AccumulatorRule? = nil
  ) {
    self.region = region
    self.requantization = requantization
    self.accumulator = accumulator
  }
}

extension Arithmetic {
  /// What is left to choose once the layer is known: a variant that computes all of it takes the
  /// place of the rest, and one that cannot occur is dropped.
  package func resolved(for layer: Layer) -> Arithmetic {
    guard !variants.isEmpty else { return self }
    var arithmetic = self
    if let whole = variants.first(where: { $0.region.isAll(of: layer) }) {
      arithmetic.requantization = whole.requantization
      arithmetic.accumulator = whole.accumulator ?? accumulator
      arithmetic.variants = []
    } else {
      arithmetic.variants.removeAll { $0.region == .oneRow }
    }
    return arithmetic
  }
}
