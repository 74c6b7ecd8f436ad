import Profiles
import QuantizedArithmetic

/// Two roundings in words.
enum RoundingWords {
  static func words(_ first: RoundingMode?, _ last: RoundingMode) -> String {
    let second = PartWords.rounding(last.rawValue)
    guard let first else { return "the whole product is rounded once: \(second)" }
    return "two roundings: \(PartWords.rounding(first.rawValue)) at bit 31, then \(second)"
  }
}

/// A choice of the arithmetic in words.
enum PartWords {
  static func words(_ part: ArithmeticPart, _ choice: String) -> String {
    switch part {
    case .rounding: "the last rounding is \(rounding(choice))"
    case .firstRounding:
      choice == "none"
        ? "the whole product is rounded once, in place of twice"
        : "the first rounding is \(rounding(choice))"
    case .accumulator: "the accumulator \(accumulator(choice))"
    case .weightsZeroPoint:
      choice == "used"
        ? "the weights' zero point is used where it is ignored"
        : choice == "ignored"
          ? "the weights' zero point is missing"
          : "the weights' zero point is missing where weights are per channel"
    case .requantization: "the requantization is \(requantization(choice))"
    case .multiplier: "the multiplier is made of \(multiplier(choice))"
    case .leftShift: "the left shift \(leftShift(choice))"
    case .effectiveScale: "Si·Sw/So is formed as \(scale(choice))"
    case .zeroPointAddition: "the zero point is added \(addition(choice))"
    case .clampOrder: "the output is clamped to the type before the zero point is added"
    case .activationBounds: "an activation's bounds are formed as \(bounds(choice))"
    case .result:
      result(choice)
    case .accumulatorPrecision:
      switch choice {
      case "binary64":
        "the accumulator is multiplied by D in float64, and the product rounded to float32"
      case "binary64Product": "the accumulator is multiplied by the float32 D in float64"
      default: "the accumulator is converted to float32 first"
      }
    case .conversion:
      "a float beyond int32 becomes \(choice == "saturating" ? "the nearer end" : "−2^31")"
    case .floatClamp: "the float is clamped \(floatClamp(choice))"
    case .bias: "the bias \(bias(choice))"
    case .leastRightShift:
      choice == "0"
        ? "the last right shift may be by 0" : "the last right shift is by \(choice) at least"
    case .carries:
      choice == "true"
        ? "2^30 is added, or taken away, before a shift of more than 31"
        : "2^30 is neither added nor taken away before a shift of more than 31"
    }
  }

  /// How an activation's bound f becomes an integer.
  private static func bounds(_ choice: String) -> String {
    switch choice {
    case "roundedQuotient": return "f/So in float32, to nearest, ties away from zero, plus Zo"
    case "roundedSum": return "f/So + Zo in float32, to nearest, ties to even"
    default:
      let parts = choice.split(separator: "(")
      let mode = rounding(String(parts.last?.dropLast() ?? ""))
      let quotient =
        switch parts.first {
        case "exact": "the exact f/So"
        case "binary64Quotient": "f/So in float64"
        default: "f/So in float32"
        }
      return "\(quotient), \(mode), plus Zo"
    }
  }

  private static func floatClamp(_ choice: String) -> String {
    switch choice {
    case "upperBeforeRounding": "above before it is rounded, below after it"
    case "bothBeforeRounding": "before it is rounded"
    default: "after it is rounded"
    }
  }

  private static func bias(_ choice: String) -> String {
    switch choice {
    case "added": "is added where it is ignored"
    case "ignored": "is ignored"
    case "wrapping16": "is cut to 16 bits"
    case "addedInBinary32": "is added in float32, both it and the sum converted before"
    default: "is brought to the nearer end of 16 bits"
    }
  }

  private static func result(_ choice: String) -> String {
    switch choice {
    case "saturates": "a result beyond int32 saturates"
    case "wrapsBeforeHalving":
      "the product is shifted by one bit less into int32, where it may wrap, and then halved; a"
        + " negative count of the shift (D of 2^30 and more) is undefined, and taken modulo 64"
    default: "a result beyond int32 wraps or stays wide"
    }
  }

  static func rounding(_ choice: String) -> String {
    switch choice {
    case "down": "toward −∞ (floor; a plain arithmetic shift)"
    case "up": "toward +∞ (ceiling)"
    case "towardZero": "truncation"
    case "toNearestOrUp": "to nearest, ties up"
    case "toNearestOrAway": "to nearest, ties away from zero"
    case "toNearestOrEven": "to nearest, ties to even"
    case "toNearestOrDown": "to nearest, ties down"
    case "toNearestOrTowardZero": "to nearest, ties toward zero"
    case "toNearestOrOdd": "to nearest, ties to odd"
    case "toOdd": "to the odd neighbour (a lost bit is or-ed into the lowest)"
    case "halfAddedTowardZero": "a half added, then truncation: wrong for negative numbers"
    case "halfAddedDown": "a half added in float, then the floor: ties up, wrong just below a half"
    case "signedHalfAddedTowardZero":
      "a half of the same sign added in float, then truncation: ties away from zero, wrong just below a half"
    default: choice
    }
  }

  private static func accumulator(_ choice: String) -> String {
    switch choice {
    case "exact": "never overflows"
    case "int64Wrapping": "has 64 bits"
    case "int48": "has 48 bits"
    case "int32Wrapping": "wraps at 32 bits"
    case "int32Saturating": "saturates at 32 bits"
    case "int32SaturatingSteps": "saturates at 32 bits at every step"
    case "int24Wrapping": "wraps at 24 bits"
    case "int24Saturating": "saturates at 24 bits"
    case "int16Wrapping": "wraps at 16 bits"
    case "int16Saturating": "saturates at 16 bits"
    case "int16PairSaturating": "takes pairs of products that saturate at 16 bits (vpmaddubsw)"
    case "int16PairWrapping": "takes pairs of products, k and k + 8, that wrap at 16 bits"
    default: "takes pairs of products that wrap at 16 bits, the tail filled with zero points"
    }
  }

  private static func requantization(_ choice: String) -> String {
    switch choice {
    case "exact": "exact"
    case "float64": "in float64"
    case "float32": "in float32"
    case "fixedPoint": "in fixed point"
    default: choice
    }
  }

  private static func multiplier(_ choice: String) -> String {
    let bits = choice.dropFirst(4).prefix { $0.isNumber }
    let rest = choice.dropFirst(4 + bits.count)
    return switch rest {
    case "": "\(bits) bits"
    case "LimitedAbove": "\(bits) bits, and D ≥ 2^30 is taken as 2^30 − 1/2"
    case "ShiftedTo62": "\(bits) bits, fewer where the right shift would be more than 62"
    case "Truncated": "\(bits) bits, truncated"
    case "HalfToEven": "\(bits) bits, its own ties to even"
    case "Saturated": "\(bits) bits, 2^\(bits) becomes 2^\(bits) − 1"
    case "ReducedTo15": "15 bits, reduced from 31"
    case "OfBits31": "15 bits, cut from 31 and rounded"
    default: "\(bits) bits, \(rest)"
    }
  }

  private static func leftShift(_ choice: String) -> String {
    switch choice {
    case "wraps": "wraps in 32 bits"
    case "wrapsToZero": "wraps in 32 bits, from 32 on it gives 0"
    case "saturates": "saturates"
    default: "is part of one shift of the 64-bit product"
    }
  }

  /// The formula of a choice, with the precision that each operation has.
  static func scale(_ choice: String) -> String {
    switch choice {
    case "exact": "the exact quotient"
    case "binary64": "(Si·Sw)/So in float64"
    case "binary32": "(Si·Sw)/So in float32"
    case "binary64InputFirst": "(Si/So)·Sw in float64"
    case "binary32InputFirst": "(Si/So)·Sw in float32"
    case "binary64WeightsFirst": "Si·(Sw/So) in float64"
    case "binary32WeightsFirst": "Si·(Sw/So) in float32"
    case "binary64Reciprocal": "(Si·Sw)·(1/So) in float64"
    case "binary64SingleReciprocal": "(Si·Sw)·(1/So) in float64, 1/So in float32"
    case "binary32Reciprocal": "(Si·Sw)·(1/So) in float32"
    case "binary32Product": "Si·Sw in float32, divided by So in float64"
    case "binary32ProductPerTensor":
      "Si·Sw in float32, divided by So in float64, where weights are per tensor"
    case "binary32OfBinary64": "(Si·Sw)/So in float64, rounded to float32"
    case "binary64Dividing":
      "no factor: the accumulator is multiplied by Si·Sw and divided by So, in float64"
    case "binary32Dividing":
      "no factor: the accumulator is multiplied by Si·Sw and divided by So, in float32"
    case "binary32OfReciprocals": "(1/So)/((1/Si)·(1/Sw)) in float32"
    case let text where text.hasPrefix("binary32OfMultiplier("):
      "the float32 of a fixed-point multiplier of"
        + " \(multiplier(String(text.dropFirst(21).dropLast())))"
    default: choice
    }
  }

  private static func addition(_ choice: String) -> String {
    switch choice {
    case "wrapping32": "in 32 bits, after the rounding"
    case "saturating16": "in 16 bits that saturate"
    case "saturating32": "in 32 bits that saturate"
    case "wrapping16": "in 16 bits that wrap"
    default: "before the rounding"
    }
  }
}
