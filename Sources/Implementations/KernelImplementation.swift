import FastKernels
import Profiles
import QuantizedArithmetic
import QuantizedLayers

/// The built-in kernel library: `kernels` takes the fastest instructions that the machine has, the
/// others force theirs.
struct KernelImplementation: Implementation {
  static let all: [any Implementation] =
    [KernelImplementation(name: "kernels", path: .best)]
    + KernelPath.allCases.map { KernelImplementation(name: "kernels-\($0.rawValue)", path: $0) }

  let name: String
  let path: KernelPath

  var version: String { "1 (\(path.rawValue))" }
  var kind: String { "builtIn" }
  var summary: String { "the built-in kernel library, instructions: \(path.rawValue)" }

  var claims: [Claim] {
    KernelProfile.allCases.compactMap { Profiles.named($0.rawValue).map { Claim(profile: $0) } }
  }

  var unavailable: String? {
    path.isAvailable ? nil : "this machine has no \(path.rawValue) instructions"
  }

  func start() throws(StartError) -> any Session {
    if let unavailable { throw StartError(name: name, reason: unavailable) }
    return KernelSession(path)
  }
}

private final class KernelSession: Session {
  private let path: KernelPath
  private var workspace = KernelWorkspace()

  init(_ path: KernelPath) { self.path = path }

  func answer(_ requests: [Request]) -> [Answer] {
    var answers: [Answer] = []
    answers.reserveCapacity(requests.count)
    for request in requests { answers.append(answer(request)) }
    return answers
  }

  private func answer(_ request: Request) -> Answer {
    guard let profile = KernelProfile(rawValue: request.profile ?? "exact-even") else {
      return .unsupported("profile \(request.profile ?? "")")
    }
    guard let description = FullyConnectedDescription(request.layer, profile) else {
      return .refused("input and output must have one scale and one zero point")
    }
    do {
      let kernel = try FullyConnectedKernel(description, path: path)
      let output = try run(kernel, request.layer)
      return .output(output)
    } catch {
      return error.isUnsupported ? .unsupported(error.description) : .refused(error.description)
    }
  }

  private func run(
    _ kernel: FullyConnectedKernel, _ layer: RawLayer
  ) throws(KernelRefusal) -> [UInt8] {
    var failure: KernelRefusal?
    let count = kernel.byteCounts.output
    let output = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      layer.input.data.withUnsafeBytes { input in
        layer.weights.data.withUnsafeBytes { weights in
          (layer.bias?.data ?? []).withUnsafeBytes { bias in
            do throws(KernelRefusal) {
              try kernel.run(
                input: input, weights: weights, bias: layer.bias == nil ? nil : bias,
                output: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: count),
                workspace: &workspace)
              initialized = count
            } catch {
              failure = error
            }
          }
        }
      }
    }
    if let failure { throw failure }
    return output
  }
}

extension FullyConnectedDescription {
  /// The same layer in the library's own words; `nil` where it has no words for it.
  fileprivate init?(_ layer: RawLayer, _ profile: KernelProfile) {
    guard layer.input.scales.count == 1, layer.input.zeroPoints.count == 1,
      layer.output.scales.count == 1, layer.output.zeroPoints.count == 1
    else { return nil }
    let activation: KernelActivation =
      switch layer.activation {
      case .none: .none
      case .relu: .relu
      case .relu6: .relu6
      case .clamp(let low, let high): .clamp(low: low, high: high)
      }
    self.init(
      profile: profile, activation: activation, inputShape: layer.input.shape,
      inputType: KernelElement(layer.input.type), inputScale: layer.input.scales[0],
      inputZeroPoint: layer.input.zeroPoints[0], weightsShape: layer.weights.shape,
      weightsType: KernelElement(layer.weights.type), weightsScales: layer.weights.scales,
      weightsZeroPoints: layer.weights.zeroPoints,
      bias: layer.bias.map {
        Bias(
          type: KernelElement($0.type), shape: $0.shape,
          scales: $0.scales.isEmpty ? nil : $0.scales, zeroPoints: $0.zeroPoints)
      }, outputShape: layer.output.shape, outputType: KernelElement(layer.output.type),
      outputScale: layer.output.scales[0], outputZeroPoint: layer.output.zeroPoints[0])
  }
}

extension KernelElement {
  fileprivate init(_ type: ElementType) {
    switch type {
    case .int8: self = .int8
    case .uint8: self = .uint8
    case .int16: self = .int16
    case .int32: self = .int32
    case .int64: self = .int64
    }
  }
}
