import QuantizedArithmetic
import QuantizedLayers

/// What a wrong answer to a tiny case looks like, in words.
struct SmokeDiagnosis {
  let lines: [String]

  init(_ layer: Layer, _ expected: [Int32], _ bytes: [UInt8]) {
    let type = layer.output.type
    let count = layer.outputCount
    guard bytes.count == count * type.byteCount else {
      lines = [Self.size(bytes.count, layer)]
      return
    }
    let right = expected.prefix(count).map { Int64($0) }
    let got = ElementBytes.integers(bytes, as: type)
    guard right != got else {
      lines = []
      return
    }
    lines =
      [
        "expected \(right.map(String.init).joined(separator: " "))",
        "got      \(got.map(String.init).joined(separator: " "))",
      ] + [Self.arrangement(right, got, layer) ?? Self.misreading(got, layer)].compactMap { $0 }
  }

  private static func size(_ bytes: Int, _ layer: Layer) -> String {
    let type = layer.output.type
    let count = layer.outputCount
    if bytes == count * 4, type.byteCount == 1 {
      return "that is \(count) elements of 4 bytes: the accumulators in place of the outputs?"
    }
    if bytes == count, type.byteCount > 1 {
      return "that is one byte an element, but \(type.rawValue) has \(type.byteCount)"
    }
    if bytes == count * 2, type.byteCount == 1 {
      return "that is two bytes an element, but \(type.rawValue) has one"
    }
    return
      "the output of this case is \(layer.rows) rows of \(layer.channels) channels, row by row:"
      + " \(count) elements; its shape stands in the case, and changes from case to case"
  }

  /// The right numbers in the wrong places, or seen as another type.
  private static func arrangement(_ right: [Int64], _ got: [Int64], _ layer: Layer) -> String? {
    let (rows, channels) = (layer.rows, layer.channels)
    let transposed = (0..<right.count).map { right[$0 % rows * channels + $0 / rows] }
    if got == transposed { return "these are the right outputs, transposed: they go row by row" }
    if got == right.reversed() { return "these are the right outputs in reverse order" }
    let swapped = right.map { Int64(Int16(truncatingIfNeeded: $0).byteSwapped) }
    if layer.output.type == .int16, got == swapped {
      return "these are the right outputs with their bytes swapped: data is little-endian"
    }
    if got.dropFirst().allSatisfy({ $0 == got[0] }), got.count > 1 {
      return "every output is \(got[0]): was the output written at all?"
    }
    return nil
  }

  /// The one thing that, done wrongly, gives just these outputs.
  private static func misreading(_ got: [Int64], _ layer: Layer) -> String? {
    for mistake in WiringMistake.allCases where mistake.applies(to: layer) {
      if WiringModel(layer, mistake).outputs == got { return mistake.words }
    }
    return nil
  }
}
