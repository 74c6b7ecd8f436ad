import FastKernels

/// Debug builds are far slower, and take less of everything.
#if DEBUG
let isDebug = true
#else
let isDebug = false
#endif

/// How many layers to draw.
func draws(_ count: Int) -> Int { isDebug ? count / 10 : count }

/// SplitMix64, so that every run draws the same layers.
struct SplitMix64 {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  mutating func integer(in range: ClosedRange<Int64>) -> Int64 {
    let width = UInt64(bitPattern: range.upperBound &- range.lowerBound)
    let value = width == .max ? next() : next() % (width + 1)
    return range.lowerBound &+ Int64(bitPattern: value)
  }

  mutating func pick<T>(_ values: [T]) -> T { values[below(values.count)] }

  /// Uniform in the logarithm, as binary32.
  mutating func scale(_ exponents: ClosedRange<Int>) -> Double {
    let exponent = exponents.lowerBound + below(exponents.count)
    let significand = Float(1) + Float(next() >> 41) * 0x1p-23
    return Double(significand) * Double(sign: .plus, exponent: exponent, significand: 1)
  }
}

extension TestLayer {
  /// Runs the layer; the buffers lie at odd addresses, the output between canaries.
  func run(
    _ path: KernelPath, _ workspace: inout KernelWorkspace
  ) throws(KernelRefusal) -> [Int64] {
    let kernel = try FullyConnectedKernel(description, path: path)
    let inputBytes = Self.bytes(input, description.inputType)
    let weightBytes = Self.bytes(weights, description.weightsType)
    let biasBytes = bias.map { Self.bytes($0, description.bias?.type ?? .int32) }
    let size = kernel.byteCounts.output
    var output = [UInt8](repeating: 0xA5, count: size + 34)
    let refusal = inputBytes.withUnsafeBytes { input in
      weightBytes.withUnsafeBytes { weights in
        output.withUnsafeMutableBytes { output -> KernelRefusal? in
          let target = UnsafeMutableRawBufferPointer(rebasing: output[17..<(17 + size)])
          let a = UnsafeRawBufferPointer(rebasing: input[1...])
          let b = UnsafeRawBufferPointer(rebasing: weights[1...])
          do throws(KernelRefusal) {
            if let biasBytes {
              try Self.withBytes(biasBytes) { (bias) throws(KernelRefusal) in
                try kernel.run(
                  input: a, weights: b, bias: bias, output: target, workspace: &workspace)
              }
            } else {
              try kernel.run(
                input: a, weights: b, bias: nil, output: target, workspace: &workspace)
            }
            return nil
          } catch { return error }
        }
      }
    }
    if let refusal { throw refusal }
    let canaries = output[..<17] + output[(17 + size)...]
    guard canaries.allSatisfy({ $0 == 0xA5 }) else {
      throw .unsupported("the kernel wrote outside its output")
    }
    return Self.integers(output[17..<(17 + size)], description.outputType)
  }

  private static func withBytes(
    _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(KernelRefusal) -> Void
  ) throws(KernelRefusal) {
    let refusal = bytes.withUnsafeBytes { buffer -> KernelRefusal? in
      do throws(KernelRefusal) {
        try body(UnsafeRawBufferPointer(rebasing: buffer[1...]))
        return nil
      } catch { return error }
    }
    if let refusal { throw refusal }
  }

  /// Little-endian, behind one byte that makes the address odd.
  private static func bytes(_ values: [Int64], _ type: KernelElement) -> [UInt8] {
    var result: [UInt8] = [0]
    for value in values {
      for index in 0..<type.byteCount {
        result.append(UInt8(truncatingIfNeeded: value >> Int64(8 * index)))
      }
    }
    return result
  }

  private static func integers(_ bytes: ArraySlice<UInt8>, _ type: KernelElement) -> [Int64] {
    let bytes = Array(bytes)
    return stride(from: 0, to: bytes.count, by: type.byteCount).map { start in
      switch type {
      case .int8: Int64(Int8(bitPattern: bytes[start]))
      case .uint8: Int64(bytes[start])
      default: Int64(Int16(bitPattern: UInt16(bytes[start]) | UInt16(bytes[start + 1]) << 8))
      }
    }
  }
}

/// How a drawn layer's data and scales are chosen.
enum DataStyle: CaseIterable {
  /// Anything.
  case random
  /// Powers of two, so that halves are frequent.
  case ties
  /// Everything at one end of its range.
  case extremes
}

extension SplitMix64 {
  /// A layer of the given types and sizes.
  mutating func layer(
    _ profile: KernelProfile, types: (KernelElement, KernelElement, KernelElement),
    rows: Int, depth: Int, columns: Int, style: DataStyle
  ) -> TestLayer {
    let isPerChannel = next() & 1 == 1
    let isLiteRT = [.tflm, .litertReference, .litertBuiltin, .litertXNNPACK].contains(profile)
    let scaleCount = isPerChannel ? columns : 1
    let noZeroPoint = types.0 == .int16 && !profile.isExact
    let noWeightsZeroPoint =
      profile == .litertXNNPACK && types.1 == .int8 || isLiteRT && isPerChannel
    let si = style == .ties ? 0x1p-3 : scale(-9...0)
    let sw = (0..<scaleCount).map { _ in style == .ties ? 0x1p-2 : scale(-9...0) }
    // Outputs spread over the type, so that few are clamped.
    let size = Double(types.0 == .int16 ? 30_000 : 100) * Double(types.1 == .int16 ? 30_000 : 100)
    let wanted = si * sw[0] * size * Double(depth).squareRoot() / (types.2 == .int16 ? 3e4 : 100)
    let so = style == .ties ? wanted.binade : Double(Float(wanted))
    let biasType: KernelElement = types.0 == .int16 && next() & 1 == 1 ? .int64 : .int32
    var bias: FullyConnectedDescription.Bias?
    if next() & 3 != 0 || profile == .tflm {
      bias = .init(type: profile == .tflm ? .int32 : biasType, shape: [columns])
    }
    let style2 = style
    func fill(
      _ count: Int, _ range: ClosedRange<Int64>, _ generator: inout SplitMix64
    ) -> [Int64] {
      let end = generator.next() & 1 == 0 ? range.lowerBound : range.upperBound
      return (0..<count).map { _ in
        style2 == .extremes && generator.below(50) != 0 ? end : generator.integer(in: range)
      }
    }
    func zeroPoint(_ type: KernelElement, _ generator: inout SplitMix64) -> Int64 {
      switch generator.below(8) {
      case 0: type.range.lowerBound
      case 1: type.range.upperBound
      case 2: generator.integer(in: type.range)
      default: (type.range.lowerBound + type.range.upperBound) / 2 + Int64(generator.below(5))
      }
    }
    let zi = noZeroPoint ? 0 : zeroPoint(types.0, &self)
    let zo = noZeroPoint ? 0 : zeroPoint(types.2, &self)
    let zw = (0..<scaleCount).map { _ in
      noWeightsZeroPoint || next() & 3 == 0 ? 0 : zeroPoint(types.1, &self)
    }
    let activations: [KernelActivation] =
      profile == .ort
      ? [.none, .none, .clamp(low: 7, high: 90)]
      : [.none, .none, .relu, .relu6, .clamp(low: 7, high: 90)]
    let description = FullyConnectedDescription(
      profile: profile, activation: pick(activations),
      inputShape: [rows, depth], inputType: types.0, inputScale: si, inputZeroPoint: zi,
      weightsShape: [columns, depth], weightsType: types.1, weightsScales: sw,
      weightsZeroPoints: zw, bias: bias,
      outputShape: [rows, columns], outputType: types.2, outputScale: so, outputZeroPoint: zo)
    let biasRange =
      pick([-1000...1000, -100_000...100_000, bias?.type.range ?? 0...0]) as ClosedRange<Int64>
    let a = fill(rows * depth, types.0.range, &self)
    let b = fill(columns * depth, types.1.range, &self)
    return TestLayer(
      description: description, input: a, weights: b,
      bias: bias.map { _ in (0..<columns).map { _ in integer(in: biasRange) } })
  }
}

/// The type triples of a profile.
func typeTriples(of profile: KernelProfile) -> [(KernelElement, KernelElement, KernelElement)] {
  let operands: [KernelElement] = [.int8, .uint8, .int16]
  switch profile {
  case .exactEven, .exactAway, .exactUp:
    return operands.flatMap { a in operands.flatMap { b in operands.map { (a, b, $0) } } }
  case .tflm: return [(.int8, .int8, .int8), (.int16, .int8, .int16)]
  case .singleRounding, .litertXNNPACK: return [(.int8, .int8, .int8), (.uint8, .uint8, .uint8)]
  case .litertReference, .litertBuiltin:
    return [(.int8, .int8, .int8), (.uint8, .uint8, .uint8), (.int16, .int8, .int16)]
  case .ort:
    return [(.int8, .int8, .int8), (.uint8, .uint8, .uint8), (.uint8, .int8, .uint8)]
  }
}
