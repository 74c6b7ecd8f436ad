extension Channel {
  /// Requantizes consecutive accumulators, the choice of the stage made once for all of them.
  ///
  /// - Parameters:
  ///   - outcomes: receives `output·2 + (departs ? 1 : 0)`.
  ///   - first: the first accumulator.
  ///   - kept: the accumulator as the profile keeps it.
  ///   - bounded: the output of a requantized accumulator.
  @inline(__always)
  func requantize(
    _ outcomes: UnsafeMutableBufferPointer<Int64>, from first: Int64,
    kept: (Int64, inout Departure) -> Int128, bounded: (Int64, inout Departure) -> Int64
  ) {
    @inline(__always)
    func fill(_ requantized: (Int64, inout Departure) -> Int64) {
      for index in outcomes.indices {
        var departure = Departure()
        let value = requantized(first &+ Int64(index), &departure)
        let output = bounded(value, &departure)
        outcomes[index] = output &* 2 &+ (departure.isEmpty ? 0 : 1)
      }
    }
    var recorder = NoRecorder()
    // What fits 32 bits is kept as it is by every rule for 32 bits and more.
    let isNarrow =
      first >= Int64(Int32.min) && first &+ Int64(outcomes.count) &- 1 <= Int64(Int32.max)
    switch stage {
    case .float64(let stage) where isNarrow && keepsInt32:
      fill { stage.apply(to: $0, &$1, &recorder) }
    case .float32(let stage) where isNarrow && keepsInt32:
      fill { stage.apply(to: $0, &$1, &recorder) }
    case .fixedPoint(let stage) where isNarrow && keepsInt32:
      fill { stage.apply(to: $0, &$1, &recorder) }
    case .narrowed(let stage) where isNarrow && keepsInt32:
      fill { accumulator, _ in stage.apply(to: Int32(truncatingIfNeeded: accumulator), &recorder) }
    default:
      fill { requantize(kept($0, &$1), bias: 0, &$1, &recorder) }
    }
  }
}

extension AccumulatorRule {
  /// Whether a sum that fits 32 bits is kept as it is.
  var keepsInt32: Bool {
    switch self {
    case .exact, .int32Wrapping, .int64Wrapping, .int48, .int32Saturating, .int32SaturatingSteps,
      .int16PairSaturating, .int16PairWrapping, .int16PairWrappingZeroPoints:
      true
    case .int24Wrapping, .int24Saturating, .int16Wrapping, .int16Saturating: false
    }
  }
}
