package import Profiles
package import QuantizedArithmetic
package import QuantizedLayers

/// The parameters of a requantization: given, drawn, or read from a certificate.
package struct ProofConfiguration: Hashable, Codable, Sendable {
  /// Of input, weights and output, as in `int8,int8,int8`.
  package var types: String
  package var inputScale: Double
  package var weightScale: Double
  package var outputScale: Double
  package var inputZeroPoint: Int64
  package var weightZeroPoint: Int64
  package var outputZeroPoint: Int64
  /// `none`, `relu`, `relu6`, or a clamp as `LO..HI`.
  package var activation: String
  /// `none`, `int32`, `int64`; `nil`: the first of them that the profile takes.
  package var bias: String?

  package init(
    types: String = "int8,int8,int8", inputScale: Double = 1, weightScale: Double = 1,
    outputScale: Double = 1, inputZeroPoint: Int64 = 0, weightZeroPoint: Int64 = 0,
    outputZeroPoint: Int64 = 0, activation: String = "none", bias: String? = nil
  ) {
    self.types = types
    self.inputScale = inputScale
    self.weightScale = weightScale
    self.outputScale = outputScale
    self.inputZeroPoint = inputZeroPoint
    self.weightZeroPoint = weightZeroPoint
    self.outputZeroPoint = outputZeroPoint
    self.activation = activation
    self.bias = bias
  }

  /// What a layer of these parameters may have as a bias, in the order in which it is tried.
  package var biasTypes: [ElementType?] {
    guard let bias else { return [nil, .int32, .int64] }
    return [ElementType(rawValue: bias)]
  }

  package var typeTriple: TypeTriple? { TypeTriple(types) }

  /// `none`, `relu`, `relu6` and `LO..HI` as an activation; `nil` for anything else.
  package static func activation(_ text: String) -> Activation? {
    switch text {
    case "none": return Activation.none
    case "relu": return .relu
    case "relu6": return .relu6
    default:
      guard let dots = text.firstRange(of: ".."), let low = Int64(text[..<dots.lowerBound]),
        let high = Int64(text[dots.upperBound...])
      else { return nil }
      return .clamp(low, high)
    }
  }

  /// A layer of these parameters, its data zero points.
  ///
  /// - Throws: ``ProofError`` where a parameter is not legal.
  package func raw(
    rows: Int = 1, depth: Int = 1, channels: Int = 1, bias: ElementType?
  ) throws(ProofError) -> RawLayer {
    guard let types = typeTriple else {
      throw ProofError("types must be input,weights,output, but are '\(types)'")
    }
    guard let activation = ProofConfiguration.activation(activation) else {
      throw ProofError("activation must be none, relu, relu6 or LO..HI, but is '\(activation)'")
    }
    func constant(_ value: Int64, _ count: Int, _ type: ElementType) -> [UInt8] {
      type.byteCount == 1
        ? [UInt8](repeating: UInt8(truncatingIfNeeded: value), count: count)
        : ElementBytes.bytes(repeatElement(value, count: count), as: type)
    }
    return RawLayer(
      operation: FullyConnected.name, activation: activation,
      input: RawTensor(
        type: types.input, shape: [rows, depth], scales: [inputScale],
        zeroPoints: [inputZeroPoint], data: constant(inputZeroPoint, rows * depth, types.input)),
      weights: RawTensor(
        type: types.weights, shape: [channels, depth], scales: [weightScale],
        zeroPoints: [weightZeroPoint],
        data: constant(weightZeroPoint, channels * depth, types.weights)),
      bias: bias.map {
        RawTensor(
          type: $0, shape: [channels], scales: [], zeroPoints: [], data: constant(0, channels, $0))
      },
      output: RawTensor(
        type: types.output, shape: [rows, channels], scales: [outputScale],
        zeroPoints: [outputZeroPoint]))
  }

  /// The requantization of a profile with these parameters.
  ///
  /// - Throws: ``ProofError`` where a parameter is not legal, or the profile does not define the layer.
  package func function(
    _ profile: Profile, rows: Int = 1, depth: Int = 1, channels: Int = 1
  ) throws(ProofError) -> RequantizationFunction {
    var first: ProofError?
    for type in biasTypes {
      let raw = try raw(rows: rows, depth: depth, channels: channels, bias: type)
      let layer: Layer
      do throws(LayerError) {
        layer = try raw.validated()
      } catch {
        first = first ?? ProofError(error.description)
        continue
      }
      do throws(OutsideDomain) {
        return try RequantizationFunction(profile, layer)
      } catch {
        first = first ?? ProofError(error.description)
      }
    }
    throw first ?? ProofError("bias must be none, int32 or int64")
  }

  /// The parameters in a line.
  package var text: String {
    let zeros = [("Zi", inputZeroPoint), ("Zw", weightZeroPoint), ("Zo", outputZeroPoint)]
    let shown = zeros.filter { $0.1 != 0 }.map { ", \($0.0) \($0.1)" }.joined()
    return "\(types), Si \(inputScale), Sw \(weightScale), So \(outputScale)\(shown)"
      + (activation == "none" ? "" : ", \(activation)")
      + (bias.map { ", bias \($0)" } ?? "")
  }

  /// The options of `prove` that mean these parameters.
  package var options: String {
    var options =
      "--types \(types) --input-scale \(inputScale) --weight-scale \(weightScale)"
      + " --output-scale \(outputScale)"
    if inputZeroPoint != 0 { options += " --input-zero-point \(inputZeroPoint)" }
    if weightZeroPoint != 0 { options += " --weight-zero-point \(weightZeroPoint)" }
    if outputZeroPoint != 0 { options += " --output-zero-point \(outputZeroPoint)" }
    if activation != "none" { options += " --activation \(activation)" }
    if let bias { options += " --bias \(bias)" }
    return options
  }
}

/// Why nothing can be proved: one line.
package struct ProofError: Error, Hashable, Sendable, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}
