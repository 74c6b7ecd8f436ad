import QuantizedArithmetic
import QuantizedLayers

extension Defect {
  /// Accumulators that are too narrow, and terms that are lost on the way.
  static let sums: [Defect] =
    [
      Defect("pairs of products saturate at 16 bits", "ort") {
        $0.pair = { clamped($0 + $1, -32_768...32_767) }
      },
      Defect("pairs of products wrap at 16 bits", "tflm") {
        $0.pair = { wrapped($0 + $1, bits: 16) }
      },
      Defect("accumulator of 16 bits", "tflm") { $0.keep = { sum, _ in wrapped(sum, bits: 16) } },
      Defect("accumulator of 24 bits", "litert-reference") {
        $0.keep = { sum, _ in wrapped(sum, bits: 24) }
      },
      Defect("accumulator saturates at int32 where it wraps", "tflm") {
        $0.keep = { sum, _ in clamped(sum, -0x8000_0000...0x7FFF_FFFF) }
      },
      Defect("accumulator wraps at int32 where it is exact", "exact-even") {
        $0.keep = { sum, _ in wrapped(sum, bits: 32) }
      },
      Defect("accumulator of 40 bits where there are 64", "litert-reference") {
        $0.keep = { sum, layer in
          wrapped(sum, bits: layer.types.input == .int16 && layer.biasType != .int32 ? 40 : 32)
        }
      },
      Defect("accumulator of 48 bits where it is exact", "exact-even") {
        $0.keep = { sum, _ in wrapped(sum, bits: 48) }
      },
      Defect("least accumulator taken as the greatest", "tflm") {
        $0.keep = { sum, _ in
          let kept = wrapped(sum, bits: 32)
          return kept == -0x8000_0000 ? 0x7FFF_FFFF : kept
        }
      },
      Defect("row sums in 16 bits", "gemmlowp") {
        $0.adjustSums = { rows, _ in rows = rows.map { wrapped($0, bits: 16) } }
      },
      Defect("column sums in 16 bits", "tflm") {
        $0.adjustSums = { _, columns in columns = columns.map { wrapped($0, bits: 16) } }
      },
      Defect("row sum of row 0 for all rows", "ort") {
        $0.adjustSums = { rows, _ in rows = rows.map { [first = rows[0]] _ in first } }
      },
    ]
    + [4, 8, 16, 32, 64].map { width in
      Defect("tail of K beyond a multiple of \(width) dropped", "tflm") {
        $0.prepare = { layer in
          guard layer.depth > width else { return }
          layer.dropTerms(from: layer.depth / width * width)
        }
      }
    } + [
      Defect("last of 257 and more terms dropped", "tflm") {
        $0.prepare = { layer in
          if layer.depth > 256 { layer.dropTerms(from: layer.depth - 1) }
        }
      },
      Defect("terms beyond 4,096 dropped", "litert-reference") {
        $0.prepare = { layer in layer.dropTerms(from: min(4_096, layer.depth)) }
      },
      Defect("rows of the input read at a stride of 4", "tflm") {
        $0.prepare = { layer in
          let stride = (layer.depth + 3) / 4 * 4
          let flat = layer.input
          for row in 0..<layer.rows {
            for k in 0..<layer.depth {
              layer.input[row * layer.depth + k] = flat[(row * stride + k) % flat.count]
            }
          }
        }
      },
      Defect("weights transposed where N = K", "tflm") {
        $0.prepare = { layer in
          guard layer.channels == layer.depth else { return }
          let (flat, size) = (layer.weights, layer.depth)
          for n in 0..<size {
            for k in 0..<size { layer.weights[n * size + k] = flat[k * size + n] }
          }
        }
      },
      Defect("uint8 input read as int8", "litert-reference") {
        $0.prepare = { layer in
          guard layer.types.input == .uint8 else { return }
          layer.input = layer.input.map { $0 > 127 ? $0 - 256 : $0 }
        }
      },
      Defect("int8 weights read as uint8", "tflm") {
        $0.prepare = { $0.weights = $0.weights.map { $0 < 0 ? $0 + 256 : $0 } }
      },
      Defect("weights of −128 taken as −127", "tflm") {
        $0.prepare = { $0.weights = $0.weights.map { max($0, -127) } }
      },
      Defect("product of −128 and −128 of the wrong sign", "tflm") {
        $0.pair = { ($0 == 16_384 ? -16_384 : $0) + ($1 == 16_384 ? -16_384 : $1) }
      },
      Defect("pairs of 16-bit products wrap at 32 bits", "exact-even") {
        $0.pair = { wrapped($0 + $1, bits: 32) }
      },
    ]
}
