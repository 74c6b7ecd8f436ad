import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// A fully connected kernel whose every choice can be replaced.
///
/// As made by one of the static functions it computes a profile bit for bit; a defect is one changed
/// choice.
struct PlainKernel: Sendable {
  /// Changes the numbers before anything is computed.
  var prepare: @Sendable (inout PlainLayer) -> Void = { _ in }
  /// What two neighbouring raw products enter the sum as; `nil`: their exact sum.
  var pair: (@Sendable (Int64, Int64) -> Int64)?
  /// Σx of every row, and then Σw of every channel.
  var adjustSums: @Sendable (inout [Int64], inout [Int64]) -> Void = { _, _ in }
  /// K·Zx·Zw.
  var constant: @Sendable (Int64) -> Int64 = { $0 }
  /// The bias on top of the products.
  var add: @Sendable (Int64, Int64) -> Int64 = { $0 &+ $1 }
  /// The accumulator, bias included, in its register.
  var keep: @Sendable (Int64, PlainLayer) -> Int64 = { sum, _ in wrapped(sum, bits: 32) }
  var requantize: any Requantizer
  /// The integer bound of the activation's real bound (0 or 6), zero point included.
  var bound: @Sendable (Float, PlainLayer) -> Int64
  /// What the output is clamped to.
  var limits: @Sendable (ClosedRange<Int64>, PlainLayer) -> ClosedRange<Int64> = { range, _ in
    range
  }
  /// Zero point and clamp: from the requantized integer to the output.
  var finish: @Sendable (Int64, Int, ClosedRange<Int64>, PlainLayer) -> Int64 = {
    value, _, limits, layer in clamped(wrapped(value + layer.outputZeroPoint, bits: 32), limits)
  }
  /// Writes the outputs; the second argument is what the buffer held before.
  var store: @Sendable (inout [Int64], [Int64], PlainLayer) -> Void = { _, _, _ in }
  /// Nonsense that is computed nevertheless.
  var accepts: @Sendable (LayerError, RawLayer) -> Bool = { _, _ in false }
  /// Legal layers that are refused.
  var refuses: @Sendable (RawLayer) -> Bool = { _ in false }

  func outputs(_ raw: RawLayer, previous: [Int64]) -> [Int64] {
    var layer = PlainLayer(raw)
    prepare(&layer)
    let limits = limits(activationRange(layer), layer)
    var inputSums = sums(layer.input, layer.depth)
    var weightSums = sums(layer.weights, layer.depth)
    adjustSums(&inputSums, &weightSums)
    var outputs: [Int64] = []
    outputs.reserveCapacity(layer.rows * layer.channels)
    for row in 0..<layer.rows {
      for channel in 0..<layer.channels {
        let (zx, zw) = (layer.inputZeroPoint, layer.weightZeroPoints[channel])
        var sum = products(layer, row, channel)
        sum -= layer.rowFactor * zw * inputSums[row]
        sum -= layer.columnFactor * zx * weightSums[channel]
        sum += constant(layer.terms * zx * zw)
        // A general bias is the requantizer's business.
        if layer.biasScales.isEmpty { sum = add(sum, layer.bias[channel]) }
        let scaled = requantize(keep(sum, layer), channel, layer)
        outputs.append(finish(scaled, channel, limits, layer))
      }
    }
    store(&outputs, previous, layer)
    return outputs
  }

  private func products(_ layer: PlainLayer, _ row: Int, _ channel: Int) -> Int64 {
    let depth = layer.depth
    return layer.input.withUnsafeBufferPointer { input in
      layer.weights.withUnsafeBufferPointer { weights in
        var (sum, k) = (Int64(0), 0)
        if let pair {
          while k < depth {
            let first = input[row &* depth &+ k] &* weights[channel &* depth &+ k]
            k &+= 1
            let second =
              k < depth ? input[row &* depth &+ k] &* weights[channel &* depth &+ k] : 0
            sum &+= pair(first, second)
            k &+= 1
          }
          return sum
        }
        while k < depth {
          sum &+= input[row &* depth &+ k] &* weights[channel &* depth &+ k]
          k &+= 1
        }
        return sum
      }
    }
  }

  private func sums(_ values: [Int64], _ depth: Int) -> [Int64] {
    stride(from: 0, to: values.count, by: depth).map { start in
      var sum: Int64 = 0
      for index in start..<(start + depth) { sum &+= values[index] }
      return sum
    }
  }

  private func activationRange(_ layer: PlainLayer) -> ClosedRange<Int64> {
    let (least, greatest) = (layer.outputRange.lowerBound, layer.outputRange.upperBound)
    return switch layer.activation {
    case .none: layer.outputRange
    case .clamp(let low, let high): low...high
    case .relu: range(max(least, bound(0, layer)), greatest)
    case .relu6: range(max(least, bound(0, layer)), min(greatest, bound(6, layer)))
    }
  }
}

extension PlainKernel {
  /// `Zo + round(f32(f/So))`, half away from zero.
  private static let quotientBound: @Sendable (Float, PlainLayer) -> Int64 = { real, layer in
    let quotient = Double(real / Float(layer.outputScale))
    return Int64(Rounding.away.round(min(quotient, 0x1p40))) + layer.outputZeroPoint
  }

  static var tflm: PlainKernel { PlainKernel(requantize: FixedPoint(), bound: quotientBound) }

  static var singleRounding: PlainKernel {
    PlainKernel(requantize: FixedPoint.single, bound: quotientBound)
  }

  static var gemmlowp: PlainKernel {
    PlainKernel(requantize: FixedPoint(leftShift: .saturates), bound: quotientBound)
  }

  static var litertReference: PlainKernel {
    PlainKernel(
      keep: { sum, layer in
        layer.types.input == .int16 && layer.biasType != .int32 ? sum : wrapped(sum, bits: 32)
      }, requantize: InDouble(), bound: quotientBound)
  }

  static var ort: PlainKernel { PlainKernel(requantize: InFloat(), bound: quotientBound) }

  static var exactEven: PlainKernel {
    PlainKernel(
      add: { sum, bias in
        // Saturated sums lie far outside every output type.
        let (total, overflow) = sum.addingReportingOverflow(bias)
        return overflow ? (bias < 0 ? .min : .max) : total
      }, keep: { sum, _ in sum }, requantize: Exactly(),
      bound: { real, layer in
        let quotient = Rational(exactly: Double(real)) / Rational(exactly: layer.outputScale)
        return quotient.position.rounded(.toNearestOrEven) + layer.outputZeroPoint
      },
      finish: { value, _, limits, layer in clamped(value + layer.outputZeroPoint, limits) })
  }

  /// The kernels without a defect, by the profile that they compute.
  static var byProfile: [(name: String, kernel: PlainKernel)] {
    [
      ("tflm", tflm), ("single-rounding", singleRounding), ("gemmlowp", gemmlowp),
      ("litert-reference", litertReference), ("ort", ort), ("exact-even", exactEven),
    ]
  }
}
