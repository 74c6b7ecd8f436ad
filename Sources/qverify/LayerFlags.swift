import ArgumentParser
import QuantizedArithmetic
import QuantizedLayers

/// A fully connected layer with one output, given on the command line.
struct LayerFlags: ParsableArguments {
  @Option(
    parsing: .unconditional, help: ArgumentHelp("Integers of the input.", valueName: "list"))
  var input: String?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("As many integers of weights.", valueName: "list"))
  var weights: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Bias, in accumulator units without --bias-scale.", valueName: "integer"))
  var bias: Int64?

  @OptionGroup var given: RequantizationOptions

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Sb of a general bias.", valueName: "scale"))
  var biasScale: Double?

  @Option(
    parsing: .unconditional, help: ArgumentHelp("Zb of a general bias (0).", valueName: "integer"))
  var biasZeroPoint: Int64?

  @Flag(help: "Round the scales to binary32 first, as runtimes store them.")
  var binary32 = false

  /// Whether any of them was named.
  var isGiven: Bool {
    input != nil || weights != nil || bias != nil || given.isGiven || biasScale != nil
      || biasZeroPoint != nil || binary32
  }

  /// A scale as it is meant.
  private func stored(_ scale: Double) -> Double { binary32 ? Double(Float(scale)) : scale }

  func validate() throws {
    if isGiven { _ = try layer() }
  }

  /// The layer as described; whether it is legal is for the explanation to say.
  ///
  /// - Throws: `ValidationError` for what is missing, or is no number of its type.
  func layer() throws -> RawLayer {
    guard let input, let weights, let inputScale = given.inputScale,
      let weightScale = given.weightScale, let outputScale = given.outputScale
    else {
      throw ValidationError(
        "a single output needs --input, --weights, --input-scale, --weight-scale and"
          + " --output-scale")
    }
    let triple = try given.triple()
    let x = try integers(input, "--input", triple.input)
    let w = try integers(weights, "--weights", triple.weights)
    return RawLayer(
      operation: FullyConnected.name, activation: try given.parsedActivation(),
      input: RawTensor(
        type: triple.input, shape: [1, x.count], scales: [stored(inputScale)],
        zeroPoints: [given.inputZeroPoint ?? 0], data: ElementBytes.bytes(x, as: triple.input)),
      weights: RawTensor(
        type: triple.weights, shape: [1, w.count], scales: [stored(weightScale)],
        zeroPoints: [given.weightZeroPoint ?? 0], data: ElementBytes.bytes(w, as: triple.weights)),
      bias: try biasTensor(),
      output: RawTensor(
        type: triple.output, shape: [1, 1], scales: [stored(outputScale)],
        zeroPoints: [given.outputZeroPoint ?? 0]))
  }

  private func biasTensor() throws -> RawTensor? {
    guard let bias else {
      guard biasScale == nil, biasZeroPoint == nil else {
        throw ValidationError("--bias-scale and --bias-zero-point need --bias")
      }
      return nil
    }
    guard biasScale != nil || biasZeroPoint == nil else {
      throw ValidationError("--bias-zero-point needs --bias-scale: else the bias has Zb = 0")
    }
    let range = ElementType.int32.range
    guard range.contains(bias) else {
      throw ValidationError(
        "--bias must be in \(range.lowerBound)...\(range.upperBound), but is \(bias)")
    }
    return RawTensor(
      type: .int32, shape: [1], scales: biasScale.map { [stored($0)] } ?? [],
      zeroPoints: biasScale == nil ? [] : [biasZeroPoint ?? 0],
      data: ElementBytes.bytes([bias], as: .int32))
  }

  private func integers(
    _ text: String, _ option: String, _ type: ElementType
  ) throws -> [Int64] {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    return try parts.map { part in
      guard let value = Int64(part.filter { $0 != " " }) else {
        throw ValidationError("\(option) must be integers with commas, but has '\(part)'")
      }
      guard type.range.contains(value) else {
        throw ValidationError(
          "\(option) must be in \(type.range.lowerBound)...\(type.range.upperBound) of"
            + " \(type.rawValue), but has \(value)")
      }
      return value
    }
  }
}
