import Profiles
import QuantizedArithmetic
import QuantizedLayers

extension Element {
  /// The steps of the profile.
  ///
  /// - Returns: the output; `nil` where the profile does not define the layer.
  func addProfile(_ profile: Profile, _ text: inout Lines) -> Int64? {
    text.heading("F6", "the steps of \(profile.name): \(profile.summary)")
    let reference: Reference
    do throws(OutsideDomain) {
      reference = try profile.reference(for: layer)
    } catch {
      text.add("\(error)")
      addNarrowScales(&text)
      return nil
    }
    let trace = reference.trace(row: row, channel: channel, operands: operands)
    for step in trace.steps { add(step, reference, &text) }
    text.row("result: Qo", NumberText.signed(trace.value))

    text.heading("DISTANCE", "of (Qo − Zo) from the exact y within the same bounds")
    for name in trace.departure.names { text.add("departure: \(name)") }
    let value = Int64(trace.value)
    let low = Rational(reference.outputRange.lowerBound)
    let high = Rational(reference.outputRange.upperBound)
    let target = min(max(shifted, low), high)
    let distance = (Rational(value) - target).magnitude
    text.row(
      "distance", NumberText.brief(distance.approximation), number.rational(distance))
    let magnitude = (Rational(sum) + (layer.generalBias == nil ? biasTerm : .zero)).magnitude
    let bound = reference.errorBound(channel: channel, magnitude: magnitude.approximation)
    guard trace.departure.isEmpty else {
      text.row("bound", "none", "a departure ends every claim")
      return value
    }
    let holds = bound.isFinite && distance <= Rational(exactly: bound)
    text.row(
      "bound of these steps", NumberText.brief(bound),
      bound.isFinite ? (holds ? "holds" : "VIOLATED") : "no claim")
    return value
  }

  /// The scales that no runtime could have stored, which is the most common reason.
  private func addNarrowScales(_ text: inout Lines) {
    let scales = [
      ("Si", layer.inputScale), ("Sw", layer.weights.scale(channel)), ("So", layer.outputScale),
    ]
    for (name, scale) in scales where !scale.isBinary32 {
      let nearest = Double(Float(scale.value))
      text.row(name, NumberText.decimal(scale.value), "in binary32: \(NumberText.decimal(nearest))")
    }
  }

  private func add(_ step: TraceStep, _ reference: Reference, _ text: inout Lines) {
    switch step {
    case .sum(let sum, let zeroPoint):
      let note = zeroPoint == weightsZeroPoint ? "" : "Zw taken as \(NumberText.signed(zeroPoint))"
      text.row("sum", NumberText.signed(sum), note)
    case .pairSaturation(let loss):
      text.row("16-bit pairs", signed(loss), "change by saturating pairs of raw products")
    case .pairWrapping(let loss):
      text.row("16-bit pairs", signed(loss), "change by pairs of products that wrap")
    case .kernel(let region): text.row("kernel", region.summary)
    case .accumulator(let total, let kept):
      text.row(
        layer.biasScheme == .accumulator ? "accumulator, with bias" : "accumulator",
        NumberText.signed(kept),
        kept == total
          ? (reference.arithmetic.accumulator == .exact ? "" : "fits \(accumulatorName(reference))")
          : "\(saturates(reference) ? "SATURATED" : "WRAPPED"): the sum is \(NumberText.signed(total)), beyond \(accumulatorName(reference))"
      )
    case .separateBias(let term):
      text.row("Qb − Zb", NumberText.signed(term), "scaled by Sb/So, exactly")
    case .exact(let mode, let result):
      text.row("quotient, exactly", number.rational(exact))
      text.row("rounded", NumberText.signed(result), name(mode))
    case .multiplier(let scale, let multiplier): addMultiplier(scale, multiplier, &text)
    case .leftShift(let value, let count, let result):
      guard count > 0 else {
        text.row("left shift", "none", "exponent ≤ 0")
        return
      }
      let fits = Int128(result) == Int128(value) << Int128(min(count, 64))
      text.row(
        "left shift by \(count)", NumberText.signed(result), fits ? "fits int32" : "BITS LOST")
    case .product(let value, let significand, let result):
      text.row("product", NumberText.signed(result), "\(NumberText.signed(value)) · \(significand)")
    case .rightShift(let value, let count, let mode, let result):
      addRightShift(value, count, mode, result, &text)
    case .conversion(let value, let result, let saturates):
      text.row(
        saturates ? "saturated to int32" : "wrapped to int32", NumberText.signed(result),
        "from \(NumberText.signed(value))")
    default: addLater(step, reference, &text)
    }
  }

  private func addLater(_ step: TraceStep, _ reference: Reference, _ text: inout Lines) {
    switch step {
    case .float64(let scale, let converted, let product):
      text.row("D = Si·Sw/So", NumberText.decimal(scale), NumberText.exact(scale))
      text.row("f64(accumulator)", NumberText.decimal(converted))
      text.row("product in binary64", NumberText.decimal(product), scaled(product))
    case .float32(let scale, let converted, let product):
      let isMultiplier = reference.arithmetic.effectiveScale != .binary32
      text.row(
        isMultiplier ? "multiplier, binary32" : "D = Si·Sw/So, binary32",
        NumberText.decimal(scale), NumberText.exact(Double(scale)))
      text.row("f32(accumulator)", NumberText.decimal(converted))
      text.row("product in binary32", NumberText.decimal(product), scaled(Double(product)))
    case .floatClamp(let low, let high, let result):
      let bounds = (low.map { NumberText.decimal($0) } ?? "−∞") + "..." + NumberText.decimal(high)
      text.row("clamped as a float", NumberText.decimal(result), "to \(bounds)")
    case .floatRounded(let mode, let value):
      text.row("rounded", NumberText.decimal(value), name(mode))
    case .carry(let carry, let sum):
      text.row("first rounding", NumberText.signed(sum), "\(signed(carry)) added to the product")
    case .narrowed(let value, let result):
      text.row(
        "in 16 bits", NumberText.signed(result),
        value == result ? "fits int16" : "SATURATED from \(NumberText.signed(value))")
    case .zeroPoint(let added, let sum):
      guard reference.arithmetic.zeroPointAddition != .beforeRounding else {
        text.row(
          "+ Zo", NumberText.signed(sum), "\(NumberText.signed(added)) added before rounding")
        return
      }
      text.row("+ Zo", NumberText.signed(sum), NumberText.sum(sum - added, added))
    case .clamp(let low, let high, let result):
      text.row(
        "clamp", NumberText.signed(result),
        "to \(NumberText.signed(low))...\(NumberText.signed(high))")
    default: break
    }
  }

  private func addMultiplier(
    _ scale: Double, _ multiplier: FixedPointMultiplier, _ text: inout Lines
  ) {
    text.row("D = Si·Sw/So", NumberText.decimal(scale), NumberText.exact(scale))
    text.row(
      "M0·2^exponent", "\(multiplier.significand)·2^(\(multiplier.exponent) − 31)",
      "= " + NumberText.decimal(multiplier.value))
    let error = Rational(exactly: multiplier.value) - inputScale * weightsScale / outputScale
    text.row(
      "error of the multiplier", NumberText.brief(error.approximation),
      error.numerator == 0 ? "exact" : "beside the exact Si·Sw/So")
  }

  private func addRightShift(
    _ value: Int64, _ count: Int, _ mode: RoundingMode, _ result: Int64, _ text: inout Lines
  ) {
    guard count > 0 else {
      text.row("right shift", "none", "exponent ≥ 0")
      return
    }
    let quotient = Rational(value) / Rational(Int64(1) << Int64(count))
    text.row(
      count == 31 ? "high half, >> 31" : "right shift by \(count)", NumberText.signed(result),
      "\(NumberText.decimal(quotient.approximation)), \(name(mode))")
  }

  private func scaled(_ value: Double) -> String {
    guard value.isFinite else { return "" }
    let distance = (Rational(exactly: value) - exact).approximation
    return distance == 0 ? "= y" : "y " + signedText(distance)
  }

  private func signedText(_ value: Double) -> String {
    (value < 0 ? "− " : "+ ") + NumberText.brief(value.magnitude)
  }

  private func signed(_ value: Int64) -> String {
    value > 0 ? "+\(value)" : NumberText.signed(value)
  }

  private func accumulatorName(_ reference: Reference) -> String {
    switch reference.arithmetic.accumulator {
    case .int64Wrapping: "int64"
    case .int48: "int48"
    case .int24Wrapping, .int24Saturating: "24 bits"
    case .int16Wrapping, .int16Saturating: "int16"
    case .exact, .int32Wrapping, .int16PairSaturating, .int16PairWrapping,
      .int16PairWrappingZeroPoints, .int32Saturating, .int32SaturatingSteps:
      "int32"
    }
  }

  private func saturates(_ reference: Reference) -> Bool {
    switch reference.arithmetic.accumulator {
    case .int32Saturating, .int32SaturatingSteps, .int24Saturating, .int16Saturating: true
    default: false
    }
  }

  private func name(_ mode: RoundingMode) -> String {
    switch mode {
    case .down: "down"
    case .up: "up"
    case .towardZero: "toward zero"
    case .toNearestOrUp: "nearest, ties up"
    case .toNearestOrAway: "nearest, ties away from zero"
    case .toNearestOrEven: "nearest, ties to even"
    case .toNearestOrDown: "nearest, ties down"
    case .toNearestOrTowardZero: "nearest, ties toward zero"
    case .toNearestOrOdd: "nearest, ties to odd"
    case .toOdd: "to odd"
    case .halfAddedTowardZero: "1/2 added, truncated"
    case .halfAddedDown: "1/2 added, floor"
    case .signedHalfAddedTowardZero: "±1/2 added, truncated"
    }
  }
}
