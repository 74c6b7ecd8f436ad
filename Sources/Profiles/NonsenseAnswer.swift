import QuantizedArithmetic
package import QuantizedLayers

/// What a runtime does with a layer that validation refuses.
package enum NonsenseAnswer: Hashable, Sendable {
  /// It refuses too; for which reason.
  case refused(String)
  /// It computes these outputs, row by row.
  case computed([Int32])
  /// What it does has not been measured, or cannot be told; why.
  case undefined(String)
}

extension Profile {
  /// The runtime's answer to a layer that validation refuses, as measured.
  ///
  /// Settled are scales and zero points of 8-bit layers in the runtimes that were run with such, and
  /// of 16-bit layers with an int32 bias in TensorFlow Lite Micro: LiteRT 2.3.0 and TensorFlow Lite Micro 0.dev20261023182759 on x86-64, ONNX Runtime 1.32.0 there
  /// and on arm64. Shapes, lists of a wrong length and reversed clamps are not.
  package func answer(toInvalid raw: RawLayer) -> NonsenseAnswer {
    guard let runtime = NonsenseRuntime(profile: name) else {
      return .undefined("no runtime was run with such layers under \(name)")
    }
    if (try? raw.validated()) != nil { return .undefined("the layer is legal") }
    guard rules.contains(where: { $0.types == raw.types && $0.biasTypes.contains(raw.bias?.type) })
    else { return .undefined("\(name) has no layers of these types") }
    guard activations.contains(raw.activation.name) else {
      return .undefined("\(name) has no activation \(raw.activation.name)")
    }
    do {
      let layer = try NonsenseLayer(raw)
      return runtime.answer(to: layer)
    } catch {
      if runtime.isOrt, case .layer(.depthMismatch) = error { return .refused("\(error)") }
      return .undefined("\(error)")
    }
  }
}

extension Profile {
  /// Why the runtime refuses a legal layer of the profile's domain; `nil` where it does not.
  ///
  /// LiteRT and TensorFlow Lite Micro compare the bias' scale, which is stored as `f32(Si·Sw)`, with
  /// `Si·Sw`: from D of some 2^19 on, an inexact product is refused.
  package func refusesValid(_ layer: Layer) -> String? {
    let checking = [
      "tflm", "litert-reference", "litert-builtin", "litert-reference-arm64",
      "litert-builtin-arm64", "litert-builtin-sse", "litert-builtin-arm64-nodot",
    ]
    guard checking.contains(name), layer.biasScheme == .accumulator, !layer.isPerChannel,
      layer.input.type != .int16
    else { return nil }
    return TensorFlowNonsense.biasRefusal(
      Float(layer.inputScale.value), Float(layer.weights.scale(0).value),
      Float(layer.outputScale.value))
  }
}

/// The runtimes that were run with nonsense.
enum NonsenseRuntime: Hashable, Sendable {
  case litertReference
  case litertBuiltin
  /// Whether it is known which kernels have what XNNPACK leaves: with AVX others than without.
  case litertXnnpack(builtinIsKnown: Bool)
  case tflm
  case ort(AccumulatorRule, FloatConversion)

  init?(profile: String) {
    switch profile {
    case "litert-reference": self = .litertReference
    case "litert-builtin": self = .litertBuiltin
    case "litert-xnnpack": self = .litertXnnpack(builtinIsKnown: true)
    case "litert-xnnpack-avx2": self = .litertXnnpack(builtinIsKnown: false)
    case "tflm": self = .tflm
    case "ort": self = .ort(.int32Wrapping, .lowestBeyond)
    case "ort-avx2": self = .ort(.int16PairSaturating, .lowestBeyond)
    case "ort-arm64": self = .ort(.int32Wrapping, .saturating)
    case "ort-arm64-nodot": self = .ort(.int16PairWrapping, .saturating)
    default: return nil
    }
  }

  var isOrt: Bool { if case .ort = self { true } else { false } }

  func answer(to layer: NonsenseLayer) -> NonsenseAnswer {
    switch self {
    case .litertReference, .litertBuiltin, .tflm: TensorFlowNonsense(self, layer).answer
    case .litertXnnpack(let isKnown): XNNPACKNonsense(layer, builtinIsKnown: isKnown).answer
    case .ort(let accumulator, let conversion): layer.ortAnswer(accumulator, conversion)
    }
  }
}
