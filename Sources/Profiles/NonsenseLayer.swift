import QuantizedArithmetic
import QuantizedLayers

/// Why nothing is said of a layer that validation refuses.
enum NonsenseError: Error, CustomStringConvertible {
  /// Something other than scales and zero points is wrong.
  case layer(LayerError)
  case parameters(String)

  var description: String {
    switch self {
    case .layer(let error): error.description
    case .parameters(let text): text
    }
  }
}

/// A layer whose shapes and data are legal, with the scales and zero points that it was given.
struct NonsenseLayer {
  /// The same with scales of 1 and zero points of 0.
  let legal: Layer
  let operands: Operands
  let inputScale: Float
  /// One, or one a channel.
  let weightScales: [Float]
  let outputScale: Float
  let inputZeroPoint: Int64
  /// One, or one a channel.
  let weightZeroPoints: [Int64]
  let outputZeroPoint: Int64

  /// - Throws: the reason why nothing is said of it.
  init(_ raw: RawLayer) throws(NonsenseError) {
    var legal = raw
    NonsenseLayer.clean(&legal.input)
    NonsenseLayer.clean(&legal.weights)
    NonsenseLayer.clean(&legal.output)
    do { self.legal = try legal.validated() } catch { throw .layer(error) }
    guard raw.bias?.scales.isEmpty ?? true, raw.bias?.zeroPoints.allSatisfy({ $0 == 0 }) ?? true
    else { throw .parameters("the bias has a scale or a zero point of its own") }
    for scale in raw.input.scales + raw.weights.scales + raw.output.scales
    where !scale.isNaN && Double(Float(scale)) != scale {
      throw .parameters("\(scale) is no binary32 number")
    }
    let zeroPoints = raw.input.zeroPoints + raw.weights.zeroPoints + raw.output.zeroPoints
    guard zeroPoints.allSatisfy({ Int32(exactly: $0) != nil }) else {
      throw .parameters("a zero point leaves int32")
    }
    guard raw.weights.zeroPoints.count == 1 || raw.weights.scales.count > 1 else {
      throw .parameters("zero points per channel, one scale")
    }
    var operands = Operands()
    do {
      try Operators.named(raw.operation).lower(self.legal, into: &operands)
    } catch { throw .layer(error) }
    self.operands = operands
    // Validation found one or one a channel of each.
    inputScale = Float(raw.input.scales[0])
    weightScales = raw.weights.scales.map { Float($0) }
    outputScale = Float(raw.output.scales[0])
    inputZeroPoint = raw.input.zeroPoints[0]
    weightZeroPoints = raw.weights.zeroPoints
    outputZeroPoint = raw.output.zeroPoints[0]
  }

  private static func clean(_ tensor: inout RawTensor) {
    tensor.scales = tensor.scales.map { _ in 1 }
    tensor.zeroPoints = tensor.zeroPoints.map { _ in 0 }
  }

  var isPerChannel: Bool { weightScales.count > 1 }
  func weightScale(_ channel: Int) -> Float { weightScales[isPerChannel ? channel : 0] }
  func weightZeroPoint(_ channel: Int) -> Int64 {
    weightZeroPoints[weightZeroPoints.count > 1 ? channel : 0]
  }

  /// Whether every zero point lies in its tensor's type.
  var hasZeroPointsInRange: Bool {
    legal.input.type.range.contains(inputZeroPoint)
      && legal.output.type.range.contains(outputZeroPoint)
      && weightZeroPoints.allSatisfy { legal.weights.type.range.contains($0) }
  }

  /// Every output from its accumulator, which wraps in int32; zero points may lie anywhere in int32.
  func outputs(
    inputZeroPoint: Int64, weightZeroPoint: (_ channel: Int) -> Int64,
    correction: (_ row: Int, _ channel: Int) -> Int64 = { _, _ in 0 },
    _ finish: (_ accumulator: Int32, _ channel: Int) -> Int32
  ) -> [Int32] {
    var outputs: [Int32] = []
    outputs.reserveCapacity(legal.outputCount)
    for row in 0..<legal.rows {
      for channel in 0..<legal.channels {
        let zeroPoint = weightZeroPoint(channel)
        var sum = operands.bias[channel] &+ correction(row, channel)
        for k in 0..<legal.depth {
          let left = Int64(operands.input[row * legal.depth + k]) - inputZeroPoint
          let right = Int64(operands.weights[channel * legal.depth + k]) - zeroPoint
          sum &+= left &* right
        }
        outputs.append(finish(Int32(truncatingIfNeeded: sum), channel))
      }
    }
    return outputs
  }
}

extension NonsenseLayer {
  /// ONNX Runtime checks no scale: its formula holds literally in binary32.
  func ortAnswer(
    _ rule: AccumulatorRule, _ conversion: FloatConversion
  ) -> NonsenseAnswer {
    guard hasZeroPointsInRange else {
      return .undefined("zero points are tensors of the operands' types")
    }
    let range = legal.outputRange
    let accumulation = Accumulation(rule: rule, weightsZeroPoint: .used, layer: legal)
    let stages = weightScales.map { weights in
      Float32Stage(
        clamp: .bothBeforeRounding, conversion: conversion,
        effectiveScale: inputScale * weights / outputScale,
        lower: Float(range.lowerBound - outputZeroPoint),
        upper: Float(range.upperBound - outputZeroPoint))
    }
    let outputs = outputs(
      inputZeroPoint: inputZeroPoint, weightZeroPoint: weightZeroPoint,
      correction: { row, channel in
        accumulation.pairLoss(row: row, channel: channel, operands: operands)
      }
    ) { accumulator, channel in
      var departure = Departure()
      var recorder = NoRecorder()
      let stage = stages[isPerChannel ? channel : 0]
      let integer = stage.apply(to: Int64(accumulator), &departure, &recorder) + outputZeroPoint
      return Int32(truncatingIfNeeded: min(max(integer, range.lowerBound), range.upperBound))
    }
    return .computed(outputs)
  }
}
