import Hypotheses
import Profiles

extension Defect {
  /// Kernels that were spoilt by hand, in code of their own, and the change that says the same.
  static let changes: [(profile: String, defect: String, change: Change)] = [
    ("tflm", "input zero point missing", .zeroPoint(.input, .missing)),
    ("tflm", "input zero point of the wrong sign", .zeroPoint(.input, .negated)),
    ("gemmlowp", "weights' zero point missing", .zeroPoint(.weights, .missing)),
    ("tflm", "output zero point taken as unsigned", .zeroPoint(.output, .unsigned)),
    ("gemmlowp", "input zero point taken as signed", .zeroPoint(.input, .signed)),
    ("gemmlowp", "correction by the row sum missing", .correction(.row, .missing)),
    ("tflm", "correction by the column sum missing", .correction(.column, .missing)),
    ("ort", "correction K·Zx·Zw missing", .correction(.constant, .missing)),
    ("ort", "K too small by one in K·Zx·Zw", .correction(.constant, .depthOff(-1))),
    (
      "single-rounding", "K rounded up to 16 in K·Zx·Zw",
      .correction(.constant, .depthRounded(lanes: 16))
    ),
    ("ort", "row sum of row 0 for all rows", .correction(.row, .firstForAll)),
    ("tflm", "bias missing", .bias(.missing)),
    ("litert-reference", "bias doubled", .bias(.doubled)),
    ("ort", "bias negated", .bias(.negated)),
    ("single-rounding", "bias of 16 bits", .bias(.bits(16, .wraps))),
    ("tflm", "bias of 24 bits", .bias(.bits(24, .wraps))),
    ("tflm", "channel 0's scale for all", .channel(.scale, .first)),
    ("litert-reference", "the next channel's scale", .channel(.scale, .next(.wraps))),
    ("tflm", "the next channel's bias", .channel(.bias, .next(.wraps))),
    ("ort", "channel 0's weights' zero point for all", .channel(.weightsZeroPoint, .first)),
    (
      "tflm", "tail of K beyond a multiple of 8 dropped",
      .only(.depthAtLeast(9), .terms(.tailDropped(lanes: 8)))
    ),
    ("tflm", "multiplier one unit too large", .multiplier(.significand(1))),
    ("tflm", "left shift lost", .multiplier(.leftShiftLost)),
    ("tflm", "left shift saturates where it wraps", .part(.leftShift, "saturates")),
    ("tflm", "multiplier truncated instead of rounded", .part(.multiplier, "bits31Truncated")),
    ("tflm", "second rounding: ties up", .part(.rounding, "toNearestOrUp")),
    ("tflm", "first rounding: floor", .part(.firstRounding, "down")),
    ("litert-reference", "rounding: floor", .part(.rounding, "down")),
    ("ort", "rounding: ties away", .part(.rounding, "toNearestOrAway")),
    ("exact-even", "rounding: truncation", .part(.rounding, "towardZero")),
    (
      "exact-even", "zero point added before the rounding",
      .part(.zeroPointAddition, "beforeRounding")
    ),
    ("litert-reference", "scale product in float32", .part(.effectiveScale, "binary32Product")),
    ("ort", "input scale divided first", .part(.effectiveScale, "binary32InputFirst")),
    ("ort", "reciprocal of the output scale", .part(.effectiveScale, "binary32Reciprocal")),
    ("ort", "pairs of products saturate at 16 bits", .part(.accumulator, "int16PairSaturating")),
    ("tflm", "accumulator of 16 bits", .part(.accumulator, "int16Wrapping")),
    (
      "tflm", "accumulator saturates at int32 where it wraps",
      .part(.accumulator, "int32Saturating")
    ),
    ("ort", "explicit clamp ignored", .bounds(.clampIgnored, .lowerLast)),
    ("tflm", "int8 weights read as uint8", .elements(.weights, .unsigned)),
    ("litert-reference", "uint8 input read as int8", .elements(.input, .signed)),
    ("litert-reference", "output transposed", .layout(.transposed(.output))),
  ]

  /// Its kernel, by profile and name.
  static func named(_ name: String, _ profile: String) -> Defect? {
    all.first { $0.name == name && $0.profile.name == profile }
  }
}
