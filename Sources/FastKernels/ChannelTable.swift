internal import CFastKernels

/// The parameters of every output channel, as the C stages read them, in memory of its own.
final class ChannelTable {
  /// The number of channels, up to the next multiple of 8.
  let paddedCount: Int
  private let memory: UnsafeMutableRawPointer
  private var used = 0

  /// Room for `arrays` arrays of 8-byte entries.
  init(channels: Int, arrays: Int) {
    paddedCount = (channels &+ 7) & ~7
    memory = .allocate(byteCount: paddedCount &* arrays &* 8, alignment: 32)
  }

  deinit { memory.deallocate() }

  /// The next array; its first `values` are the channels', repeated if there is only one.
  func array<Value, Entry: BitwiseCopyable>(
    _ values: [Value], as entry: (Value) -> Entry
  ) -> UnsafeMutablePointer<Entry> {
    let start = memory.advanced(by: used).bindMemory(to: Entry.self, capacity: paddedCount)
    used &+= paddedCount &* 8
    let last = values.count &- 1
    if last == 0 {
      start.initialize(repeating: entry(values[0]), count: paddedCount)
    } else {
      for index in 0..<values.count { (start + index).initialize(to: entry(values[index])) }
      // The padding is read, but its results are thrown away.
      for index in values.count..<paddedCount {
        (start + index).initialize(to: start[last])
      }
    }
    return start
  }
}

extension FullyConnectedDescription {
  /// The parameters of an int32 stage; its arrays live as long as `table`.
  func stage(
    _ plan: RequantizationStage, bounds: OutputBounds, in table: ChannelTable
  ) -> fk_stage {
    var stage = fk_stage()
    stage.element = outputType.code
    stage.zero_point = Int32(truncatingIfNeeded: outputZeroPoint)
    stage.minimum = bounds.minimum
    stage.maximum = bounds.maximum
    let (input, output) = (inputScale, outputScale)
    switch plan {
    case .doubleAway:
      stage.kind = Int32(FK_STAGE_DOUBLE_AWAY.rawValue)
      // x86 takes the count of `1 << s` modulo 32.
      setFixedPoint(&stage, in: table, leftMask: 31) {
        FixedPointMultiplier(EffectiveScale.double(input, $0, output))
      }
    case .doubleUp:
      stage.kind = Int32(FK_STAGE_DOUBLE_UP.rawValue)
      let isPerChannel = isPerChannel
      setFixedPoint(&stage, in: table, leftMask: .max) {
        FixedPointMultiplier(
          isPerChannel
            ? EffectiveScale.double(input, $0, output)
            : EffectiveScale.singleProduct(input, $0, output))
      }
    case .single:
      stage.kind = Int32(FK_STAGE_SINGLE.rawValue)
      setFixedPoint(&stage, in: table, leftMask: .max) {
        FixedPointMultiplier(EffectiveScale.double(input, $0, output)).limitedForSingleRounding
      }
    case .float64:
      stage.kind = Int32(FK_STAGE_FLOAT64.rawValue)
      stage.factors64 = UnsafePointer(
        table.array(weightsScales) { EffectiveScale.double(input, $0, output) })
    case .float32Wrap, .float32Clamp:
      stage.kind = Int32(
        (plan == .float32Wrap ? FK_STAGE_FLOAT32_WRAP : FK_STAGE_FLOAT32_CLAMP).rawValue)
      stage.factors32 = UnsafePointer(
        table.array(weightsScales) { EffectiveScale.single(input, $0, output) })
    }
    return stage
  }

  private func setFixedPoint(
    _ stage: inout fk_stage, in table: ChannelTable, leftMask: Int32,
    _ multiplier: (Double) -> FixedPointMultiplier
  ) {
    let values = weightsScales.map(multiplier)
    stage.multipliers = UnsafePointer(table.array(values) { $0.multiplier })
    stage.left_shifts = UnsafePointer(table.array(values) { max($0.exponent, 0) & leftMask })
    stage.right_shifts = UnsafePointer(table.array(values) { max(0 &- $0.exponent, 0) })
  }

  /// The parameters of the correctly rounded stage, without addends.
  func exactStage(
    _ tie: TieRule, bounds: OutputBounds, in table: ChannelTable
  ) -> fk_exact_stage {
    var stage = fk_exact_stage()
    stage.tie = Int32(
      (tie == .even ? FK_TIE_EVEN : tie == .away ? FK_TIE_AWAY : FK_TIE_UP).rawValue)
    stage.element = outputType.code
    stage.zero_point = Int32(truncatingIfNeeded: outputZeroPoint)
    stage.minimum = bounds.minimum
    stage.maximum = bounds.maximum
    let factors = weightsScales.map {
      ExactFactor(input: inputScale, weights: $0, output: outputScale)
    }
    stage.factors = UnsafePointer(table.array(factors) { $0.value })
    stage.exact_limits = UnsafePointer(table.array(factors) { $0.exactLimit })
    return stage
  }
}
