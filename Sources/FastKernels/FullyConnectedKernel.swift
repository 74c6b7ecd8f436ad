internal import CFastKernels

/// A fully connected layer, ready to run: validated, with its multipliers derived.
///
/// Making one and running it are both cheap (a few hundred nanoseconds for small layers), so that
/// layers which differ in every parameter can be run one after another.
package final class FullyConnectedKernel {
  let sizes: LayerSizes
  let path: KernelPath
  let inputType, weightsType, outputType: KernelElement
  /// nil where the layer has no bias.
  let biasType: KernelElement?
  let outputZeroPoint: Int64
  let plan: RequantizationPlan
  /// Of the activation, inside the output type.
  let bounds: OutputBounds
  /// How operands are packed for the dot products.
  let packing: Packing
  /// The zero points of the operands as packed.
  let inputZeroPoint: Int64
  /// nil where all are 0; one entry a channel, padded to a multiple of 8.
  let weightsZeroPoints: UnsafePointer<Int32>?
  /// Of the int32 and the wide plan.
  let stage: fk_stage
  /// Of the exact plan.
  let exactStage: fk_exact_stage
  /// nil under the other plans.
  let exactScales: ExactScales?
  /// Owns what the pointers of the stages and zero points refer to.
  let table: ChannelTable

  /// Validates a description and derives what does not depend on the tensors' data.
  ///
  /// - Parameters:
  ///   - description: Any description.
  ///   - path: The instructions to use.
  /// - Throws: What is wrong with the description; ``KernelRefusal/unsupported(_:)`` for a legal
  ///   layer that its profile does not define, and for instructions that this machine lacks.
  package init(
    _ description: FullyConnectedDescription, path: KernelPath = .best
  ) throws(KernelRefusal) {
    sizes = try description.validated()
    plan = try description.plan()
    bounds = try description.outputBounds()
    guard path.isAvailable else {
      throw .unsupported("the path \(path.rawValue) on this machine")
    }
    guard sizes.depth <= 1 << 30, sizes.columns <= 1 << 30 else {
      throw .unsupported("more than 2^30 inputs or outputs of a layer")
    }
    (inputType, weightsType) = (description.inputType, description.weightsType)
    (outputType, biasType) = (description.outputType, description.bias?.type)
    outputZeroPoint = description.outputZeroPoint
    self.path = path
    packing = Packing(description, path: path, depth: sizes.depth)
    inputZeroPoint = description.inputZeroPoint &+ packing.inputShift
    table = ChannelTable(channels: sizes.columns, arrays: 4)

    let shift = packing.weightsShift
    let zeroPoints = description.effectiveWeightsZeroPoints
    weightsZeroPoints =
      zeroPoints.allSatisfy { $0 &+ shift == 0 }
      ? nil
      : UnsafePointer(table.array(zeroPoints) { Int32(truncatingIfNeeded: $0 &+ shift) })

    switch plan {
    case .exact(let tie):
      exactStage = description.exactStage(tie, bounds: bounds, in: table)
      exactScales = ExactScales(description)
      stage = fk_stage()
    case .wrapping32(let kind):
      var stage = description.stage(kind, bounds: bounds, in: table)
      stage.weight_zero_points = weightsZeroPoints
      self.stage = stage
      exactStage = fk_exact_stage()
      exactScales = nil
    case .wide64:
      stage = description.stage(.float64, bounds: bounds, in: table)
      exactStage = fk_exact_stage()
      exactScales = nil
    }
  }

  /// The bytes of the tensors, in the order input, weights, bias (0 for none), output.
  package var byteCounts: (input: Int, weights: Int, bias: Int, output: Int) {
    (
      sizes.rows &* sizes.depth &* inputType.byteCount,
      sizes.columns &* sizes.depth &* weightsType.byteCount,
      biasType.map { sizes.columns &* $0.byteCount } ?? 0,
      sizes.rows &* sizes.columns &* outputType.byteCount
    )
  }
}

// Immutable after its initializer; the table is never written again.
extension FullyConnectedKernel: @unchecked Sendable {}

/// The scales that exact arithmetic needs again where binary64 cannot decide.
struct ExactScales {
  let input, output: Double
  let weights: [Double]
  /// nil where the bias is in accumulator units.
  let bias: [Double]?
  let biasZeroPoints: [Int64]

  init(_ description: FullyConnectedDescription) {
    (input, output) = (description.inputScale, description.outputScale)
    weights = description.weightsScales
    bias = description.bias?.scales
    biasZeroPoints = description.bias?.zeroPoints ?? []
  }

  /// The weights' scale of a channel.
  func weights(_ column: Int) -> Double { weights.count > 1 ? weights[column] : weights[0] }

  /// The zero point of a channel's bias.
  func biasZeroPoint(_ column: Int) -> Int64 {
    biasZeroPoints.count > 1 ? biasZeroPoints[column] : biasZeroPoints.first ?? 0
  }
}
