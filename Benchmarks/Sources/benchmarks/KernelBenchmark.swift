import FastKernels

/// A whole layer of 512 × 512 × 512 in int8, one thread, beside the loop that a person would write.
enum KernelBenchmark {
  private static let size = 512

  static func run() throws -> [String] {
    let count = size * size
    let input = (0..<count).map { Int8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
    let weights = (0..<count).map { Int8(truncatingIfNeeded: $0 &* 40_503 >> 3) }
    let bias = (0..<size).map { Int32(truncatingIfNeeded: $0 &* 7_919) }
    var output = [Int8](repeating: 0, count: count)
    var sums = [Int32](repeating: 0, count: count)
    var lines: [String] = []
    for path in KernelPath.allCases where path.isAvailable {
      let kernel = try FullyConnectedKernel(description, path: path)
      var workspace = KernelWorkspace()
      var failure: KernelRefusal?
      let times = Stopwatch.medians {
        do throws(KernelRefusal) {
          try run(kernel, input, weights, bias, &output, &workspace)
        } catch {
          failure = error
        }
      } _: {
        plainLoop(input, weights, &sums)
      }
      if let failure { throw failure }
      let products = Double(size * size * size)
      let asked = path == .avx2 ? " (asked for: 8)" : path == .avx512vnni ? " (asked for: 16)" : ""
      lines.append(
        "\(path.rawValue): \(rounded(products / times.first / 1e9)) GMAC/s with requantization,"
          + " plain loop \(rounded(products / times.second / 1e9)); ratio"
          + " \(rounded(times.second / times.first))\(asked)")
    }
    return lines
  }

  private static var description: FullyConnectedDescription {
    FullyConnectedDescription(
      profile: .tflm, inputShape: [size, size], inputType: .int8, inputScale: 0.5,
      inputZeroPoint: 3, weightsShape: [size, size], weightsType: .int8, weightsScales: [0.25],
      weightsZeroPoints: [0], bias: .init(type: .int32, shape: [size]), outputShape: [size, size],
      outputType: .int8, outputScale: 1_024, outputZeroPoint: -5)
  }

  private static func run(
    _ kernel: FullyConnectedKernel, _ input: [Int8], _ weights: [Int8], _ bias: [Int32],
    _ output: inout [Int8], _ workspace: inout KernelWorkspace
  ) throws(KernelRefusal) {
    var failure: KernelRefusal?
    input.withUnsafeBytes { input in
      weights.withUnsafeBytes { weights in
        bias.withUnsafeBytes { bias in
          output.withUnsafeMutableBytes { output in
            do throws(KernelRefusal) {
              try kernel.run(
                input: input, weights: weights, bias: bias, output: output, workspace: &workspace)
            } catch {
              failure = error
            }
          }
        }
      }
    }
    if let failure { throw failure }
  }

  /// Sums of products over pointers with wrapping operators: no zero points, no requantization.
  @inline(never)
  private static func plainLoop(_ input: [Int8], _ weights: [Int8], _ sums: inout [Int32]) {
    input.withUnsafeBufferPointer { input in
      weights.withUnsafeBufferPointer { weights in
        sums.withUnsafeMutableBufferPointer { sums in
          guard let x = input.baseAddress, let w = weights.baseAddress, let out = sums.baseAddress
          else { return }
          for row in 0..<size {
            for channel in 0..<size {
              let (left, right) = (x + row &* size, w + channel &* size)
              var sum: Int32 = 0
              for k in 0..<size { sum = sum &+ Int32(left[k]) &* Int32(right[k]) }
              out[row &* size &+ channel] = sum
            }
          }
        }
      }
    }
  }
}
