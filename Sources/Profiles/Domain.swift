import QuantizedArithmetic
package import QuantizedLayers

/// A condition on a layer that a profile's arithmetic is defined under; outside it nothing is drawn.
package enum DomainCondition: String, CaseIterable, Hashable, Sendable {
  /// Every scale is a binary32 number: what the runtime's files store.
  case binary32Scales
  /// Every scale is a normal binary32 number.
  case normalScales
  /// Every `f32(Si·Sw)` is a normal binary32 number.
  case normalProducts
  /// `D` as the profile forms it is finite.
  case finiteMultiplier
  /// `D` as the profile forms it is below 2^31: beyond, the left shift is undefined in C++.
  case shiftBelow32
  /// The multiplier's exponent is below 8: what TFLite's 64-bit form declares.
  case shiftBelow8
  /// `D` as the profile forms it is a normal binary32 number: its bits are taken apart.
  case normalMultiplier
  /// No accumulator that the layer could have makes TOSA's RESCALE unpredictable.
  case predictableRescale
  /// `D` as the profile forms it is below 256 (XNNPACK refuses others).
  case multiplierBelow256
  /// More than one weight scale or zero point of the weights: these are 0.
  case zeroWeightsZeroPointPerChannel
  /// One weight scale, and one zero point of the weights.
  case perTensor
  /// One weight scale for each channel, of which there are several.
  case perChannel
  /// Signed weights have zero point 0.
  case zeroSignedWeightsZeroPoint
  /// Zero points of input and output are 0 (16-bit activations).
  case zeroActivationZeroPoints
  /// One zero point for all channels.
  case oneWeightsZeroPoint
  /// The weights' zero points are 0.
  case zeroWeightsZeroPoint

  /// What the condition asks for, in words.
  package var summary: String {
    switch self {
    case .binary32Scales: "scales are binary32 numbers"
    case .normalScales: "scales are normal binary32 numbers"
    case .normalProducts: "Si·Sw is a normal binary32 number"
    case .finiteMultiplier: "Si·Sw/So is finite in the profile's precision"
    case .shiftBelow32: "Si·Sw/So < 2^31"
    case .shiftBelow8: "Si·Sw/So < 2^7"
    case .normalMultiplier: "Si·Sw/So is a normal binary32 number"
    case .predictableRescale:
      "no accumulator of K products and the bias can make RESCALE unpredictable"
    case .multiplierBelow256: "Si·Sw/So < 256"
    case .zeroWeightsZeroPointPerChannel: "weights per channel have zero point 0"
    case .perTensor: "weights have one scale and one zero point"
    case .perChannel: "weights have a scale for each channel"
    case .zeroSignedWeightsZeroPoint: "int8 weights have zero point 0"
    case .zeroActivationZeroPoints: "input and output have zero point 0"
    case .oneWeightsZeroPoint: "weights have one zero point"
    case .zeroWeightsZeroPoint: "weights have zero point 0"
    }
  }

  /// Whether `layer`, computed by `arithmetic`, meets the condition.
  package func holds(for layer: Layer, arithmetic: Arithmetic) -> Bool {
    switch self {
    case .binary32Scales:
      return layer.inputScale.isBinary32 && layer.outputScale.isBinary32
        && layer.weights.scales.allSatisfy(\.isBinary32)
    case .normalScales:
      return ([layer.inputScale, layer.outputScale] + layer.weights.scales).allSatisfy {
        Float($0.value).isNormal
      }
    case .normalProducts:
      return layer.weights.scales.allSatisfy {
        (Float(layer.inputScale.value) * Float($0.value)).isNormal
      }
    case .finiteMultiplier: return multipliers(layer, arithmetic).allSatisfy(\.isFinite)
    case .shiftBelow32: return multipliers(layer, arithmetic).allSatisfy { $0 < 0x1.fffffffp30 }
    case .shiftBelow8:
      return multipliers(layer, arithmetic).allSatisfy { FixedPointMultiplier($0).exponent < 8 }
    case .normalMultiplier:
      return multipliers(layer, arithmetic).allSatisfy { Float($0).isNormal }
    case .predictableRescale:
      return RescaleDomain(layer: layer, arithmetic: arithmetic).isPredictable
    case .multiplierBelow256: return multipliers(layer, arithmetic).allSatisfy { $0 < 256 }
    case .zeroWeightsZeroPointPerChannel:
      return !(layer.isPerChannel || layer.weights.zeroPoints.count > 1)
        || layer.weights.zeroPoints.allSatisfy { $0 == 0 }
    case .perTensor: return !layer.isPerChannel && layer.weights.zeroPoints.count == 1
    case .perChannel: return layer.isPerChannel
    case .zeroSignedWeightsZeroPoint:
      return layer.weights.type == .uint8 || layer.weights.zeroPoints.allSatisfy { $0 == 0 }
    case .zeroActivationZeroPoints:
      return layer.inputZeroPoint == 0 && layer.outputZeroPoint == 0
    case .oneWeightsZeroPoint: return layer.weights.zeroPoints.count == 1
    case .zeroWeightsZeroPoint: return layer.weights.zeroPoints.allSatisfy { $0 == 0 }
    }
  }

  func multipliers(_ layer: Layer, _ arithmetic: Arithmetic) -> [Double] {
    layer.weights.scales.map {
      arithmetic.effectiveScale.value(
        input: layer.inputScale, weights: $0, output: layer.outputScale,
        isPerChannel: layer.isPerChannel)
    }
  }
}
