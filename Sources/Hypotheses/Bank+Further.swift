/// Hypotheses that serve the diagnosis alone: variants of those of the bank, between which no case is made
/// to tell.
extension Bank {
  /// Tried beside the bank.
  package static let further: [Hypothesis] = {
    var list: [Change] = []
    list += [.input, .weights].map { .zeroPoint($0, .negatedInItsType) }
    list += ZeroPointSlip.allCases.map { .addedZeroPoint($0) }
    for inBounds in [true, false] {
      list += [.input, .weights].map { .zeroPointSwappedWithOutput($0, inBounds: inBounds) }
    }
    list += [.correction(.row, .lastDropped), .correction(.column, .lastDropped)]
    for parameter in [ChannelParameter.scale, .bias, .weightsZeroPoint, .all] {
      let slips = [2, 4, 8, 16, 32].map { ChannelSlip.firstOfBlock($0) } + [.last, .largest]
      list += slips.map { .channel(parameter, $0) }
    }
    list += [31, 30, 29, 28, 24, 23, 22, 16, 15, 12, 8].map { .multiplier(.madeOf(bits: $0)) }
    list += [
      .multiplier(.leftShiftLast), .multiplier(.reducedTruncated(atOnce: false)),
      .multiplier(.reducedTruncated(atOnce: true)), .transposedAccumulators,
    ]
    list += (1...48).reversed().map { .multiplier(.limitedInPlaceOfZero($0)) }
    for count in (1...48).reversed() where ![31, 15, 30].contains(count) {
      list.append(.multiplier(.shiftLimited(count)))
    }
    for count in 8...48 where ![31, 32, 16].contains(count) {
      list.append(.multiplier(.zeroFromShift(count)))
    }
    for slip in [
      BoundSlip.relu6InSteps, .relu6AtIntegerSix, .noTypeUpper, .noTypeLower, .allBeforeZeroPoint,
    ] {
      list += ClampStyle.allCases.map { .bounds(slip, $0) }
    }
    list += (lanes + [2]).map { .terms(.tailProductsRepeated(lanes: $0)) }
    list.append(.terms(.lastProductDropped))
    list += [Operand.input, .weights].map { .layout(.stride($0, .shorter)) }
    return list.map { Hypothesis([$0]) } + Compound.further
  }()

  /// Changes of a part of the sum of products; tried where no other explains everything.
  package static let ofParts: [Hypothesis] = {
    var list: [Change] = []
    for change in moved { list += [.inSum(.products, change), .inSum(.corrections, change)] }
    var parts: [SumPart] = []
    for lane in lanes + [2] { parts += [.tail(lane), .tailBehindWhole(lane), .whole(lane)] }
    for part in parts + [.lastTerm, .firstTerm] { list += termwise.map { .inSum(part, $0) } }
    return list.map { Hypothesis([$0]) }
  }()

  /// Of the elements that are read: products and corrections are often computed by different loops.
  private static let moved: [Change] = all.flatMap(\.changes).filter {
    switch $0 {
    case .layout(.transposed(.output)): false
    case .layout, .elements, .terms: true
    default: false
    }
  }

  /// What a loop of its own for some of the terms may do otherwise.
  private static let termwise: [Change] = {
    var list: [Change] = []
    for operand in [Operand.input, .weights] {
      list += ZeroPointSlip.allCases.map { .zeroPoint(operand, $0) }
      list += [
        ElementSlip.signed, .unsigned, .symmetric, .lowByte, .highByte, .offset128, .offsetMinus128,
      ].map { .elements(operand, $0) }
      list += Overflow.allCases.map { .difference(operand, $0) }
    }
    list.append(.swappedZeroPoints(perChannel: true))
    for correction in Correction.allCases {
      list += [.missing, .negated, .doubled].map { .correction(correction, $0) }
    }
    list += Overflow.allCases.map { .product($0) }
    for count in [2, 4, 8] {
      for overflow in Overflow.allCases {
        list += [true, false].map {
          .partialSums(.neighbours, count: count, overflow, isRaw: $0)
        }
      }
    }
    return list
  }()
}
