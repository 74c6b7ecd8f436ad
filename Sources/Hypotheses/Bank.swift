import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// A cause: one change, or several at once, and how plausible it is before anything is seen.
package struct Hypothesis: Hashable, Sendable {
  package let changes: [Change]

  package init(_ changes: [Change]) { self.changes = changes }

  package var kernel: HypotheticalKernel { HypotheticalKernel(changes) }

  /// What the kernel does, in words.
  package var words: String {
    Compound.words(of: changes) ?? changes.map(\.words).joined(separator: Hypothesis.conjunction)
  }

  /// Between the words of two causes.
  package static let conjunction = "; and "

  package static func + (left: Hypothesis, right: Hypothesis) -> Hypothesis {
    Hypothesis(left.changes + right.changes)
  }
}

/// Every hypothesis with one change: the wrong kernels that are known.
///
/// The order is that of plausibility: where two explain the same, the first is named.
package enum Bank {
  package static let all: [Hypothesis] = {
    var seen: Set<Change> = []
    return changes.filter { seen.insert($0).inserted }.map { Hypothesis([$0]) }
  }()

  private static let zeroPointSlips: [ZeroPointSlip] = [
    .missing, .doubled, .negated, .unsigned, .signed,
  ]

  /// Vector widths that kernels have.
  static let lanes = [4, 8, 16, 32, 64]

  private static let changes: [Change] =
    zeroPoints + biases + channels + roundings + multipliers + arithmetics + bounds + terms
    + layouts + registers + profiles

  private static let zeroPoints: [Change] = {
    var list: [Change] = []
    for operand in Operand.allCases {
      list += zeroPointSlips.map { .zeroPoint(operand, $0) }
    }
    list += [.swappedZeroPoints(perChannel: true), .swappedZeroPoints(perChannel: false)]
    for correction in Correction.allCases {
      list += [.missing, .negated, .doubled].map { .correction(correction, $0) }
    }
    list += [-1, 1].map { .correction(.constant, .depthOff($0)) }
    list += (lanes + [2]).map { .correction(.constant, .depthRounded(lanes: $0)) }
    list += [.part(.weightsZeroPoint, "ignoredPerChannel"), .part(.weightsZeroPoint, "used")]
    list += [.correction(.row, .firstForAll), .correction(.column, .firstForAll)]
    list += [2, 4, 8].flatMap {
      [.correction(.row, .firstOfBlock($0)), .correction(.column, .firstOfBlock($0))]
    }
    for lane in lanes + [2] {
      list += [
        .correction(.row, .tailDropped(lanes: lane)),
        .correction(.column, .tailDropped(lanes: lane)),
      ]
    }
    list.append(.correction(.constant, .wraps16))
    return list
  }()

  private static let biases: [Change] =
    [
      .missing, .doubled, .negated, .halved, .bits(8, .wraps), .bits(16, .wraps),
      .bits(16, .saturates), .bits(24, .wraps), .bits(24, .saturates), .bits(32, .wraps),
      .bits(32, .saturates), .bits(8, .saturates), .afterRequantization, .unit(.inputScale),
      .unit(.weightsScale), .unit(.outputScale), .unit(.firstChannel),
      .shiftedLeft(8), .shiftedRight(8),
      .shiftedRight(1), .shiftedLeft(2), .shiftedRight(2), .shiftedLeft(4), .shiftedRight(4),
      .skippedForZero, .zeroPointMissing, .folded, .unsigned16, .perBlock(8), .perBlock(16),
      .perBlock(32), .perBlock(64), .perBlock(128), .perBlock(256),
    ].map { .bias($0) } + [.part(.bias, "addedInBinary32")]

  private static let channels: [Change] = {
    var list: [Change] = []
    for parameter in [ChannelParameter.scale, .bias, .weightsZeroPoint, .all] {
      var slips: [ChannelSlip] = [.first]
      slips += ChannelSlip.AtEnd.allCases.map { .next($0) }
      slips += ChannelSlip.AtEnd.allCases.map { .previous($0) }
      slips += lanes.map { .modulo($0) } + [.modulo(2), .modulo(256)]
      slips += lanes.map { .previousVectorInTail(lanes: $0) }
      slips += lanes.map { .fromStartInTail(lanes: $0) }
      list += slips.map { .channel(parameter, $0) }
    }
    return list
  }()

  private static let roundings: [Change] =
    ArithmeticPart.rounding.choices.map { .part(.rounding, $0) }
    + ArithmeticPart.firstRounding.choices.map { .part(.firstRounding, $0) }
    + [.part(.zeroPointAddition, "beforeRounding")] + pairsOfRoundings

  /// One rounding in place of two, and the other way round.
  private static let pairsOfRoundings: [Change] = {
    var list: [Change] = [
      .roundings(first: nil, last: .toNearestOrUp), .roundings(first: nil, last: .toNearestOrAway),
      .roundings(first: .toNearestOrUp, last: .toNearestOrAway),
      .roundings(first: .toNearestOrUp, last: .toNearestOrUp),
    ]
    let modes: [RoundingMode] = [
      .toNearestOrUp, .toNearestOrAway, .toNearestOrEven, .down, .towardZero,
      .halfAddedTowardZero,
    ]
    list += modes.map { .roundings(first: nil, last: $0) }
    // RISC-V's vector unit has one rounding mode for both.
    list += [
      .roundings(first: nil, last: .toOdd), .roundings(first: .toOdd, last: .toOdd),
    ]
    for first in modes.prefix(5) { list += modes.map { .roundings(first: first, last: $0) } }
    return list
  }()

  private static let multipliers: [Change] =
    ArithmeticPart.multiplier.choices.map { .part(.multiplier, $0) }
    + [1, -1].map { .multiplier(.significand($0)) }
    + [16, 7, 1, 15, 8, 23, 9, 10, 11].map { .multiplier(.lowBitsCut($0)) }
    + [30, 28, 23, 22, 21, 20, 18, 14, 12].map { .multiplier(.rounded(bits: $0)) }
    + [-1, 1, -2, 2, -8, 8].map { .multiplier(.exponent($0)) }
    + [-1, 1].map { .multiplier(.power($0)) }
    + Operand.allCases.map { .multiplier(.scaleMissing($0)) }
    + [
      .multiplier(.outputScaleMultiplied), .multiplier(.inputAndOutputSwapped),
      .multiplier(.leftShiftLost), .multiplier(.zeroFromShift(31)), .multiplier(.zeroFromShift(32)),
      .multiplier(.zeroFromShift(16)), .multiplier(.shiftLimited(31)),
      .multiplier(.shiftLimited(15)), .multiplier(.shiftLimited(30)),
      .multiplier(.firstExponent), .multiplier(.firstSignificand),
      .multiplier(.sharedExponent), .multiplier(.halvedWhenFull), .multiplier(.negatedWhenFull),
    ]
    // What a kernel does before what only rational numbers do.
    + (ArithmeticPart.effectiveScale.choices.filter { $0 != "exact" } + ["exact"])
    .map { .part(.effectiveScale, $0) }

  private static let arithmetics: [Change] = {
    var list: [Change] = [
      .part(.accumulator, "int32Saturating"), .part(.accumulator, "int32SaturatingSteps"),
      .sumFromBias(bits: 32), .sumFromBias(bits: 24), .sumFromBias(bits: 16),
      .part(.accumulator, "int64Wrapping"),
    ]
    for bits in [32, 24, 16, 20, 18, 12, 8] {
      for overflow in Overflow.allCases {
        list.append(.sum(bits: bits, overflow, everyStep: false))
      }
      list.append(.sum(bits: bits, .saturates, everyStep: true))
      list += Overflow.allCases.map { .accumulator(bits: bits, $0) }
    }
    for grouping in Grouping.allCases {
      for count in [2, 4, 8, 16, 32] where grouping == .lanes || count > 1 {
        for overflow in [Overflow.saturates, .wraps] {
          list += [true, false].map {
            .partialSums(grouping, count: count, overflow, isRaw: $0)
          }
        }
      }
    }
    // Of two that 8-bit outputs do not tell apart, the one that processors do by themselves.
    list.append(.part(.zeroPointAddition, "saturating32"))
    for kind in [RequantizationKind.float64, .float32, .exact, .fixedPoint] {
      list += Conversion.allCases.map { .computed(kind, $0) }
    }
    for part in [
      ArithmeticPart.accumulator, .leftShift, .result, .accumulatorPrecision, .conversion,
      .floatClamp, .zeroPointAddition, .requantization, .carries, .leastRightShift,
    ] {
      list += part.choices.map { .part(part, $0) }
    }
    return list
  }()

  private static let bounds: [Change] =
    [
      BoundSlip.noLower, .noUpper, .none, .symmetric, .otherSignedness, .beforeZeroPointThenCut,
      .allBeforeZeroPointThenCut,
      .reluIgnored, .relu6Ignored, .reluAtIntegerZero, .relu6UpperMissing, .relu6LowerMissing,
      .relu6WithoutZeroPoint, .clampIgnored, .typeOnly, .beforeZeroPoint, .upperOff(-1),
      .lowerOff(1),
    ].flatMap { slip in ClampStyle.allCases.map { .bounds(slip, $0) } } + [
      .part(.clampOrder, "beforeZeroPoint")
    ]
    + ArithmeticPart.activationBounds.choices.map { .part(.activationBounds, $0) }

  private static let terms: [Change] = {
    var list: [TermSlip] = [.lastDropped, .firstDropped, .lastRepeated, .firstRepeated]
    for lane in lanes + [2] { list += [.tailDropped(lanes: lane), .tailRepeated(lanes: lane)] }
    for lane in lanes {
      list += [.tailOverlaps(lanes: lane), .tailProductsDropped(lanes: lane)]
    }
    list.append(.tailProductsDropped(lanes: 2))
    list.append(.oddDropped)
    for lane in lanes + [2] {
      list += [.lastDroppedOfWhole(lanes: lane), .lastVectorDroppedOfWhole(lanes: lane)]
    }
    list += [16, 32, 64, 128, 256, 512, 1_024, 2_048, 4_096].map { .beyond($0) }
    var changes: [Change] = list.map { .terms($0) }
    for lane in lanes {
      changes += ChannelTailSlip.allCases.map { .tailChannels(lanes: lane, $0) }
    }
    return changes
  }()

  private static let layouts: [Change] = {
    var list: [LayoutSlip] = []
    for operand in [Operand.weights, .input] {
      list += [.transposed(operand), .transposedWhereSquare(operand), .firstForAll(operand)]
      list += [.next(operand), .reversed(operand)]
      list += [4, 8].map { .firstOfTail(operand, $0) }
      list += lanes.map { .stride(operand, .roundedUp($0)) }
      list += lanes.map { .stride(operand, .roundedDown($0)) }
      list += [
        .stride(operand, .channels), .stride(operand, .rows), .stride(operand, .depthOff(-1)),
        .stride(operand, .depthOff(1)),
      ]
    }
    list.append(.transposed(.output))
    return list.map { .layout($0) }
  }()

  private static let registers: [Change] = {
    var list: [Change] = []
    for operand in [Operand.input, .weights] {
      list += [
        ElementSlip.signed, .unsigned, .symmetric, .lowByte, .highByte, .offset128, .offsetMinus128,
      ].map { .elements(operand, $0) }
      list += Overflow.allCases.map { .difference(operand, $0) }
    }
    list += Overflow.allCases.map { .product($0) }
    for bits in [8, 16] {
      list += Overflow.allCases.map { .requantized(bits: bits, $0) }
    }
    return list
  }()

  private static let profiles: [Change] = Profiles.all.map { .profile($0.name) }
}
