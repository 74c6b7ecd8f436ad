import Profiles
import QuantizedArithmetic

extension Change {
  /// The change in the words of whoever writes kernels: what the kernel does.
  package var words: String {
    switch self {
    case .only(let place, let change): change.words + Change.placeWords(place)
    case .roundings(let first, let last): RoundingWords.words(first, last)
    case .computed(let kind, let conversion):
      "computed \(PartWords.words(.requantization, kind.rawValue).dropFirst(22)), D = Si·Sw/So too"
        + (kind == .fixedPoint ? " (float64): the whole product is rounded once" : "")
        + (conversion.rounding.map { ", rounded \(PartWords.rounding($0.rawValue))" } ?? "")
    case .part(let part, let choice): PartWords.words(part, choice)
    case .profile(let name):
      "the arithmetic is that of \(name) (\(Profiles.named(name)?.summary ?? ""))"
    case .zeroPoint(let operand, let slip): "\(operand.zeroPoint) \(slip.words)"
    case .addedZeroPoint(let slip):
      "the output's zero point \(slip.words) where it is added, not in the bounds"
    case .zeroPointSwappedWithOutput(let operand, _):
      "the zero points of \(operand == .input ? "input" : "weights") and output are swapped"
    case .inSum(let part, let change): change.words + Change.partWords(part)
    case .swappedZeroPoints: "the zero points of input and weights are swapped"
    case .correction(let correction, let slip): slip.words(correction)
    case .bias(let slip): slip.words
    case .channel(let parameter, let slip): slip.words(parameter)
    case .terms(let slip): slip.words
    case .tailChannels(let lanes, let slip):
      "channels beyond a multiple of \(lanes) \(slip.words)"
    case .layout(let slip): slip.words
    case .elements(let operand, let slip): "\(operand.elements) \(slip.words)"
    case .difference(let operand, let overflow):
      "the difference of \(operand.elements) and zero point \(overflow.words(8)) where the type has 8"
        + " bits, at 16 where it has 16"
    case .product(let overflow): "each product \(overflow.words(16))"
    case .sum(let bits, let overflow, let everyStep):
      "the sum of products \(overflow.words(bits))\(everyStep ? " at every step" : "")"
    case .sumFromBias(let bits):
      "the accumulator, which begins with the bias, saturates at \(bits) bits at every step"
    case .transposedAccumulators:
      "accumulators are read as [N, M] before they are requantized"
    case .requantized(let bits, let overflow):
      "the requantized value \(overflow.words(bits)) before the zero point is added"
    case .multiplier(let slip): slip.words
    case .bounds(let slip, _): slip.words
    case .accumulator(let bits, let overflow): "the accumulator \(overflow.words(bits))"
    case .partialSums(let grouping, let count, let overflow, let isRaw):
      "\(isRaw ? "raw products" : "products") are added in 16 bits"
        + " \(grouping == .neighbours ? "by \(count) neighbours" : "in \(count) lanes"), which"
        + " \(overflow == .wraps ? "wrap" : "saturate")"
    }
  }
}

extension Change {
  /// What follows the words of a change that applies at a place only.
  package static func placeWords(_ place: Guard) -> String { ", \(place.words) only" }

  /// What follows the words of a change of a part of the sum.
  package static func partWords(_ part: SumPart) -> String {
    switch part {
    case .products: ", in the products Σqi·qw only, not in their corrections for zero points"
    case .corrections: ", in the corrections for zero points only, not in the products Σqi·qw"
    case .tail(let lanes): ", in the terms beyond a multiple of \(lanes) only"
    case .tailBehindWhole(let lanes):
      ", in the terms beyond a multiple of \(lanes) only, behind whole vectors"
    case .whole(let lanes): ", in whole vectors of \(lanes) terms only"
    case .firstTerm: ", in the first term only"
    case .lastTerm: ", in the last term only"
    }
  }
}

extension Operand {
  var zeroPoint: String {
    switch self {
    case .input: "the input's zero point"
    case .weights: "the weights' zero point"
    case .output: "the output's zero point"
    }
  }

  var elements: String { self == .input ? "input elements" : "weights" }
}

extension Overflow {
  func words(_ bits: Int) -> String {
    self == .wraps ? "wraps at \(bits) bits" : "saturates at \(bits) bits"
  }
}

extension ZeroPointSlip {
  var words: String {
    switch self {
    case .missing: "is missing"
    case .doubled: "is taken twice"
    case .negated: "has the wrong sign"
    case .unsigned: "is read as unsigned"
    case .signed: "is read as signed"
    case .negatedInItsType: "is negated in its own type: the lowest stays negative"
    }
  }
}

extension CorrectionSlip {
  func words(_ correction: Correction) -> String {
    let term =
      switch correction {
      case .row: "the row sum's correction for the weights' zero point (Zw·Σqi)"
      case .column: "the column sum's correction for the input's zero point (Zi·Σqw)"
      case .constant: "the correction K·Zi·Zw"
      }
    switch self {
    case .missing: return "\(term) is missing"
    case .negated: return "\(term) has the wrong sign"
    case .doubled: return "\(term) is applied twice"
    case .depthOff(let count):
      return "K is \(count < 0 ? "too small" : "too large") by \(abs(count)) in K·Zi·Zw"
    case .depthRounded(let lanes): return "K is rounded up to a multiple of \(lanes) in K·Zi·Zw"
    case .tailDropped(let lanes):
      return "\(term) leaves out the terms beyond a multiple of \(lanes)"
    case .lastDropped: return "\(term) leaves out the last term"
    case .firstForAll:
      return "\(term) uses the sum of \(correction == .row ? "row" : "channel") 0 for all"
    case .firstOfBlock(let count):
      let unit = correction == .row ? "row" : "channel"
      return "\(term) uses the sum of the first \(unit) in each block of \(count)"
    case .wraps16: return "\(term) wraps at 16 bits"
    }
  }
}

extension BiasSlip {
  var words: String {
    switch self {
    case .missing: "the bias is missing"
    case .doubled: "the bias is added twice"
    case .negated: "the bias is subtracted"
    case .halved: "the bias is halved"
    case .bits(let bits, let overflow): "the bias \(overflow.words(bits))"
    case .shiftedLeft(let count): "the bias is shifted left by \(count)"
    case .shiftedRight(let count): "the bias is shifted right by \(count)"
    case .afterRequantization: "the bias is added after requantization, unscaled"
    case .unit(.inputScale): "the bias is scaled by Si in place of Si·Sw"
    case .unit(.weightsScale): "the bias is scaled by Sw in place of Si·Sw"
    case .unit(.firstChannel):
      "the bias is taken to be in units of channel 0's Si·Sw for all channels"
    case .unit(.outputScale): "the bias is scaled by So in place of Si·Sw"
    case .unsigned16: "the bias is read as 16 bits without a sign"
    case .perBlock(let count): "the bias is added once for every \(count) terms"
    case .skippedForZero: "the bias is left out where the sum of products is 0"
    case .zeroPointMissing: "the bias's zero point is missing"
    case .folded: "the general bias is rounded to accumulator units first"
    }
  }
}

extension ChannelParameter {
  var words: String {
    switch self {
    case .scale: "the scale"
    case .bias: "the bias"
    case .weightsZeroPoint: "the weights' zero point"
    case .all: "scale, bias and zero point"
    }
  }
}

extension ChannelSlip {
  func words(_ parameter: ChannelParameter) -> String {
    let what = parameter.words
    switch self {
    case .first: return "\(what) of channel 0 is used for all channels"
    case .next: return "\(what) of channel n + 1 is used for channel n"
    case .previous: return "\(what) of channel n − 1 is used for channel n"
    case .firstOfBlock(let count):
      return "\(what) of the first channel in each block of \(count) is used for all of it"
    case .last: return "\(what) of the last channel is used for all channels"
    case .largest: return "the largest of the channels' values of \(what) is used for all channels"
    case .modulo(let size): return "\(what) of channel n mod \(size) is used for channel n"
    case .previousVectorInTail(let lanes):
      return "channels beyond a multiple of \(lanes) use \(what) of \(lanes) channels before"
    case .fromStartInTail(let lanes):
      return "channels beyond a multiple of \(lanes) use \(what) counted from channel 0 again"
    }
  }
}

extension TermSlip {
  var words: String {
    switch self {
    case .tailDropped(let lanes): "the terms beyond a multiple of \(lanes) are dropped"
    case .tailRepeated(let lanes): "the terms beyond a multiple of \(lanes) are counted twice"
    case .tailOverlaps(let lanes):
      "the last vector of \(lanes) terms overlaps the one before: some are counted twice"
    case .tailProductsDropped(let lanes):
      "the products beyond a multiple of \(lanes) are dropped, their zero point corrections are not"
    case .tailProductsRepeated(let lanes):
      "the products beyond a multiple of \(lanes) are counted twice, their zero point corrections once"
    case .lastProductDropped:
      "the last product is dropped, its zero point corrections are not"
    case .firstDropped: "the first term is dropped"
    case .lastDropped: "the last term is dropped"
    case .firstRepeated: "the first term is counted twice"
    case .lastRepeated: "the last term is counted twice"
    case .lastDroppedOfWhole(let lanes):
      "the last term is dropped where K is a multiple of \(lanes)"
    case .lastVectorDroppedOfWhole(let lanes):
      "the last \(lanes) terms are dropped where K is a multiple of \(lanes)"
    case .beyond(let first): "terms from \(first) on are dropped"
    case .oddDropped: "every second term is dropped"
    }
  }
}

extension ChannelTailSlip {
  var words: String {
    switch self {
    case .zero: "are 0"
    case .zeroPoint, .rawZeroPoint: "are the zero point"
    case .previousVector: "repeat those of the vector before"
    case .biasOnly: "have no products, only their bias"
    }
  }
}

extension LayoutSlip {
  var words: String {
    switch self {
    case .transposed(.output): "the output is stored as [N, M]"
    case .transposed(let operand): "\(operand.elements) are read transposed"
    case .transposedWhereSquare(let operand):
      "\(operand.elements) are read transposed where they are square"
    case .stride(let operand, let stride):
      "rows of \(operand.elements) are read at a stride of \(stride.words)"
    case .firstForAll(let operand):
      operand == .input
        ? "row 0 of the input is used for all rows"
        : "channel 0's weights are used for all channels"
    case .next(let operand):
      operand == .input
        ? "row m + 1 of the input is used for row m"
        : "the weights of channel n + 1 are used for channel n"
    case .reversed(let operand): "\(operand.elements) of a row are read in reverse"
    case .firstOfTail(let operand, let count):
      operand == .input
        ? "rows beyond a multiple of \(count) all take the first of them"
        : "channels beyond a multiple of \(count) all take the weights of the first of them"
    }
  }
}

extension LayoutSlip.Stride {
  var words: String {
    switch self {
    case .roundedUp(let lanes): "K rounded up to a multiple of \(lanes)"
    case .roundedDown(let lanes): "K rounded down to a multiple of \(lanes)"
    case .depthOff(let count): count < 0 ? "K − \(-count)" : "K + \(count)"
    case .channels: "N"
    case .rows: "M"
    case .shorter: "the smaller of K and N"
    }
  }
}

extension ElementSlip {
  var words: String {
    switch self {
    case .signed: "are read as signed where they are unsigned"
    case .unsigned: "are read as unsigned where they are signed"
    case .symmetric: "of the lowest value are taken as one more"
    case .lowByte: "of 16 bits are read as their lower byte"
    case .highByte: "of 16 bits are read as their upper byte"
    case .offset128: "are raised by 128, which is not corrected for"
    case .offsetMinus128: "are lowered by 128, which is not corrected for"
    }
  }
}

extension MultiplierSlip {
  var words: String {
    switch self {
    case .significand(let count):
      "the multiplier's significand is \(abs(count)) too \(count < 0 ? "small" : "large")"
    case .lowBitsCut(let count):
      "the lowest \(count == 1 ? "bit" : "\(count) bits") of the multiplier's 31 \(count == 1 ? "is" : "are") cut"
    case .exponent(let count):
      "the shift is off by \(abs(count)): results are \(count < 0 ? "divided" : "multiplied") by"
        + " 2^\(abs(count))"
    case .power(let count): "D is \(count < 0 ? "divided" : "multiplied") by 2^\(abs(count))"
    case .scaleMissing(let operand): "the scale of the \(operand.rawValue) is left out of D"
    case .outputScaleMultiplied: "D is multiplied by So, not divided"
    case .inputAndOutputSwapped: "the scales of input and output are swapped"
    case .leftShiftLost: "left shifts are left out (D ≥ 1)"
    case .zeroFromShift(let count): "right shifts of \(count) and more give 0"
    case .shiftLimited(let count): "right shifts are limited to \(count)"
    case .limitedInPlaceOfZero(let count):
      "right shifts are limited to \(count), also where D is so small that it is taken as 0"
    case .rounded(let bits): "the multiplier is made of \(bits) bits"
    case .madeOf(let bits): "the multiplier is made of \(bits) bits, at once"
    case .leftShiftFirst(let overflow):
      "the accumulator is shifted to the left (D ≥ 1) by itself, which \(overflow.words(32))"
    case .reducedTruncated(let atOnce):
      atOnce
        ? "the multiplier of 15 bits is cut, not rounded"
        : "the multiplier of 31 bits is cut to 15, not rounded"
    case .leftShiftLast: "the left shift (D ≥ 1) is made after the rounding"
    case .firstExponent: "channel 0's shift is used for all channels"
    case .firstSignificand: "channel 0's significand of the multiplier is used for all channels"
    case .sharedExponent: "all channels share the largest multiplier's exponent"
    case .halvedWhenFull:
      "a significand that rounds up to 2^31 is halved, its exponent is not raised"
    case .negatedWhenFull: "a significand that rounds up to 2^31 wraps to −2^31"
    }
  }
}

extension BoundSlip {
  var words: String {
    switch self {
    case .noLower: "the output is not clamped below: it wraps in its type"
    case .noUpper: "the output is not clamped above: it wraps in its type"
    case .none: "the output is not clamped: it wraps in its type"
    case .typeOnly: "activation and clamp are ignored: only the type's bounds are applied"
    case .symmetric: "the lowest output is the negated highest (−127 for int8)"
    case .otherSignedness: "the output is clamped to the bounds of the other signedness"
    case .reluIgnored: "relu is ignored"
    case .relu6Ignored: "relu6 is ignored"
    case .reluAtIntegerZero: "relu clamps at the integer 0, not at the zero point"
    case .relu6UpperMissing: "relu6 has no upper bound"
    case .relu6LowerMissing: "relu6 has no lower bound"
    case .relu6WithoutZeroPoint: "the upper bound of relu6 lacks the zero point"
    case .relu6InSteps: "the upper bound of relu6 is Zo + 6, not Zo + 6/So"
    case .relu6AtIntegerSix: "the upper bound of relu6 is the integer 6"
    case .clampIgnored: "the clamp is ignored"
    case .noTypeUpper:
      "the output is not saturated to its type above: it wraps; bounds of an activation are kept"
    case .noTypeLower:
      "the output is not saturated to its type below: it wraps; bounds of an activation are kept"
    case .allBeforeZeroPoint:
      "the bounds, the activation's too, are applied before the zero point is added, the type's after"
    case .beforeZeroPoint: "the clamp's bounds are applied before the zero point is added"
    case .beforeZeroPointThenCut:
      "the output is clamped before the zero point is added, and wraps after it"
    case .allBeforeZeroPointThenCut:
      "the bounds, the activation's too, are applied before the zero point is added, and it wraps after"
    case .upperOff(let count): "the upper bound is off by \(count)"
    case .lowerOff(let count): "the lower bound is off by \(count)"
    }
  }
}
