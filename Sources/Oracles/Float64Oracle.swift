import QuantizedArithmetic
package import QuantizedLayers

/// Scratch memory of ``Float64Oracle``, kept per worker.
package struct Float64Workspace: Sendable {
  var input: [Double] = []
  var weights: [Double] = []
  var rawInput: [Double] = []
  var rawWeights: [Double] = []
  var rowMagnitudes: [Double] = []
  var rowSums: [Double] = []
  var columnSums: [Double] = []

  package init() {}

  /// Makes room; what is there already is overwritten later.
  static func resize(_ array: inout [Double], to count: Int) {
    if array.count < count {
      array.append(contentsOf: repeatElement(0, count: count - array.count))
    }
  }
}

/// The float64 oracle: what a person would write, in every form of the derivation.
///
/// Each value comes with a bound on its distance from the exact value, which follows from the number
/// of roundings on its longest path (γ(n) = n·u/(1−n·u) of the standard model of floating-point
/// arithmetic, u = 2^−53). Where a form contains the zero point, it is subtracted again before the
/// value is rounded, and that subtraction is counted too.
package struct Float64Oracle {
  let layer: Layer
  private let channels: [FormConstants]

  package init(_ layer: Layer) {
    self.layer = layer
    let count = max(layer.weights.scales.count, layer.generalBias?.scales.count ?? 1)
    var channels: [FormConstants] = []
    channels.reserveCapacity(count)
    for channel in 0..<count { channels.append(FormConstants(layer, channel)) }
    self.channels = channels
  }

  /// Computes all forms of all outputs and compares them with the exact values.
  package func check(
    _ operands: Operands, against exact: ExactValues, workspace: inout Float64Workspace,
    into result: inout FormCheck
  ) {
    prepare(operands, &workspace)
    let zeroPoint = Double(layer.outputZeroPoint)
    let isGeneral = layer.generalBias != nil
    for row in 0..<layer.rows {
      for channel in 0..<layer.channels {
        let index = row &* layer.channels &+ channel
        let constants = channels.count == 1 ? channels[0] : channels[channel]
        guard constants.isUsable, exact.heads[index].isFinite else {
          result.withoutClaim += isGeneral ? 3 : 5
          continue
        }
        let bias = operands.bias[channel]
        let offset = layer.generalBias?.zeroPoint(channel) ?? 0
        let judge = FormJudge(exact, index)
        let sum = Double(exact.sums[index])
        let term = Float64Oracle.difference(bias, offset)
        let magnitude =
          sum.magnitude * constants.multiplier + term.magnitude * constants.biasMultiplier

        let direct = self.direct(row, channel, term, constants, workspace)
        judge.check(.f1, direct.value, bound: direct.bound, &result)

        let collected =
          sum * constants.multiplier + term * constants.biasMultiplier + zeroPoint - zeroPoint
        let slack = magnitude + zeroPoint.magnitude
        judge.check(.f2, collected, bound: FormConstants.gamma(9) * slack, &result)

        let bracket =
          sum / constants.biasScale + term / constants.product + constants.zeroPointTerm
        let factored = constants.common * bracket - zeroPoint
        judge.check(.f3, factored, bound: FormConstants.gamma(14) * slack, &result)

        guard !isGeneral else { continue }
        let collectedSum = Double(exact.sums[index]) + Double(bias)
        let hardware = constants.multiplier * collectedSum + zeroPoint - zeroPoint
        judge.check(.f4, hardware, bound: FormConstants.gamma(8) * slack, &result)

        let expanded = expandedSum(row, channel, workspace) + Double(bias)
        let offsets = constants.multiplier * expanded + zeroPoint - zeroPoint
        judge.check(.f5, offsets, bound: FormConstants.gamma(9) * slack, &result)
      }
    }
  }

  /// `bias − offset`, rounded at most twice: subtracted as integers, since the rounding of 64-bit
  /// operands would be large beside a small difference.
  @inline(__always)
  private static func difference(_ bias: Int64, _ offset: Int64) -> Double {
    let (difference, overflow) = bias.subtractingReportingOverflow(offset)
    // Beyond 64 bits the signs differ, and nothing cancels.
    return overflow ? Double(bias) - Double(offset) : Double(difference)
  }

  /// F1: both operands dequantized, multiplied and summed in doubles.
  ///
  /// A product errs by three roundings (two dequantizations, one multiplication), the sum of K by
  /// K − 1 more in whatever order, bias, its addition and the division by three to five. The sum of
  /// the terms' magnitudes is bounded by the row's times the greatest weight's.
  private func direct(
    _ row: Int, _ channel: Int, _ term: Double, _ constants: FormConstants,
    _ workspace: Float64Workspace
  ) -> (value: Double, bound: Double) {
    let depth = layer.depth
    let dot = workspace.input.withUnsafeBufferPointer { input in
      workspace.weights.withUnsafeBufferPointer { weights in
        Float64Oracle.dot(input, row &* depth, weights, channel &* depth, depth)
      }
    }
    let bias = term * constants.biasScale
    let value = (dot + bias) / constants.outputScale
    let range = layer.weights.type.range
    let widest = Double(range.upperBound - range.lowerBound) * constants.weightsScale
    let magnitude = workspace.rowMagnitudes[row] * widest + bias.magnitude
    return (value, FormConstants.gamma(depth + 8) * (magnitude / constants.outputScale))
  }

  /// F5: `Σ qi·qw − Zw·Σ qi − Zi·Σ qw + K·Zi·Zw`: integers below 2^53 throughout, so exact.
  private func expandedSum(_ row: Int, _ channel: Int, _ workspace: Float64Workspace) -> Double {
    let depth = layer.depth
    let raw = workspace.rawInput.withUnsafeBufferPointer { input in
      workspace.rawWeights.withUnsafeBufferPointer { weights in
        Float64Oracle.dot(input, row &* depth, weights, channel &* depth, depth)
      }
    }
    let column = workspace.columnSums[channel]
    let inputZeroPoint = Double(layer.inputZeroPoint)
    let weightsZeroPoint = Double(layer.weights.zeroPoint(channel))
    return raw - weightsZeroPoint * workspace.rowSums[row] - inputZeroPoint * column
      + Double(depth) * inputZeroPoint * weightsZeroPoint
  }

  /// Four partial sums; the bounds hold for every order.
  @inline(__always)
  private static func dot(
    _ x: UnsafeBufferPointer<Double>, _ xStart: Int, _ w: UnsafeBufferPointer<Double>,
    _ wStart: Int, _ depth: Int
  ) -> Double {
    guard let left = x.baseAddress, let right = w.baseAddress else { return 0 }
    let (a, b) = (left + xStart, right + wStart)
    var (s0, s1, s2, s3) = (0.0, 0.0, 0.0, 0.0)
    var k = 0
    while k &+ 4 <= depth {
      s0 += a[k] * b[k]
      s1 += a[k &+ 1] * b[k &+ 1]
      s2 += a[k &+ 2] * b[k &+ 2]
      s3 += a[k &+ 3] * b[k &+ 3]
      k &+= 4
    }
    while k < depth {
      s0 += a[k] * b[k]
      k &+= 1
    }
    return (s0 + s1) + (s2 + s3)
  }

  private func prepare(_ operands: Operands, _ workspace: inout Float64Workspace) {
    let (rows, depth, channels) = (layer.rows, layer.depth, layer.channels)
    let zeroPoint = layer.inputZeroPoint
    let scale = layer.inputScale.value
    Float64Workspace.resize(&workspace.input, to: rows * depth)
    Float64Workspace.resize(&workspace.rawInput, to: rows * depth)
    Float64Workspace.resize(&workspace.weights, to: channels * depth)
    Float64Workspace.resize(&workspace.rawWeights, to: channels * depth)
    workspace.rowMagnitudes.removeAll(keepingCapacity: true)
    workspace.rowSums.removeAll(keepingCapacity: true)
    workspace.columnSums.removeAll(keepingCapacity: true)
    let origin = Double(zeroPoint)
    for row in 0..<rows {
      let range = (row &* depth)..<(row &* depth &+ depth)
      Float64Oracle.dequantize(
        operands.input, range, origin, scale, into: &workspace.rawInput, &workspace.input)
      let (magnitude, sum) = Float64Oracle.sums(workspace.input, workspace.rawInput, range)
      workspace.rowMagnitudes.append(magnitude)
      workspace.rowSums.append(sum)
    }
    for channel in 0..<channels {
      let range = (channel &* depth)..<(channel &* depth &+ depth)
      Float64Oracle.dequantize(
        operands.weights, range, Double(layer.weights.zeroPoint(channel)),
        layer.weights.scale(channel).value, into: &workspace.rawWeights, &workspace.weights)
      workspace.columnSums.append(
        Float64Oracle.sums(workspace.weights, workspace.rawWeights, range).sum)
    }
  }

  /// Raw integers as doubles, and `(raw − origin)·scale`.
  private static func dequantize(
    _ source: [Int32], _ range: Range<Int>, _ origin: Double, _ scale: Double,
    into raw: inout [Double], _ real: inout [Double]
  ) {
    source.withUnsafeBufferPointer { source in
      raw.withUnsafeMutableBufferPointer { raw in
        real.withUnsafeMutableBufferPointer { real in
          for k in range {
            let value = Double(source[k])
            raw[k] = value
            real[k] = (value - origin) * scale
          }
        }
      }
    }
  }

  /// The sum of a row's magnitudes, and of its raw integers.
  private static func sums(
    _ real: [Double], _ raw: [Double], _ range: Range<Int>
  ) -> (magnitude: Double, sum: Double) {
    var (magnitude, sum) = (0.0, 0.0)
    for k in range {
      magnitude += real[k].magnitude
      sum += raw[k]
    }
    return (magnitude, sum)
  }
}
