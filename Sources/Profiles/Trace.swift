package import QuantizedArithmetic
package import QuantizedLayers

/// One step of a profile, with what went in and what came out.
package enum TraceStep: Hashable, Sendable {
  /// `Σ (qi − Zi)(qw − Zw)` with the weights' zero point that the profile uses.
  case sum(Int64, zeroPoint: Int64)
  /// What saturating pairs of products to 16 bits added to the sum.
  case pairSaturation(loss: Int64)
  /// What wrapping pairs of products in 16 bits added to the sum.
  case pairWrapping(loss: Int64)
  /// Another kernel than for the rest of the layer.
  case kernel(KernelRegion)
  /// Sum and, in accumulator units, bias; as it is and as the profile keeps it.
  case accumulator(total: Int128, kept: Int128)
  /// `Qb − Zb` of a general bias, which stays a term of its own.
  case separateBias(Int128)
  /// The true quotient, rounded.
  case exact(RoundingMode, result: Int64)
  case multiplier(effectiveScale: Double, FixedPointMultiplier)
  case leftShift(Int32, by: Int, result: Int32)
  case product(Int64, by: Int32, result: Int64)
  case rightShift(Int64, by: Int, RoundingMode, result: Int64)
  /// Rounded a first time by adding ±2^30 to the product.
  case carry(Int64, sum: Int64)
  /// Saturated to 16 bits.
  case narrowed(Int64, result: Int64)
  /// A result beyond int32, brought into it.
  case conversion(Int64, result: Int32, saturates: Bool)
  case float64(scale: Double, converted: Double, product: Double)
  case float32(scale: Float, converted: Float, product: Float)
  /// The bounds less the output's zero point; no lower one where it is applied later.
  case floatClamp(low: Float?, high: Float, result: Float)
  case floatRounded(RoundingMode, Double)
  case zeroPoint(added: Int64, sum: Int64)
  case clamp(low: Int64, high: Int64, result: Int64)
}

/// Something that the stages of a ``Reference`` tell their steps.
///
/// The stages are generic in it, so that a run that records nothing is compiled as if this were not
/// here, and a trace cannot differ from a run.
protocol StepRecorder {
  mutating func note(_ step: @autoclosure () -> TraceStep)
}

struct NoRecorder: StepRecorder {
  @inline(__always)
  mutating func note(_ step: @autoclosure () -> TraceStep) {}
}

/// One output with every step that led to it.
package struct Trace: StepRecorder, Sendable {
  /// In the order in which they were taken.
  package private(set) var steps: [TraceStep] = []
  package fileprivate(set) var value: Int32 = 0
  package fileprivate(set) var departure = Departure()

  fileprivate init() {}

  mutating func note(_ step: @autoclosure () -> TraceStep) { steps.append(step()) }
}

extension Reference {
  /// Computes output (row, channel) by the code of ``run(_:into:)`` and keeps every step.
  ///
  /// - Precondition: row and channel lie inside the layer, and `operands` are of it.
  package func trace(row: Int, channel: Int, operands: Operands) -> Trace {
    var trace = Trace()
    var departure = Departure()
    let sums = accumulate(row, channel, operands, &departure, &trace)
    trace.value = finish(sums, row, channel, &departure, &trace)
    trace.departure = departure
    return trace
  }
}
