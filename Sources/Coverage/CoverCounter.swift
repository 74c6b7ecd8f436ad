package import Oracles
package import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// Finds the bins of a case and of its outputs, and notes them in a table.
///
/// One per thread. Outputs are first noted as what they are among few thousands of kinds, and each
/// kind that occurs is counted once a layer. Of a layer of more than ``sampledOutputs`` outputs, those
/// in evenly spaced rows and channels are counted.
package struct CoverCounter {
  package private(set) var table = CoverTable()
  /// A bin for every point.
  private var bins: [Int]
  /// Kinds of outputs of the layer: sign, place, saturation, accumulator, departure.
  private var kinds: [UInt64]
  /// Of the channels since the multiplier's bins changed: sign, place, accumulator.
  private var channelKinds: [UInt64]

  /// About how many outputs of a layer are counted at most.
  package static let sampledOutputs = 4_096

  private static let profiles: [String: Int] = Dictionary(
    uniqueKeysWithValues: Profiles.all.enumerated().map { ($1.name, $0) })

  package init() {
    bins = Array(repeating: 0, count: CoverPoint.allCases.count)
    kinds = Array(repeating: 0, count: (OutputKind.count + 63) / 64)
    channelKinds = Array(repeating: 0, count: (OutputKind.channelCount + 63) / 64)
  }

  /// Counts a layer and its outputs: `exact` is what the oracle has of them, `outputs` what the
  /// reference of the profile of this name has.
  package mutating func add(
    profile: String, _ reference: Reference, _ exact: ExactValues, _ outputs: ReferenceOutputs
  ) {
    guard let profile = CoverCounter.profiles[profile] else { return }
    let layer = reference.layer
    bins[CoverPoint.profile.rawValue] = profile
    LayerBins.fill(&bins, layer)
    table.note(.layer, bins)
    addOutputs(OutputClassifier(reference), layer, exact, outputs)
    for word in kinds.indices where kinds[word] != 0 {
      CoverCounter.eachBit(kinds[word], word) { kind in
        OutputKind.spread(kind, &bins)
        table.note(.output, bins)
      }
      kinds[word] = 0
    }
  }

  private mutating func addOutputs(
    _ classifier: OutputClassifier, _ layer: Layer, _ exact: ExactValues,
    _ outputs: ReferenceOutputs
  ) {
    let steps = CoverCounter.steps(rows: layer.rows, channels: layer.channels)
    var channel = 0
    var last = MultiplierBins(layer, channel: 0)
    while channel < layer.channels {
      let multiplier =
        channel > 0 && layer.isPerChannel ? MultiplierBins(layer, channel: channel) : last
      if multiplier != last {
        flush(last)
        last = multiplier
      }
      let places = stride(
        from: channel, to: layer.outputCount, by: steps.row &* layer.channels)
      kinds.withUnsafeMutableBufferPointer { kinds in
        channelKinds.withUnsafeMutableBufferPointer { short in
          classifier.note(places, exact, outputs, kinds, short)
        }
      }
      channel &+= steps.channel
    }
    flush(last)
  }

  /// Counts the kinds of outputs of channels with these bins of their multiplier.
  private mutating func flush(_ multiplier: MultiplierBins) {
    bins[CoverPoint.shift.rawValue] = multiplier.shift
    bins[CoverPoint.significand.rawValue] = multiplier.significand
    table.note(.channel, bins)
    for word in channelKinds.indices where channelKinds[word] != 0 {
      CoverCounter.eachBit(channelKinds[word], word) { kind in
        OutputKind.spreadChannel(kind, &bins)
        table.noteChannelOutputs(bins)
      }
      channelKinds[word] = 0
    }
  }

  /// So that about ``sampledOutputs`` outputs are met.
  private static func steps(rows: Int, channels: Int) -> (row: Int, channel: Int) {
    let most = 64
    guard rows * channels > sampledOutputs else { return (1, 1) }
    let row = max(1, rows / max(most, sampledOutputs / max(channels, 1)))
    return (row, max(1, channels / max(most, sampledOutputs * row / rows)))
  }

  @inline(__always)
  private static func eachBit(_ word: UInt64, _ index: Int, _ body: (Int) -> Void) {
    var rest = word
    while rest != 0 {
      body(index &* 64 &+ rest.trailingZeroBitCount)
      rest &= rest &- 1
    }
  }

  /// What has been met, which is forgotten here.
  package mutating func take() -> CoverTable {
    defer { table.removeAll() }
    return table
  }
}
