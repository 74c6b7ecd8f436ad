import BigInt
import QuantizedArithmetic
import QuantizedLayers

extension Element {
  func addParameters(_ text: inout Lines) {
    text.heading("PARAMETERS", "S in decimal, and exactly as significand·2^exponent")
    var rows: [[String]] = [["", "type", "shape", "S", "exactly", "Z"]]
    func add(_ name: String, _ type: ElementType, _ shape: [Int], _ scale: Double, _ zero: Int64) {
      rows.append([
        name, type.rawValue, shape.map(String.init).joined(separator: "×"),
        NumberText.decimal(scale), NumberText.exact(scale), NumberText.signed(zero),
      ])
    }
    let raw = layer.raw
    add(
      "input", layer.input.type, raw.input.shape, layer.inputScale.value, layer.inputZeroPoint)
    add(
      layer.isPerChannel ? "weights of channel" : "weights", layer.weights.type,
      raw.weights.shape, layer.weights.scale(channel).value, weightsZeroPoint)
    if let bias = raw.bias {
      if let general = layer.generalBias {
        add(
          "bias", bias.type, bias.shape, general.scale(channel).value, general.zeroPoint(channel))
      } else {
        let shape = bias.shape.map(String.init).joined(separator: "×")
        rows.append(["bias", bias.type.rawValue, shape, "Si·Sw", "", "0"])
      }
    }
    add(
      "output", layer.output.type, raw.output.shape, layer.outputScale.value,
      layer.outputZeroPoint)
    text.table(rows, named: true)
    text.add("K = \(layer.depth) terms a sum; activation \(activationText)")
  }

  var activationText: String {
    if case .clamp(let low, let high) = layer.activation {
      return "clamp to \(NumberText.signed(low))...\(NumberText.signed(high))"
    }
    return layer.activation.name
  }

  func addTerms(_ text: inout Lines) {
    text.heading("TERMS", "Σ (qi − Zi)·(qw − Zw)")
    let depth = layer.depth
    var rows: [[String]] = [["k", "qi", "qi − Zi", "qw", "qw − Zw", "product", "sum"]]
    var total: Int64 = 0
    for k in 0..<depth {
      let (x, w) = (input(k) - layer.inputZeroPoint, weight(k) - weightsZeroPoint)
      total += x * w
      guard depth <= 16 || k < 8 || k >= depth - 4 else {
        if k == 8 { rows.append([String](repeating: "⋮", count: 7)) }
        continue
      }
      let numbers = [Int64(k), input(k), x, weight(k), w, x * w, total]
      rows.append(numbers.map { NumberText.signed($0) })
    }
    text.table(rows)
    if depth > 16 { text.add("\(depth - 12) terms between are left out here, and are in the sum.") }
  }

  func addOffsets(_ text: inout Lines) {
    text.heading(
      "OFFSETS", "F5: Σqi·qw − Zw·Σqi − Zi·Σqw + K·Zi·Zw, the loop multiplies raw integers")
    var (products, inputs, weights): (Int64, Int64, Int64) = (0, 0, 0)
    for k in 0..<layer.depth {
      products += input(k) * weight(k)
      inputs += input(k)
      weights += weight(k)
    }
    let (zi, zw, depth) = (layer.inputZeroPoint, weightsZeroPoint, Int64(layer.depth))
    func factors(_ left: Int64, _ right: Int64) -> String {
      "\(NumberText.signed(left)) · \(NumberText.signed(right))"
    }
    let parts: [(String, String, Int64)] = [
      ("  Σ qi·qw", "", products),
      ("− Zw·Σ qi", factors(zw, inputs), -zw * inputs),
      ("− Zi·Σ qw", factors(zi, weights), -zi * weights),
      ("+ K·Zi·Zw", "\(depth) · " + factors(zi, zw), depth * zi * zw),
    ]
    let expanded = parts.reduce(0) { $0 + $1.2 }
    let width = (parts.map(\.2) + [expanded]).map { NumberText.signed($0).count }.max() ?? 0
    for (label, product, value) in parts {
      let left = label.padded(to: 14) + product.padded(to: 24)
      text.add(left + NumberText.signed(value).rightAligned(to: width))
    }
    let verdict = expanded == sum ? "equal to the sum of the terms" : "NOT the sum of the terms"
    text.add(
      "= sum".padded(to: 38) + NumberText.signed(expanded).rightAligned(to: width) + "   "
        + verdict)
  }
}
