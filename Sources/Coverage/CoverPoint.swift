import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// Something that every case, every channel or every output is one of several *bins* of.
///
/// Points are what coverage is made of: alone and crossed with each other (``CoverGroup``).
package enum CoverPoint: Int, CaseIterable, Hashable, Sendable {
  // Of a case.
  case profile
  case types
  case rows
  case depth4
  case depth8
  case depth16
  case depth32
  case depth64
  case channels4
  case channels8
  case channels16
  case granularity
  case bias
  case activation
  case inputZeroPoint
  case weightsZeroPoint
  case outputZeroPoint
  // Of a channel.
  case shift
  case significand
  // Of an output.
  case sign
  case place
  case saturation
  case accumulator
  case departure

  /// What a bin is taken of.
  package enum Scope: String, Sendable {
    case layer, channel, output
  }

  package var scope: Scope {
    switch self {
    case .shift, .significand: .channel
    case .sign, .place, .saturation, .accumulator, .departure: .output
    default: .layer
    }
  }

  /// As `list cover`, reports and the database have it.
  package var name: String {
    switch self {
    case .profile: "profile"
    case .types: "types"
    case .rows: "M"
    case .depth4: "K mod 4"
    case .depth8: "K mod 8"
    case .depth16: "K mod 16"
    case .depth32: "K mod 32"
    case .depth64: "K mod 64"
    case .channels4: "N mod 4"
    case .channels8: "N mod 8"
    case .channels16: "N mod 16"
    case .granularity: "granularity"
    case .bias: "bias"
    case .activation: "activation"
    case .inputZeroPoint: "Zi"
    case .weightsZeroPoint: "Zw"
    case .outputZeroPoint: "Zo"
    case .shift: "shift"
    case .significand: "significand"
    case .sign: "sign"
    case .place: "place"
    case .saturation: "saturation"
    case .accumulator: "accumulator"
    case .departure: "departure"
    }
  }

  /// What the bins are about, in a line.
  package var summary: String {
    switch self {
    case .profile: "the arithmetic asked for"
    case .types: "types of input, weights and output"
    case .rows: "rows of the input"
    case .depth4, .depth8, .depth16, .depth32, .depth64:
      "terms of a sum: less than one vector, whole vectors, and how many are left over"
    case .channels4, .channels8, .channels16:
      "output channels: less than one vector, whole vectors, and how many are left over"
    case .granularity: "one weight scale, or one a channel"
    case .bias: "absent, in accumulator units of either width, or with a scale of its own"
    case .activation: "what is applied to the output"
    case .inputZeroPoint: "zero point of the input within its type"
    case .weightsZeroPoint: "zero point of the weights within their type, or one a channel"
    case .outputZeroPoint: "zero point of the output within its type"
    case .shift: "D = Si·Sw/So by its binary exponent: how far a fixed-point kernel shifts"
    case .significand: "bits of D's odd part"
    case .sign: "sign of the exact y"
    case .place: "where the exact y lies between two integers; beside a tie: nearer than 2^−8"
    case .saturation: "round(y) + Zo, ties to even, beside the bounds of the output"
    case .accumulator: "magnitude of the accumulator that the profile keeps"
    case .departure: "where the profile leaves the mathematics, the last of several"
    }
  }

  /// The bins' names, in order.
  package var bins: [String] {
    switch self {
    case .profile: Profiles.all.map(\.name)
    case .types: CoverPoint.triples.map(\.description)
    case .rows: ["1", "2 to 3", "4", "whole blocks of 4", "blocks of 4 and a rest"]
    case .depth4, .depth8, .depth16, .depth32, .depth64, .channels4, .channels8, .channels16:
      ["no vector", "rest 0", "rest 1", "rest inside", "rest last"]
    case .granularity: ["per tensor", "per channel"]
    case .bias: ["none", "int32", "int64", "general"]
    case .activation: ["none", "relu", "relu6", "clamp"]
    case .inputZeroPoint, .outputZeroPoint: ["low end", "0", "high end", "inside"]
    case .weightsZeroPoint: ["low end", "0", "high end", "inside", "one a channel"]
    case .shift:
      [
        "D ≥ 1", "1/2 ≤ D", "2^−8 ≤ D < 1/2", "2^−16 ≤ D < 2^−8", "2^−32 ≤ D < 2^−16", "D < 2^−32",
      ]
    case .significand:
      ["power of two", "2 to 8 bits", "9 to 31 bits", "32 bits", "more bits", "quotient"]
    case .sign: ["y < 0", "y = 0", "y > 0"]
    case .place: ["integer", "tie", "just below a tie", "just above a tie", "elsewhere"]
    case .saturation:
      [
        "far below", "one below", "at the least", "inside", "at the greatest", "one above",
        "far above",
      ]
    case .accumulator:
      [
        "0", "below 2^8", "below 2^16", "below 2^24", "below 2^31 − 2^16", "near 2^31",
        "beyond int32",
      ]
    case .departure:
      ["none", "accumulator", "pairs", "left shift", "conversion", "zero point addition"]
    }
  }

  /// Every type triple, input first.
  static let triples: [TypeTriple] = ElementType.quantized.flatMap { input in
    ElementType.quantized.flatMap { weights in
      ElementType.quantized.map { TypeTriple(input: input, weights: weights, output: $0) }
    }
  }

  /// The widths of the points about the rest that vectors leave over.
  var width: Int? {
    switch self {
    case .depth4, .channels4: 4
    case .depth8, .channels8: 8
    case .depth16, .channels16: 16
    case .depth32: 32
    case .depth64: 64
    default: nil
    }
  }

  var isDepth: Bool {
    switch self {
    case .depth4, .depth8, .depth16, .depth32, .depth64: true
    default: false
    }
  }
}
