/// What may be wrong with a multiplier.
package enum MultiplierSlip: Hashable, Sendable {
  /// Of a significand of 31 bits.
  case significand(Int)
  /// So many of its low bits are 0.
  case lowBitsCut(Int)
  /// Of the exponent: a shift that is off.
  case exponent(Int)
  /// `D` times 2 to this, before a multiplier is made of it.
  case power(Int)
  /// `D` without this scale.
  case scaleMissing(Operand)
  /// `D` with the output's scale as a factor.
  case outputScaleMultiplied
  /// The scales of input and output in each other's place.
  case inputAndOutputSwapped
  /// Shifts to the left are left out.
  case leftShiftLost
  /// A right shift of this and more gives 0.
  case zeroFromShift(Int)
  /// A right shift is at most this.
  case shiftLimited(Int)
  /// A right shift is at most this, of a multiplier that is taken as 0 too.
  case limitedInPlaceOfZero(Int)
  /// A significand rounded to so many bits, half away from zero.
  case rounded(bits: Int)
  /// Made of so many bits at once, half away from zero: not of one of 31.
  case madeOf(bits: Int)
  /// For D ≥ 1 the shift to the left is made after the rounding.
  case leftShiftLast
  /// For D ≥ 1 the accumulator is shifted to the left by itself, in 32 bits.
  case leftShiftFirst(Overflow)
  /// Of a multiplier that is reduced from 31 bits to 15, or made of 15 at once: cut, not rounded.
  case reducedTruncated(atOnce: Bool)
  /// Channel 0's shift for all channels, each with a significand of its own.
  case firstExponent
  /// Channel 0's significand for all channels, each with a shift of its own.
  case firstSignificand
  /// The exponent of the largest multiplier for all channels.
  case sharedExponent
  /// Significands that round up to 2^31 become 2^30, the exponent is kept.
  case halvedWhenFull
  /// Significands that round up to 2^31 become −2^31.
  case negatedWhenFull
}

/// What may be wrong with the output's bounds.
package enum BoundSlip: Hashable, Sendable {
  /// Stored in the type's width, cut.
  case noLower
  case noUpper
  case none
  /// The type's bounds in place of an activation's or a clamp's.
  case typeOnly
  /// `−127 … 127`
  case symmetric
  /// Those of the type with the other sign.
  case otherSignedness
  /// 0 … 255 for every 8-bit type, and the other way round, stored in the type's width.
  case reluIgnored
  case relu6Ignored
  /// The lower bound at the integer 0.
  case reluAtIntegerZero
  case relu6UpperMissing
  case relu6LowerMissing
  /// The upper bound without the zero point.
  case relu6WithoutZeroPoint
  /// The upper bound 6 steps above the zero point, whatever So is.
  case relu6InSteps
  /// The upper bound at the integer 6.
  case relu6AtIntegerSix
  /// An explicit clamp is ignored.
  case clampIgnored
  /// The type's own upper bound is missing, those of an activation are not.
  case noTypeUpper
  case noTypeLower
  /// An explicit clamp's bounds are applied before the zero point is added.
  case beforeZeroPoint
  /// The layer's bounds, activation and clamp included, before the zero point is added; the type's after.
  case allBeforeZeroPoint
  /// Clamped before the zero point is added, cut to the type after it.
  case beforeZeroPointThenCut
  /// The same with the layer's bounds, activation and clamp included.
  case allBeforeZeroPointThenCut
  /// The upper bound is one too low.
  case upperOff(Int)
  case lowerOff(Int)
}
