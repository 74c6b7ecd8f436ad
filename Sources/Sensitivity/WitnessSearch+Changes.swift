import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// The changes that are tried.
extension WitnessSearch {
  /// The changes of an output's bias that bring its accumulator to the ends of its reach, of its type
  /// where it wraps, else of the bias; and to 0, or as near as it gets.
  func biasEnds(_ output: SensedOutput, _ type: ElementType) -> [Change] {
    let old = operands.bias[output.channel]
    // Those of the type where an accumulator wraps.
    let range = biases(type)
    let rest = output.accumulator &- old
    return [range.lowerBound, range.upperBound, 0].map { end in
      if wraps(type) { return biasChange(reaching: end, output, type) }
      return biasChange(
        to: end == 0 ? min(max(0 &- rest, range.lowerBound), range.upperBound) : end, output)
    }
  }

  func biasChange(to value: Int64, _ output: SensedOutput) -> Change {
    Change(
      tensor: .bias, element: output.channel, value: value,
      difference: value &- operands.bias[output.channel])
  }

  /// The bias that wraps around to an accumulator, which then has not departed.
  private func biasChange(
    reaching accumulator: Int64, _ output: SensedOutput, _ type: ElementType
  ) -> Change {
    let difference = accumulator &- output.accumulator
    return Change(
      tensor: .bias, element: output.channel,
      value: wrapped(operands.bias[output.channel] &+ difference, type), difference: difference)
  }

  private func wrapped(_ value: Int64, _ type: ElementType) -> Int64 {
    type == .int32 ? Int64(Int32(truncatingIfNeeded: value)) : value
  }

  /// The changes of one input or weight that lower and raise the accumulator most.
  func extremes(_ output: SensedOutput) -> [Change] {
    let (inputs, weights) = (layer.input.type.range, layer.weights.type.range)
    let (inputZeroPoint, weightsZeroPoint) = (layer.inputZeroPoint, weightsZeroPoint(output))
    let depth = layer.depth
    var (least, greatest) = (Int64.max, Int64.min)
    var (lowest, highest) = (0, 0)
    operands.input.withUnsafeBufferPointer { x in
      operands.weights.withUnsafeBufferPointer { w in
        for k in 0..<depth {
          let input = Int64(x[output.row &* depth &+ k])
          let weight = Int64(w[output.channel &* depth &+ k])
          let (a, b) = (input &- inputZeroPoint, weight &- weightsZeroPoint)
          // In this order: input to its least and greatest, weight to its least and greatest.
          let differences = (
            (inputs.lowerBound &- input) &* b, (inputs.upperBound &- input) &* b,
            (weights.lowerBound &- weight) &* a, (weights.upperBound &- weight) &* a
          )
          func note(_ difference: Int64, _ place: Int) {
            if difference < least { (least, lowest) = (difference, place) }
            if difference > greatest { (greatest, highest) = (difference, place) }
          }
          note(differences.0, 4 &* k)
          note(differences.1, 4 &* k &+ 1)
          note(differences.2, 4 &* k &+ 2)
          note(differences.3, 4 &* k &+ 3)
        }
      }
    }
    return [change(lowest, output), change(highest, output)]
  }

  /// Change `place` of those that ``extremes(_:)`` compares.
  private func change(_ place: Int, _ output: SensedOutput) -> Change {
    let (k, kind) = place.quotientAndRemainder(dividingBy: 4)
    let range = kind < 2 ? layer.input.type.range : layer.weights.type.range
    let value = kind & 1 == 0 ? range.lowerBound : range.upperBound
    return kind < 2 ? inputChange(k, to: value, output) : weightChange(k, to: value, output)
  }

  func inputChange(_ k: Int, to value: Int64, _ output: SensedOutput) -> Change {
    let element = output.row * layer.depth + k
    let weight =
      Int64(operands.weights[output.channel * layer.depth + k]) - weightsZeroPoint(output)
    return Change(
      tensor: .input, element: element, value: value,
      difference: (value - Int64(operands.input[element])) * weight)
  }

  func weightChange(_ k: Int, to value: Int64, _ output: SensedOutput) -> Change {
    let element = output.channel * layer.depth + k
    let input = Int64(operands.input[output.row * layer.depth + k]) - layer.inputZeroPoint
    return Change(
      tensor: .weights, element: element, value: value,
      difference: (value - Int64(operands.weights[element])) * input)
  }

  private func weightsZeroPoint(_ output: SensedOutput) -> Int64 {
    let isIgnored =
      reference.arithmetic.weightsZeroPoint == .ignoredPerChannel && layer.isPerChannel
    return isIgnored ? 0 : layer.weights.zeroPoint(output.channel)
  }

  /// Tries what the ends do not decide.
  mutating func exhaustive(_ output: SensedOutput) -> Change? {
    if let bias = layer.biasType {
      for value in spread(around: operands.bias[output.channel], in: biases(bias)) {
        let change = biasChange(to: value, output)
        if isWitness(change, output) { return change }
      }
      if wraps(bias), hasAccumulators, let other = otherAccumulator(output, bias) { return other }
    }
    for k in 0..<layer.depth {
      let input = Int64(operands.input[output.row * layer.depth + k])
      for value in values(layer.input.type, around: input) {
        let change = inputChange(k, to: value, output)
        if isWitness(change, output) { return change }
      }
      let weight = Int64(operands.weights[output.channel * layer.depth + k])
      for value in values(layer.weights.type, around: weight) {
        let change = weightChange(k, to: value, output)
        if isWitness(change, output) { return change }
      }
      if budget < 0 { return nil }
    }
    return nil
  }

  /// Brings the accumulator to that of an output of the same channel or scales which is another one.
  private mutating func otherAccumulator(_ output: SensedOutput, _ type: ElementType) -> Change? {
    guard let outputs else { return nil }
    for index in outputs.values.indices where outputs.values[index] != output.value {
      guard !layer.isPerChannel || index % layer.channels == output.channel else { continue }
      let change = biasChange(reaching: outputs.accumulators[index], output, type)
      if isWitness(change, output) { return change }
    }
    return nil
  }

  private mutating func isWitness(_ change: Change, _ output: SensedOutput) -> Bool {
    guard budget >= 0 else { return false }
    var departure = Departure()
    return value(change, output, &departure) != output.value
  }

  private func values(_ type: ElementType, around value: Int64) -> [Int64] {
    type.byteCount == 1 ? Array(type.range) : spread(around: value, in: type.range)
  }

  /// Both ends, 0, and every power of two away from `value` and from 0 that lies in the range.
  private func spread(around value: Int64, in range: ClosedRange<Int64>) -> [Int64] {
    var values = [range.lowerBound, range.upperBound, 0]
    for centre in [value, 0] {
      for bit in 0..<63 {
        let step = Int64(1) << Int64(bit)
        for (next, overflow) in [
          centre.addingReportingOverflow(step), centre.subtractingReportingOverflow(step),
        ] where !overflow && range.contains(next) {
          values.append(next)
        }
      }
    }
    return values
  }
}
