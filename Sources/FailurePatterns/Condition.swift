import QuantizedArithmetic
import QuantizedLayers

/// One output with its layer: what a condition looks at.
struct Subject {
  let layer: Layer
  let output: ObservedOutput
  /// `Si·Sw/So` of its channel.
  let ratio: Double

  init(_ layer: Layer, _ output: ObservedOutput) {
    self.layer = layer
    self.output = output
    ratio =
      layer.inputScale.value * layer.weights.scale(output.channel).value / layer.outputScale.value
  }

  var position: Int { output.row * layer.channels + output.channel }
  var weightsZeroPoint: Int64 { layer.weights.zeroPoint(output.channel) }
}

/// Something that an output may have, in words that go on from "all wrong outputs lie …".
struct Condition {
  /// Conditions of one family say the same thing in different grain; one of a family is enough.
  let family: String
  let words: String
  /// What tells it from the others of its family, where they may mean the same outputs.
  let grain: String
  let holds: (Subject) -> Bool

  init(
    _ family: String, _ words: String, grain: Int? = nil, _ holds: @escaping (Subject) -> Bool
  ) {
    (self.family, self.words, self.holds) = (family, words, holds)
    self.grain = grain.map(String.init) ?? ""
  }

  static let widths = [4, 8, 16, 32, 64]

  /// All that are looked at, the more telling first.
  static var all: [Condition] { places + shapes + parameters + values }

  // MARK: Where in the output

  private static var places: [Condition] {
    var found: [Condition] = [
      Condition("row", "in the last row") { $0.output.row == $0.layer.rows - 1 },
      Condition("row", "in the first row") { $0.output.row == 0 },
      Condition("row", "beyond the first row") { $0.output.row > 0 },
      Condition("row", "before the last row") { $0.output.row < $0.layer.rows - 1 },
      Condition("channel", "in the last channel") { $0.output.channel == $0.layer.channels - 1 },
      Condition("channel", "in the first channel") { $0.output.channel == 0 },
      Condition("channel", "beyond the first channel") { $0.output.channel > 0 },
      Condition("channel", "before the last channel") {
        $0.output.channel < $0.layer.channels - 1
      },
      Condition("position", "at the last output") {
        $0.position == $0.layer.outputCount - 1
      },
      Condition("position", "at the first output") { $0.position == 0 },
    ]
    for width in widths {
      found.append(
        Condition(
          "channel tail", "in the last channels beyond a multiple of \(width)", grain: width
        ) {
          $0.output.channel >= $0.layer.channels / width * width
        })
      found.append(
        Condition("channel body", "in the channels of whole groups of \(width)", grain: width) {
          $0.output.channel < $0.layer.channels / width * width
        })
      found.append(
        Condition(
          "position tail", "in the last outputs beyond a multiple of \(width)", grain: width
        ) {
          $0.position >= $0.layer.outputCount / width * width
        })
      found.append(
        Condition("row tail", "in the last rows beyond a multiple of \(width)", grain: width) {
          $0.output.row >= $0.layer.rows / width * width
        })
    }
    for width in widths.reversed() {
      for lane in 0..<width {
        found.append(
          Condition("channel lane", "in channels ≡ \(lane) modulo \(width)") {
            $0.layer.channels > width && $0.output.channel % width == lane
          })
        found.append(
          Condition("position lane", "at positions ≡ \(lane) modulo \(width)") {
            $0.layer.outputCount > width && $0.position % width == lane
          })
      }
    }
    return found
  }

  // MARK: Which layers

  private static var shapes: [Condition] {
    var found: [Condition] = []
    for width in widths {
      found.append(
        Condition("K tail", "where K mod \(width) ≠ 0", grain: width) {
          $0.layer.depth % width != 0
        })
      found.append(
        Condition("K whole", "where K mod \(width) = 0", grain: width) {
          $0.layer.depth % width == 0
        })
      found.append(
        Condition("N tail", "where N mod \(width) ≠ 0", grain: width) {
          $0.layer.channels % width != 0
        })
    }
    for length in [4_096, 1_024, 512, 256, 128, 64, 32, 16, 8, 4, 2, 1] {
      found.append(Condition("K", "where K > \(length)") { $0.layer.depth > length })
    }
    found += [
      Condition("K odd", "where K is odd") { $0.layer.depth % 2 == 1 },
      Condition("M", "where M > 1") { $0.layer.rows > 1 },
      Condition("M", "where M = 1") { $0.layer.rows == 1 },
      Condition("N", "where N > 1") { $0.layer.channels > 1 },
      Condition("N", "where N = 1") { $0.layer.channels == 1 },
      Condition("N = K", "where N = K") { $0.layer.channels == $0.layer.depth },
      Condition("granularity", "where the weights have a scale a channel") {
        $0.layer.isPerChannel
      },
      Condition("granularity", "where the weights have one scale") { !$0.layer.isPerChannel },
    ]
    for scheme in BiasScheme.allCases {
      let words =
        switch scheme {
        case .none: "where there is no bias"
        case .accumulator: "where there is a bias in accumulator units"
        case .general: "where the bias has a scale of its own"
        }
      found.append(Condition("bias", words) { $0.layer.biasScheme == scheme })
    }
    found.append(Condition("bias", "where there is a bias") { $0.layer.biasScheme != .none })
    for name in ["none", "relu", "relu6", "clamp"] {
      found.append(
        Condition("activation", "where the activation is \(name)") {
          $0.layer.activation.name == name
        })
    }
    for type in ElementType.quantized {
      found.append(
        Condition("input type", "where the input is \(type)") { $0.layer.input.type == type })
      found.append(
        Condition("weights type", "where the weights are \(type)") {
          $0.layer.weights.type == type
        })
      found.append(
        Condition("output type", "where the output is \(type)") { $0.layer.output.type == type })
    }
    return found
  }

  // MARK: Which parameters

  private static var parameters: [Condition] {
    func zeroPoint(_ name: String, _ value: @escaping (Subject) -> Int64) -> [Condition] {
      [
        Condition(name, "where \(name) ≠ 0") { value($0) != 0 },
        Condition(name, "where \(name) = 0") { value($0) == 0 },
        Condition(name, "where \(name) < 0") { value($0) < 0 },
        Condition(name, "where \(name) > 0") { value($0) > 0 },
      ]
    }
    return zeroPoint("Zi") { $0.layer.inputZeroPoint }
      + zeroPoint("Zw") { $0.weightsZeroPoint }
      + zeroPoint("Zo") { $0.layer.outputZeroPoint }
      + [
        Condition("D", "where D ≥ 1") { $0.ratio >= 1 },
        Condition("D", "where D < 1") { $0.ratio < 1 },
        Condition("D", "where D > 1") { $0.ratio > 1 },
        Condition("D power", "where D is a power of two") { $0.ratio.significand == 1 },
        Condition("D power", "where D is no power of two") { $0.ratio.significand != 1 },
      ]
  }

  // MARK: Which values

  private static var values: [Condition] {
    var found: [Condition] = [
      Condition("sign", "where the accumulator is negative") {
        $0.output.accumulator.map { $0 < 0 } ?? false
      },
      Condition("sign", "where the accumulator is positive") {
        $0.output.accumulator.map { $0 > 0 } ?? false
      },
      Condition("tie", "where the exact value is a tie") { $0.output.tieFloor != nil },
      Condition("tie", "where the exact value is no tie") { $0.output.tieFloor == nil },
      Condition("saturation", "where the exact value lies beyond the bounds of the output") {
        $0.output.isSaturated
      },
      Condition("saturation", "where the exact value lies within the bounds of the output") {
        !$0.output.isSaturated
      },
    ]
    found += ties + fractions
    for power in [47, 40, 31, 30, 24, 23, 16, 15] {
      found.append(
        Condition("magnitude", "where |accumulator| ≥ 2^\(power)") {
          $0.output.accumulator.map { $0.magnitude >= 1 << UInt64(power) } ?? true
        })
    }
    return found
  }

  /// On which side of one half the exact value's fraction lies.
  private static var fractions: [Condition] {
    func fraction(_ words: String, _ kinds: Set<ExactPosition.Fraction>) -> Condition {
      Condition("fraction", "where the fraction y − ⌊y⌋ of the exact value is \(words)") {
        subject in
        subject.output.position.map { kinds.contains($0.fraction) } ?? false
      }
    }
    return [
      fraction("above 1/2", [.aboveHalf]), fraction("1/2 or more", [.half, .aboveHalf]),
      fraction("below 1/2, and not 0", [.belowHalf]),
      fraction("1/2 or less, and not 0", [.belowHalf, .half]), fraction("0", [.zero]),
      fraction("not 0", [.belowHalf, .half, .aboveHalf]),
    ]
  }

  /// Kinds of ties that are not beyond the bounds of the output.
  private static var ties: [Condition] {
    func tie(_ words: String, _ holds: @escaping (Int64) -> Bool) -> Condition {
      Condition("tie", "where the exact value is \(words), within the bounds of the output") {
        subject in subject.output.tieFloor.map { !subject.output.isSaturated && holds($0) } ?? false
      }
    }
    return [
      tie("a tie") { _ in true },
      tie("a positive tie") { $0 >= 0 },
      tie("a negative tie") { $0 < 0 },
      tie("a tie above an even integer") { $0 & 1 == 0 },
      tie("a tie above an odd integer") { $0 & 1 == 1 },
      tie("a positive tie above an even integer") { $0 >= 0 && $0 & 1 == 0 },
      tie("a positive tie above an odd integer") { $0 >= 0 && $0 & 1 == 1 },
      tie("a negative tie above an even integer") { $0 < 0 && $0 & 1 == 0 },
      tie("a negative tie above an odd integer") { $0 < 0 && $0 & 1 == 1 },
      tie("a tie whose integer toward zero is even") { ($0 < 0 ? $0 + 1 : $0) & 1 == 0 },
      tie("a tie whose integer toward zero is odd") { ($0 < 0 ? $0 + 1 : $0) & 1 == 1 },
    ]
  }
}
