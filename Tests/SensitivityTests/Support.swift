import Profiles
import QuantizedArithmetic
import QuantizedLayers
import Sensitivity
import TestCases
import Testing

/// A valid case with its reference.
struct Sensed {
  let raw: RawLayer
  let profile: Profile
  let layer: Layer
  let reference: Reference
  var operands = Operands()
  var outputs = ReferenceOutputs()

  /// `nil` where the profile does not define the layer.
  init?(_ raw: RawLayer, _ profile: Profile) {
    guard let layer = try? raw.validated(), let reference = try? profile.reference(for: layer)
    else { return nil }
    (self.raw, self.profile, self.layer, self.reference) = (raw, profile, layer, reference)
    FullyConnected.lower(layer, into: &operands)
    reference.run(operands, into: &outputs)
  }

  init?(_ testCase: TestCase) {
    guard let profile = Profiles.named(testCase.profile ?? "") else { return nil }
    self.init(testCase.layer, profile)
  }

  var witness: Witness? {
    var search = WitnessSearch(reference, profile, operands, outputs: outputs)
    return search.witness()
  }

  /// The same without the known outputs.
  var lazyWitness: Witness? {
    var search = WitnessSearch(reference, profile, operands)
    return search.witness()
  }

  /// All outputs of the layer after a change of its stored bytes, from the description on.
  func outputs(after witness: Witness) throws -> [Int32] {
    var raw = raw
    func change(_ tensor: inout RawTensor) {
      var values = tensor.integers
      values[witness.element] = witness.value
      tensor.data = ElementBytes.bytes(values, as: tensor.type)
    }
    switch witness.tensor {
    case .input: change(&raw.input)
    case .weights: change(&raw.weights)
    default:
      var bias = try #require(raw.bias)
      change(&bias)
      raw.bias = bias
    }
    return try #require(Sensed(raw, profile)).outputs.values
  }

  /// Whether the stated output really changes.
  func confirms(_ witness: Witness) throws -> Bool {
    try outputs(after: witness)[witness.output] != outputs.values[witness.output]
  }

  /// Whether any output changes when any element becomes any value of 8 bits, or a bias one of many:
  /// the whole layer is computed again each time.
  func isSensitiveByForce() -> Bool {
    var operands = operands
    var changed = ReferenceOutputs()
    func differs() -> Bool {
      reference.run(operands, into: &changed)
      return changed.values != outputs.values
    }
    for index in operands.input.indices {
      let old = operands.input[index]
      for value in layer.input.type.range {
        operands.input[index] = Int32(value)
        if differs() { return true }
      }
      operands.input[index] = old
    }
    for index in operands.weights.indices {
      let old = operands.weights[index]
      for value in layer.weights.type.range {
        operands.weights[index] = Int32(value)
        if differs() { return true }
      }
      operands.weights[index] = old
    }
    guard let type = layer.biasType else { return false }
    for index in operands.bias.indices {
      let old = operands.bias[index]
      for value in Sensed.biases(type, old) where isInDomain(value) {
        operands.bias[index] = value
        if differs() { return true }
      }
      operands.bias[index] = old
    }
    return false
  }

  /// RESCALE's domain depends on the largest bias.
  private func isInDomain(_ bias: Int64) -> Bool {
    guard profile.name.hasPrefix("tosa") else { return true }
    return bias.magnitude <= operands.bias.map(\.magnitude).max() ?? 0
  }

  private static func biases(_ type: ElementType, _ old: Int64) -> [Int64] {
    let range = type.range
    let near = (-300...300).map { old &+ $0 }
    let powers = (0..<63).flatMap { [Int64(1) << $0, -(Int64(1) << $0), old &+ (Int64(1) << $0)] }
    let ends = (0..<3).flatMap { [range.lowerBound + $0, range.upperBound - $0] }
    // The true sums at the ends of int32 and around 0 are among them, whatever the products are.
    let grid = (0..<64).map { range.lowerBound + Int64($0) * (range.upperBound >> 5) }
    return (near + powers + ends + grid).filter { range.contains($0) }
  }
}
