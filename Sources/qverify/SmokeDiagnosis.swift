import QuantizedArithmetic
import QuantizedLayers
import Verification

/// What a wrong answer to a tiny case looks like, in words.
struct SmokeDiagnosis {
  let lines: [String]

  init(_ layer: Layer, _ expected: [Int32], _ bytes: [UInt8], _ verdict: Verdict) {
    let type = layer.output.type
    let (rows, channels) = (layer.rows, layer.channels)
    let count = rows * channels
    let right = expected.prefix(count).map { Int64($0) }
    guard bytes.count == count * type.byteCount else {
      lines = [Self.size(bytes.count, count, type)]
      return
    }
    let got = ElementBytes.integers(bytes, as: type)
    var lines = ["expected \(right.map(String.init).joined(separator: " "))"]
    lines.append("got      \(got.map(String.init).joined(separator: " "))")
    if let cause = Self.cause(right, got, rows, channels, layer) { lines.append(cause) }
    self.lines = lines
  }

  private static func size(_ bytes: Int, _ count: Int, _ type: ElementType) -> String {
    if bytes == count * 4, type.byteCount == 1 {
      return "that is \(count) elements of 4 bytes: the accumulators in place of the outputs?"
    }
    if bytes == count, type.byteCount > 1 {
      return "that is one byte an element, but \(type.rawValue) has \(type.byteCount)"
    }
    return "outputs are [rows, channels], row by row, little-endian"
  }

  private static func cause(
    _ right: [Int64], _ got: [Int64], _ rows: Int, _ channels: Int, _ layer: Layer
  ) -> String? {
    guard right != got else { return nil }
    let transposed = (0..<right.count).map { right[$0 % rows * channels + $0 / rows] }
    if got == transposed { return "these are the right outputs, transposed: they go row by row" }
    if got == right.reversed() { return "these are the right outputs in reverse order" }
    let zeroPoint = layer.outputZeroPoint
    if zeroPoint != 0, zip(got, right).allSatisfy({ $0 == $1 - zeroPoint }) {
      return "the output's zero point is not added"
    }
    let swapped = right.map { Int64(Int16(truncatingIfNeeded: $0).byteSwapped) }
    if layer.output.type == .int16, got == swapped {
      return "these are the right outputs with their bytes swapped: data is little-endian"
    }
    if got.allSatisfy({ $0 == 0 }) { return "every output is 0: was the output written at all?" }
    return nil
  }
}
