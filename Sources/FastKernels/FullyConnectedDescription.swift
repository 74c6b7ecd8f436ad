/// A fully connected layer as somebody described it; it may hold nonsense.
///
/// input [M, K], weights [N, K], bias [N], output [M, N], row-major:
/// `output = clamp(round((Σ (input − Zi)(weights − Zw) · Si · Sw + bias) / So) + Zo)`.
package struct FullyConnectedDescription: Hashable, Sendable {
  /// The bias of a layer.
  package struct Bias: Hashable, Sendable {
    package var type: KernelElement
    package var shape: [Int]
    /// One scale or one a channel; nil: in units of the accumulator, Si·Sw.
    package var scales: [Double]?
    /// None (0), one, or one a channel; only with ``scales`` may they differ from 0.
    package var zeroPoints: [Int64]

    /// Collects the parts; checks nothing.
    package init(
      type: KernelElement, shape: [Int], scales: [Double]? = nil, zeroPoints: [Int64] = []
    ) {
      self.type = type
      self.shape = shape
      self.scales = scales
      self.zeroPoints = zeroPoints
    }
  }

  package var profile: KernelProfile
  package var activation: KernelActivation
  package var inputShape: [Int]
  package var inputType: KernelElement
  package var inputScale: Double
  package var inputZeroPoint: Int64
  package var weightsShape: [Int]
  package var weightsType: KernelElement
  /// One scale (per tensor) or one an output channel.
  package var weightsScales: [Double]
  /// One zero point or one an output channel.
  package var weightsZeroPoints: [Int64]
  package var bias: Bias?
  package var outputShape: [Int]
  package var outputType: KernelElement
  package var outputScale: Double
  package var outputZeroPoint: Int64

  /// Collects the parts; checks nothing.
  package init(
    profile: KernelProfile, activation: KernelActivation = .none,
    inputShape: [Int], inputType: KernelElement, inputScale: Double, inputZeroPoint: Int64,
    weightsShape: [Int], weightsType: KernelElement, weightsScales: [Double],
    weightsZeroPoints: [Int64], bias: Bias? = nil,
    outputShape: [Int], outputType: KernelElement, outputScale: Double, outputZeroPoint: Int64
  ) {
    self.profile = profile
    self.activation = activation
    self.inputShape = inputShape
    self.inputType = inputType
    self.inputScale = inputScale
    self.inputZeroPoint = inputZeroPoint
    self.weightsShape = weightsShape
    self.weightsType = weightsType
    self.weightsScales = weightsScales
    self.weightsZeroPoints = weightsZeroPoints
    self.bias = bias
    self.outputShape = outputShape
    self.outputType = outputType
    self.outputScale = outputScale
    self.outputZeroPoint = outputZeroPoint
  }
}
