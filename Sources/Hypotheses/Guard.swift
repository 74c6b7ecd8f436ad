package import QuantizedArithmetic
package import QuantizedLayers

/// Where a change applies: layers of some kind, or some outputs of every layer.
package enum Guard: Hashable, Sendable {
  // Layers.
  case depthAtLeast(Int)
  case depthBelow(Int)
  case depthIsMultiple(of: Int)
  case depthIsNoMultiple(of: Int)
  case channelsAtLeast(Int)
  case channelsBelow(Int)
  case channelsAreMultiple(of: Int)
  case rowsAtLeast(Int)
  case rowsBelow(Int)
  case perChannel
  case perTensor
  case inputType(ElementType)
  case weightsType(ElementType)
  case outputType(ElementType)
  case bias
  case noBias
  case activation(String)
  case multiplierAtLeastOne
  case multiplierBelowOne
  /// D below 2 to this.
  case multiplierBelow(power: Int)
  case multiplierAtLeast(power: Int)
  /// N < K, and the other way round.
  case fewerChannelsThanTerms
  case moreChannelsThanTerms
  case inputZeroPointIsLowest
  case inputZeroPointIsHighest
  case outputZeroPointIsLowest
  case outputZeroPointIsHighest
  case inputZeroPointIsZero
  case inputZeroPointIsNotZero
  case weightsZeroPointIsZero
  // Outputs.
  case tailChannels(Int)
  case wholeChannels(Int)
  case tailRows(Int)
  case wholeRows(Int)
  case lastRow
  case notFirstRow
  case firstRow
  case lastChannel
  case notFirstChannel
  case firstChannel
  case rowLane(Int, of: Int)
  case channelLane(Int, of: Int)

  /// Those that are tried; where two hold, the first is named: of bounds of one kind the one that
  /// leaves out the least.
  package static let all: [Guard] = {
    let widths = [2, 4, 8, 16, 32, 64]
    var list: [Guard] = [
      .perChannel, .perTensor, .bias, .noBias, .lastRow, .firstRow, .notFirstRow, .lastChannel,
      .firstChannel, .notFirstChannel, .inputZeroPointIsZero, .inputZeroPointIsNotZero,
      .weightsZeroPointIsZero, .fewerChannelsThanTerms, .moreChannelsThanTerms,
      .inputZeroPointIsLowest, .inputZeroPointIsHighest, .outputZeroPointIsLowest,
      .outputZeroPointIsHighest,
    ]
    let powers = [-31, -16, -8, 8, 16, 24, 29, 30]
    list += powers.filter { $0 > 0 }.reversed().map { .multiplierBelow(power: $0) }
    list.append(.multiplierBelowOne)
    list += powers.filter { $0 < 0 }.reversed().map { .multiplierBelow(power: $0) }
    list += powers.filter { $0 < 0 }.map { .multiplierAtLeast(power: $0) }
    list.append(.multiplierAtLeastOne)
    list += powers.filter { $0 > 0 }.map { .multiplierAtLeast(power: $0) }
    for type in ElementType.quantized {
      list += [.inputType(type), .weightsType(type), .outputType(type)]
    }
    list += ["none", "relu", "relu6", "clamp"].map { .activation($0) }
    for width in widths {
      list += [.tailChannels(width), .wholeChannels(width), .tailRows(width), .wholeRows(width)]
    }
    let sizes = (widths + [3, 5, 9, 17, 33, 65, 128, 129, 256, 257, 512, 1_024]).sorted()
    list += sizes.map { .depthAtLeast($0) } + sizes.reversed().map { .depthBelow($0) }
    list += sizes.map { .channelsAtLeast($0) } + sizes.reversed().map { .channelsBelow($0) }
    list += sizes.map { .rowsAtLeast($0) } + sizes.reversed().map { .rowsBelow($0) }
    for width in widths {
      list += [.depthIsMultiple(of: width), .depthIsNoMultiple(of: width)]
      list.append(.channelsAreMultiple(of: width))
    }
    for width in [2, 4, 8, 16] {
      list += (0..<width).map { .channelLane($0, of: width) }
      list += (0..<width).map { .rowLane($0, of: width) }
    }
    return list
  }()

  /// Whether it is about outputs, and not about whole layers.
  package var isAboutOutputs: Bool {
    switch self {
    case .tailChannels, .wholeChannels, .tailRows, .wholeRows, .lastRow, .notFirstRow, .firstRow,
      .lastChannel, .notFirstChannel, .firstChannel, .rowLane, .channelLane:
      true
    default: false
    }
  }

  /// Whether the change applies to output (row, channel) of a layer.
  package func holds(_ layer: Layer, _ row: Int, _ channel: Int) -> Bool {
    switch self {
    case .depthAtLeast(let count): layer.depth >= count
    case .depthBelow(let count): layer.depth < count
    case .depthIsMultiple(let count): layer.depth % count == 0
    case .depthIsNoMultiple(let count): layer.depth % count != 0
    case .channelsAtLeast(let count): layer.channels >= count
    case .channelsBelow(let count): layer.channels < count
    case .channelsAreMultiple(let count): layer.channels % count == 0
    case .rowsAtLeast(let count): layer.rows >= count
    case .rowsBelow(let count): layer.rows < count
    case .perChannel: layer.isPerChannel
    case .perTensor: !layer.isPerChannel
    case .inputType(let type): layer.input.type == type
    case .weightsType(let type): layer.weights.type == type
    case .outputType(let type): layer.output.type == type
    case .bias: layer.biasType != nil
    case .noBias: layer.biasType == nil
    case .activation(let name): layer.activation.name == name
    case .multiplierAtLeastOne: Guard.multiplier(layer, channel) >= 1
    case .multiplierBelowOne: Guard.multiplier(layer, channel) < 1
    case .multiplierBelow(let power):
      Guard.multiplier(layer, channel) < Double(sign: .plus, exponent: power, significand: 1)
    case .multiplierAtLeast(let power):
      Guard.multiplier(layer, channel) >= Double(sign: .plus, exponent: power, significand: 1)
    case .fewerChannelsThanTerms: layer.channels < layer.depth
    case .moreChannelsThanTerms: layer.channels > layer.depth
    case .inputZeroPointIsLowest: layer.inputZeroPoint == layer.input.type.range.lowerBound
    case .inputZeroPointIsHighest: layer.inputZeroPoint == layer.input.type.range.upperBound
    case .outputZeroPointIsLowest: layer.outputZeroPoint == layer.output.type.range.lowerBound
    case .outputZeroPointIsHighest: layer.outputZeroPoint == layer.output.type.range.upperBound
    case .inputZeroPointIsZero: layer.inputZeroPoint == 0
    case .inputZeroPointIsNotZero: layer.inputZeroPoint != 0
    case .weightsZeroPointIsZero: layer.weights.zeroPoint(channel) == 0
    case .tailChannels(let width): channel >= layer.channels / width * width
    case .wholeChannels(let width): channel < layer.channels / width * width
    case .tailRows(let width): row >= layer.rows / width * width
    case .wholeRows(let width): row < layer.rows / width * width
    case .lastRow: row == layer.rows - 1
    case .notFirstRow: row > 0
    case .firstRow: row == 0
    case .lastChannel: channel == layer.channels - 1
    case .notFirstChannel: channel > 0
    case .firstChannel: channel == 0
    case .rowLane(let lane, let width): row % width == lane
    case .channelLane(let lane, let width): channel % width == lane
    }
  }

  private static func multiplier(_ layer: Layer, _ channel: Int) -> Double {
    layer.inputScale.value * layer.weights.scale(channel).value / layer.outputScale.value
  }

  /// Where that is, in words.
  package var words: String {
    switch self {
    case .depthAtLeast(let count): count == 2 ? "where K > 1" : "where K ≥ \(count)"
    case .depthBelow(let count): count == 2 ? "where K = 1" : "where K < \(count)"
    case .depthIsMultiple(let count): "where K is a multiple of \(count)"
    case .depthIsNoMultiple(let count): "where K is no multiple of \(count)"
    case .channelsAtLeast(let count): count == 2 ? "where N > 1" : "where N ≥ \(count)"
    case .channelsBelow(let count): count == 2 ? "where N = 1" : "where N < \(count)"
    case .channelsAreMultiple(let count): "where N is a multiple of \(count)"
    case .rowsAtLeast(let count): count == 2 ? "where M > 1" : "where M ≥ \(count)"
    case .rowsBelow(let count): count == 2 ? "where M = 1" : "where M < \(count)"
    case .perChannel: "where weights are per channel"
    case .perTensor: "where weights are per tensor"
    case .inputType(let type): "where the input is \(type.rawValue)"
    case .weightsType(let type): "where the weights are \(type.rawValue)"
    case .outputType(let type): "where the output is \(type.rawValue)"
    case .bias: "where there is a bias"
    case .noBias: "where there is no bias"
    case .activation(let name):
      name == "none" ? "where there is no activation" : "where the activation is \(name)"
    case .multiplierAtLeastOne: "where D ≥ 1"
    case .multiplierBelowOne: "where D < 1"
    case .multiplierBelow(let power): "where D < 2^\(power)"
    case .multiplierAtLeast(let power): "where D ≥ 2^\(power)"
    case .fewerChannelsThanTerms: "where N < K"
    case .moreChannelsThanTerms: "where N > K"
    case .inputZeroPointIsLowest: "where the input's zero point is the lowest of its type"
    case .inputZeroPointIsHighest: "where the input's zero point is the highest of its type"
    case .outputZeroPointIsLowest: "where the output's zero point is the lowest of its type"
    case .outputZeroPointIsHighest: "where the output's zero point is the highest of its type"
    case .inputZeroPointIsZero: "where the input's zero point is 0"
    case .inputZeroPointIsNotZero: "where the input's zero point is not 0"
    case .weightsZeroPointIsZero: "where the weights' zero point is 0"
    case .tailChannels(let width): "in channels beyond a multiple of \(width)"
    case .wholeChannels(let width): "in channels within whole vectors of \(width)"
    case .tailRows(let width): "in rows beyond a multiple of \(width)"
    case .wholeRows(let width): "in rows within whole blocks of \(width)"
    case .lastRow: "in the last row"
    case .notFirstRow: "in all rows but the first"
    case .firstRow: "in the first row"
    case .lastChannel: "in the last channel"
    case .notFirstChannel: "in all channels but the first"
    case .firstChannel: "in the first channel"
    case .rowLane(let lane, let width): "in rows m with m mod \(width) = \(lane)"
    case .channelLane(let lane, let width): "in channels n with n mod \(width) = \(lane)"
    }
  }
}
