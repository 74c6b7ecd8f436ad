import QuantizedLayers

extension ShrinkSearch {
  /// What of the last case is not as small as can be, each with what was tried.
  ///
  /// Nothing is said of what no case was tried for: neighbours may all lie outside what is legal, what
  /// the profile defines, or what the implementation claims, and that is said.
  var remains: [String] {
    guard let size = layer.dimensions else { return [] }
    var lines: [String] = []
    func add(_ what: String, _ parts: [Part], _ how: String) {
      let count = parts.reduce(into: Set<Int>()) { $0.formUnion(tried[$1] ?? []) }.count
      let finding =
        count == 0
        ? "no case \(how) may be asked"
        : count == 1
          ? "the one case tried \(how) does not fail so"
          : "none of the \(count) cases tried \(how) fails so"
      lines.append("\(what): \(finding)")
    }
    if size.rows > 1 { add("M stays \(size.rows)", [.rows, .output], "with fewer rows") }
    if size.channels > 1 {
      add("N stays \(size.channels)", [.channels, .output, .squares], "with fewer channels")
    }
    if size.depth > 1 {
      add("K stays \(size.depth)", [.terms, .sums, .squares], "with fewer terms")
    }
    if layer.weights.scales.count > 1 {
      add("the weights keep a scale a channel", [.granularity], "with one for all")
    }
    if layer.activation != .none {
      add("the activation stays \(layer.activation.name)", [.activation], "with a simpler one")
    }
    if layer.bias.map({ !$0.scales.isEmpty }) ?? false {
      add("the bias keeps its own scale", [.generalBias], "without one")
    }
    for (name, tensor, part) in [
      ("Zi", layer.input, Part.inputZeroPoint), ("Zw", layer.weights, .weightsZeroPoint),
      ("Zo", layer.output, .outputZeroPoint),
    ] where tensor.zeroPoints.contains(where: { $0 != 0 }) {
      let value = tensor.zeroPoints.count == 1 ? "\(tensor.zeroPoints[0])" : "more than one"
      add("\(name) stays \(value)", [part], "with a simpler one")
    }
    let isPlain = [layer.input, layer.weights, layer.output].allSatisfy {
      $0.scales.allSatisfy { $0.significand == 1 }
    }
    if isLegal, !isPlain {
      add("the scales stay no powers of two", [.scales, .both], "with simpler ones")
    }
    return lines
  }
}
