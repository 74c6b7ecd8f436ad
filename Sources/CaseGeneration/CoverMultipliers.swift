import Coverage
import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// Multipliers for bins of coverage.
extension CaseBuilder {
  /// Sets scales whose D has the binary exponent and the kind of significand that are wished for.
  mutating func setMultiplier(_ wish: CoverWish) {
    if wish.name(.shift) == "D < 2^−32", wish.name(.place).contains("just"),
      !signature.rule.biasTypes.contains(.int64)
    {
      // As near below 2^−32 as can be: only so the ends of int32 come near a half.
      setDyadic((1 << UInt64(random.integer(in: 16...24))) - 1, exponent: -33)
      return
    }
    let exponent = binaryExponent(wish)
    let kind = wish.bin(.significand) ?? usualSignificand(wish)
    switch kind {
    case 0: setDyadic(1, bits: 1, exponent: exponent)
    case 1: setDyadic(odd(bits: 2...8), exponent: exponent)
    case 2: setDyadic(odd(bits: 9...20), exponent: exponent)
    case 3: setHalfUnit(exponent: exponent)
    case 4: setLong(exponent: exponent)
    default: setQuotient(exponent: exponent)
    }
  }

  /// ⌊log2 D⌋
  private mutating func binaryExponent(_ wish: CoverWish) -> Int {
    switch wish.bin(.shift) {
    case 0: random.integer(in: 0...(signature.multiplierLimit < 128 ? 5 : 6))
    case 1: -1
    case 2: random.integer(in: -8...(-2))
    case 3: random.integer(in: -16...(-9))
    case 4: random.integer(in: -32...(-17))
    case 5: random.integer(in: -37...(-33))
    default: usualExponent(wish)
    }
  }

  /// Where accumulators of the wished size lead to outputs of the wished kind.
  private mutating func usualExponent(_ wish: CoverWish) -> Int {
    switch wish.name(.accumulator) {
    case "near 2^31", "beyond int32": random.integer(in: -31...(-2))
    default: random.integer(in: -14...0)
    }
  }

  /// One with ties where they are wished for.
  private mutating func usualSignificand(_ wish: CoverWish) -> Int {
    switch wish.name(.place) {
    case "tie", "integer": random.element(of: [0, 1, 1, 5])
    default: random.element(of: [1, 2, 4, 5])
    }
  }

  /// An odd number of so many bits.
  private mutating func odd(bits: ClosedRange<Int>) -> UInt64 {
    let bits = random.integer(in: bits)
    let top = Int64(1) << Int64(bits - 1)
    return UInt64(random.integer(in: top...(2 * top - 1)) | 1)
  }

  private mutating func setDyadic(_ significand: UInt64, bits: Int? = nil, exponent: Int) {
    let bits = bits ?? 64 - significand.leadingZeroBitCount
    setExactMultiplier(significand: significand, exponent: exponent - bits + 1)
  }

  /// Two factors of 16 bits whose product has 32, the last of them 1.
  private mutating func setHalfUnit(exponent: Int) {
    func factor() -> Double { Double(random.integer(in: 23_171...32_767) * 2 + 1) }
    draft.inputScale = factor() * 0x1p-16
    draft.weightScales = [factor() * 0x1p-16]
    draft.outputScale = Double(sign: .plus, exponent: -1 - exponent, significand: 1)
  }

  private mutating func setLong(exponent: Int) {
    draft.inputScale = drawScale(exponent: -4...0)
    draft.weightScales = [drawScale(exponent: -4...0)]
    normalize(exponent: exponent)
  }

  /// An odd divisor that does not divide the odd significand.
  private mutating func setQuotient(exponent: Int) {
    let divisor: Double = random.element(of: [3, 5, 7, 11, 13, 49, 103, 127])
    let significand: Double = random.element(of: [1, 1, 17, 19, 23])
    draft.inputScale = significand
    draft.weightScales = [0.25]
    draft.outputScale = divisor
    normalize(exponent: exponent)
  }

  /// Shifts the output's scale so that D gets the exponent.
  private mutating func normalize(exponent: Int) {
    let (input, weights) = (draft.inputScale, draft.weightScales[0])
    guard let ratio = ratio else { return }
    let power = ratio.binaryExponent - exponent
    draft.outputScale *= Double(sign: .plus, exponent: power, significand: 1)
    (draft.inputScale, draft.weightScales) = (input, [weights])
  }

  /// D of the draft's first channel, exactly.
  var ratio: ScaleRatio? {
    guard let input = try? Scale(draft.inputScale), let weights = try? Scale(draft.weightScales[0]),
      let output = try? Scale(draft.outputScale)
    else { return nil }
    return ScaleRatio(input, times: weights, over: output)
  }
}
