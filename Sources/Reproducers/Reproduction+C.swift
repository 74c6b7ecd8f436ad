import QuantizedArithmetic
import QuantizedLayers
import TestCases

extension Reproduction {
  /// A program in C99 against the public header, which loads a library and calls it.
  var cProgram: String {
    Reproduction.filled(
      PackageResources.reproduce_c,
      heading: heading.map { " * \($0)" }.joined(separator: "\n"), body: literals)
  }

  // MARK: Literals

  private var literals: String {
    let layer = testCase.layer
    var lines: [String] = []
    for (name, tensor) in [
      ("input", layer.input), ("weights", layer.weights), ("bias", layer.bias ?? Self.none),
      ("output", layer.output),
    ] {
      lines.append(array("int64_t", name + "_shape", tensor.shape.map { integer(Int64($0)) }))
      lines.append(array("double", name + "_scales", tensor.scales.map { real($0) }))
      lines.append(array("int64_t", name + "_zero_points", tensor.zeroPoints.map { integer($0) }))
      guard name != "output" else { continue }
      lines.append(
        array(cType(tensor.type), name + "_data", tensor.integers.map { integer($0) }))
    }
    lines.append(expectedInC)
    lines.append("enum { HAS_BIAS = \(layer.bias == nil ? 0 : 1), SECONDS = \(seconds) };")
    lines.append("static const size_t output_bytes = \(outputBytes);")
    lines.append("typedef \(cType(outputType)) output_element;")
    lines.append(describe("input", layer.input) + describe("weights", layer.weights))
    lines.append(describe("bias", layer.bias ?? Self.none) + describe("output", layer.output))
    lines.append(attributes)
    return lines.joined(separator: "\n")
  }

  private static let none = RawTensor(type: .int32, shape: [], scales: [], zeroPoints: [])

  /// An array of C, which must not be empty; its length stands beside it.
  private func array(_ type: String, _ name: String, _ values: [String]) -> String {
    let elements = values.isEmpty ? ["0"] : values
    return "enum { \(name)_count = \(values.count) };\n"
      + "static const \(type) \(name)[] = {\(elements.joined(separator: ", "))};"
  }

  private func integer(_ value: Int64) -> String {
    if value == .min { return "INT64_MIN" }
    return value.magnitude < 1 << 31 ? String(value) : "INT64_C(\(value))"
  }

  /// Exactly, in hexadecimal.
  private func real(_ value: Double) -> String {
    if value.isNaN { return "NAN" }
    if value.isInfinite { return value < 0 ? "-INFINITY" : "INFINITY" }
    if value == 0 { return value.sign == .minus ? "-0.0" : "0.0" }
    let magnitude = value.magnitude
    // A significand of 53 bits as an integer, and its exponent.
    let exponent = max(magnitude.exponent, -1_022) - 52
    let unit = Double(sign: .plus, exponent: max(Int(exponent), -1_074), significand: 1)
    var (significand, power) = (UInt64(magnitude / unit), max(Int(exponent), -1_074))
    while significand & 1 == 0, significand > 1 {
      (significand, power) = (significand >> 1, power + 1)
    }
    let text = "0x\(String(significand, radix: 16))p\(power)"
    return (value < 0 ? "-" : "") + text + " /* \(value) */"
  }

  private func cType(_ type: ElementType) -> String { "\(type.rawValue)_t" }

  private func constant(_ type: ElementType) -> String { "QVERIFY_\(type.rawValue.uppercased())" }

  private var outputBytes: Int {
    guard case .outputs(let values, _) = expectation else {
      var count = outputType.byteCount
      for size in testCase.layer.output.shape {
        let (product, overflow) = count.multipliedReportingOverflow(by: max(0, size))
        // A size that cannot be is for the library to refuse.
        if overflow || product > 1 << 24 { return 0 }
        count = product
      }
      return count
    }
    return values.count * outputType.byteCount
  }

  private var expectedInC: String {
    switch expectation {
    case .refused(let reason):
      return "#define REFUSED \"\(Reproduction.harmless(reason))\"\n"
        + array("int64_t", "expected", []) + "\n#define lowest expected\n#define highest expected"
    case .outputs(let values, let accepted):
      let text = array("int64_t", "expected", values.map { integer($0) })
      guard accepted.contains(where: { $0.lowerBound != $0.upperBound }) else {
        return text + "\n#define lowest expected\n#define highest expected"
      }
      return text + "\n/* What conforms as well: the ends of its range, output by output. */\n"
        + array("int64_t", "lowest", accepted.map { integer($0.lowerBound) }) + "\n"
        + array("int64_t", "highest", accepted.map { integer($0.upperBound) })
    }
  }

  /// A function that fills in everything of a tensor but its data.
  private func describe(_ name: String, _ tensor: RawTensor) -> String {
    let type = name == "output" ? "qverify_output" : "qverify_tensor"
    return """
      static void describe_\(name)(\(type) *tensor) {
        tensor->type = \(constant(tensor.type));
        tensor->rank = \(name)_shape_count;
        tensor->shape = \(name)_shape;
        tensor->scales = \(name)_scales;
        tensor->scale_count = \(name)_scales_count;
        tensor->zero_points = \(name)_zero_points;
        tensor->zero_point_count = \(name)_zero_points_count;
      }

      """
  }

  private var attributes: String {
    let layer = testCase.layer
    var (low, high) = (layer.output.type.range.lowerBound, layer.output.type.range.upperBound)
    if case .clamp(let least, let greatest) = layer.activation { (low, high) = (least, greatest) }
    return """
      static void describe_attributes(qverify_fully_connected_args *args) {
        args->profile = "\(Reproduction.harmless(testCase.profile ?? ""))";
        args->activation = QVERIFY_ACTIVATION_\(layer.activation.name.uppercased());
        args->clamp_low = \(integer(low));
        args->clamp_high = \(integer(high));
      }
      """
  }
}
