import JSONLines
import QuantizedLayers
import Verdicts

extension [Claim] {
  /// The claims as JSON text, as ``ClaimReader`` reads them: keys in a fixed order, without spaces.
  package var json: String {
    var writer = JSONWriter(capacity: 256)
    writer.beginArray()
    for claim in self { claim.write(to: &writer) }
    writer.endArray()
    return String(decoding: writer.bytes, as: UTF8.self)
  }
}

extension Claim {
  fileprivate func write(to writer: inout JSONWriter) {
    func strings(_ values: [String]) {
      writer.beginArray()
      for value in values { writer.string(value) }
      writer.endArray()
    }
    writer.beginObject()
    writer.key("operator")
    writer.string(operation)
    if let types {
      writer.key("types")
      strings(types.map(\.description))
    }
    if let weights {
      writer.key("weights")
      strings(weights.map(\.rawValue))
    }
    if let weightZeroPoint {
      writer.key("weightZeroPoint")
      writer.bool(weightZeroPoint)
    }
    if let bias {
      writer.key("bias")
      strings(bias.map(\.rawValue))
    }
    if let activations {
      writer.key("activations")
      strings(activations)
    }
    if let maxElements {
      writer.key("maxElements")
      writer.integer(maxElements)
    }
    if let profile {
      writer.key("profile")
      writer.string(profile)
    }
    if let conformance {
      writer.key("conformance")
      writer.string(conformance.text)
    }
    if refusals == .asProfile {
      writer.key("refusals")
      writer.string(refusals.rawValue)
    }
    writer.endObject()
  }
}
