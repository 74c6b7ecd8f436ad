import Foundation
import QuantizedArithmetic
import QuantizedLayers

/// What is easily wired wrongly in an adapter.
enum WiringMistake: CaseIterable {
  // Where two look alike in a case, the one that the case was made for comes first.
  case ignoresActivation, ignoresBias
  case ignoresInputZeroPoint, ignoresWeightsZeroPoint, ignoresOutputZeroPoint
  case addsInputZeroPoint, usesFirstScale, transposesWeights, returnsAccumulators
  case ignoresOutputScale
  case misreadsInputSign, misreadsWeightsSign, swapsInputBytes, misreadsOutputSign

  var words: String {
    switch self {
    case .ignoresBias: "the bias is not added"
    case .ignoresInputZeroPoint: "the input's zero point is not subtracted"
    case .ignoresWeightsZeroPoint: "the weights' zero point is not subtracted"
    case .ignoresOutputZeroPoint: "the output's zero point is not added"
    case .addsInputZeroPoint: "the input's zero point is added: it must be subtracted"
    case .usesFirstScale: "the first channel's weight scale is used for every channel"
    case .transposesWeights:
      "the weights are read as [terms, channels]: they are [channels, terms]"
    case .returnsAccumulators: "these are the accumulators: they are not scaled to the output"
    case .ignoresOutputScale: "the output's scale is not divided by"
    case .ignoresActivation: "the activation (or clamp) is not applied"
    case .misreadsInputSign: "the input is read with the other signedness: see its type"
    case .misreadsWeightsSign: "the weights are read with the other signedness: see their type"
    case .swapsInputBytes: "the input is read with its bytes swapped: data is little-endian"
    case .misreadsOutputSign: "the output is written with the other signedness: see its type"
    }
  }

  /// Whether a layer can show it at all.
  func applies(to layer: Layer) -> Bool {
    switch self {
    case .ignoresBias: layer.raw.bias != nil
    case .ignoresInputZeroPoint, .addsInputZeroPoint: layer.inputZeroPoint != 0
    case .ignoresWeightsZeroPoint: layer.weights.zeroPoints.contains { $0 != 0 }
    case .ignoresOutputZeroPoint, .returnsAccumulators, .ignoresOutputScale, .transposesWeights:
      true
    case .usesFirstScale: layer.isPerChannel
    case .ignoresActivation: layer.activation != .none
    case .misreadsInputSign: layer.input.type.byteCount == 1
    case .misreadsWeightsSign: layer.weights.type.byteCount == 1
    case .misreadsOutputSign: layer.output.type.byteCount == 1
    case .swapsInputBytes: layer.input.type == .int16
    }
  }
}

/// A tiny layer as an adapter with one mistake computes it, in plain floating point: the numbers of
/// smoke's cases are whole, so that no rounding enters.
struct WiringModel {
  private let layer: Layer
  private let mistake: WiringMistake

  init(_ layer: Layer, _ mistake: WiringMistake) {
    self.layer = layer
    self.mistake = mistake
  }

  var outputs: [Int64] {
    (0..<layer.outputCount).map { output($0 / layer.channels, $0 % layer.channels) }
  }

  private func output(_ row: Int, _ channel: Int) -> Int64 {
    let raw = layer.raw
    let zeroPoint = layer.weights.zeroPoint(channel)
    var sum: Int64 = 0
    for term in 0..<layer.depth {
      let place =
        mistake == .transposesWeights
        ? term * layer.channels + channel : channel * layer.depth + term
      let weight = read(raw.weights, place, wrongly: mistake == .misreadsWeightsSign)
      sum +=
        (input(row * layer.depth + term))
        * (mistake == .ignoresWeightsZeroPoint ? weight : weight - zeroPoint)
    }
    if let bias = raw.bias, mistake != .ignoresBias {
      sum += ElementBytes.integers(bias.data, as: bias.type)[channel]
    }
    return bounded(sum, channel)
  }

  private func input(_ place: Int) -> Int64 {
    let value = read(
      layer.raw.input, place,
      wrongly: mistake == .misreadsInputSign || mistake == .swapsInputBytes)
    switch mistake {
    case .ignoresInputZeroPoint: return value
    case .addsInputZeroPoint: return value + layer.inputZeroPoint
    default: return value - layer.inputZeroPoint
    }
  }

  private func bounded(_ sum: Int64, _ channel: Int) -> Int64 {
    let type = layer.output.type
    let zeroPoint = mistake == .ignoresOutputZeroPoint ? 0 : layer.outputZeroPoint
    if mistake == .returnsAccumulators {
      return min(max(sum, type.range.lowerBound), type.range.upperBound)
    }
    let weightScale = layer.raw.weights.scales[
      layer.isPerChannel && mistake != .usesFirstScale ? channel : 0]
    let outputScale = mistake == .ignoresOutputScale ? 1 : layer.raw.output.scales[0]
    let value = Double(sum) * layer.raw.input.scales[0] * weightScale / outputScale
    let range = mistake == .ignoresActivation ? type.range : layer.outputRange
    let rounded = Int64(min(max(value.rounded(.toNearestOrEven), -0x1p40), 0x1p40)) + zeroPoint
    let output = min(max(rounded, range.lowerBound), range.upperBound)
    guard mistake == .misreadsOutputSign else { return output }
    // Clamped to the other type's range, and its bits seen as this type's.
    let other: ElementType = type == .int8 ? .uint8 : .int8
    let clamped = min(max(rounded, other.range.lowerBound), other.range.upperBound)
    return ElementBytes.integers(ElementBytes.bytes([clamped], as: other), as: type)[0]
  }

  /// An element, or what its bits mean as the other type.
  private func read(_ tensor: RawTensor, _ place: Int, wrongly: Bool) -> Int64 {
    let size = tensor.type.byteCount
    let bytes = Array(tensor.data[(place * size)..<((place + 1) * size)])
    guard wrongly else { return ElementBytes.integers(bytes, as: tensor.type)[0] }
    switch tensor.type {
    case .int8: return ElementBytes.integers(bytes, as: .uint8)[0]
    case .uint8: return ElementBytes.integers(bytes, as: .int8)[0]
    default: return ElementBytes.integers(bytes.reversed(), as: tensor.type)[0]
    }
  }
}
