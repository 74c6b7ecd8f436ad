import ArgumentParser
import Proofs
import QuantizedLayers

/// Scales, zero points, types and activation of one requantization.
struct RequantizationOptions: ParsableArguments {
  /// Types where none are named.
  static let int8 = "int8,int8,int8"

  @Option(parsing: .unconditional, help: ArgumentHelp("Si.", valueName: "scale"))
  var inputScale: Double?

  @Option(parsing: .unconditional, help: ArgumentHelp("Sw.", valueName: "scale"))
  var weightScale: Double?

  @Option(parsing: .unconditional, help: ArgumentHelp("So.", valueName: "scale"))
  var outputScale: Double?

  @Option(parsing: .unconditional, help: ArgumentHelp("Zi (0).", valueName: "integer"))
  var inputZeroPoint: Int64?

  @Option(parsing: .unconditional, help: ArgumentHelp("Zw (0).", valueName: "integer"))
  var weightZeroPoint: Int64?

  @Option(parsing: .unconditional, help: ArgumentHelp("Zo (0).", valueName: "integer"))
  var outputZeroPoint: Int64?

  @Option(
    help: ArgumentHelp(
      "Types of input, weights and output (int8,int8,int8; of drawn scales those of the profile).",
      valueName: "list"))
  var types: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("none, relu, relu6, or a clamp as LO..HI (none).", valueName: "name"))
  var activation: String?

  /// The scales that were named.
  var scales: [Double] { [inputScale, weightScale, outputScale].compactMap { $0 } }

  /// Whether any of them was named.
  var isGiven: Bool {
    !scales.isEmpty || inputZeroPoint != nil || weightZeroPoint != nil || outputZeroPoint != nil
      || types != nil || activation != nil
  }

  func validate() throws {
    _ = try triple()
    _ = try parsedActivation()
  }

  /// The types that are meant.
  ///
  /// - Throws: `ValidationError`
  func triple() throws -> TypeTriple {
    let text = types ?? RequantizationOptions.int8
    guard let triple = TypeTriple(text) else {
      throw ValidationError("--types must be input,weights,output, but is '\(text)'")
    }
    return triple
  }

  /// The activation that is meant.
  ///
  /// - Throws: `ValidationError`
  func parsedActivation() throws -> Activation {
    let text = activation ?? "none"
    guard let parsed = ProofConfiguration.activation(text) else {
      throw ValidationError("--activation must be none, relu, relu6 or LO..HI, but is '\(text)'")
    }
    return parsed
  }
}
