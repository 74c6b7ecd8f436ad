package import Profiles
package import QuantizedArithmetic

/// One choice of a correct computation, changed.
///
/// Changes are data: a hypothesis is an arithmetic and a list of them, and the same list serves as a
/// wrong kernel, as a diagnosis and as a question. ``HypotheticalKernel`` is the one place that says
/// what each does.
package indirect enum Change: Hashable, Sendable {
  /// Another change, in some layers or outputs only.
  case only(Guard, Change)
  /// A part of the arithmetic is chosen otherwise; the text is one of ``ArithmeticPart/choices``.
  case part(ArithmeticPart, String)
  /// The arithmetic of another profile.
  case profile(String)
  /// The roundings of a fixed-point product: at bit 31, if any, and the last one.
  case roundings(first: RoundingMode?, last: RoundingMode)
  /// Computed throughout by another kind of arithmetic: `D` is formed in it too.
  case computed(RequantizationKind, Conversion)
  case zeroPoint(Operand, ZeroPointSlip)
  /// The output's zero point where it is added; bounds are formed with the right one.
  case addedZeroPoint(ZeroPointSlip)
  /// The output and another operand have each other's zero point; bounds too, or with the right one.
  case zeroPointSwappedWithOutput(Operand, inBounds: Bool)
  /// Input and weights have each other's zero point; the input that of channel 0, or of each channel.
  case swappedZeroPoints(perChannel: Bool)
  /// A term of `Σqi·qw − Zw·Σqi − Zi·Σqw + K·Zi·Zw`.
  case correction(Correction, CorrectionSlip)
  case bias(BiasSlip)
  /// Parameters of another channel.
  case channel(ChannelParameter, ChannelSlip)
  /// Terms of the sum of products.
  case terms(TermSlip)
  /// Channels beyond whole vectors.
  case tailChannels(lanes: Int, ChannelTailSlip)
  /// Where elements lie.
  case layout(LayoutSlip)
  /// How raw elements are read.
  case elements(Operand, ElementSlip)
  /// `q − Z` in a register of 8 bits.
  case difference(Operand, Overflow)
  /// A product of two differences in a register of 16 bits.
  case product(Overflow)
  /// The sum of products, without the bias, in a register; at every step of the depth, or once.
  case sum(bits: Int, Overflow, everyStep: Bool)
  /// Products are gathered in registers of 16 bits: raw ones, or of differences from the zero points.
  case partialSums(Grouping, count: Int, Overflow, isRaw: Bool)
  /// The accumulator, bias included, in a register.
  case accumulator(bits: Int, Overflow)
  /// The sum that begins with the bias saturates at every step.
  case sumFromBias(bits: Int)
  /// Accumulators, bias included, are read as if they had been stored by columns.
  case transposedAccumulators
  /// The requantized integer in a register, before the zero point is added.
  case requantized(bits: Int, Overflow)
  case multiplier(MultiplierSlip)
  case bounds(BoundSlip, ClampStyle)
  /// A change of the sum of products, in a part of it only.
  case inSum(SumPart, Change)
}

/// A part of `Σ (qi − Zi)(qw − Zw)`.
package enum SumPart: Hashable, Sendable {
  /// `Σ qi·qw`.
  case products
  /// All of it but `Σ qi·qw`.
  case corrections
  /// Terms beyond whole vectors.
  case tail(Int)
  /// The same, where there is a whole vector before them.
  case tailBehindWhole(Int)
  /// Terms in whole vectors.
  case whole(Int)
  case firstTerm
  case lastTerm
}

/// What a clamp gives whose bounds a change has put in the wrong order.
package enum ClampStyle: String, CaseIterable, Hashable, Sendable {
  /// `max(low, min(x, high))`
  case lowerLast
  /// `min(high, max(x, low))`
  case upperLast
  /// `x < low ? low : x > high ? high : x`
  case compared
}

/// How products are gathered before they are added to the accumulator.
package enum Grouping: String, CaseIterable, Hashable, Sendable {
  /// So many neighbours.
  case neighbours
  /// One sum for each lane, over the whole depth.
  case lanes
}

/// How a computation of another kind ends: how it rounds, and what a float beyond int32 becomes.
package enum Conversion: String, CaseIterable, Hashable, Sendable {
  /// Both as the claimed arithmetic has them.
  case asClaimed
  /// It saturates, and the zero point's addition too: clamped before it is converted.
  case clamped
  /// To nearest, ties to even, as processors convert a float.
  case tiesToEven
  case tiesToEvenClamped
  /// To nearest, ties away from zero, as C's `round` does.
  case tiesAway
  case tiesAwayClamped

  /// `nil`: the claimed arithmetic's.
  var rounding: RoundingMode? {
    switch self {
    case .asClaimed, .clamped: nil
    case .tiesToEven, .tiesToEvenClamped: .toNearestOrEven
    case .tiesAway, .tiesAwayClamped: .toNearestOrAway
    }
  }

  var isClamped: Bool {
    switch self {
    case .asClaimed, .tiesToEven, .tiesAway: false
    case .clamped, .tiesToEvenClamped, .tiesAwayClamped: true
    }
  }
}

package enum Operand: String, CaseIterable, Hashable, Sendable {
  case input
  case weights
  case output
}

package enum Overflow: String, CaseIterable, Hashable, Sendable {
  case wraps
  case saturates
}

package enum ZeroPointSlip: String, CaseIterable, Hashable, Sendable {
  case missing
  case doubled
  case negated
  /// Of a signed type, read as unsigned.
  case unsigned
  /// Of an unsigned type, read as signed.
  case signed
  /// Negated in the width of its own signed type: the lowest value stays what it is.
  case negatedInItsType
}

package enum Correction: String, CaseIterable, Hashable, Sendable {
  /// `Zw · Σ_k qi[m, k]`
  case row
  /// `Zi · Σ_k qw[n, k]`
  case column
  /// `K · Zi · Zw`
  case constant
}

package enum CorrectionSlip: Hashable, Sendable {
  case missing
  case negated
  case doubled
  /// K too small or too large by this.
  case depthOff(Int)
  /// K rounded up to whole vectors: the constant alone.
  case depthRounded(lanes: Int)
  /// The sum leaves out the terms beyond whole vectors.
  case tailDropped(lanes: Int)
  case lastDropped
  /// The first row's or channel's sum for all.
  case firstForAll
  /// Of each block of so many rows or channels, the first one's.
  case firstOfBlock(Int)
  /// In 16 bits.
  case wraps16
}

package enum BiasSlip: Hashable, Sendable {
  case missing
  case doubled
  case negated
  case halved
  case bits(Int, Overflow)
  case shiftedLeft(Int)
  case shiftedRight(Int)
  /// Added to the requantized integer.
  case afterRequantization
  /// Not in units of Si·Sw but of this.
  case unit(BiasUnit)
  /// Of 16 bits, read without a sign.
  case unsigned16
  /// Once for every so many terms of the depth, begun ones too.
  case perBlock(Int)
  /// Left out where the sum of products is 0.
  case skippedForZero
  /// Of a general bias: its zero point is left out.
  case zeroPointMissing
  /// Of a general bias: brought to accumulator units first.
  case folded
}

package enum BiasUnit: String, CaseIterable, Hashable, Sendable {
  case inputScale
  case weightsScale
  case outputScale
  /// `Si·Sw` of channel 0.
  case firstChannel
}

package enum ChannelParameter: String, CaseIterable, Hashable, Sendable {
  case scale
  case bias
  case weightsZeroPoint
  /// All three.
  case all
}

package enum ChannelSlip: Hashable, Sendable {
  /// Channel 0's for all.
  case first
  /// n + 1 for n; what the last one gets is one of the three.
  case next(AtEnd)
  /// n − 1 for n; likewise of the first one.
  case previous(AtEnd)
  /// n modulo this.
  case modulo(Int)
  /// The first one's of each block of so many.
  case firstOfBlock(Int)
  /// The last one's for all.
  case last
  /// The largest, of scales; of zero points and biases too.
  case largest
  /// Beyond whole vectors, those of a vector before.
  case previousVectorInTail(lanes: Int)
  /// Beyond whole vectors, counted from the first channel again.
  case fromStartInTail(lanes: Int)

  package enum AtEnd: String, CaseIterable, Hashable, Sendable {
    case wraps
    case stays
    /// 0; of scales, what stays.
    case isZero
  }
}

package enum TermSlip: Hashable, Sendable {
  /// Beyond whole vectors of the depth.
  case tailDropped(lanes: Int)
  case tailRepeated(lanes: Int)
  /// The last vector is loaded so that it ends with the depth, and overlaps the one before.
  case tailOverlaps(lanes: Int)
  /// The raw products alone are left out, their corrections are not.
  case tailProductsDropped(lanes: Int)
  /// The raw products alone count twice, their corrections once.
  case tailProductsRepeated(lanes: Int)
  case lastProductDropped
  case firstDropped
  case lastDropped
  case firstRepeated
  case lastRepeated
  /// Where the depth is a whole number of vectors, the last term.
  case lastDroppedOfWhole(lanes: Int)
  /// Where the depth is a whole number of vectors, the last vector.
  case lastVectorDroppedOfWhole(lanes: Int)
  /// Terms from this on.
  case beyond(Int)
  /// Every second, from the second on.
  case oddDropped
}

package enum ChannelTailSlip: String, CaseIterable, Hashable, Sendable {
  /// The integer 0.
  case zero
  /// The output's zero point, a real 0, within the output's bounds.
  case zeroPoint
  /// The output's zero point, whatever the bounds.
  case rawZeroPoint
  /// What the channel one vector before has.
  case previousVector
  /// Products left out: the bias alone.
  case biasOnly
}

package enum LayoutSlip: Hashable, Sendable {
  /// Elements taken as [depth, channels], or [depth, rows].
  case transposed(Operand)
  /// Only where that has the same shape.
  case transposedWhereSquare(Operand)
  /// Rows lie this far apart; reading begins again at the first element.
  case stride(Operand, Stride)
  /// Row or channel 0 for all.
  case firstForAll(Operand)
  /// The following row or channel, the first after the last.
  case next(Operand)
  /// Elements of a row from the last to the first.
  case reversed(Operand)
  /// Rows or channels beyond whole blocks all take the first of these.
  case firstOfTail(Operand, Int)

  package enum Stride: Hashable, Sendable {
    case roundedUp(Int)
    case roundedDown(Int)
    case depthOff(Int)
    case channels
    case rows
    /// The smaller of K and N.
    case shorter
  }
}

package enum ElementSlip: Hashable, Sendable {
  /// Of an unsigned type, read as signed.
  case signed
  /// Of a signed type, read as unsigned.
  case unsigned
  /// The most negative value taken as one more.
  case symmetric
  /// Only the lower 8 of 16 bits.
  case lowByte
  /// Only the upper 8 of 16 bits.
  case highByte
  /// 128 is added to make them unsigned, and not corrected for.
  case offset128
  /// 128 is taken away to make them signed, and not corrected for.
  case offsetMinus128
}
