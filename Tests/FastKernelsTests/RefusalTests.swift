import FastKernels
import Testing

struct RefusalTests {
  /// A legal layer: M 2, K 3, N 4.
  private static let legal = FullyConnectedDescription(
    profile: .exactEven, inputShape: [2, 3], inputType: .int8, inputScale: 0.5, inputZeroPoint: 1,
    weightsShape: [4, 3], weightsType: .int8, weightsScales: [0.25, 0.5, 1, 2],
    weightsZeroPoints: [0], bias: .init(type: .int32, shape: [4]), outputShape: [2, 4],
    outputType: .int8, outputScale: 2, outputZeroPoint: -4)

  private func refusal(_ change: (inout FullyConnectedDescription) -> Void) -> KernelRefusal? {
    var description = Self.legal
    change(&description)
    do {
      _ = try FullyConnectedKernel(description)
      return nil
    } catch { return error }
  }

  @Test func theLegalLayerIsAccepted() { #expect(refusal { _ in } == nil) }

  @Test(arguments: [-1, 0, -0.0, Double.infinity, -Double.infinity, -0x1p-1074])
  func scalesMustBePositiveAndFinite(_ value: Double) {
    let expected = { KernelRefusal.scale($0, index: $1, value: value) }
    #expect(refusal { $0.inputScale = value } == expected(.input, 0))
    #expect(refusal { $0.weightsScales[2] = value } == expected(.weights, 2))
    #expect(refusal { $0.outputScale = value } == expected(.output, 0))
    #expect(refusal { $0.bias?.scales = [value] } == expected(.bias, 0))
  }

  @Test func aScaleThatIsNotANumberIsRefused() {
    for change in [
      { $0.inputScale = .nan }, { $0.weightsScales[0] = .nan }, { $0.outputScale = .nan },
      { $0.bias?.scales = [.nan] },
    ] as [(inout FullyConnectedDescription) -> Void] {
      #expect(refusal(change)?.description.hasSuffix("but is nan") == true)
    }
  }

  @Test func zeroPointsMustBeInTheirType() {
    for value in [Int64(-129), 128, .min, .max] {
      let refused = { KernelRefusal.zeroPoint($0, index: $1, value: value, allowed: -128...127) }
      #expect(refusal { $0.inputZeroPoint = value } == refused(.input, 0))
      #expect(refusal { $0.weightsZeroPoints = [0, 0, 0, value] } == refused(.weights, 3))
      #expect(refusal { $0.outputZeroPoint = value } == refused(.output, 0))
    }
    #expect(refusal { $0.bias?.zeroPoints = [1] } != nil, "a zero point without a scale")
    let wide = refusal {
      $0.bias?.scales = [1]
      $0.bias?.zeroPoints = [1 << 31]
    }
    #expect(wide != nil)
  }

  @Test func shapesMustFit() {
    #expect(refusal { $0.inputShape = [6] } == .rank(.input, rank: 1, expected: 2))
    #expect(refusal { $0.weightsShape = [] } == .rank(.weights, rank: 0, expected: 2))
    #expect(refusal { $0.outputShape = [1, 2, 4] } == .rank(.output, rank: 3, expected: 2))
    #expect(refusal { $0.bias?.shape = [1, 4] } == .rank(.bias, rank: 2, expected: 1))
    #expect(refusal { $0.inputShape = [0, 3] } == .dimension(.input, axis: 0, value: 0))
    #expect(refusal { $0.weightsShape = [4, 0] } == .dimension(.weights, axis: 1, value: 0))
    #expect(refusal { $0.inputShape = [2, -3] } == .dimension(.input, axis: 1, value: -3))
    #expect(
      refusal { $0.weightsShape = [4, 5] } == .mismatch(.weights, axis: 1, value: 5, expected: 3))
    #expect(
      refusal { $0.outputShape = [3, 4] } == .mismatch(.output, axis: 0, value: 3, expected: 2))
    #expect(
      refusal { $0.outputShape = [2, 5] } == .mismatch(.output, axis: 1, value: 5, expected: 4))
    #expect(refusal { $0.bias?.shape = [3] } == .mismatch(.bias, axis: 0, value: 3, expected: 4))
    #expect(
      refusal { $0.inputShape = [.max, .max] } == .size(.input, shape: [.max, .max]))
    #expect(
      refusal { $0.inputShape = [1 << 40, 2] } == .size(.input, shape: [1 << 40, 2]))
  }

  @Test func channelsMustFit() {
    #expect(
      refusal { $0.weightsScales = [] } == .scaleCount(.weights, count: 0, channels: 4))
    #expect(
      refusal { $0.weightsScales = [1, 1] } == .scaleCount(.weights, count: 2, channels: 4))
    #expect(
      refusal { $0.weightsZeroPoints = [0, 0, 0] }
        == .zeroPointCount(.weights, count: 3, channels: 4))
    #expect(
      refusal { $0.bias?.scales = [1, 1, 1] } == .scaleCount(.bias, count: 3, channels: 4))
  }

  @Test func typesMustFit() {
    #expect(refusal { $0.inputType = .int32 }?.isUnsupported == false)
    #expect(refusal { $0.outputType = .int64 }?.isUnsupported == false)
    #expect(refusal { $0.bias?.type = .int16 }?.isUnsupported == false)
    #expect(refusal { $0.bias?.type = .int64 }?.isUnsupported == false, "with int8 input")
    #expect(
      refusal {
        $0.inputType = .int16
        $0.bias?.type = .int64
      } == nil)
  }

  @Test func clampBoundsMustBeInOrderAndInTheType() {
    #expect(refusal { $0.activation = .clamp(low: 3, high: 3) } == nil)
    #expect(refusal { $0.activation = .clamp(low: -128, high: 127) } == nil)
    for (low, high) in [(4, 3), (Int64.max, .min), (128, 200), (-300, -129), (-129, 0), (0, 128)]
      as [(Int64, Int64)]
    {
      #expect(
        refusal { $0.activation = .clamp(low: low, high: high) }
          == .clamp(low: low, high: high, type: .int8))
    }
  }

  @Test func whatAProfileDoesNotDefineIsUnsupported() {
    let changes: [(inout FullyConnectedDescription) -> Void] = [
      { ($0.profile, $0.outputType, $0.outputZeroPoint) = (.tflm, .uint8, 4) },
      { ($0.profile, $0.inputScale) = (.ort, 0.1) },
      { ($0.profile, $0.activation) = (.ort, .relu) },
      {
        $0.profile = .tflm
        $0.bias?.scales = [1]
      },
      { ($0.profile, $0.weightsZeroPoints) = (.litertXNNPACK, [0, 0, 1, 0]) },
      { ($0.profile, $0.inputScale, $0.outputScale) = (.litertXNNPACK, 128, 1) },
      { ($0.profile, $0.inputScale) = (.litertXNNPACK, 0x1p-130) },
      { ($0.profile, $0.inputType, $0.outputType, $0.bias) = (.tflm, .int16, .int16, nil) },
      { ($0.profile, $0.outputScale, $0.activation) = (.tflm, 0x1p-30, .relu6) },
    ]
    for (index, change) in changes.enumerated() {
      #expect(refusal(change)?.isUnsupported == true, "change \(index)")
    }
  }

  @Test func buffersMustHaveTheirSize() throws {
    let kernel = try FullyConnectedKernel(Self.legal)
    var workspace = KernelWorkspace()
    var output = [UInt8](repeating: 7, count: 8)
    for (input, weights, bias, expected) in [
      (5, 12, 16, KernelRefusal.bufferSize(.input, bytes: 5, expected: 6)),
      (6, 13, 16, .bufferSize(.weights, bytes: 13, expected: 12)),
      (6, 12, 15, .bufferSize(.bias, bytes: 15, expected: 16)),
      (6, 12, nil, .biasPresence(expected: true)),
    ] as [(Int, Int, Int?, KernelRefusal)] {
      let bytes = [UInt8](repeating: 0, count: 64)
      let thrown = bytes.withUnsafeBytes { bytes in
        output.withUnsafeMutableBytes { output -> KernelRefusal? in
          do throws(KernelRefusal) {
            try kernel.run(
              input: .init(rebasing: bytes[..<input]), weights: .init(rebasing: bytes[..<weights]),
              bias: bias.map { .init(rebasing: bytes[..<$0]) }, output: output,
              workspace: &workspace)
            return nil
          } catch { return error }
        }
      }
      #expect(thrown == expected)
    }
    #expect(output == [UInt8](repeating: 7, count: 8), "nothing is written on refusal")
  }
}
